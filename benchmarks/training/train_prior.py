"""Learn the weights of the prior's components from development windows (needs torch)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import torch

from wdp_lib.forecasting.learned.prior import Components, project, series_scale, update

SCORED = [1, 2, 3, 4, 6, 9, 13]  # horizons whose density is scored


def full_grid() -> pd.DataFrame:
    """About 1,500 components: no trend, damped trends, reversion to the mean."""
    steps, noises = np.geomspace(0.3, 4.0, 8), [0.0, 0.3, 0.6, 0.85, 0.97]
    rows = [("none", s, r, 0.0, 0.0, 0.0) for s, r in product(steps, noises)]
    rows += [
        ("trend", *c)
        for c in product(steps, noises, [0.0, 0.15, 0.5], [0.7, 0.9, 0.97, 1.0], [0.15, 0.4, 1.0])
    ]
    rows += [
        ("reversion", s, r, 0.0, p, 0.0)
        for s, r, p in product(steps, [0.0, 0.5], [0.3, 0.6, 0.8, 0.9])
    ]
    table = pd.DataFrame(rows, columns=["family", "step", "noise", "wander", "persist", "first"])
    return table.assign(weight=1 / len(table))


def likelihoods(windows, components: Components):
    """Log likelihood of each history and log density of each scored later year, per component."""
    order = np.lexsort((windows.info["n"],))
    loglik = np.empty((len(order), len(components.weight)), np.float32)
    density = np.full((len(order), len(SCORED), len(components.weight)), np.nan, np.float32)
    for rows in np.array_split(order, max(1, len(order) // 200)):
        history = windows.history[rows]
        scale, last = series_scale(history)[:, None], history[:, -1:]
        posterior = update((history - last) / scale, components)
        mean, sd = project(posterior, max(SCORED))
        pick = np.array(SCORED) - 1
        miss = ((windows.future[rows] - last) / scale)[:, pick, None] - mean[:, pick]
        density[rows] = -0.5 * (miss / sd[:, pick]) ** 2 - np.log(sd[:, pick]) - 0.919
        loglik[rows] = posterior.loglik
    return loglik, density


def learn_weights(windows, keep: int = 64, seed: int = 0, log=print) -> Components:
    """Weights under which the later years of the windows were most probable.

    On `keep` components.
    """
    torch.manual_seed(seed)
    table = full_grid()
    loglik, density = likelihoods(windows, Components.from_table(table))
    loglik, density = torch.from_numpy(loglik), torch.from_numpy(density)
    seen = ~torch.isnan(density[:, :, 0])
    density = torch.nan_to_num(density)
    importance = (
        torch.tensor(windows.info["weight"].to_numpy(), dtype=torch.float32)[:, None] * seen
    )
    sizes = [len(table), 300, 120, keep]
    logits = torch.zeros(len(table))
    heat = torch.zeros(())
    for size, steps in zip(sizes, [150, 150, 200, 400], strict=True):
        chosen = torch.argsort(-logits, stable=True)[:size].sort().values
        loglik, density, table = (
            loglik[:, chosen],
            density[:, :, chosen],
            table.iloc[chosen.numpy()],
        )
        logits = logits[chosen].clone().requires_grad_()
        heat = heat.detach().clone().requires_grad_()
        optimiser = torch.optim.Adam(
            [{"params": [logits], "lr": 0.08}, {"params": [heat], "lr": 0.02}]
        )
        for step in range(steps):
            rows = torch.randint(len(loglik), (1500,))
            prior = torch.log_softmax(logits, 0)
            posterior = torch.log_softmax(prior + torch.exp(heat) * loglik[rows], 1)
            score = torch.logsumexp(posterior[:, None] + density[rows], 2)
            score = torch.logaddexp(
                score, torch.tensor(-9.0)
            )  # a break tells nothing about components
            loss = -(score * importance[rows]).sum() / importance[rows].sum()
            optimiser.zero_grad(), loss.backward(), optimiser.step()
            if step % 50 == 49:
                log(
                    f"prior {size} components, step {step + 1}: {loss.item():.4f}, power {torch.exp(heat).item():.3f}"
                )
        logits = logits.detach()
    weight = torch.softmax(logits, 0).numpy().astype(float)
    return Components.from_table(table.assign(weight=weight), float(torch.exp(heat.detach())))
