"""What of the tables of a study is shown, and by which name."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.risks import class_probability
from wdp_lib.assessment.scheme import CLASSES, GRADES
from wdp_lib.backtesting import BackTest
from wdp_lib.core.errors import Text
from wdp_lib.forecasting import MODELS
from wdp_lib.plan import Plan
from wdp_lib.publish.context import Context

RULES = {
    "growth_ratio": Text("官方增速比（0.95）", "official ratio of growth rates (0.95)"),
    "always_no": Text("一律答“不能达标”", "always answering no"),
}


def domains(plan: Plan, indicators: pd.Series) -> pd.Series:
    """Return the domain of each indicator: that of its first goal."""
    of_goal = {goal.id: goal.domain for goal in plan.goals}
    return indicators.map({i.id: of_goal[i.goals[0]] for i in plan.indicators})


def forecast_targets(plan: Plan, forecasts: pd.DataFrame) -> list[str]:
    """Return the indicators that have a number as target and a forecast."""
    made = forecasts["value"].notna() & (forecasts["area"] == plan.area)
    known = set(forecasts.loc[made, "indicator"])
    return [i.id for i in plan.indicators if i.target.is_number and i.id in known]


def hardest(risks: pd.DataFrame, most: int) -> list[str]:
    """Return the indicators with a warning in the order of class, then of their probability."""
    graded = risks[risks["risk"].isin(GRADES) & (risks["evidence"] == "confirmed")]
    order = graded["risk"].map({name: place for place, name in enumerate(CLASSES)})
    graded = graded.assign(_order=order, _p=class_probability(graded))
    graded = graded.sort_values(["_order", "_p"], kind="stable")
    return list(graded["indicator"].head(most))


def problem_frame(dataset) -> pd.DataFrame:
    """Return every problem of a data set as a table: rule, severity, place, message."""
    columns = ["rule", "severity", "file", "row", "column"]
    found = [
        (*(getattr(p, name) for name in columns), p.message("zh"), p.message("en"))
        for p in dataset.problems
    ]
    table = pd.DataFrame(found, columns=[*columns, "message_zh", "message_en"])
    return table.assign(column=table["column"].fillna("")).astype({"row": "Int64"})


def model_name(model: str, context: Context) -> str:
    """Return the name of a model or rule of a back-test."""
    if model in MODELS:
        return context.text(MODELS[model].title)
    return context.text(RULES[model]) if model in RULES else context.word("model", model)


def bands_of(test: BackTest, model: str = "") -> pd.DataFrame:
    """Return the bands of a model, by default of the one that reports use."""
    own = (test.reliability["model"] == (model or test.model)) & (test.reliability["horizon"] == 0)
    return test.reliability[own]
