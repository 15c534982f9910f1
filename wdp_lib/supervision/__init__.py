"""Supervision: warning register, letters to units, spot checks, self-evaluation, states of a report."""
