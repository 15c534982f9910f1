"""Faults planted in the returns, each once, each with the rule that must find it."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import ParameterError
from wdp_lib.plan import Plan
from wdp_lib.simulate.specification import YEARS, Series

_FIGURES = ["value", "numerator", "denominator"]
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


def plant_faults(
    records: pd.DataFrame, plants: pd.DataFrame, plan: Plan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with the faults in them, and the list of the faults."""
    records = records.assign(uid=[str(k) for k in range(len(records))], true_area=records["area"])
    listed = []
    for entry in plants.to_dict("records"):
        chosen = _chosen(records, entry, plan)
        before = records.set_index("uid")[entry["column"] or "value"]
        records, uids = _planted(records, chosen, entry["kind"], entry["argument"])
        for uid in uids or [""]:
            was = before.get(uid.partition("+")[0], "")
            listed.append({**entry, "uid": uid, "written_before": was})
    return records, pd.DataFrame(listed)


def habits(records: pd.DataFrame, series: tuple[Series, ...]) -> pd.DataFrame:
    """Return what departments do year after year: never return, stop returning, count twice."""
    listed = []
    for number, one in enumerate((s for s in series if _habit(s)), 1):
        name, kind = one.indicator.id, _habit(one)
        entry = {
            "plant": f"H{number:02}",
            "indicator": name,
            **dict.fromkeys(("area", "sex", "residence", "uid"), ""),
        }
        entry |= {"column": "value", "severity": "warn", "corrected": "", "written_before": ""}
        if kind != "revision":
            year, rule = (
                ("2023", "missing_latest") if kind == "stale" else (str(YEARS[0]), "no_data")
            )
            listed.append({**entry, "kind": kind, "year": year, "rule": rule})
            continue
        rows = records[(records["indicator"] == name)]
        first = rows[rows["status"] == "provisional"].set_index("order_year")["value"]
        for row in rows[rows["status"] == "final"].itertuples():
            found = {"kind": kind, "rule": kind, "year": str(row.order_year), "uid": row.uid}
            listed.append({**entry, **found, "written_before": first[row.order_year]})
    return pd.DataFrame(listed)


def _habit(series: Series) -> str:
    if series.status == "provisional":
        return "revision"
    return {"none": "never_returned", "until_2022": "stale"}.get(series.years, "")


def _chosen(records: pd.DataFrame, entry: dict[str, str], plan: Plan) -> pd.Index:
    indicator = plan.indicator(entry["indicator"])
    wanted = {
        "area": entry["area"] or plan.area,
        "sex": entry["sex"] or indicator.sex,
        "residence": entry["residence"] or indicator.residence,
    }
    hits = (records["indicator"] == indicator.id) & (records["order_year"] == int(entry["year"]))
    for column, word in wanted.items():
        if word != "*":
            hits &= records[column] == word
    if not hits.any():
        where = f"{entry['plant']}: {indicator.id}, {wanted['area']}, {entry['year']}"
        raise ParameterError.of(
            f"没有可植入差错的行（{where}）", f"There is no row in which to plant a fault ({where})"
        )
    return records.index[hits]


def _planted(
    records: pd.DataFrame, chosen: pd.Index, kind: str, argument: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return all rows, and the ``uid`` of those with the fault."""
    uids = list(records.loc[chosen, "uid"])
    if kind == "missing_year":
        return records.drop(index=chosen).reset_index(drop=True), []
    if kind == "copied":
        return _copied(records, chosen, int(argument))
    changed = [(k, CHANGES[kind](records.loc[k], argument)) for k in chosen]
    if kind not in WRITTEN_AGAIN:
        records = records.copy()
        for k, texts in changed:
            records.loc[k, list(texts)] = list(texts.values())
        return records, uids
    second = [
        {**records.loc[k], **texts, "uid": records.loc[k, "uid"] + "+"} for k, texts in changed
    ]
    records = pd.concat([records, pd.DataFrame(second, index=chosen)])
    again = [row["uid"] for row in second]
    # of two values of the same day neither can be used
    found = uids + again if kind == "conflict" else again
    return records.sort_index(kind="stable").reset_index(drop=True), found


def _copied(records: pd.DataFrame, chosen: pd.Index, years: int) -> tuple[pd.DataFrame, list[str]]:
    """Repeat the figures of the year chosen in the following years."""
    records, uids = records.copy(), list(records.loc[chosen, "uid"])
    key = ["indicator", "area", "sex", "residence"]
    for k in chosen:
        same = (records[key] == records.loc[k, key]).all(axis=1)
        later = same & (records["order_year"] - records.loc[k, "order_year"]).between(1, years)
        records.loc[later, _FIGURES] = list(records.loc[k, _FIGURES])
        uids += list(records.loc[later, "uid"])
    return records, uids


def _recounted(row: pd.Series, numerator: float, denominator: float = 1.0) -> dict[str, str]:
    """Numerator, denominator and value of a row whose counts are multiplied by two factors."""
    n = round(float(row["numerator"]) * numerator)
    d = round(float(row["denominator"]) * denominator) if row["denominator"] else None
    value = n if d is None else n / d * row["multiplier"]
    return {
        "numerator": str(n),
        "denominator": "" if d is None else str(d),
        "value": f"{value:.{_decimals(row)}f}",
    }


def _decimals(row: pd.Series) -> int:
    return len(row["value"].partition(".")[2])


def _times(row: pd.Series, factor: str) -> dict[str, str]:
    return {"value": f"{float(row['value']) * float(factor):.6g}"}


def _next_year(row: pd.Series, day: str) -> dict[str, str]:
    return {"as_of": f"{row['order_year'] + 1}-{day}"}


def _revised(row: pd.Series, argument: str) -> dict[str, str]:
    factor, day = argument.split("@")
    return {**_recounted(row, float(factor)), **_next_year(row, day)}


WRITTEN_AGAIN = ("duplicate", "conflict", "revision")
# what a fault writes into a row, or into the row written a second time
CHANGES = {
    "decimal_point_lost": _times,
    "unit_slip": _times,
    "swapped_counts": lambda row, _: {
        "numerator": row["denominator"],
        "denominator": row["numerator"],
    },
    "value_not_ratio": lambda row, more: {
        "value": f"{float(row['value']) + float(more):.{_decimals(row)}f}"
    },
    "text_in_number": lambda row, word: {"value": word + row["value"]},
    "full_width": lambda row, sign: {"value": row["value"].translate(_FULL_WIDTH) + sign},
    "duplicate": lambda row, _: {},
    "conflict": lambda row, factor: _recounted(row, float(factor)),
    "revision": _revised,
    "unknown_indicator": lambda row, word: {"indicator": word},
    "unknown_area": lambda row, word: {"area": word},
    "impossible_year": lambda row, word: {"year": word},
    "wrong_unit": lambda row, word: {"unit": word},
    "parts_not_total": lambda row, factor: _recounted(row, float(factor), float(factor)),
    "jump": lambda row, factor: _recounted(row, float(factor)),
    "real_jump": lambda row, _: {},  # the path of the truth itself is what the rule must find
    "missing_value": lambda row, _: dict.fromkeys(_FIGURES, ""),
    "late": _next_year,
    "not_yet_known": _next_year,
}
