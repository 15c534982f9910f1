"""What was said at mid-term, and at the end, of simulated counties whose truth is planted.

``nice python benchmarks/verdicts.py --counties 200 --keep FOLDER`` makes so many counties, each with
its own seed, judges every target as known in the middle of the plan and at its end, and prints:
where a target stood against what was planted, how often a probability came true (all, saturated,
rare, the others), how many warnings were false, and how often a direction that did not improve was
called improved. One process; FOLDER keeps what was read of each county and what was said of it, so
that a run that was stopped goes on, and ``--again`` judges the same counties with today's code.
Intervals draw whole targets: all counties share the plan, and the levels that are planted.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import wdp_lib as wdp
from wdp_lib.core.home import find_home
from wdp_lib.simulate.county import simulate_county
from wdp_lib.simulate.returns import write_simulation

PLAN, SEED = "ruyuan-2021-2030", 20260630
DAYS = {"midterm": "2026-06-30", "final": "2031-06-30"}
NEAR_LIMIT = 1.0  # percentage points from its limit: a saturated series
FEWEST = 100  # cases of a tenth from which it is judged
SAID = ["standing", "p_meet", "risk", "quantity", "last_value", "target_year", "n"]


def main() -> None:
    """Judge the counties and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="folder for what was read and said")
    parser.add_argument("--again", action="store_true", help="judge anew what was read")
    args = parser.parse_args()
    plan = wdp.load_plan(PLAN)
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        keep = args.keep or Path(place)
        keep.mkdir(parents=True, exist_ok=True)
        seeds = range(SEED, SEED + args.counties)
        table = pd.concat([said_of(plan, keep, seed, args.again) for seed in seeds])
    report(table.reset_index(), plan)


def said_of(plan: wdp.Plan, keep: Path, seed: int, again: bool) -> pd.DataFrame:
    """Return what is said of one county's targets, beside what was planted; kept in a file."""
    read, said = keep / f"{seed}.pkl", keep / f"{seed}.csv"
    if said.exists() and not again:
        return pd.read_csv(said, index_col="indicator")
    if not read.exists():
        read.write_bytes(pickle.dumps(made(plan, seed)))
    found = judged(plan, **pickle.loads(read.read_bytes())).assign(seed=seed)
    found.to_csv(said, index_label="indicator")
    return found


def made(plan: wdp.Plan, seed: int) -> dict:
    """Return one county's returns as read on both days, verdicts planted and true levels."""
    county = simulate_county(plan, last_year=plan.last_year, seed=seed)
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        home = Path(place)
        (home / "data" / "observations").mkdir(parents=True)
        for shared in ("plans", "schemes"):
            (home / "data" / shared).symlink_to(find_home() / "data" / shared)
        folder = write_simulation(county, home / "data" / "observations" / "county")
        data = {
            day: wdp.read_dataset(folder.name, plan, as_of=day, home=home) for day in DAYS.values()
        }
    known = {day: (one.observations, one.areas) for day, one in data.items()}
    own = county.truth[county.truth["area"] == plan.area]
    strata = pd.DataFrame([{"indicator": i.id, **i.stratum} for i in plan.indicators])
    levels = own.merge(strata).astype({"linked_level": float, "year": int})
    levels = levels.pivot(index="indicator", columns="year", values="linked_level")
    verdicts = county.verdicts.set_index("indicator")["verdict"].rename("planted")
    return {"known": known, "planted": verdicts, "levels": levels}


def judged(plan: wdp.Plan, known: dict, planted: pd.Series, levels: pd.DataFrame) -> pd.DataFrame:
    """Return where each target stood on both days, beside what was planted."""
    held, found = [i.id for i in plan.indicators if i.target.every_year], planted.to_frame()
    for name, day in DAYS.items():
        seen, areas = known[day]
        ahead = {"through": plan.last_year, "seed": 0}
        forecasts = wdp.forecast(seen, plan, **ahead)
        paths = wdp.forecast_paths(seen, plan, held, **ahead)
        risks = wdp.assess(forecasts, seen, plan, as_of=day, paths=paths, areas=areas)
        table = risks.set_index("indicator")[SAID if name == "midterm" else ["standing"]]
        found = found.join(table.rename(columns={"standing": name}))
        if name == "midterm":
            warned = wdp.warnings(risks, seen, plan)
            rules = warned.groupby("indicator")["rule"].agg(";".join)
            found["rules"] = rules.reindex(found.index).fillna("")
    change = levels.iloc[:, -1] - levels[plan.baseline_year]
    found["true_change"] = change.reindex(found.index)
    return found


def report(table: pd.DataFrame, plan: wdp.Plan) -> None:
    """Print every table."""
    counties = table["seed"].nunique()
    for name in DAYS:
        print(f"\n{name}, {counties} counties\n")
        print(pd.crosstab(table[name], table["planted"]).to_string())
    graded = table[table["p_meet"].notna() & table["planted"].isin(["met", "not_met"])]
    graded = graded.assign(came=(graded["planted"] == "met") * 1.0, sort=_sorts(graded, plan))
    print("\nprobability said at mid-term, and share that came\n")
    print(reliability(graded).to_string(index=False))
    for sort, part in graded.groupby("sort"):
        print(f"\nonly {sort}\n\n{reliability(part).to_string(index=False)}")
    print("\nwarnings at mid-term: probability said, share met all the same\n")
    facts = {"n": ("came", "size"), "said": ("p_meet", "mean"), "met": ("came", "mean")}
    print(graded.groupby("risk").agg(**facts).round(3).to_string())
    rules = graded.assign(rule=graded["rules"].fillna("").str.split(";")).explode("rule")
    print(f"\n{rules.groupby('rule').agg(**facts).round(3).to_string()}")
    print("\ndirections: what was called improved, by whether the true level did improve\n")
    print(directions(table, plan).to_string())


def _sorts(table: pd.DataFrame, plan: wdp.Plan) -> list[str]:
    """Sort of each target: rare, direction, saturated, or a level."""
    sorts = []
    for name, quantity, value in zip(
        table["indicator"], table["quantity"], table["last_value"], strict=True
    ):
        one = plan.indicator(name)
        limits = np.array([one.lower_bound, 100.0 if one.unit == "percent" else np.inf])
        near = np.abs(limits - value).min() <= NEAR_LIMIT
        direction = one.target.line_from == "baseline"
        rare = quantity == "underlying_rate"
        sorts.append(
            "rare" if rare else "direction" if direction else "saturated" if near else "level"
        )
    return sorts


def reliability(cases: pd.DataFrame, column: str = "p_meet") -> pd.DataFrame:
    """Return by tenth how often a probability came true, with an interval over whole targets."""
    tenths, rows = (cases[column] * 10).astype(int).clip(upper=9), []
    for tenth, part in cases.groupby(tenths):
        by_target = part.groupby("indicator")["came"].agg(["sum", "size"]).to_numpy()
        drawn = np.random.default_rng(0).integers(0, len(by_target), (1000, len(by_target)))
        sums = by_target[drawn].sum(axis=1)
        low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
        said, came = part[column].mean(), part["came"].mean()
        within = "" if len(part) < FEWEST else "yes" if abs(came - said) <= 0.05 else "NO"
        row = {"tenth": f"{tenth / 10:.1f}", "n": len(part), "targets": len(by_target)}
        row |= {"said": said, "came": came, "from": low, "to": high, "within 5 points": within}
        rows.append(row)
    return pd.DataFrame(rows).round(3)


def directions(table: pd.DataFrame, plan: wdp.Plan) -> pd.DataFrame:
    """Return what was said of directions, by whether the true level moved as wanted."""
    targets = {i.id: i.target for i in plan.indicators if i.target.line_from == "baseline"}
    own = table[table["indicator"].isin(list(targets))].dropna(subset="true_change")
    wanted = np.sign(own["true_change"]) * [targets[i].improving for i in own["indicator"]]
    return pd.crosstab([own["midterm"], own["final"]], wanted.map({1: "yes", 0: "no", -1: "no"}))


if __name__ == "__main__":
    main()
