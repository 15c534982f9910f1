"""Which rows of a back-test a view shows."""

from __future__ import annotations

import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.core.errors import Text
from wdp_lib.forecasting import MODELS
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import NONE
from wdp_lib.publish.views.rows import rows

RULES = {
    "growth_ratio": Text("官方增速比（0.95）", "official ratio of growth rates (0.95)"),
    "always_no": Text("一律答“不能达标”", "always answering no"),
}
SAMPLED = Text(
    "{0}只拟合了随机抽取的历史片段，得到 {1} 段的预测。",
    "{0}: fitted to a random sample of histories, {1} of which gave a forecast.",
)
FEW = Text("案例过少，不给数值", "too few cases for a figure")


@rows("models")
def _backtest(test: BackTest, context: Context) -> pd.DataFrame:
    chances = test.targets.loc[test.targets["horizon"] == 0]
    chances = chances[["model", "brier", "brier_climatology"]]
    table = test.scores[test.scores["horizon"] == 0].merge(chances, on="model", how="left")
    table = table.assign(method=[model_name(name, context) for name in table["model"]])
    said = [
        context.text(SAMPLED).format(model_name(name, context), n)
        for name, n in test.sampled.items()
    ]
    longest = NONE if test.scores.empty else int(test.scores["horizon"].max())
    table.attrs = {"longest": longest, "sampled": " ".join(said)}
    return table


@rows("horizons")
def _horizons(test: BackTest, context: Context) -> pd.DataFrame:
    """A line with too few cases says so and gives no figure."""
    own = test.scores[(test.scores["model"] == test.model) & (test.scores["horizon"] > 0)]
    few = own["reason"].ne("")
    table = own.assign(
        wis_ratio=own["wis_ratio"].mask(few),
        few=few.map({True: context.text(FEW), False: ""}),
    )
    table.attrs = {"method": model_name(test.model, context)}
    return table


@rows("reliability")
def bands_of(test: BackTest, context: Context) -> pd.DataFrame:
    """Return the bands of the model that reports use."""
    own = (test.reliability["model"] == test.model) & (test.reliability["horizon"] == 0)
    table = test.reliability[own]
    table.attrs = {"method": model_name(test.model, context)}
    return table


@rows("on_track")
def _on_track(test: BackTest, context: Context) -> pd.DataFrame:
    table = test.on_track[test.on_track["horizon"] == 0]
    return table.assign(method=[model_name(name, context) for name in table["rule"]])


def model_name(model: str, context: Context) -> str:
    """Return the name of a model or rule of a back-test."""
    if model in MODELS:
        return context.text(MODELS[model].title)
    return context.text(RULES[model]) if model in RULES else context.word("model", model)
