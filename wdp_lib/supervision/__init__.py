"""Supervision: the register and its letters, marks of units, checks, approvals and filings."""
