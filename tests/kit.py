"""Drawn tables: a few columns as text, the rest of the contract filled in."""

import os
from functools import cache

import numpy as np
import pandas as pd
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, conform

# the attacks of the tests are as many times as long (benchmarks/README.md)
TIMES = int(os.environ.get("WDP_ATTACKS", "1"))


@cache
def county():
    """Our plan and the data of the simulated county, read once: nobody changes what is read."""
    plan = wdp.load_plan("ruyuan-2021-2030")
    return plan, wdp.read_dataset("ruyuan-demo", plan, as_of="2026-06-30")


OBSERVED = {
    "area": "county",
    "sex": "female",
    "age_group": "all",
    "residence": "all",
    "numerator": np.nan,
    "denominator": np.nan,
    "status": "final",
    "origin": "reported",
    "as_of": "2026-03-31",
    "source": "某年报",
    "source_address": "",
    "definition_match": "same",
    "series_break": "",
    "link_factor": np.nan,
    "used": True,
    "unused_reason": "",
    "note": "",
    "file": "drawn.csv",
    "row": 2,
    "simulated": False,
}
FORECAST = {
    "area": "county",
    "sex": "female",
    "age_group": "all",
    "residence": "all",
    "quantity": "observed_value",
    "model": "pooled",
    "n": 8,
    "first_year": 2018,
    "last_year": 2025,
    "grade": "B",
    "reason": "",
    "simulated": False,
}
NUMBERS = ("year", "value", "numerator", "denominator", "quantile", "n", "link_factor")


def observations(text):
    """Return an observation table from a drawn one."""
    return conform(_filled(text, OBSERVED), OBSERVATIONS)


def forecasts(text):
    """Return a forecast table from a drawn one."""
    return conform(_filled(text, FORECAST), FORECASTS)


def _filled(text, defaults):
    frame = pd.DataFrame(drawn(text)).replace("", np.nan)
    for name in NUMBERS:
        if name in frame:
            frame[name] = pd.to_numeric(frame[name])
    for name, value in defaults.items():
        frame[name] = frame[name].fillna(value) if name in frame else value
    return frame
