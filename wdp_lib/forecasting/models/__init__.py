"""Forecasting models by name: each turns a panel into quantiles."""
