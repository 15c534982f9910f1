"""Simulated returns of a county with a known truth, for trying out and testing everything else."""
