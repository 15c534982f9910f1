"""The word shown for each identifier, and numbers as officials write them."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.case import COUNTED
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Indicator
from wdp_lib.plan.model import DECIMALS

NONE = "—"
TO_CONFIRM = Text("目标待核实", "target to be confirmed")
JUST = {True: Text("略高于{}", "just above {}"), False: Text("略低于{}", "just below {}")}
LEVELS = {  # an area of each level, and several
    "country": (Text("国家", "country"), Text("国家", "countries")),
    "province": (Text("省", "province"), Text("省", "provinces")),
    "city": (Text("市", "city"), Text("市", "cities")),
    "county": (Text("县", "county"), Text("县", "counties")),
    "district": (Text("区", "district"), Text("区", "districts")),
    "township": (Text("乡镇", "township"), Text("乡镇", "townships")),
    "village": (Text("村", "village"), Text("村", "villages")),
    "": (Text("地区", "area"), Text("地区", "areas")),
}


def number(value: float, unit: str) -> str:
    """Return a value with the decimals its unit is shown with; a missing value is a dash."""
    if value is None or pd.isna(value):
        return NONE
    shown = f"{value:.{DECIMALS.get(unit, 2)}f}"
    return shown.lstrip("-") if float(shown) == 0 else shown


def published(value: float, unit: str) -> str:
    """Return a published value as it stands, with the decimals of its unit or up to two more.

    So 94.96 is not printed as 95.0, and a distance of -0.04 not as 0.0.
    """
    if value is None or pd.isna(value):
        return NONE
    least = DECIMALS.get(unit, 2)
    exact = f"{value:.{least + 2}f}".rstrip("0")
    written = len(exact.partition(".")[2])
    return exact if written > least else number(value, unit)


def quantity(value: float, unit: str, language: str) -> str:
    """Return a value with its unit, e.g. ``16.9/10万活产`` or ``16.9 per 100 000 live births``."""
    text = published(value, unit)
    if text == NONE:
        return text
    name = word("unit", unit, language)
    tight = name.startswith(("%", "/", "‰")) or (language == "zh" and unit != "ratio")
    if unit == "ratio":
        return text
    if name.startswith("每"):
        return f"{name} {text}"
    return f"{text}{name}" if tight else f"{text} {name}"


def distance(value: float, unit: str) -> str:
    """Return a signed difference with one decimal more than its unit, or more so as not to be 0."""
    if value is None or pd.isna(value):
        return NONE
    least = DECIMALS.get(unit, 2)
    for digits in range(least + 1, least + 4):
        if round(value, digits) or not value:
            break
    exact = f"{round(value, digits) + 0.0:+.{digits}f}".rstrip("0")
    shown = exact if len(exact.partition(".")[2]) > least else f"{value + 0.0:+.{least}f}"
    return shown if value else shown.lstrip("+-")


def rounded(value: float, unit: str, language: str) -> str:
    """Return a computed value with the decimals of its unit, and the unit."""
    shown = number(value, unit)
    return shown if shown == NONE else quantity(float(shown), unit, language)


def whole_percent(value: float) -> str:
    """Return a share in whole per cent; one that is neither 0 nor 1 is not rounded onto them."""
    if pd.isna(value):
        return NONE
    per_cent = round(100 * value, 6)
    whole = f"{per_cent:.0f}%"
    if whole not in ("0%", "100%") or per_cent in (0, 100):
        return whole
    return {"0.0%": "<0.1%", "100.0%": ">99.9%"}.get(tenths := f"{per_cent:.1f}%", tenths)


def bracketed(text: str, inner: str, language: str) -> str:
    """Return a text with something in the brackets of the language."""
    return f"{text} ({inner})" if language == "en" else f"{text}（{inner}）"


def probability(value: float, language: str) -> str:
    """Return a probability in whole per cent; the floor and the cap are shown as bounds.

    Where rounding would land on a multiple of five, on which classes may begin, it has a decimal,
    or says on which side of it it lies.
    """
    if value is None or pd.isna(value):
        return NONE
    if value <= 0.02:
        return "≤2%"
    if value >= 0.98:
        return "≥98%"
    exact = round(100 * value, 6)
    for shown in (f"{exact:.0f}", f"{exact:.1f}"):
        if float(shown) % 5 or float(shown) == exact:
            return f"{shown}%"
    return JUST[exact > float(shown)].in_language(language).format(f"{exact:.0f}%")


def near_probability(value: float, language: str) -> str:
    """Return a probability with a decimal where it has one, to be read beside a threshold."""
    whole = probability(value, language)
    return whole if whole.startswith(("≤", "≥", NONE)) else f"{round(100 * value, 1):g}%"


FEW_FOR_A_RATE = 5


def rate_text(part: int, whole: int) -> str:
    """Return a part of a whole with its rate; of fewer than five no rate: 1/1 is not 100 %."""
    counts = f"{part}/{whole}"
    return counts if whole < FEW_FOR_A_RATE else f"{counts} = {100 * part / whole:.1f}%"


def span(lower: float, upper: float, unit: str) -> str:
    """Return an interval as ``lower–upper``; a dash where there is none."""
    if pd.isna(lower) or pd.isna(upper):
        return NONE
    return f"{number(lower, unit)}–{number(upper, unit)}"


def ratio(value: float, lower: float, upper: float) -> str:
    """Return a ratio with its interval, where there is one, in square brackets."""
    if pd.isna(value):
        return NONE
    return f"{value:.2f}" + ("" if pd.isna(lower) else f" [{lower:.2f}–{upper:.2f}]")


def target_words(
    entry: Indicator,
    language: str,
    baseline: float | None = None,
    year: int | None = None,
    line: float | None = None,
) -> str:
    """Return the target of an indicator in words, with the baseline where it starts from it.

    ``line``: what the values are compared with, told where it is not the baseline year's value.
    """
    unit, target = word("unit", entry.unit, language), entry.target
    from_baseline = target.line_from == "baseline" and target.statistic != "slope"
    shown = baseline if from_baseline else None
    if shown is not None and entry.data_kind == "count":
        shown = round(shown)  # of people there are whole ones, also across a change of definition
    written = unit if unit.startswith(("%", "/", "‰")) else ""
    if shown is not None and year is not None and not pd.isna(year):
        written = written.partition("（")[0]  # no bracket in a bracket
        written += f"，{int(year)} 年" if language != "en" else f", {int(year)}"
        if line is not None and entry.data_kind in COUNTED and abs(line - baseline) > 1e-9:
            pooled = rounded(line, entry.unit, language)
            written += {"en": f"; {pooled} with the years around it"}.get(
                language, f"；与前后年份合并为 {pooled}"
            )
    return target.text(language, baseline=shown, unit=written)


def marked_name(entry: Indicator, language: str) -> str:
    """Return the name of an indicator."""
    name = entry.name.in_language(language)
    if entry.target.evidence != "to_confirm":
        return name
    return bracketed(name, TO_CONFIRM.in_language(language), language)
