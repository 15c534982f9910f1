"""The evaluation scheme: every threshold of the assessment, printed in every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.core.settings import read_yaml

GRADES = ("red", "orange", "yellow", "blue")
CLASSES = (*GRADES, "clear", "not_graded")  # of difficulty, the hardest first
LEVELS = (*GRADES, "grey")  # colours of warnings; grey: a warning of data
RULES = (  # rules of early warning whose colour is set by the scheme and not by a probability
    "below_held_line",
    "dipped_before",
    "area_below_line",
    "outside_limits",
    "swings",
    "residual_spread",
    "status_flips",
    "hit_or_miss",
    "no_data",
    "stale",
    "estimates_only",
    "provisional",
)
_NOT_NUMBERS = ("id", "title", "levels", "rule_levels")


@dataclass(frozen=True)
class Scheme:
    """Thresholds of an assessment; meaning and defaults stand in ``data/schemes/default.yaml``.

    Parameters
    ----------
    id : str
        Name of the scheme's file.
    title : Text
        Its title.
    nearly_share : float
        A value short of its line by at most this share of the line is "nearly attained".
    red, orange, yellow, blue : float
        Lower edges of the probability of missing the promise, falling in this order.
    probability_floor, probability_cap : float
        Probabilities are kept between these two: nothing is certain.
    stale_after_years : int
        A last value this many years behind the expected one is stale.
    rare_confidence, direction_confidence : float
        A rare event or a direction is judged only from this probability on.
    direction_points, volatility_points : int
        Points needed to test a direction, to judge volatility.
    baseline_reach : int
        Years around the baseline year that may stand in for it.
    hit_or_miss_low, hit_or_miss_high : float
        Between these probabilities of meeting the promise attainment may be a matter of chance.
    status_vintages, status_flips : int
        Rounds looked at for changes of the verdict; changes among them that are warned of.
    levels : mapping of str to Text
        Words of each colour of `LEVELS`.
    rule_levels : mapping of str to str
        Colour of each rule of `RULES`.
    """

    id: str
    title: Text
    nearly_share: float
    red: float
    orange: float
    yellow: float
    blue: float
    probability_floor: float
    probability_cap: float
    stale_after_years: int
    rare_confidence: float
    direction_confidence: float
    direction_points: int
    baseline_reach: int
    volatility_points: int
    hit_or_miss_low: float
    hit_or_miss_high: float
    status_vintages: int
    status_flips: int
    levels: Mapping[str, Text]
    rule_levels: Mapping[str, str]

    def risk_class(self, p_meet: float) -> str:
        """Return the class of difficulty for a probability of meeting the promise.

        Probabilities are compared at nine decimals, so that 1 - 0.8 counts as 0.2.
        """
        p_miss = round(1 - p_meet, 9)
        for name in GRADES:
            if p_miss >= getattr(self, name):
                return name
        return "clear"


def load_scheme(name: str = "default", home: Path | str | None = None) -> Scheme:
    """Read ``data/schemes/<name>.yaml``.

    Raises
    ------
    ParameterError
        When there is no such scheme, or a threshold is missing, unknown, not a number or out of
        order.
    """
    folder = Path(home or find_home()) / "data" / "schemes"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        advice = suggestion(name, known)
        raise ParameterError(
            Text(
                f"没有名为 {name} 的评估方案。{advice.zh}",
                f"There is no scheme named {name}. {advice.en}",
            )
        )
    stamp = path.stat()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, size: int) -> Scheme:
    """Read a scheme once while its file stays as it is."""
    name, read = path.stem, read_yaml(path)
    values = {**read.content, **(read.content.get("risk") or {})}
    values.pop("risk", None)
    problems = [read.problem] if read.problem else _problems(f"data/schemes/{name}.yaml", values)
    if problems:
        raise ParameterError(
            Text(f"评估方案 {name} 有误", f"The scheme {name} is not valid"), problems
        )
    title = Text(values["title"]["zh"], values["title"]["en"])
    whole = {f.name: int for f in fields(Scheme) if f.type == "int"}
    numbers = {k: whole.get(k, float)(v) for k, v in values.items() if k not in _NOT_NUMBERS}
    levels = {level: Text(words["zh"], words["en"]) for level, words in values["levels"].items()}
    return Scheme(
        str(values["id"]), title, **numbers, levels=levels, rule_levels=dict(values["rule_levels"])
    )


def _problems(file: str, values: dict) -> list[Problem]:
    known = [f.name for f in fields(Scheme)]
    expected = Text("数字", "a number")
    found = []
    for key in sorted(set(known) - set(values)):
        found.append(_problem(file, key, Text("没有", "nothing"), expected))
    for key in sorted(set(values) - set(known)):
        found.append(
            _problem(
                file,
                key,
                str(values[key]),
                Text("无此设置", "no such setting"),
                suggestion(key, known),
            )
        )
    for key in sorted((set(values) & set(known)) - set(_NOT_NUMBERS)):
        if isinstance(values[key], bool) or not isinstance(values[key], (int, float)):
            found.append(_problem(file, key, repr(values[key]), expected))
    if (
        not found
        and not 1 >= values["red"] > values["orange"] > values["yellow"] > values["blue"] >= 0
    ):
        edges = Text("1 ≥ 红 > 橙 > 黄 > 蓝 ≥ 0", "1 >= red > orange > yellow > blue >= 0")
        found.append(
            _problem(
                file, "risk", str([values[k] for k in ("red", "orange", "yellow", "blue")]), edges
            )
        )
    return found + _colour_problems(file, values)


def _colour_problems(file: str, values: dict) -> list[Problem]:
    """Every colour has its words in both languages, every rule one of the colours."""
    levels, rules = (
        values.get(key) if isinstance(values.get(key), dict) else {}
        for key in ("levels", "rule_levels")
    )
    both = Text("中文（zh）和英文（en）名称", "words in Chinese (zh) and English (en)")
    known = Text(f"{', '.join(LEVELS)} 之一", f"one of {', '.join(LEVELS)}")
    found = []
    for level in LEVELS:
        words = levels.get(level)
        if not isinstance(words, dict) or not (words.get("zh") and words.get("en")):
            found.append(_problem(file, f"levels.{level}", str(words), both))
    found += [
        _problem(file, f"levels.{level}", level, known) for level in levels if level not in LEVELS
    ]
    for rule in RULES:
        if rules.get(rule) not in LEVELS:
            found.append(_problem(file, f"rule_levels.{rule}", str(rules.get(rule)), known))
    return found + [
        _problem(
            file,
            f"rule_levels.{rule}",
            rule,
            Text("无此规则", "no such rule"),
            suggestion(rule, list(RULES)),
        )
        for rule in rules
        if rule not in RULES
    ]


def _problem(
    file: str, key: str, found: Text | str, expected: Text, advice: Text | None = None
) -> Problem:
    fix = advice or Text(
        "请对照 data/schemes/default.yaml 改正。", "Correct it by data/schemes/default.yaml."
    )
    return Problem("scheme", file, None, key, found, expected, fix)
