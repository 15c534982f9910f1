"""Accuracy, calibration and speed of the forecasts side by side with peers.

On a table of annual series.

``python benchmarks/forecasts.py --data series.parquet``: see ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.backtesting import summary
from wdp_lib.backtesting.cases import score_cases, target_cases
from wdp_lib.backtesting.windows import Windows, clean_series, predict, rolling_windows
from wdp_lib.core.columns import QUANTILES
from wdp_lib.forecasting.models.registry import DEFAULT, MODELS

HORIZONS = (1, 2, 3, 4, 5, 6)
PEERS = ("AutoETS", "AutoTheta")
LEVELS = [50, 80, 95]
ORDER = ("lo-95", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-95")


def main() -> None:
    """Read the series, forecast the same windows with every method, print the tables."""
    args = _arguments()
    rows, refused = clean_series(read_series(args))
    print(
        f"{args.data.name}: {rows['series_id'].nunique()} series of {rows['group'].nunique()} indicators used",
        end="",
    )
    print(f", {len(refused)} refused" if len(refused) else "")
    for points in args.points:
        windows = draw_windows(rows, points, args.per_series, args.most, args.seed)
        if not len(windows):
            print(
                f"\n{points} points: no series has so many years without a gap and six more after them"
            )
            continue
        predicted, speed = run(windows, args)
        head = f"{points} points of history, {len(windows)} histories, {windows.info['group'].nunique()} indicators"
        print(f"\n## {head}\n\n{_markdown(compare(windows, predicted, speed, args))}")
        print(
            f"\nCoverage of {args.models[0]} by years ahead\n\n{_markdown(by_horizon(windows, predicted, args))}"
        )
    print(f"\n{_peers_said()}")


def read_series(args: argparse.Namespace) -> pd.DataFrame:
    """Return the table of series.

    With the columns renamed and the rows chosen as the arguments say.
    """
    frame = pd.read_parquet(args.data) if args.data.suffix == ".parquet" else pd.read_csv(args.data)
    if args.where:
        frame = frame.query(args.where)
    frame = frame.rename(
        columns={old: new for new, old in (pair.split("=", 1) for pair in args.columns)}
    )
    wanted = ["series_id", "group", "kind", "direction", "year", "value", "lower", "upper"]
    frame = frame[[name for name in wanted if name in frame.columns]].dropna(subset=["value"])
    texts = frame.columns.intersection(["series_id", "group", "kind", "direction"])
    frame = frame.astype(dict.fromkeys(texts, "object"))
    if "direction" in frame.columns:
        # a direction in other words says nothing of up or down: its targets are asked upwards
        frame["direction"] = frame["direction"].where(frame["direction"].isin(["up", "down"]))
    return frame


def draw_windows(rows: pd.DataFrame, points: int, per_series: int, most: int, seed: int) -> Windows:
    """Return histories of ``points`` years without a gap and six known years after.

    Few a series, at most ``most``.

    Windows are drawn at random, so that no method is asked only at convenient years; of each
    indicator as many as of any other, while it has them.
    """
    windows = rolling_windows(
        rows, shortest=points, longest=points, horizons=HORIZONS, origins="rolling"
    )
    info = windows.info
    whole = (info["origin"] - info["first_year"] == points - 1) & np.isfinite(windows.future).all(
        axis=1
    )
    chosen = info[whole & info["changed"]].sample(frac=1, random_state=seed)
    chosen = chosen[chosen.groupby("series_id").cumcount() < per_series]
    turn = chosen.groupby("group").cumcount()
    return windows.take(np.sort(turn.sort_values(kind="stable").index[:most].to_numpy()))


def run(
    windows: Windows, args: argparse.Namespace
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return quantiles (windows, horizons, 7) and histories a second, by method.

    Each is warmed up before.
    """
    methods: dict[str, Callable[[Windows], np.ndarray]] = {
        name: lambda part, name=name: predict(part, name, seed=args.seed, sample=len(part))[0]
        for name in args.models
    }
    if find_spec("statsforecast"):
        methods |= {name: lambda part, name=name: peer(part, name) for name in args.peers}
    few = windows.take(np.arange(min(5, len(windows))))
    predicted, speed = {}, {}
    for name, method in methods.items():
        method(few)
        started = time.perf_counter()
        predicted[name] = method(windows)
        speed[name] = len(windows) / (time.perf_counter() - started)
    return predicted, speed


def peer(windows: Windows, name: str) -> np.ndarray:
    """Return the quantiles of a statsforecast model.

    Natural limits are applied as to the others.
    """
    import statsforecast.models

    result = np.full((len(windows), len(HORIZONS), len(QUANTILES)), np.nan)
    for number, history in windows.history.groupby("series_id")["value"]:
        model = getattr(statsforecast.models, name)(season_length=1)
        made = model.forecast(y=history.to_numpy("float64"), h=max(HORIZONS), level=LEVELS)
        result[number] = np.stack([made[column] for column in ORDER], axis=1)
    lower, upper = (windows.info[side].to_numpy()[:, None, None] for side in ("lower", "upper"))
    return np.clip(result, lower, upper)


def compare(
    windows: Windows, predicted: dict[str, np.ndarray], speed: dict[str, float], args
) -> pd.DataFrame:
    """Return one row a method: WIS, its ratio to the reference with an interval, coverage.

    Brier score, speed.
    """
    reference = next(
        (name for name in ("AutoETS", "ets", "no_change") if name in predicted), args.models[0]
    )
    cases = score_cases(windows, predicted, predicted[reference])
    scores = summary.scores(cases, args.seed)
    scores = scores[scores["horizon"] == 0].set_index("model")
    asked = target_cases(windows, predicted)
    brier = summary.targets(asked[asked["horizon"] == max(HORIZONS)], args.seed)
    brier = brier[brier["horizon"] == max(HORIZONS)].set_index("model")
    ratio = f"ratio to {reference} (95 % interval)"
    rows = {
        name: {
            "WIS": f"{row['wis']:.3f}",
            ratio: f"{row['wis_ratio']:.3f} ({row['wis_ratio_lower']:.2f}–{row['wis_ratio_upper']:.2f})",
            "error, same ratio": f"{row['mae_ratio']:.3f}",
            "inside 50/80/95 %": " / ".join(f"{row[f'coverage_{level}']:.3f}" for level in LEVELS),
            "Brier, 6 years": f"{brier.loc[name, 'brier']:.4f}",
            "histories a second": f"{speed[name]:,.0f}",
            "speed ratio": f"{speed[name] / speed[reference]:.2g}",
        }
        for name, row in scores.iterrows()
    }
    climatology = {"WIS": "", "Brier, 6 years": f"{brier['brier_climatology'].iloc[0]:.4f}"}
    return pd.DataFrame(rows | {"climatology": climatology}).T.fillna("").rename_axis("method")


def by_horizon(windows: Windows, predicted: dict[str, np.ndarray], args) -> pd.DataFrame:
    """Return the coverage of the first model by years ahead."""
    own = {args.models[0]: predicted[args.models[0]]}
    scores = summary.scores(score_cases(windows, own, own[args.models[0]]), args.seed)
    names = {f"coverage_{level}": f"inside {level} %" for level in LEVELS}
    table = scores[scores["horizon"] > 0].set_index("horizon")[list(names)].rename(columns=names)
    return table.map("{:.3f}".format).rename_axis("years ahead")


def _markdown(table: pd.DataFrame) -> str:
    lines = [[table.index.name, *table.columns], ["---"] * (len(table.columns) + 1)]
    lines += [[name, *cells] for name, cells in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _peers_said() -> str:
    from importlib.metadata import version

    if find_spec("statsforecast"):
        return f"Peers: statsforecast {version('statsforecast')}, one core, its own defaults."
    return "statsforecast is not installed, so its models are missing above: pip install '.[bench]' in a folder of its own."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="parquet or CSV: series_id, year, value; optional group, kind",
    )
    parser.add_argument(
        "--columns",
        nargs="*",
        default=[],
        metavar="NEW=OLD",
        help="e.g. group=indicator_code kind=unit_kind",
    )
    parser.add_argument("--where", default="", help="rows to keep, e.g. \"modelled == 'no'\"")
    parser.add_argument(
        "--points", type=int, nargs="*", default=[7, 10], help="lengths of the histories"
    )
    parser.add_argument(
        "--models",
        nargs="*",
        default=[DEFAULT, "no_change", "drift"],
        choices=list(MODELS),
        metavar="MODEL",
    )
    parser.add_argument(
        "--peers", nargs="*", default=list(PEERS), metavar="PEER", help="models of statsforecast"
    )
    parser.add_argument("--per-series", type=int, default=2, help="histories of a series at most")
    parser.add_argument("--most", type=int, default=3000, help="histories in all at most")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
