"""A target is a range: every wording of a plan, reduced once to the values that meet it.

This is the only place that knows the kinds of target. Everything else asks a `Target` for its
`Range`, for the ``statistic`` the range speaks of and for the direction in which improvement lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError, Text, suggestion


@dataclass(frozen=True)
class Range:
    """The values that meet a target, in the unit of the indicator.

    Raises `ParameterError` when an edge is not a number or the edges are crossed.
    """

    # lower, upper: edges; an infinite edge cannot be crossed
    lower: float = -math.inf
    upper: float = math.inf
    # lower_open, upper_open: whether the value exactly on the edge misses the target
    lower_open: bool = False
    upper_open: bool = False

    def __post_init__(self):
        if not self.lower <= self.upper:
            found = f"{_number(self.lower)}, {_number(self.upper)}"
            raise ParameterError.of(
                f"区间的下限须不大于上限，现为 {found}。",
                f"The lower edge must not exceed the upper: {found}.",
            )

    def contains(self, x: Any) -> Any:
        """Return whether each value meets the target, as it is, without rounding.

        Of the shape of ``x`` (number, array or series); ``False`` where the value is missing. On an
        edge, closed or open decides.
        """
        x = _values(x)
        above = x > self.lower if self.lower_open else x >= self.lower
        below = x < self.upper if self.upper_open else x <= self.upper
        inside = above & below
        return bool(inside) if np.ndim(inside) == 0 else inside

    def margin(self, x: Any) -> Any:
        """Return the distance to the nearest edge that can be crossed, positive inside.

        Of the shape of ``x``, in its unit; missing where the value is missing, infinite without an
        edge. On an edge it is 0, closed or open; whether such a value meets the target is for
        `contains` to say.
        """
        x = _values(x)
        margin = x * 0.0 + math.inf
        if math.isfinite(self.lower):
            margin = np.minimum(margin, x - self.lower)
        if math.isfinite(self.upper):
            margin = np.minimum(margin, self.upper - x)
        return float(margin) if np.ndim(margin) == 0 else margin

    @property
    def two_sided(self) -> bool:
        """Whether the target can be missed on both sides."""
        return math.isfinite(self.lower) and math.isfinite(self.upper)


@dataclass(frozen=True)
class Kind:
    """What one kind of target means."""

    # {"value", "baseline", "reference", ""}: where the line that must not be crossed comes from;
    # ``""``: there is none
    line: str
    improving: int  # +1: more of the statistic is better, -1: less is better, 0: neither
    # short wording; ``{line}`` stands for the number of the plan, ``{slack}`` for the tolerance
    words: Text
    strict: bool = False  # whether the value exactly on the line misses the target
    slack: str = ""  # {"", "allowed", "needed"}: whether the kind has a tolerance
    # {"level", "slope", "magnitude", "lowest_area"}: of what the line speaks
    statistic: str = "level"
    every_year: bool = False  # whether each year is meant, not only the last
    # {"", "points", "share"}: how the number of the plan moves the line: by so much in the unit, or
    # by a share of it
    by: str = ""


KINDS = {
    "at_least": Kind("value", +1, Text("≥ {line}", "≥ {line}")),
    "at_most": Kind("value", -1, Text("≤ {line}", "≤ {line}")),
    "more_than": Kind("value", +1, Text("> {line}", "> {line}"), strict=True),
    "less_than": Kind("value", -1, Text("< {line}", "< {line}"), strict=True),
    "around": Kind("value", 0, Text("{line} ± {slack}", "{line} ± {slack}"), slack="needed"),
    "rise": Kind("baseline", +1, Text("高于基期", "above the baseline"), strict=True),
    "fall": Kind("baseline", -1, Text("低于基期", "below the baseline"), strict=True),
    "rise_by": Kind(
        "baseline", +1, Text("比基期提高 {line}以上", "{line} above the baseline"), by="points"
    ),
    "fall_by": Kind(
        "baseline", -1, Text("比基期下降 {line}以上", "{line} below the baseline"), by="points"
    ),
    "rise_by_share": Kind(
        "baseline", +1, Text("比基期提高 {line}以上", "{line} above the baseline"), by="share"
    ),
    "fall_by_share": Kind(
        "baseline", -1, Text("比基期下降 {line}以上", "{line} below the baseline"), by="share"
    ),
    "slower_growth": Kind(
        "baseline",
        -1,
        Text("年均增幅小于基期以前", "yearly growth below that before the baseline"),
        strict=True,
        statistic="slope",
    ),
    "narrow_gap": Kind(
        "baseline",
        -1,
        Text("差距小于基期", "gap smaller than at the baseline"),
        strict=True,
        statistic="magnitude",
    ),
    "full_coverage": Kind("value", +1, Text("全覆盖（≥ {line}）", "full coverage (≥ {line})")),
    "hold": Kind("value", +1, Text("≥ {line}", "≥ {line}"), every_year=True),
    "relative": Kind(
        "reference",
        +1,
        Text("不低于参照指标", "not below the reference indicator"),
        slack="allowed",
    ),
    "every_area": Kind(
        "value",
        +1,
        Text("各地区均 ≥ {line}", "≥ {line} in every area"),
        statistic="lowest_area",
        every_year=True,
    ),
    "monitor_only": Kind("", 0, Text("仅监测，不设目标", "monitored only, no target")),
}


@dataclass(frozen=True)
class Target:
    """What the plan wants of one indicator.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    value : float, optional
        The number of the target, in the unit of the indicator.
    tolerance : float, optional
        How far off still meets it: on both sides (``around``) or below the reference
        (``relative``).
    tolerance_origin : {"", "stated", "suggested", "confirmed"}
        Who set the tolerance.
    every_year : bool
        Whether each year must meet the target, not only the last; always so for ``hold`` and
        ``every_area``.
    reference : str
        Identifier of the reference indicator, ``""`` where there is none.
    year : int, optional
        Year the target is for.
    evidence : {"confirmed", "to_confirm"}
        Whether the wording was seen in an authoritative text.
    wording, second_line : Text
        Words of the plan; a second number of the plan that is shown but not judged by.
    source, source_address : str
        Title and address of the text that holds the target.
    milestones : tuple of (int, float)
        Numbers the plan sets for earlier years.
    lower_limit, upper_limit : float, optional
        Natural limits of the indicator: what stands at one of them cannot improve beyond it.

    Raises
    ------
    ParameterError
        When there is no such kind, or the kind lacks its value or tolerance.
    """

    kind: str
    value: float | None = None
    tolerance: float | None = None
    tolerance_origin: str = ""
    every_year: bool = False
    reference: str = ""
    year: int | None = None
    evidence: str = "confirmed"
    wording: Text = Text("", "")
    second_line: Text = Text("", "")
    source: str = ""
    source_address: str = ""
    milestones: tuple[tuple[int, float], ...] = ()
    lower_limit: float | None = None
    upper_limit: float | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            advice = suggestion(self.kind, list(KINDS))
            raise ParameterError.of(
                f"没有目标类型“{self.kind}”。{advice.zh}",
                f"There is no target kind '{self.kind}'. {advice.en}",
            )
        kind = KINDS[self.kind]
        lacks_value = bool(kind.line == "value" or kind.by) and self.value is None
        if lacks_value or (kind.slack == "needed" and self.tolerance is None):
            what = Text("数值", "a value") if lacks_value else Text("容差", "a tolerance")
            raise ParameterError.of(
                f"目标类型“{self.kind}”须给出{what.zh}。",
                f"The target kind '{self.kind}' needs {what.en}.",
            )
        if kind.every_year:
            object.__setattr__(self, "every_year", True)

    @property
    def statistic(self) -> str:
        """Of what the range speaks: level, slope, magnitude or lowest_area."""
        return KINDS[self.kind].statistic

    @property
    def line_from(self) -> str:
        """Where the line comes from: value, baseline, reference, or ``""`` where there is none."""
        return KINDS[self.kind].line

    @property
    def is_number(self) -> bool:
        """Whether the plan itself gives the line."""
        return self.line_from == "value"

    @property
    def improving(self) -> int:
        """Direction in which the statistic improves: +1 up, -1 down, 0 neither."""
        return KINDS[self.kind].improving

    @property
    def two_sided(self) -> bool:
        """Whether the target can be missed on both sides."""
        return self.is_number and self.improving == 0

    def measure(self, x: Any) -> Any:
        """Return what the range compares for single values: of a gap, its size.

        A slope and the lowest area need the series and the areas; they are computed before and pass
        unchanged.
        """
        return abs(_values(x)) if self.statistic == "magnitude" else x

    def missing(self, *, baseline: float | None = None, reference: float | None = None) -> str:
        """Return why there is no range: monitor_only, no_baseline, no_reference, or ``""``."""
        if not self.line_from:
            return "monitor_only"
        given = {"value": self.value, "baseline": baseline, "reference": reference}[self.line_from]
        return f"no_{self.line_from}" if given is None or math.isnan(given) else ""

    def range(
        self, *, baseline: float | None = None, reference: float | None = None
    ) -> Range | None:
        """Return the values of the statistic that meet the target, if `missing` gives no reason.

        A gap of 0 cannot become smaller, a share of 100 % cannot rise: there, staying meets the
        target.

        Parameters
        ----------
        baseline : float, optional
            The statistic at the baseline: the level (``rise``, ``fall``), the mean yearly change
            before it (``slower_growth``), the gap with or without its sign (``narrow_gap``).
        reference : float, optional
            Value of the reference indicator (``relative``).
        """
        if self.missing(baseline=baseline, reference=reference):
            return None
        kind = KINDS[self.kind]
        lines = {"value": self.value, "baseline": baseline, "reference": reference}
        line = float(lines[kind.line])  # type: ignore[arg-type]  # none is missing, see above
        line, strict = self.measure(line), kind.strict
        if kind.by:
            by = self.value or 0.0
            line = _shift(line, kind.improving * (by if kind.by == "points" else by * abs(line)))
        if self._at_limit(line):
            strict = False
        slack = (self.tolerance or 0.0) if kind.slack else 0.0
        if kind.improving > 0:
            return Range(lower=_shift(line, -slack), lower_open=strict)
        if kind.improving < 0:
            return Range(upper=_shift(line, slack), upper_open=strict)
        return Range(_shift(line, -slack), _shift(line, slack))

    def _at_limit(self, line: float) -> bool:
        if self.statistic == "magnitude":
            return line == 0
        limit = self.upper_limit if self.improving > 0 else self.lower_limit
        return self.statistic == "level" and limit is not None and line == limit

    def text(self, language: str, *, baseline: float | None = None, unit: str = "") -> str:
        """Return the target in a few words, e.g. ``≤ 8`` or ``45 ± 2（容差为建议值）``.

        The baseline (value of the statistic) is shown with at most two decimals where the target
        refers to it; ``unit`` is written directly behind the number, with any space it needs.
        """
        words = KINDS[self.kind].words.in_language(language)
        if not self.is_number:
            amount = self._amount(unit).in_language(language)
            return (
                words.format(line=amount)
                + self._aside(baseline, unit).in_language(language)
                + self._remarks().in_language(language)
            )
        line = _number(self.value or 0.0) + ("" if self.two_sided else unit)
        slack = "" if self.tolerance is None else _number(self.tolerance) + unit
        return words.format(line=line, slack=slack) + self._remarks().in_language(language)

    def _amount(self, unit: str) -> Text:
        """By how much the line lies above or below the baseline; points of a % are no per cent."""
        by = self.value or 0.0
        if KINDS[self.kind].by == "share":
            share = _number(round(by * 100, 2))
            return Text(f"{share}% ", f"{share}%")
        points = Text(" 个百分点", " percentage points")
        said = points if unit.strip() == "%" else Text(f"{unit} ", unit)
        return Text(_number(by) + said.zh, _number(by) + said.en)

    def _aside(self, baseline: float | None, unit: str) -> Text:
        if self.line_from == "baseline" and baseline is not None:
            shown = _number(round(float(self.measure(baseline)), 2)) + unit
            return Text(f"（{shown}）", f" ({shown})")
        if self.line_from == "reference" and self.tolerance:
            slack = _number(self.tolerance) + unit
            return Text(f"（可低 {slack}）", f" less {slack}")
        return Text("", "")

    def _remarks(self) -> Text:
        said = []
        if self.every_year:
            said.append(Text("每年", "every year"))
        if self.tolerance_origin == "suggested":
            said.append(Text("容差为建议值", "suggested tolerance"))
        if self.evidence == "to_confirm":
            said.append(Text("待核实", "to be confirmed"))
        if not said:
            return Text("", "")
        return Text(f"（{'；'.join(t.zh for t in said)}）", f" ({'; '.join(t.en for t in said)})")


def _values(x: Any) -> Any:
    return x if isinstance(x, pd.Series) else np.asarray(x, dtype="float64")


def _shift(line: float, by: float) -> float:
    # In decimals, as the plan writes them: in binary 1.12 - 0.02 need not be the number read
    # from the text "1.1".
    return float(Decimal(repr(line)) + Decimal(repr(by))) if by else line


def _number(x: float) -> str:
    return f"{x:.12g}"
