"""Seconds of what a round computes, from reading the data to the page of gaps.

``python benchmarks/study.py [--plan ruyuan-2021-2030] [--dataset ruyuan-demo] [--as-of
2026-06-30]``: medians of three.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import wdp_lib as wdp
from wdp_lib.comparison.areas import area_overview
from wdp_lib.comparison.completeness import unit_completeness
from wdp_lib.comparison.known import Known

AIMS = {"read_dataset": 0.4, "assess": 0.15, "warnings": 0.1, "progress": 0.1, "page 40": 1.5}


def main() -> None:
    """Print a line for each part with its aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", default="ruyuan-2021-2030")
    parser.add_argument("--dataset", default="ruyuan-demo")
    parser.add_argument("--as-of", default="2026-06-30")
    options = parser.parse_args()
    plan, as_of, through = wdp.load_plan(options.plan), options.as_of, 2030
    data = timed("read_dataset", lambda: wdp.read_dataset(options.dataset, plan, as_of=as_of))
    seen = data.observations
    made = timed("forecast", lambda: wdp.forecast(seen, plan, through=through))
    held = [i.id for i in plan.indicators if i.target.every_year]
    paths = timed("paths", lambda: wdp.forecast_paths(seen, plan, held, through=through))
    risks = timed("assess", lambda: wdp.assess(made, seen, plan, as_of=as_of, paths=paths))
    timed("warnings", lambda: wdp.warnings(risks, seen, plan))
    timed("progress", lambda: wdp.progress_panel(seen, plan, as_of=as_of, risks=risks))
    timed("page 40", lambda: page_of_gaps(data, plan, risks, as_of, through))


def timed(name: str, compute: Callable[[], Any]) -> Any:
    """Print the median seconds of three times and return what was computed."""
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        found = compute()
        seconds.append(time.perf_counter() - begun)
    aim = f" (aim {AIMS[name]})" if name in AIMS else ""
    print(f"{name:14s}{median(seconds):7.2f} s{aim}", flush=True)
    return found


def page_of_gaps(data: Any, plan: Any, risks: Any, as_of: str, through: int) -> None:
    """Compute every table of the page of gaps between groups and areas."""
    seen, year = data.observations, int(as_of[:4]) - 1
    known = Known(seen, plan, as_of)
    gaps = wdp.group_gaps(known, plan)
    wdp.gap_outlook(seen, gaps, plan, through=through)
    area_overview(wdp.compare_all_areas(known, plan))
    wdp.roll_up(known, plan)
    wdp.lowest_area(known, plan, year=year)
    short = risks.loc[risks["state"].isin(["not_attained", "nearly"]), "indicator"]
    wdp.largest_contributions(known, plan, list(short))
    unit_completeness(wdp.group_completeness(known, plan, year=year), plan)
    wdp.age_standardised(known, plan)
    wdp.compare_parents(known, plan, data.areas)


if __name__ == "__main__":
    main()
