"""Simulated returns of a county with a known truth, for trying out and testing everything else."""

from __future__ import annotations

from wdp_lib.simulate.county import Simulation, simulate_county
from wdp_lib.simulate.write import write_simulation

__all__ = ["Simulation", "simulate_county", "write_simulation"]
