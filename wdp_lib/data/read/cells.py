"""What the text of a cell means: numbers, years, dates, words, names; and what is wrong with it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.core.words import code_name
from wdp_lib.data.read.words import codes, fold

EMPTY = Text("空单元格", "an empty cell")
FIRST_YEAR, LAST_YEAR = 1949, 2100
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SIMPLE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")  # most cells
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_AGES = re.compile(r"(\d{1,3})[-–—~至](\d{1,3})岁?|(\d{1,3})(?:\+|岁及以上|岁以上|及以上)")
_NUMBER = Text(
    "数字（如 95.3）；没有数据时留空",
    "a number such as 95.3, or an empty cell where there is no figure",
)


class Reading(NamedTuple):
    """What one text means.

    Parameters
    ----------
    value : object
        Its meaning; ``None`` when it has none.
    rule : str
        Identifier of the broken rule; ``""`` when nothing is wrong.
    expected, advice : Text or None
        As in `wdp_lib.core.errors.Problem`.
    severity : {"reject", "warn"}
        As there.
    """

    value: object
    rule: str = ""
    expected: Text | None = None
    advice: Text | None = None
    severity: str = "reject"


class Number(NamedTuple):
    """A number as written: its value, its decimals and a percent or per-mille sign after it."""

    value: float
    decimals: int
    sign: str = ""


def read_column(
    table: pd.DataFrame, column: str, read: Callable[[str], Reading]
) -> tuple[pd.Series, list[Problem]]:
    """Return the meaning of each cell of a text column and a problem for each cell at fault.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with ``file``, ``row`` and the column as text.
    column : str
        The column.
    read : callable
        What one text means; called once for each different text.
    """
    number, texts = pd.factorize(table[column])
    readings = [read(text) for text in texts]
    meanings = np.empty(len(readings), dtype=object)
    for place, reading in enumerate(readings):
        meanings[place] = reading.value
    values = pd.Series(meanings[number], table.index, dtype=object)
    wrong = np.array([bool(reading.rule) for reading in readings], dtype=bool)
    if not wrong.any():
        return values, []
    hits = table.loc[wrong[number], ["file", "row", column]]
    return values, [
        Problem(r.rule, file, int(row), column, text or EMPTY, r.expected, r.advice, r.severity)
        for (file, row, text), place in zip(
            hits.itertuples(index=False), number[wrong[number]], strict=True
        )
        for r in (readings[place],)
    ]


def read_number(text: str) -> Reading:
    """Return a `Number`, or ``None`` for an empty cell.

    Full-width forms and thousands separators are put right.
    """
    if not text:
        return Reading(None)
    if _SIMPLE.fullmatch(text):
        return Reading(Number(float(text), len(text.partition(".")[2])))
    half = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    sign = half[-1] if half[-1:] in ("%", "‰") else ""
    body = half.removesuffix(sign).strip()
    grouped = _GROUPED.fullmatch(body) is not None
    body = body.replace(",", "") if grouped else body
    if not _PLAIN.fullmatch(body) or pd.isna(float(body)) or abs(float(body)) == float("inf"):
        return Reading(None, "text_in_number", _NUMBER, _number_advice(text))
    number = Number(float(body), _decimals(body), sign)
    if half != text:
        expected = Text(f"半角数字（{half}）", f"half-width characters ({half})")
        return Reading(number, "full_width", expected, _read_as(half), "warn")
    if grouped:
        expected = Text(
            f"不带千位分隔符的数字（{body}）", f"a number without thousands separators ({body})"
        )
        return Reading(number, "thousands_separator", expected, _read_as(body), "warn")
    return Reading(number)


def _decimals(body: str) -> int:
    mantissa, _, exponent = body.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def _read_as(text: str) -> Text:
    return Text(f"已按 {text} 读入，请核对。", f"It was read as {text}: check it.")


def _number_advice(text: str) -> Text:
    if re.fullmatch(r"[-—–―…⋯.·/\\无缺]+|n/?a|nan|null|none", text, re.IGNORECASE):
        return Text(
            "没有数据请把单元格留空；确为零请填 0。",
            "Leave the cell empty if there is no figure; write 0 if it is zero.",
        )
    if re.match(r"[约近逾超大]|>|<|≥|≤|＞|＜|~|～", text) or text.endswith(
        ("左右", "以上", "以下", "余", "多")
    ):
        return Text(
            "请填写准确数字；如为估计数，请只填数字，并在“状态”列写“估计”。",
            "Write the exact figure; for an estimate write the number only "
            "and 'estimated' in the column status.",
        )
    return Text(
        "请只填数字，文字说明请移到“备注”列。",
        "Write the number only; move any remark to the column note.",
    )


def read_year(text: str) -> Reading:
    """Return the year; ``2023年``, ``２０２３`` and ``2023.0`` are understood."""
    half = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    expected = Text(
        f"四位年份（{FIRST_YEAR}—{LAST_YEAR}）", f"a year of four digits ({FIRST_YEAR}-{LAST_YEAR})"
    )
    year = half.removesuffix("年")
    if not re.fullmatch(r"\d{4}", year) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return Reading(None, "bad_year", expected, Text("请改正年份。", "Correct the year."))
    if year != text.removesuffix(".0"):
        return Reading(int(year), "full_width", expected, _read_as(year), "warn")
    return Reading(int(year))


def read_date(text: str) -> Reading:
    """Return the date as ``YYYY-MM-DD``.

    Year-month-day in other spellings is understood with a warning.
    """
    expected = Text(
        "日期（年-月-日，如 2024-03-15）", "a date written year-month-day, such as 2024-03-15"
    )
    half = unicodedata.normalize("NFKC", text).strip()
    match = _DATE.fullmatch(half) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", half)
    try:
        iso = datetime.date(*(int(part) for part in match.groups())).isoformat() if match else None
    except ValueError:
        iso = None
    if iso is None:
        return Reading(None, "bad_date", expected, _date_advice(half))
    if iso != text:
        return Reading(iso, "date_not_iso", expected, _read_as(iso), "warn")
    return Reading(iso)


def _date_advice(text: str) -> Text:
    if re.fullmatch(r"[34]\d{4}", text):  # days since 1899-12-30, as Excel counts them
        day = (datetime.date(1899, 12, 30) + datetime.timedelta(int(text))).isoformat()
        return Text(
            f"这像是 Excel 的日期序号，是否为 {day}？请把单元格设为文本后填写。",
            f"It looks like Excel's number of the day {day}: "
            "set the cell to text and write the date.",
        )
    return Text(
        "请按“年-月-日”填写该数最早可知的日期。", "Write the day from which the figure was known."
    )


def read_word(topic: str, default: str | None) -> Callable[[str], Reading]:
    """Return a reader of the words of one topic.

    Parameters
    ----------
    topic : str
        What the words speak of: a topic of the vocabulary.
    default : str or None
        Meaning of an empty cell; ``None``: it may not be empty.
    """
    known = codes(topic)
    listed = sorted({code for found in known.values() for code in found})
    zh = "、".join(f"{code_name(topic, code).zh}（{code}）" for code in listed)
    expected = Text(f"{zh} 之一", f"one of {', '.join(listed)}")

    def read(text: str) -> Reading:
        if not text and default is not None:
            return Reading(default)
        found = known.get(fold(text))
        if found is None:
            return Reading(
                None,
                f"unknown_{topic}",
                expected,
                Text("请改用规定的写法。", "Use one of these words."),
            )
        return Reading(next(iter(found)))

    return read


def read_age_group(known: set[str]) -> Callable[[str], Reading]:
    """Return a reader of age groups: ``all``, ``15-49``, ``65+`` or a name the plan uses."""
    expected = Text(
        "“合计”，或 15-49、65+ 这样的年龄组", "'all', or an age group such as 15-49 or 65+"
    )

    def read(text: str) -> Reading:
        half = unicodedata.normalize("NFKC", text).replace(" ", "")
        if not text or half in known:
            return Reading(half)
        if half.casefold() in ("all", "合计", "全部", "总计", "全年龄"):
            return Reading("all")
        match = _AGES.fullmatch(half)
        if match is None:
            return Reading(
                None,
                "unknown_age_group",
                expected,
                Text("请改用规定的写法。", "Use one of these forms."),
            )
        low, high, open_ended = match.groups()
        return Reading(f"{int(open_ended)}+" if open_ended else f"{int(low)}-{int(high)}")

    return read


def read_name(
    known: dict[str, str], rule: str, expected: Text, listed: list[str]
) -> Callable[[str], Reading]:
    """Return a reader of names.

    Parameters
    ----------
    known : dict of str to str
        Identifier by folded name.
    rule : str
        Rule an unknown name breaks.
    expected : Text
        What stands there otherwise.
    listed : list of str
        Names to suggest from.
    """

    def read(text: str) -> Reading:
        found = known.get(fold(text))
        if found is not None:
            return Reading(found)
        advice = suggestion(text, listed) if text else Text("请填写。", "Fill it in.")
        return Reading(None, rule, expected, advice)

    return read
