"""Early warning: rules, limits, the list."""
