"""From assessed indicators to verdicts on goals, domains and the whole plan."""
