"""Verdicts on indicators, goals, domains and projects."""
