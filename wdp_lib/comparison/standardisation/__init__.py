"""Rates for the same age mix."""
