"""Observations: returns read as received, corrected only by name, checked, and never lost."""

from wdp_lib.data.coverage import coverage, current, headline
from wdp_lib.data.dataset import Dataset, load_observations, read_dataset
from wdp_lib.data.read.breaks import on_latest_definition
from wdp_lib.data.read.metadata import Metadata
from wdp_lib.data.read.rejected import write_rejected

__all__ = [
    "Dataset",
    "Metadata",
    "coverage",
    "current",
    "headline",
    "load_observations",
    "on_latest_definition",
    "read_dataset",
    "write_rejected",
]
