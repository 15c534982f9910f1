"""The edition of a study: what its readers may see, and what they are told of the rest.

Everything but the official words is made from the data that the edition shows, so that no table,
sentence or picture can hold what it hides. Where a target stands is said by those who see all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.data.record_contracts import RecordContract
from wdp_lib.disclosure import INTERNAL, edited, load_rule, masked, reader
from wdp_lib.disclosure.edition import NOT_SHOWN, SUPPRESSED
from wdp_lib.evaluation.archive import ArchivedRound
from wdp_lib.study.store import Store, shared_store

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

_LINES = ("target_lower", "target_upper")
# what is said of a target although its figures are hidden: its words, and what the plan itself says
_OFFICIAL = (
    *("target_kind", *_LINES, "target_year", "evidence", "state"),
    *("state_reason", "standing", "standing_by", "simulated"),
)
_UNTOLD = {"state": "not_assessable", "state_reason": SUPPRESSED}
_NO_VALUE = ("no_data", "no_area_values", "no_forecast", "other_group_missing", "counts_missing")

_FREE = frozenset({"text", "evidence", "answer", "note", "why"})  # of records


def edition_of(study: Study, edition: str, identity: dict[str, Any], files: list) -> Study:
    """Return the study as readers of an edition see it; the internal one is the study itself."""
    if edition == INTERNAL:
        return study
    rule, unit = load_rule(study.home), reader(study.plan, edition)
    name = f"hidden-{unit}" if unit else "hidden"
    made = study.store.frames(name, lambda: {"table": masked(study.data, study.plan, rule, unit)})
    seen = edited(study.data, study.plan, made["table"], unit)
    store: Store = shared_store(identity | {"edition": unit or edition}, files)
    return replace(
        study,
        data=seen.data,
        store=store,
        edition=unit or edition,
        internal=study,
        closed=seen.closed,
        touched=seen.touched,
        results={},
    )


def explained(study: Any, table: pd.DataFrame) -> pd.DataFrame:
    """Say of what an edition hides that it is hidden, instead of that there is nothing."""
    if not study.touched or not {"indicator", "reason"} <= set(table.columns):
        return table
    hidden = table["indicator"].isin(study.touched) & table["reason"].isin(_NO_VALUE)
    return table.assign(reason=table["reason"].mask(hidden, SUPPRESSED)) if hidden.any() else table


def official(risks: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Return the risks of an edition: of hidden figures the words of those who see them.

    Not the words either, where they would tell which of the possible counts it is; and no class of
    a forecast: with program and seed at hand anybody could try which hidden counts give it.
    """
    if study.internal is None or not study.closed:
        return risks
    whole = study.internal.risks.set_index("indicator").reindex(risks["indicator"])
    closed = risks["indicator"].isin(study.closed).to_numpy()
    threshold = load_rule(study.home).threshold
    telling = np.array([_tells(row, study.plan, threshold) for row in whole.itertuples()])
    made = risks.copy()
    for name in made.select_dtypes("number"):
        made[name] = made[name].mask(closed, 0 if name == "n" else pd.NA)
    for name in _OFFICIAL:
        made[name] = made[name].mask(closed, whole[name].to_numpy())
    for name in _LINES:
        made[name] = made[name].mask(closed & _drawn(risks["indicator"], study.plan))
    made["risk"] = made["risk"].mask(closed, "not_graded")
    for name, untold in _UNTOLD.items():
        made[name] = made[name].mask(closed & telling, untold)
    judged = made["standing"] != ""
    made["standing"] = made["standing"].mask(closed & telling & judged, "not_assessable")
    made["standing_by"] = made["standing_by"].mask(closed & telling, "")
    made["reason"] = made["reason"].mask(closed, SUPPRESSED)
    return conform(made, RISKS)


def official_warnings(table: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Return the warnings of an edition: of hidden figures the rule and level, without figures.

    None where the words of the target are withheld as well, and none by a forecast.
    """
    if study.internal is None or not study.closed:
        return table
    said = study.risks[study.risks["state_reason"] != SUPPRESSED]["indicator"]
    whole = study.internal.warnings
    whole = whole[whole["indicator"].isin(study.closed & set(said))]
    whole = whole[whole["rule"] != "probability_of_missing"].copy()
    for name in whole.select_dtypes("number"):
        whole[name] = whole[name].mask(whole["indicator"].notna())
    made = pd.concat([table[~table["indicator"].isin(study.closed)], whole], ignore_index=True)
    order = {one.id: place for place, one in enumerate(study.plan.indicators)}
    return made.sort_values("indicator", key=lambda c: c.map(order), kind="stable").reset_index(
        drop=True
    )


def _drawn(indicators: pd.Series, plan: Any) -> np.ndarray:
    """Whether the line of a target is itself a figure: what it was, or what others have.

    It may be of several years together, and so tell the sum of what is hidden in each.
    """
    return np.array([not plan.indicator(name).target.is_number for name in indicators], dtype=bool)


def _tells(row: Any, plan: Any, threshold: int) -> bool:
    """Whether the line of a target lies between counts that are all hidden."""
    scale = plan.indicator(row.Index).multiplier
    if not scale or not row.denominator > 0:
        return False
    few = np.arange(1, threshold)
    for counts in (few, row.denominator - few):
        values = counts * scale / row.denominator
        inside = (values >= np.nan_to_num(row.target_lower, nan=-np.inf)) & (
            values <= np.nan_to_num(row.target_upper, nan=np.inf)
        )
        if inside.any() and not inside.all():
            return True
    return False


def earlier_of(study: Any, then: ArchivedRound | None) -> ArchivedRound | None:
    """Return an archived round without the figures of what the edition hides; its words stay."""
    if then is None or not study.closed:
        return then
    closed = then.risks["indicator"].isin(study.closed)
    numbers = [name for name in then.risks.select_dtypes("number") if name not in _OFFICIAL]
    risks = then.risks.assign(**{n: then.risks[n].mask(closed) for n in numbers})
    drawn = closed & _drawn(risks["indicator"], study.plan)
    risks = risks.assign(**{name: risks[name].mask(drawn) for name in _LINES})
    forecasts = then.forecasts[~then.forecasts["indicator"].isin(study.closed)]
    return replace(then, risks=risks, forecasts=forecasts.reset_index(drop=True))


def records_of(study: Any, contract: RecordContract, rows: pd.DataFrame) -> pd.DataFrame:
    """Return records without what people wrote down freely, and without figures of hidden cells.

    What nobody can look through is not shown: a text is replaced by words that say so.
    """
    if study.internal is None:
        return rows
    kinds = {column.name: column.kind for column in contract.columns}
    if "indicator" in kinds and {"value", "reported"} & set(kinds):
        rows = rows[~rows["indicator"].isin(study.touched)].reset_index(drop=True)
    made = rows.copy()
    words = NOT_SHOWN.in_language(study.language)
    for name in _FREE & set(made.columns):
        made[name] = made[name].mask(made[name] != "", words)
    if "indicator" in kinds:
        hidden = made["indicator"].isin(study.touched)
        for name in (name for name, kind in kinds.items() if kind == "number"):
            made[name] = made[name].mask(hidden)
    return made
