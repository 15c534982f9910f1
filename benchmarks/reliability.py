"""How often a probability came true on real series that were not learned from, and its recalibration.

``python -m benchmarks.reliability --data NATIONAL SUBNATIONAL --left-out FOLDER`` forecasts windows of
each source of series by what was learned without it (as ``python -m benchmarks.training`` writes it),
asks made-up targets 1, 3 and 6 usual changes on either side of the last value, 1 to 6 years ahead,
and prints said against came, before and after a beta calibration (Kull, Silva Filho & Flach 2017)
learned on the *other* sources; apart for percentages with room to the limit, near it, and the rest.
Only where it helps is it used: not near the limit. ``--out FOLDER`` writes the factors of all sources
into ``calibration.json`` there, with its checksum.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from benchmarks.training.windows import SOURCES, learning_windows, read_series, split_series
from wdp_lib.core.columns import QUANTILES
from wdp_lib.forecasting.learned.correction import Networks
from wdp_lib.forecasting.learned.prior import Components
from wdp_lib.forecasting.models.default import forecaster
from wdp_lib.forecasting.probability import NEAR_LIMIT, below, beta_calibrated

AHEAD, STEPS, WINDOWS, FEWEST = 6, (-6, -3, -1, 1, 3, 6), 4000, 5
LEVELS = np.array(QUANTILES)
SORTS = ("percentages with room", "percentages near the limit", "rates, ratios and counts")
SHRINK, WORTH = 2.0, 20  # towards no change; cases that an indicator counts as


def main() -> None:
    """Print reliability before and after by sort, and the factors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs=2, required=True, metavar="PARQUET")
    parser.add_argument("--left-out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where calibration.json stands")
    args, found = parser.parse_args(), {}
    cases = asked(args.data, args.left_out)
    for number, sort in enumerate(SORTS):
        own = cases[cases["sort"] == number]
        weight = 1 / own.groupby("indicator")["indicator"].transform("size")
        own = own.assign(weight=weight, after=np.nan)
        print(f"\n## {sort}: {len(own)} cases, {own['indicator'].nunique()} indicators\n")
        print("| source left out | Brier before | after |\n| --- | --- | --- |")
        for source in SOURCES:
            here = own["source"] == source
            if not here.any() or here.all():
                continue
            factors = fitted(own[~here])
            own.loc[here, "after"] = beta_calibrated(own.loc[here, "said"].to_numpy(), factors)
            miss = [brier(own[here], name) for name in ("said", "after")]
            print(f"| {source} | {miss[0]:.4f} | {miss[1]:.4f} |")
        print("\n| before: said | came | after: said | came |\n| --- | --- | --- | --- |")
        before, after = (by_tenth(own.dropna(subset="after"), name) for name in ("said", "after"))
        for one, two in zip(before, after, strict=True):
            print(f"| {one[0]:.3f} | {one[1]:.3f} | {two[0]:.3f} | {two[1]:.3f} |")
        found[sort] = [round(float(x), 3) for x in fitted(own)]
        print("\nfactors of all sources:", found[sort])
    if args.out:
        write(args.out, {"percent": found[SORTS[0]], "other": found[SORTS[2]]})


def write(folder: Path, factors: dict[str, list[float]]) -> None:
    """Put the factors into the calibration, and its checksum into the provenance."""
    place, told = folder / "calibration.json", folder / "provenance.json"
    text = json.dumps(json.loads(place.read_text("utf-8")) | {"reliability": factors}, indent=1)
    place.write_text(text + "\n", "utf-8")
    story = json.loads(told.read_text("utf-8"))
    story["sha256"][place.name] = hashlib.sha256(place.read_bytes()).hexdigest()
    told.write_text(json.dumps(story, indent=1, ensure_ascii=False) + "\n", "utf-8")


def asked(data: list[str], folder: Path) -> pd.DataFrame:
    """Return a row for each made-up target: what was said of it by what never saw its source."""
    series = read_series(*data)
    split = split_series(series)
    windows = learning_windows(series, split, 60_000, 2026)
    better = pd.concat(
        [pd.read_parquet(path, columns=["series_id", "direction"]) for path in data]
    ).drop_duplicates("series_id")
    sides = windows.info["series_id"].map(better.set_index("series_id")["direction"])
    rng, parts = np.random.default_rng(1), []
    for source in SOURCES:
        usable = (windows.info["source"] == source) & (windows.info["n"] >= FEWEST)
        rows = np.flatnonzero(usable & sides.isin(["up", "down"]))
        chance = windows.info["weight"].to_numpy()[rows]
        many = min(WINDOWS, len(rows))
        rows = np.sort(rng.choice(rows, many, replace=False, p=chance / chance.sum()))
        without = replace(
            forecaster(),
            components=Components.read(folder / source / "prior.csv"),
            networks=Networks.read(folder / source / "correction.npz"),
        )
        own = windows[rows]
        made = without.forecast(own.history, own.kind, AHEAD)
        parts.append(_targets(own, made, (sides.iloc[rows] == "up").to_numpy(), source))
    return pd.concat(parts, ignore_index=True)


def _targets(own, made: np.ndarray, up: np.ndarray, source: str) -> pd.DataFrame:
    last, parts = own.history[:, -1], []
    usual = np.array([np.abs(np.diff(one[np.isfinite(one)])).mean() for one in own.history])
    percent = (own.info["kind"] == "percent").to_numpy()
    for year in range(AHEAD):
        for step in STEPS:
            line = last + np.where(up, step, -step) * usual
            came = own.future[:, year]
            room = np.where(up, 100 - line, line)
            ok = np.isfinite(came) & (line >= 0) & (~percent | (line <= 100))
            said = np.where(
                up,
                1 - below(LEVELS, made[:, year], line),
                1 - below(1 - LEVELS[::-1], -made[:, year, ::-1], -line),
            )
            facts = {
                "said": np.clip(said, 0.005, 0.995),
                "came": np.where(up, came >= line, came <= line) * 1.0,
                "sort": np.where(~percent, 2, (room <= NEAR_LIMIT) * 1),
                "indicator": own.info["indicator_code"].to_numpy(),
            }
            parts.append(pd.DataFrame(facts)[ok])
    return pd.concat(parts).assign(source=source)


def fitted(cases: pd.DataFrame) -> np.ndarray:
    """Return the factors of the beta calibration, indicators counting equally."""
    said, came = cases["said"].to_numpy(), cases["came"].to_numpy()
    weight = cases["weight"].to_numpy() / cases["weight"].sum() * WORTH
    weight = weight * cases["indicator"].nunique()
    x = np.stack([np.log(said), -np.log(1 - said), np.ones(len(said))], axis=1)
    none = np.array([1.0, 1.0, 0.0])

    def loss(factors):
        z = x @ factors
        value = (weight * (np.logaddexp(0, z) - came * z)).sum()
        miss = weight * (1 / (1 + np.exp(-z)) - came)
        away = factors - none
        return value + SHRINK * (away**2).sum(), x.T @ miss + 2 * SHRINK * away

    bounds = [(0, None), (0, None), (None, None)]
    return minimize(loss, none, jac=True, bounds=bounds).x


def brier(cases: pd.DataFrame, name: str) -> float:
    """Return the Brier score, indicators counting equally."""
    return float(np.average((cases[name] - cases["came"]) ** 2, weights=cases["weight"]))


def by_tenth(cases: pd.DataFrame, name: str) -> list[tuple[float, float]]:
    """Return said and came of each tenth, indicators counting equally."""
    tenth = (cases[name] * 10).astype(int).clip(upper=9)
    return [
        tuple(np.average(part[[name, "came"]], axis=0, weights=part["weight"]))
        for _, part in cases.groupby(tenth)
    ]


if __name__ == "__main__":
    main()
