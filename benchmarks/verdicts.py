"""What was said at mid-term, and at the end, of simulated counties whose truth is planted.

``python benchmarks/verdicts.py [--counties 20]`` makes so many counties, each with its own seed, judges every target as known in the
middle of the plan and at its end, and prints two tables: where a target stood at mid-term and at the end, against what was planted.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas as pd

import wdp_lib as wdp
from wdp_lib.core.home import find_home
from wdp_lib.simulate.county import simulate_county
from wdp_lib.simulate.returns import write_simulation

PLAN, SEED = "ruyuan-2021-2030", 20260630
DAYS = {"midterm": "2026-06-30", "final": "2031-06-30"}


def main() -> None:
    """Judge the counties and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=20)
    plan, rows = wdp.load_plan(PLAN), []
    for number in range(parser.parse_args().counties):
        with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
            rows.append(judged(plan, Path(place), SEED + number))
    table = pd.concat(rows)
    for name in DAYS:
        print(f"\n{name}, {len(rows)} counties\n")
        print(pd.crosstab(table[name], table["planted"]).to_string())
    graded = table[table["p_meet"].notna() & table["planted"].isin(["met", "not_met"])]
    tenths = (graded["p_meet"] * 10).astype(int).clip(upper=9)
    facts = graded.assign(came=graded["planted"] == "met").groupby(tenths)
    shown = facts.agg(n=("came", "size"), said=("p_meet", "mean"), came=("came", "mean"))
    print("\nprobability said at mid-term and share that came, by tenth\n")
    print(shown.round(3).to_string())


def judged(plan: wdp.Plan, home: Path, seed: int) -> pd.DataFrame:
    """Return where each target of one county stood, beside what was planted."""
    made = simulate_county(plan, last_year=plan.last_year, seed=seed)
    (home / "data" / "observations").mkdir(parents=True)
    for shared in ("plans", "schemes"):
        (home / "data" / shared).symlink_to(find_home() / "data" / shared)
    folder = write_simulation(made, home / "data" / "observations" / "county")
    found = made.verdicts.set_index("indicator")[["verdict"]].set_axis(["planted"], axis=1)
    for name, day in DAYS.items():
        study = wdp.open_study(PLAN, folder.name, as_of=day, stage=name, home=home)
        risks = study.risks.set_index("indicator")
        found = found.join(risks["standing"].rename(name))
        if name == "midterm":
            found = found.join(risks["p_meet"])
    return found


if __name__ == "__main__":
    main()
