"""Effects of measures: design, estimate and level of each claim."""
