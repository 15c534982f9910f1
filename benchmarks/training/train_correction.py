"""Learn the correction of the prior's quantiles (needs torch; inference does not)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from wdp_lib.forecasting.learned.correction import KINDS, horizon_features
from wdp_lib.forecasting.learned.mixture import QUANTILES

HIDDEN, HEAD, DROPOUT = 32, 32, 0.2
EPOCHS, BATCH, RATE, DECAY = 8, 512, 2e-3, 1e-3
NEAR = 6  # horizons 1..6 count in full, later ones as FAR_WEIGHT
FAR_WEIGHT = 0.35
FORGET_KIND = 0.1  # share of windows whose kind is hidden, so that "unknown" is learned
_TAU = torch.tensor(QUANTILES, dtype=torch.float32)


class Network(nn.Module):
    """The same function as `correction.Networks.answers`, for one network and with dropout."""

    def __init__(self, series: torch.Tensor, horizons: torch.Tensor):
        super().__init__()
        self.series_mean, self.series_sd = series.mean(0), series.std(0) + 1e-2
        self.horizon_mean, self.horizon_sd = horizons.mean((0, 1)), horizons.std((0, 1)) + 1e-2
        self.first, self.second = nn.Linear(series.shape[1], HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.third, self.last = nn.Linear(HIDDEN + horizons.shape[2], HEAD), nn.Linear(HEAD, 7)
        nn.init.zeros_(self.last.weight), nn.init.zeros_(self.last.bias)  # starts as the prior
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, series, horizons):
        """Answers (windows, horizons, 7) for features of the series and of the prior's.

        Quantiles.
        """
        x = ((series - self.series_mean) / self.series_sd).clamp(-5, 5)
        h = ((horizons - self.horizon_mean) / self.horizon_sd).clamp(-5, 5)
        x = self.drop(torch.relu(self.first(x)))
        x = self.drop(torch.relu(self.second(x)))
        both = torch.cat([x[:, None].expand(-1, h.shape[1], -1), h], 2)
        return self.last(self.drop(torch.relu(self.third(both))))

    def arrays(self) -> dict[str, np.ndarray]:
        """Weights under the names that `correction.Networks` reads."""
        third = self.third.weight.detach().T
        found = {
            "series_mean": self.series_mean[None], "series_sd": self.series_sd[None],
            "horizon_mean": self.horizon_mean[None, None], "horizon_sd": self.horizon_sd[None, None],
            "w1": self.first.weight.T, "b1": self.first.bias, "w2": self.second.weight.T, "b2": self.second.bias,
            "w3x": third[:HIDDEN], "w3h": third[HIDDEN:], "b3": self.third.bias, "w4": self.last.weight.T, "b4": self.last.bias,
        }  # fmt: skip
        return {name: value.detach().numpy().astype(np.float32) for name, value in found.items()}


def corrected(quantiles, answer):
    """`correction.corrected` in torch."""
    gaps = quantiles.diff(dim=-1).clamp(min=1e-3)
    centre = quantiles[..., 3] + answer[..., 0] * (gaps[..., 2] + gaps[..., 3])
    gaps = gaps * torch.exp(answer[..., 1:].clamp(-3, 3))
    below = centre[..., None] - gaps[..., [2, 1, 0]].cumsum(-1)[..., [2, 1, 0]]
    return torch.cat([below, centre[..., None], centre[..., None] + gaps[..., 3:].cumsum(-1)], -1)


def weighted_interval_score(quantiles, observed):
    """WIS over the 50, 80 and 95 % intervals: twice the mean pinball loss of the quantiles."""
    miss = observed[..., None] - quantiles
    return 2 * torch.maximum(_TAU * miss, (_TAU - 1) * miss).mean(-1)


def learn_network(series, quantiles, observed, weight, seed: int) -> Network:
    """One network on features as `correction` makes them."""
    torch.manual_seed(seed)
    draw = torch.Generator().manual_seed(seed)
    series, quantiles, observed, weight = (
        torch.from_numpy(a.astype(np.float32)) for a in (series, quantiles, observed, weight)
    )
    horizons = torch.from_numpy(horizon_features(quantiles.numpy()).astype(np.float32))
    network = Network(series, horizons)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = len(series) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=EPOCHS * steps, pct_start=0.15
    )
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(series), generator=draw)[: steps * BATCH].split(BATCH):
            ahead = torch.cat(
                [
                    torch.randperm(NEAR, generator=draw)[:3],
                    NEAR + torch.randperm(9, generator=draw)[:2],
                ]
            )
            y = observed[batch][:, ahead]
            counts = (
                weight[batch][:, None]
                * torch.isfinite(y)
                * torch.where(ahead < NEAR, 1.0, FAR_WEIGHT)
            )
            answer = network(_forget_kind(series[batch], draw), horizons[batch][:, ahead])
            score = weighted_interval_score(
                corrected(quantiles[batch][:, ahead], answer), torch.nan_to_num(y)
            )
            loss = (score * counts).sum() / counts.sum()
            optimiser.zero_grad(), loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step(), schedule.step()
    return network.eval()


def _forget_kind(series, draw):
    hidden = torch.rand(len(series), generator=draw) < FORGET_KIND
    series = series.clone()
    series[hidden, -len(KINDS) :] = 0
    series[hidden, -1] = 1
    return series
