"""Quality rules within and between rows."""
