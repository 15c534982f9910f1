"""Rounds: what they are bound to, what is carried to the next."""
