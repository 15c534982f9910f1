"""What the default forecast must reach, and what it does reach, on series that no fit ever saw.

``python benchmarks/acceptance.py --data national.parquet subnational.parquet``: see
``benchmarks/README.md``. The split by area and by family of indicators is the one that the training
made (`benchmarks.training.windows`).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.training.windows import (
    SOURCES,
    Windows,
    bench_windows,
    equal_weight,
    read_series,
    split_series,
    test_rows,
)
from wdp_lib.core.columns import QUANTILES
from wdp_lib.forecasting import forecast_counts, forecast_frame
from wdp_lib.forecasting.learned.correction import Networks
from wdp_lib.forecasting.learned.limits import natural_limits
from wdp_lib.forecasting.learned.prior import Components
from wdp_lib.forecasting.models.default import forecaster
from wdp_lib.forecasting.models.registry import DEFAULT

AHEAD = 6
LEVELS = np.array(QUANTILES)
INSIDE = {50: (2, 4), 80: (1, 5), 95: (0, 6)}
PEERS = ("AutoETS", "AutoTheta")
OWN = ("prior", "no_change", "drift", "ets")
FEWEST_OF_A_KIND = (
    3  # indicators of a kind from which its coverage is judged; others are only shown
)
STEPS = (1, 3, 6)  # made-up targets: so many usual changes to either side of the last value


def main() -> None:
    """Print the table of aims, then what stands behind it."""
    args = _arguments()
    series = read_series(*args.data)
    split = split_series(series)
    print(
        f"Not seen by any fit: {int(((split[['area_fold', 'family_fold']] < 0).any(axis=1)).sum())} series\n"
    )
    verdicts, behind = [], []
    for points in (7, 10):
        every = bench_windows(series, split, points)
        unseen, known = every[test_rows(every)], every[~test_rows(every)]
        predicted = {name: forecasts(unseen, points, name) for name in (DEFAULT, *OWN[:3])}
        if find_spec("statsforecast"):
            predicted |= {name: peer(unseen, points, name) for name in PEERS}
        scores, brier = (
            wis_table(unseen, points, predicted),
            brier_table(unseen, known, points, predicted),
        )
        verdicts += judge(unseen, points, predicted, scores, brier)
        behind += [
            f"\n## {points} points: {len(unseen.info)} histories",
            table(scores),
            table(brier),
        ]
        behind += [table(coverage_by(unseen, predicted[DEFAULT], "horizon"))]
        behind += [table(coverage_by(unseen, predicted[DEFAULT], "kind"))]
        if args.left_out:
            sources = left_out_sources(every, points, args.left_out)
            verdicts += judge_sources(points, sources)
            behind += [table(sources)]
    verdicts += small_counts(args.seed) + speed()
    print(
        table(pd.DataFrame(verdicts, columns=["what", "aim", "found", "reached"]).set_index("what"))
    )
    print("\n".join(behind))
    if not find_spec("statsforecast"):
        print("\nstatsforecast is not installed: no ratio to AutoETS. See benchmarks/README.md.")


def forecasts(windows: Windows, points: int, model: str) -> np.ndarray:
    """Return quantiles (windows, horizons, 7) through the public door, as any user gets them."""
    made = forecast_frame(_long(windows, points), horizon=AHEAD, model=model)
    values = np.full((len(windows.info), AHEAD, len(LEVELS)), np.nan)
    good = made[made["value"].notna()]
    order = good["series_id"].to_numpy("int64").reshape(-1, AHEAD, len(LEVELS))[:, 0, 0]
    values[order] = good["value"].to_numpy().reshape(-1, AHEAD, len(LEVELS))
    if np.isnan(values).any():
        raise SystemExit(f"{model} refuses {int(np.isnan(values).any((1, 2)).sum())} histories")
    return values


def _long(windows: Windows, points: int) -> pd.DataFrame:
    history = windows.history[:, -points:]
    rows, years = np.indices(history.shape)
    kind = windows.info["kind"].to_numpy()[rows.ravel()]
    frame = pd.DataFrame(
        {"series_id": rows.ravel(), "year": 2000 + years.ravel(), "value": history.ravel()}
    )
    return frame.assign(kind=np.where(kind == "unknown", "", kind))


def peer(windows: Windows, points: int, name: str) -> np.ndarray:
    """Return the quantiles of a model of statsforecast, within the same natural limits."""
    import statsforecast.models

    order = ("lo-95", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-95")
    values = np.full((len(windows.info), AHEAD, len(LEVELS)), np.nan)
    for row, history in enumerate(windows.history[:, -points:]):
        made = getattr(statsforecast.models, name)(season_length=1).forecast(
            y=history, h=AHEAD, level=[50, 80, 95]
        )
        values[row] = np.stack([made[column] for column in order], axis=1)
    low, high = natural_limits(windows.history, windows.kind)
    return np.clip(values, low[:, None, None], high[:, None, None])


def left_out_sources(windows: Windows, points: int, folder: Path) -> pd.DataFrame:
    """Return the score of each source of series by what was learned without it.

    As ratios to no change, to today's prior (the shipped ``model="prior"``, whose own fit has seen
    the source) and to a prior learned without it, with coverage; strength and widths are the
    shipped ones, which were chosen on the same left-out sources.
    """
    rows, scored, shipped = {}, [], forecaster()
    today = replace(shipped, networks=None, calibration=None)
    for source in SOURCES:
        own = windows[(windows.info["source"] == source).to_numpy()]
        without = replace(
            shipped,
            components=Components.read(folder / source / "prior.csv"),
            networks=Networks.read(folder / source / "correction.npz"),
        )
        alone = replace(without, networks=None, calibration=None)
        made = {"learned": without, "own prior": alone, "today's prior": today}
        made = {name: one.forecast(own.history, own.kind, AHEAD) for name, one in made.items()}
        scores = {name: wis(own, points, values) for name, values in made.items()}
        scores["no_change"] = wis(own, points, forecasts(own, points, "no_change"))
        held = {f"in {k} %": inside(own, made["learned"], k).mean(axis=1) for k in INSIDE}
        scored.append((own, pd.DataFrame(scores | held)))
    every = replace(windows, info=pd.concat([own.info for own, _ in scored], ignore_index=True))
    scored.append((every, pd.concat([one for _, one in scored], ignore_index=True)))
    for source, (own, values) in zip((*SOURCES, "all"), scored, strict=True):
        found = {name: _mean(own, values[name].to_numpy()) for name in values}
        score = found.pop("learned")
        names = ("today's prior", "own prior", "no_change")
        ratios = {f"/ {name}": score / found.pop(name) for name in names}
        facts = {"indicators": own.info["indicator_code"].nunique(), "histories": len(own.info)}
        rows[source] = ratios | found | facts
    return pd.DataFrame(rows).T.rename_axis("learned without, tested on")


def judge_sources(points: int, sources: pd.DataFrame) -> list[tuple]:
    """Return the aims of series whose whole source was left out: what, aim, found, reached."""
    every, head = sources.loc["all"], f"{points} points, sources left out"
    ratio, worst = every["/ today's prior"], sources["/ today's prior"].drop("all")
    rows = [
        (f"{head}: WIS / today's prior", "≤ 0.97", f"{ratio:.3f}", ratio <= 0.97),
        (
            f"{head}: worst of them",
            "≤ 1.02",
            f"{worst.max():.3f} ({worst.idxmax()})",
            worst.max() <= 1.02,
        ),
    ]
    for level in (80, 95):
        held = every[f"in {level} %"]
        near = abs(held - level / 100) <= 0.02
        rows.append((f"{head}: {level} % interval", f"0.{level} ± 0.02", f"{held:.3f}", near))
    return rows


def usual(windows: Windows, points: int) -> np.ndarray:
    """Return the mean absolute yearly change of each history: the unit of its errors."""
    return np.abs(np.diff(windows.history[:, -points:], axis=1)).mean(axis=1)


def wis(windows: Windows, points: int, quantiles: np.ndarray) -> np.ndarray:
    """Return the weighted interval score (windows,), mean of the horizons.

    In usual yearly changes.
    """
    miss = windows.future[:, :AHEAD, None] - quantiles
    loss = 2 * np.maximum(LEVELS * miss, (LEVELS - 1) * miss).mean(axis=-1)
    return loss.mean(axis=1) / usual(windows, points)


def inside(windows: Windows, quantiles: np.ndarray, level: int) -> np.ndarray:
    """Return 1 where the outcome lies in an interval, shape (windows, horizons)."""
    low, high = INSIDE[level]
    later = windows.future[:, :AHEAD]
    return ((later >= quantiles[..., low]) & (later <= quantiles[..., high])).astype(float)


def parts(windows: Windows) -> dict[str, np.ndarray]:
    """Return the rows of all histories, of new areas with known indicators.

    And of new indicators.
    """
    known = windows.info["family_fold"].ge(0).to_numpy()
    return {"all": np.ones(len(known), bool), "new areas": known, "new indicators": ~known}


def wis_table(windows: Windows, points: int, predicted: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return score, ratio to AutoETS (else to no change) with an interval.

    And coverage of each method.
    """
    reference = "AutoETS" if "AutoETS" in predicted else "no_change"
    scores = {name: wis(windows, points, values) for name, values in predicted.items()}
    rows = {}
    for name, values in predicted.items():
        row = {"WIS": _mean(windows, scores[name])}
        for part, chosen in parts(windows).items():
            ratio = _mean(windows, scores[name], chosen) / _mean(windows, scores[reference], chosen)
            row[f"/ {reference}, {part}"] = ratio
        row["from"], row["to"] = _bootstrap(windows, scores[name], scores[reference])
        row |= {
            f"in {level} %": _mean(windows, inside(windows, values, level).mean(axis=1))
            for level in INSIDE
        }
        rows[name] = row
    return pd.DataFrame(rows).T.rename_axis("method")


def _mean(windows: Windows, values: np.ndarray, rows: np.ndarray | None = None) -> float:
    """Mean in which every indicator of the chosen rows counts the same."""
    rows = np.ones(len(values), bool) if rows is None else rows
    return float(np.average(values[rows], weights=equal_weight(windows.info[rows])))


def _bootstrap(windows: Windows, score: np.ndarray, reference: np.ndarray) -> np.ndarray:
    means = (
        pd.DataFrame({"a": score, "b": reference})
        .groupby(windows.info["indicator_code"].to_numpy())
        .mean()
    )
    drawn = np.random.default_rng(0).integers(0, len(means), (1000, len(means)))
    sums = means.to_numpy()[drawn].sum(axis=1)
    return np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])


def coverage_by(windows: Windows, quantiles: np.ndarray, by: str) -> pd.DataFrame:
    """Return the coverage by horizon, or by kind of indicator."""
    held = {level: inside(windows, quantiles, level) for level in INSIDE}
    if by == "horizon":
        rows = {
            h + 1: {f"in {k} %": _mean(windows, v[:, h]) for k, v in held.items()}
            for h in range(AHEAD)
        }
    else:
        kinds = windows.info["kind"]
        rows = {
            kind: {
                f"in {k} %": _mean(windows, v.mean(axis=1), (kinds == kind).to_numpy())
                for k, v in held.items()
            }
            | {"indicators": windows.info.loc[kinds == kind, "indicator_code"].nunique()}
            for kind in sorted(kinds.unique())
        }
    return pd.DataFrame(rows).T.rename_axis(by)


def targets(windows: Windows, points: int):
    """Yield made-up targets: side, steps away, value, met six years ahead (0/1).

    Rows where it can exist.
    """
    last = windows.history[:, -1]
    for side in (1, -1):
        for step in STEPS:
            value = last + side * step * usual(windows, points)
            possible = (value >= 0) & (
                (windows.info["kind"] != "percent").to_numpy() | (value <= 100)
            )
            yield (
                side,
                step,
                value,
                (side * (windows.future[:, AHEAD - 1] - value) >= 0).astype(float),
                possible,
            )


def probability_below(quantiles: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the chance of at most `target` for quantiles (..., 7).

    Straight lines on the normal scale, 0.02 to 0.98.
    """
    from scipy.special import ndtr, ndtri

    target, scale = np.asarray(target, float)[..., None], ndtri(LEVELS)
    left = np.clip((quantiles <= target).sum(axis=-1, keepdims=True) - 1, 0, len(LEVELS) - 2)
    low, high = (np.take_along_axis(quantiles, left + k, -1) for k in (0, 1))
    wide = np.maximum(high - low, 1e-12 + 1e-9 * np.abs(high))
    z = scale[left] + np.clip((target - low) / wide, -20, 20) * (scale[left + 1] - scale[left])
    return np.clip(ndtr(z[..., 0]), 0.02, 0.98)


def brier_table(
    windows: Windows, known: Windows, points: int, predicted: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Return the Brier score of "target met in six years".

    Climatology is what the series learned from met.
    """
    base = {(side, step): _mean(known, met) for side, step, _, met, _ in targets(known, points)}
    rows: dict[str, list[float]] = {name: [] for name in [*predicted, "climatology"]}
    said = []
    for side, step, value, met, rows_of in targets(windows, points):
        for name, quantiles in predicted.items():
            below = probability_below(quantiles[:, AHEAD - 1], value)
            chance = 1 - below if side > 0 else below
            rows[name].append(_mean(windows, (chance - met) ** 2, rows_of))
            said += [chance[rows_of]] if name == DEFAULT else []
        rows["climatology"].append(_mean(windows, (base[side, step] - met) ** 2, rows_of))
    frame = pd.DataFrame({"Brier": {name: np.mean(v) for name, v in rows.items()}}).rename_axis(
        "method"
    )
    frame.attrs["range"] = (float(np.concatenate(said).min()), float(np.concatenate(said).max()))
    return frame.sort_values("Brier")


def judge(
    windows: Windows, points: int, predicted, scores: pd.DataFrame, brier: pd.DataFrame
) -> list[tuple]:
    """Return the aims of one length of history with what was found: what, aim, found, reached."""
    own, rows = scores.loc[DEFAULT], []
    head = f"{points} points"
    for part in parts(windows) if "AutoETS" in predicted else ():
        ratio = own[f"/ AutoETS, {part}"]
        rows.append((f"{head}: WIS / AutoETS, {part}", "≤ 0.85", f"{ratio:.3f}", ratio <= 0.85))
    by_horizon = coverage_by(windows, predicted[DEFAULT], "horizon")
    by_kind = coverage_by(windows, predicted[DEFAULT], "kind")
    by_kind = by_kind[by_kind["indicators"] >= FEWEST_OF_A_KIND]
    for level in (80, 95):
        name, nominal = f"in {level} %", level / 100
        for what, found, allowed in (
            ("mean of horizons", own[[name]], 0.02),
            ("each horizon", by_horizon[name], 0.04),
            ("each kind", by_kind[name], 0.06),
        ):
            worst = float(np.abs(found - nominal).max())
            shown = (
                f"{found.min():.3f}" if len(found) == 1 else f"{found.min():.3f}–{found.max():.3f}"
            )
            aim = f"{nominal:.2f} ± {allowed:.2f}"
            rows.append((f"{head}: {level} % interval, {what}", aim, shown, worst <= allowed))
    others = brier["Brier"].drop([DEFAULT, "prior"])
    best = others.idxmin()
    rows.append(
        (
            f"{head}: Brier, target met in six years",
            f"< {others.min():.3f} ({best})",
            f"{brier.loc[DEFAULT, 'Brier']:.3f}",
            brier.loc[DEFAULT, "Brier"] < others.min(),
        )
    )
    low, high = brier.attrs["range"]
    rows.append(
        (f"{head}: probabilities", "never 0 or 1", f"{low:.2f}–{high:.2f}", low > 0 and high < 1)
    )
    return rows


def small_counts(seed: int, counties: int = 400) -> list[tuple]:
    """Return how simulated counties with few events fare.

    Births 500–5,000, 10–200 events per 100,000, rates falling 0–4 % a year.
    """
    from scipy.stats import kstest

    draw = np.random.default_rng(seed)
    pit = []
    for _ in range(counties):
        births, rate = draw.integers(500, 5001), np.exp(draw.uniform(np.log(10), np.log(200))) / 1e5
        years = np.arange(2010, 2026)
        events = draw.poisson(births * rate * (1 - draw.choice([0, 0.02, 0.04])) ** (years - 2010))
        frame = pd.DataFrame({"year": years, "numerator": events, "denominator": births})
        made = forecast_counts(
            frame[:10],
            through=2025,
            multiplier=1e5,
            exposure=births,
            quantiles=np.linspace(0.005, 0.995, 199),
        )
        count = made[made["year"] == 2025]["count"].to_numpy()
        below, until = (count < events[-1]).mean(), (count <= events[-1]).mean()
        pit.append(below + draw.random() * (until - below))
    pit = np.array(pit)
    held, p = float(((pit > 0.1) & (pit < 0.9)).mean()), kstest(pit, "uniform").pvalue
    return [
        (
            "small counts, six years ahead: 80 % interval",
            "0.78–0.85",
            f"{held:.3f}",
            0.78 <= held <= 0.85,
        ),
        ("small counts: randomised PIT uniform (Kolmogorov)", "p > 0.01", f"p = {p:.2f}", p > 0.01),
    ]


def speed() -> list[tuple]:
    """Return series a second through the public door, its growth.

    And the memory of 100,000 series, in a process of its own.
    """
    few, many = (_timed(count) for count in (10_000, 100_000))
    rate, growth, cores = 100_000 / many[0], many[0] / few[0], os.cpu_count()
    return [
        (
            f"series a second, 100,000 of 10 points, {cores} processors",
            "≥ 10,000",
            f"{rate:,.0f}",
            rate >= 1e4,
        ),
        ("time of ten times as many series", "≤ 11 times", f"{growth:.1f} times", growth <= 11),
        ("peak memory for 100,000 series (GB)", "< 1", f"{many[1]:.2f}", many[1] < 1),
    ]


def _timed(count: int) -> tuple[float, float]:
    code = f"from acceptance import time_door; print(*time_door({count}))"
    # the figures are those of a user who has set no number of threads
    free = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
        env=free,
    )
    seconds, peak = map(float, said.stdout.split())
    return seconds, peak


def time_door(count: int) -> tuple[float, float]:
    """Return the seconds that so many series take (best of three) and the peak memory of this.

    Process in GB.
    """
    walk = np.cumsum(np.random.default_rng(0).standard_normal((count, 10)), axis=1) + 50
    rows, years = np.indices(walk.shape)
    frame = pd.DataFrame(
        {"series_id": rows.ravel(), "year": 2000 + years.ravel(), "value": walk.round(2).ravel()}
    )
    frame = frame.assign(kind="percent")
    forecast_frame(frame[:1000], horizon=AHEAD)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        forecast_frame(frame, horizon=AHEAD)
        taken.append(time.perf_counter() - started)
    return min(taken), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def table(frame: pd.DataFrame) -> str:
    """Return a frame as a Markdown table."""
    shown = frame.map(
        lambda v: (
            "yes"
            if v is True or v is np.True_
            else "**no**"
            if v is False or v is np.False_
            else f"{v:.3f}"
            if isinstance(v, float)
            else str(v)
        )
    )
    lines = [[frame.index.name, *frame.columns], ["---"] * (len(frame.columns) + 1)]
    lines += [
        [str(name), *cells] for name, cells in zip(frame.index, shown.to_numpy(), strict=True)
    ]
    return "\n" + "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        nargs=2,
        required=True,
        metavar=("NATIONAL", "SUBNATIONAL"),
        help="parquet tables as for python -m benchmarks.training",
    )
    parser.add_argument(
        "--left-out",
        type=Path,
        metavar="FOLDER",
        help="what was learned without each source, as python -m benchmarks.training writes it",
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
