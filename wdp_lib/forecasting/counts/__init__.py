"""Forecasts of rare events from their counts."""
