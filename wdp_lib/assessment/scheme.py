"""The evaluation scheme: every threshold of the assessment, printed in every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from wdp_lib.core.errors import ParameterError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.core.problems import templates
from wdp_lib.core.settings import read_yaml

GRADES = ("red", "orange", "yellow", "blue")
WARNED = GRADES[:3]  # a target of these is in danger
CLASSES = (*GRADES, "clear", "not_graded")  # of difficulty, the hardest first
# where a target or goal stands, the worst first (a goal takes its worst target); attained and not
# attained are said of what is over, the rest looks ahead
STANDINGS = (
    *("not_attained", "hard", "worsened", "behind", "not_started", "worse_not_shown"),
    *("no_change_shown", "improved_not_shown", "case_by_case", "not_assessable", "under_way"),
    *("on_schedule", "nearly", "to_consolidate", "improved", "ahead", "implemented", "attained"),
)
MET = ("to_consolidate", "improved", "ahead", "implemented", "attained")  # attained by now
# of every standing the group that summaries count it in; the groups of a summary add up
GROUPS = {
    **dict.fromkeys(MET, "attained"),
    **{"nearly": "nearly", "under_way": "on_schedule", "on_schedule": "on_schedule"},
    **{"not_started": "behind", "behind": "behind", "worsened": "hard", "hard": "hard"},
    **dict.fromkeys(("improved_not_shown", "no_change_shown", "worse_not_shown"), "unproven"),
    **{name: name for name in ("case_by_case", "not_attained", "not_assessable")},
}
COUNTED = tuple(dict.fromkeys(GROUPS.values()))
FAILED = ("not_attained", "hard", "worsened")
STANDING_OF_CLASS = {
    **{"red": "hard", "orange": "behind", "yellow": "behind"},
    **{"blue": "on_schedule", "clear": "on_schedule"},
}
LEVELS = (*GRADES, "grey")  # colours of warnings; grey: a warning of data
HARD, VOLATILE, DATA = "hard_to_reach", "volatile", "data"
RULES = {  # axis of each rule, and what clears it
    "probability_of_missing": (HARD, "probability_below"),
    "below_held_line": (HARD, "value_reaches_line"),
    "dipped_before": (HARD, "stays_on_record"),
    "getting_worse": (HARD, "trend_turns"),
    "area_below_line": (HARD, "every_area_reaches_line"),
    "outside_limits": (VOLATILE, "figure_below"),
    "swings": (VOLATILE, "figure_below"),
    "residual_spread": (VOLATILE, "figure_below"),
    "hit_or_miss": (VOLATILE, "distance_above"),
    "status_flips": (VOLATILE, "fewer_flips"),
    "no_data": (DATA, "value_reported"),
    "stale": (DATA, "value_reported"),
    "estimates_only": (DATA, "value_no_estimate"),
    "provisional": (DATA, "value_final"),
}
problem = templates(__file__)
_NOT_NUMBERS = ("id", "title", "levels", "rule_levels")


@dataclass(frozen=True)
class Scheme:
    """Thresholds of an assessment; each is explained in ``data/schemes/default.yaml``.

    `levels` holds the words of each colour of `LEVELS`, `rule_levels` the colour of each rule of
    `RULES` but the probability of missing.
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
    steady_years: int
    behind_points: float
    hard_points: float
    reference_points: int
    sure_points: int
    stale_after_years: int
    rare_confidence: float
    rare_events: int
    rare_years: int
    direction_confidence: float
    direction_points: int
    baseline_reach: int
    baseline_events: int
    falling_confidence: float
    volatility_points: int
    hit_or_miss_low: float
    hit_or_miss_high: float
    status_vintages: int
    status_flips: int
    levels: Mapping[str, Text]
    rule_levels: Mapping[str, str]

    def risk_class(self, p_meet: float) -> str:
        """Return the class of difficulty for a probability of meeting the target.

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
        raise ParameterError.of(
            f"没有名为 {name} 的评估方案。{advice.zh}",
            f"There is no scheme named {name}. {advice.en}",
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
        raise ParameterError.of(
            f"评估方案 {name} 有误", f"The scheme {name} is not valid", problems
        )
    title = Text(values["title"]["zh"], values["title"]["en"])
    whole = {f.name: int for f in fields(Scheme) if f.type == "int"}
    numbers = {k: whole.get(k, float)(v) for k, v in values.items() if k not in _NOT_NUMBERS}
    levels = {level: Text(words["zh"], words["en"]) for level, words in values["levels"].items()}
    return Scheme(
        str(values["id"]), title, **numbers, levels=levels, rule_levels=dict(values["rule_levels"])
    )


def _problems(file: str, values: dict) -> list[Problem]:
    """Every threshold a number and in order, every colour with its words, every rule a colour."""
    known = [f.name for f in fields(Scheme)]
    found = [problem("scheme.missing", file, None, key) for key in sorted(set(known) - set(values))]
    for key in sorted(values):
        value = values[key]
        if key not in known:
            advice = suggestion(key, known)
            found.append(problem("scheme.unknown", file, None, key, found=value, advice=advice))
        elif key not in _NOT_NUMBERS and (
            isinstance(value, bool) or not isinstance(value, (int, float))
        ):
            found.append(problem("scheme.number", file, None, key, found=repr(value)))
    edges = [values.get(grade) for grade in GRADES]
    if not found and not 1 >= edges[0] > edges[1] > edges[2] > edges[3] >= 0:
        found.append(problem("scheme.order", file, None, "risk", found=edges))
    levels, rules = (
        values.get(key) if isinstance(values.get(key), dict) else {}
        for key in ("levels", "rule_levels")
    )
    coloured = [rule for rule in RULES if rule != "probability_of_missing"]  # else by probability
    for level in LEVELS:
        words = levels.get(level)
        if not isinstance(words, dict) or not (words.get("zh") and words.get("en")):
            found.append(problem("scheme.words", file, None, f"levels.{level}", found=words))
    colours = {f"levels.{level}": level for level in levels}
    colours |= {f"rule_levels.{rule}": rules.get(rule) for rule in coloured}
    for key, colour in colours.items():
        if colour not in LEVELS:
            names = ", ".join(LEVELS)
            found.append(problem("scheme.level", file, None, key, found=colour, levels=names))
    for rule in sorted(set(rules) - set(coloured)):
        advice, key = suggestion(rule, coloured), f"rule_levels.{rule}"
        found.append(problem("scheme.rule", file, None, key, found=rule, advice=advice))
    return found
