"""The archive of rounds, and looking back on it."""
