"""Faults planted in the returns, each once, each with the rule that must find it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.plan import Plan
from wdp_lib.simulate.specification import YEARS, Series

Planted = tuple[pd.DataFrame, list[str]]  # all rows, and the uid of those with the fault
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
        records, uids = KINDS[entry["kind"]](records, chosen, entry["argument"])
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
        raise ParameterError(
            Text(
                f"没有可植入差错的行（{where}）",
                f"There is no row in which to plant a fault ({where})",
            )
        )
    return records.index[hits]


def _write(column: str, new: Callable[[pd.Series, str], str]) -> Callable:
    """Return a fault that changes the text of one column."""

    def fault(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
        records = records.copy()
        records.loc[chosen, column] = [
            new(row, argument) for _, row in records.loc[chosen].iterrows()
        ]
        return records, list(records.loc[chosen, "uid"])

    return fault


def _times(row: pd.Series, factor: str) -> str:
    return f"{float(row['value']) * float(factor):.6g}"


def _plus(row: pd.Series, more: str) -> str:
    return f"{float(row['value']) + float(more):.{_decimals(row['value'])}f}"


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _swap(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
    records = records.copy()
    pair = ["numerator", "denominator"]
    records.loc[chosen, pair] = records.loc[chosen, pair[::-1]].to_numpy()
    return records, list(records.loc[chosen, "uid"])


def _recounted(row: pd.Series, numerator: float, denominator: float = 1.0) -> dict[str, str]:
    """Numerator, denominator and value of a row whose counts are multiplied by two factors."""
    n = round(float(row["numerator"]) * numerator)
    d = round(float(row["denominator"]) * denominator) if row["denominator"] else None
    value = n if d is None else n / d * row["multiplier"]
    return {
        "numerator": str(n),
        "denominator": "" if d is None else str(d),
        "value": f"{value:.{_decimals(row['value'])}f}",
    }


def _counts(change: Callable[[pd.Series, float], dict[str, str]]) -> Callable:
    """Return a fault that changes the counts and, with them, the value."""

    def fault(records: pd.DataFrame, chosen: pd.Index, factor: str) -> Planted:
        records = records.copy()
        for k in chosen:
            for column, text in change(records.loc[k], float(factor)).items():
                records.loc[k, column] = text
        return records, list(records.loc[chosen, "uid"])

    return fault


def _again(change: Callable[[pd.Series, str], dict[str, str]]) -> Callable:
    """Return a fault that writes a row a second time, changed or not."""

    def fault(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
        second = pd.DataFrame(
            [
                {**row, **change(row, argument), "uid": row["uid"] + "+"}
                for _, row in records.loc[chosen].iterrows()
            ]
        )
        second.index = chosen
        both = pd.concat([records, second]).sort_index(kind="stable").reset_index(drop=True)
        return both, list(second["uid"])

    return fault


def _contradicted(records: pd.DataFrame, chosen: pd.Index, factor: str) -> Planted:
    """Write a second row of the same day with another value; neither can then be used."""
    records, second = _again(lambda row, by: _recounted(row, float(by)))(records, chosen, factor)
    return records, [*(uid.removesuffix("+") for uid in second), *second]


def _revised(row: pd.Series, argument: str) -> dict[str, str]:
    factor, day = argument.split("@")
    return {**_recounted(row, float(factor)), "as_of": _next_year(row, day)}


def _next_year(row: pd.Series, day: str) -> str:
    return f"{row['order_year'] + 1}-{day}"


def _copied(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
    """Repeat the figures of the year chosen in the following years."""
    records, uids = records.copy(), list(records.loc[chosen, "uid"])
    key = ["indicator", "area", "sex", "residence"]
    for k in chosen:
        same = (records[key] == records.loc[k, key]).all(axis=1)
        later = same & (records["order_year"] - records.loc[k, "order_year"]).between(
            1, int(argument)
        )
        columns = ["value", "numerator", "denominator"]
        records.loc[later, columns] = list(records.loc[k, columns])
        uids += list(records.loc[later, "uid"])
    return records, uids


def _as_it_is(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
    """Change nothing: the path of the truth itself is what the rule must find."""
    return records, list(records.loc[chosen, "uid"])


def _left_out(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
    return records.drop(index=chosen).reset_index(drop=True), []


def _emptied(records: pd.DataFrame, chosen: pd.Index, argument: str) -> Planted:
    records = records.copy()
    records.loc[chosen, ["value", "numerator", "denominator"]] = ""
    return records, list(records.loc[chosen, "uid"])


KINDS = {
    "decimal_point_lost": _write("value", _times),
    "unit_slip": _write("value", _times),
    "swapped_counts": _swap,
    "value_not_ratio": _write("value", _plus),
    "text_in_number": _write("value", lambda row, word: word + row["value"]),
    "full_width": _write("value", lambda row, sign: row["value"].translate(_FULL_WIDTH) + sign),
    "duplicate": _again(lambda row, argument: {}),
    "conflict": _contradicted,
    "revision": _again(_revised),
    "unknown_indicator": _write("indicator", lambda row, word: word),
    "unknown_area": _write("area", lambda row, word: word),
    "impossible_year": _write("year", lambda row, word: word),
    "wrong_unit": _write("unit", lambda row, word: word),
    "copied": _copied,
    "parts_not_total": _counts(lambda row, factor: _recounted(row, factor, factor)),
    "jump": _counts(_recounted),
    "real_jump": _as_it_is,
    "missing_value": _emptied,
    "missing_year": _left_out,
    "late": _write("as_of", _next_year),
    "not_yet_known": _write("as_of", _next_year),
}
