"""Learn the weights of the prior's components from development windows (needs torch)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import torch

from wdp_lib.forecasting.learned.mixture import normal_cdf
from wdp_lib.forecasting.learned.prior import SIDES, Components, project

SCORED = (2, 6)  # years ahead whose distribution is scored
POINTS = 24  # values at which a distribution function is compared with what came
STEPS, NOISES = (0.25, 0.45, 0.8, 1.4, 2.5, 5.0), (0.0, 0.4, 0.8, 0.97)
# wander, persist, first of damped trends
TRENDS = ((0, 0.8, 0.5), (0, 0.95, 0.5), (0, 0.95, 1), (0, 1, 1))
TRENDS += ((0.15, 0.9, 0.5), (0.3, 0.8, 0.3), (0.3, 1, 1))
KEPT = {"plain": 40, "log": 28, "mirrored": 28}  # components that are shipped
COLUMNS = ["scale", "family", "step", "noise", "wander", "persist", "first"]


def full_grid() -> pd.DataFrame:
    """About 200 components on each scale: no trend, damped trends, reversion to the mean."""
    one = [("none", s, r, 0.0, 0.0, 0.0) for s, r in product(STEPS, NOISES)]
    one += [("trend", s, r, *map(float, t)) for s, r, t in product(STEPS, NOISES, TRENDS)]
    reverting = product((0.8, 1.4, 2.5), (0.0, 0.5), (0.5, 0.8))
    one += [("reversion", s, r, 0.0, p, 0.0) for s, r, p in reverting]
    table = pd.DataFrame([(name, *row) for name in SIDES for row in one], columns=COLUMNS)
    return table.assign(weight=1 / len(table))


def learn_weights(windows, table=None, seed: int = 0, log=print) -> Components:
    """Weights under which the distribution two and six years ahead (CRPS) was best.

    The log weight is a sum over scale, step, noise, shape of the trend, scale and family together:
    weights of their own for each component learn the windows by heart. Unless a ``table`` of
    components is given, those that no series wants are left out of the full grid.
    """
    torch.manual_seed(seed)
    if table is None:
        components = _weighted(full_grid(), windows, 500, log)
        table = _wanted(components, evidence(windows, components))
    return _weighted(table, windows, 250, log)


def _weighted(table: pd.DataFrame, windows, steps: int, log) -> Components:
    data = evidence(windows, Components(table, np.full(len(table), 1 / len(table)), 1.0))
    weights, power = _fit(data, design := _design(table), steps, log)
    weight = torch.softmax(design @ weights, 0).numpy().astype(float)
    return Components(table.assign(weight=weight), weight, float(torch.exp(power)))


def evidence(windows, components: Components) -> dict[str, torch.Tensor]:
    """Likelihoods, distribution functions at points, and what came, one row a window.

    The components of a window's second scale stand behind those of the plain one; ``index`` says
    which they are, -1 where there is none.
    """
    place = {name: np.flatnonzero(components.table["scale"] == name) for name in SIDES}
    width = len(place["plain"]) + max(len(place["log"]), len(place["mirrored"]))
    pick, spread = np.array(SCORED) - 1, np.sinh(np.linspace(-4, 4, POINTS)) / np.sinh(4)
    spread = 12 * spread * np.sqrt(np.array(SCORED) / 2)[:, None]
    found: dict[str, list] = {}
    for rows, posterior in windows.posteriors(components):
        measured, split = posterior.measure, posterior.components.plain
        mean, sd = (part[:, pick] for part in project(posterior, max(SCORED)))
        came = measured.plain(windows.future[rows])[:, pick]
        low, high = (measured.plain(side)[:, None, None] for side in (measured.low, measured.high))
        points = np.clip(np.broadcast_to(spread, (len(rows), *spread.shape)), low, high)
        cdf = np.zeros((*points.shape, width), np.float16)
        for k in range(POINTS):
            parts = [points[..., k, None] - mean[..., :split]]
            if measured.sign:
                parts.append(measured.bent(points[..., k])[..., None] - mean[..., split:])
            z = np.concatenate(parts, axis=-1) / sd
            cdf[..., k, : z.shape[-1]] = normal_cdf(np.clip(z, -7.9, 7.9))
        gap = np.diff(points, axis=-1)
        index, loglik = np.full((len(rows), width), -1), np.zeros((len(rows), width))
        scale = next(name for name, sign in SIDES.items() if sign == measured.sign)
        own = np.concatenate([place["plain"], place[scale] if measured.sign else []]).astype(int)
        index[:, : len(own)], loglik[:, : len(own)] = own, posterior.loglik
        weight = windows.info["weight"].to_numpy()[rows, None] * np.isfinite(came)
        one = {"cdf": cdf, "gap": gap, "below": points[..., :-1] + gap / 2 >= came[..., None]}
        for name, part in (one | {"index": index, "loglik": loglik, "weight": weight}).items():
            kind = {"cdf": np.float16, "index": np.int64}.get(name, np.float32)
            found.setdefault(name, []).append(part.astype(kind))
    return {name: torch.from_numpy(np.concatenate(parts)) for name, parts in found.items()}


def _design(table: pd.DataFrame) -> torch.Tensor:
    shape = table[["family", "wander", "persist", "first"]].astype(str).agg(" ".join, axis=1)
    parts = {"scale": table["scale"], "step": table["step"].astype(str), "shape": shape}
    parts |= {"noise": table["noise"].astype(str), "both": table["scale"] + table["family"]}
    return torch.from_numpy(pd.get_dummies(pd.DataFrame(parts)).to_numpy(np.float32))


def _fit(data, design, steps: int, log) -> tuple[torch.Tensor, torch.Tensor]:
    weights = torch.zeros(design.shape[1], requires_grad=True)
    power = torch.tensor(-0.5, requires_grad=True)
    groups = [{"params": [weights], "lr": 0.06}, {"params": [power], "lr": 0.03}]
    optimiser = torch.optim.Adam(groups)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for step in range(steps):
        rows = torch.randint(len(data["loglik"]), (400,))
        posterior = _posterior(data, rows, design @ weights, power)
        cdf = (data["cdf"][rows].float() @ posterior[:, None, :, None])[..., 0]
        cdf = (cdf[..., 1:] + cdf[..., :-1]) / 2
        score = ((cdf - data["below"][rows]) ** 2 * data["gap"][rows]).sum(-1)
        importance = data["weight"][rows] / torch.tensor(SCORED) ** 0.5
        loss = (score * importance).sum() / importance.sum() + 0.002 * (weights**2).mean()
        optimiser.zero_grad(), loss.backward(), optimiser.step(), schedule.step()
        if step % 125 == 124:
            now = f"{loss.item():.4f}, power {torch.exp(power).item():.3f}"
            log(f"prior, {len(design)} components, step {step + 1}: {now}")
    return weights.detach(), power.detach()


def _posterior(data, rows, logits, power):
    index = data["index"][rows]
    prior = torch.where(index >= 0, logits[index.clamp(min=0)], -torch.inf)
    return torch.softmax(prior + torch.exp(power) * data["loglik"][rows], 1)


def _wanted(components: Components, data) -> pd.DataFrame:
    """The components of each scale with the most posterior weight over all windows."""
    logits, power = torch.log(torch.from_numpy(components.weight).float()), components.power
    every = torch.arange(len(data["loglik"]))
    posterior = _posterior(data, every, logits, torch.tensor(np.log(power))) * data["weight"][:, :1]
    mass, index = np.zeros(len(components.weight)), data["index"].numpy()
    np.add.at(mass, index[index >= 0], posterior.numpy()[index >= 0])
    table = components.table.assign(mass=mass)
    kept = [rows.nlargest(KEPT[name], "mass").index for name, rows in table.groupby("scale")]
    return components.table.loc[np.sort(np.concatenate(kept))].reset_index(drop=True)
