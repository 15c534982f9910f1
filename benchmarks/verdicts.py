"""What was said at mid-term, and at the end, of simulated counties whose truth is planted.

``nice python -m benchmarks.verdicts --counties 200 --keep FOLDER`` draws so many counties, each with
its own seed and planned changes, wandering as real series do (``--straight``: exactly as planned),
judges every target as known in the middle of the plan and at its end, and prints: where a target
stood against what was planted, how often a probability came true (all, saturated, rare, the others),
how many warnings were false, and how often a direction that did not improve was called improved. One
process, some 4 s of computing a county; FOLDER keeps what was said of each county, so that a run that
was stopped goes on. Intervals draw whole targets: all counties share the plan.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import wdp_lib as wdp
from benchmarks.trial_counties import DAYS, SEED, TrialCounties

PLAN = "ruyuan-2021-2030"
NEAR_LIMIT = 1.0  # percentage points from its limit: a saturated series
FEWEST = 100  # cases of a tenth from which it is judged
SAID = ["standing", "p_meet", "risk", "quantity", "last_value", "target_year", "n"]


def main() -> None:
    """Judge the counties and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="folder for what was said")
    parser.add_argument("--straight", action="store_true", help="levels exactly as planned")
    args = parser.parse_args()
    plan = wdp.load_plan(PLAN)
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        keep = args.keep or Path(place)
        keep.mkdir(parents=True, exist_ok=True)
        table = said_of(plan, keep, range(SEED, SEED + args.counties), args.straight)
    report(table.reset_index(), plan)


def said_of(plan: wdp.Plan, keep: Path, seeds: range, straight: bool) -> pd.DataFrame:
    """Return what is said of each county's targets, beside what was planted; kept in files."""
    files = {seed: keep / f"{seed}.csv" for seed in seeds}
    open_ = [seed for seed, file in files.items() if not file.exists()]
    counties = TrialCounties.of(plan) if open_ else None
    for seed in open_:
        found = judged(plan, **counties.county(seed, straight=straight))
        half = files[seed].with_suffix(".part")
        found.assign(seed=seed).to_csv(half, index_label="indicator")
        half.replace(files[seed])
    return pd.concat([pd.read_csv(file, index_col="indicator") for file in files.values()])


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
    found["true_end"] = levels.iloc[:, -1].reindex(found.index)
    return found


def report(table: pd.DataFrame, plan: wdp.Plan) -> None:
    """Print every table."""
    counties = table["seed"].nunique()
    for name in DAYS:
        print(f"\n{name}, {counties} counties\n")
        print(pd.crosstab(table[name], table["planted"]).to_string())
    graded = asked(table, plan)
    print("\nprobability said at mid-term, and share that came\n")
    print(reliability(graded).to_string(index=False))
    for sort, part in graded.groupby("sort"):
        print(f"\nonly {sort}\n\n{reliability(part).to_string(index=False)}")
    rest = reliability(graded[graded["sort"] != "saturated"])
    print(f"\nall but saturated\n\n{rest.to_string(index=False)}")
    print("\nwarnings at mid-term: probability said, share met all the same\n")
    facts = {"n": ("came", "size"), "said": ("p_meet", "mean"), "met": ("came", "mean")}
    print(graded.groupby("risk").agg(**facts).round(3).to_string())
    rules = graded.assign(rule=graded["rules"].fillna("").str.split(";")).explode("rule")
    print(f"\n{rules.groupby('rule').agg(**facts).round(3).to_string()}")
    print("\ndirections: what was called improved, by whether the true level did improve\n")
    print(directions(table, plan).to_string())


def asked(table: pd.DataFrame, plan: wdp.Plan) -> pd.DataFrame:
    """Return the targets a probability was said of, what ``came``, and their sort.

    A direction is said to be right when the level beats the baseline's, shown or not at the end: so
    the true level decides. So it does of a rare event, of which the underlying rate is said, and
    which the end judges only where its interval lies on one side. Where no class is given (an
    institution that stands for years) nothing is said.
    """
    way = {i.id: i.target.improving for i in plan.indicators if i.target.line_from == "baseline"}
    way = {name: sign for name, sign in way.items() if plan.indicator(name).frequency != "term"}
    moved = table["true_change"] * table["indicator"].map(way)
    came = table["planted"].map({"met": 1.0, "not_met": 0.0}).where(moved.isna(), moved > 0)
    rate = (table["quantity"] == "underlying_rate") & moved.isna()
    kept = [
        plan.indicator(name).target.range().contains(end) if one else False
        for name, end, one in zip(table["indicator"], table["true_end"], rate, strict=True)
    ]
    came = came.astype(float).mask(rate, pd.Series(kept, table.index).astype(float))
    table = table.assign(came=came, sort=_sorts(table, plan))
    return table[table["p_meet"].notna() & (table["risk"] != "not_graded") & table["came"].notna()]


def _sorts(table: pd.DataFrame, plan: wdp.Plan) -> list[str]:
    """Sort of each target: rare, direction, saturated, or a level."""
    sorts = []
    for name, quantity, value in zip(
        table["indicator"], table["quantity"], table["last_value"], strict=True
    ):
        one = plan.indicator(name)
        near = one.unit == "percent" and min(value, abs(100.0 - value)) <= NEAR_LIMIT
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
