"""Directions of short series, without a model."""
