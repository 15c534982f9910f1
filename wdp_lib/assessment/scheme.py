"""The evaluation scheme: every threshold of the assessment, read from one file and printed in every report."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from wdp_lib.errors import ParameterError, Problem, Text, suggestion
from wdp_lib.home import find_home


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

    def risk_class(self, p_meet: float) -> str:
        """Return the class of difficulty for a probability of meeting the promise.

        Probabilities are compared at nine decimals, so that 1 - 0.8 counts as 0.2.
        """
        p_miss = round(1 - p_meet, 9)
        for name in ("red", "orange", "yellow", "blue"):
            if p_miss >= getattr(self, name):
                return name
        return "clear"


def load_scheme(name: str = "default", home: Path | str | None = None) -> Scheme:
    """Read ``data/schemes/<name>.yaml``.

    Raises
    ------
    ParameterError
        When there is no such scheme, or a threshold is missing, unknown, not a number or out of order.
    """
    from ruamel.yaml import YAML

    folder = Path(home or find_home()) / "data" / "schemes"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        advice = suggestion(name, known)
        raise ParameterError(
            Text(f"没有名为 {name} 的评估方案。{advice.zh}", f"There is no scheme named {name}. {advice.en}")
        )
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    values = {**content, **(content.get("risk") or {})}
    values.pop("risk", None)
    problems = _problems(f"data/schemes/{name}.yaml", values)
    if problems:
        raise ParameterError(Text(f"评估方案 {name} 有误", f"The scheme {name} is not valid"), problems)
    title = Text(values["title"]["zh"], values["title"]["en"])
    whole = {f.name: int for f in fields(Scheme) if f.type == "int"}
    numbers = {k: whole.get(k, float)(v) for k, v in values.items() if k not in ("id", "title")}
    return Scheme(id=str(values["id"]), title=title, **numbers)


def _problems(file: str, values: dict) -> list[Problem]:
    known = [f.name for f in fields(Scheme)]
    expected = Text("数字", "a number")
    found = []
    for key in sorted(set(known) - set(values)):
        found.append(_problem(file, key, Text("没有", "nothing"), expected))
    for key in sorted(set(values) - set(known)):
        found.append(_problem(file, key, str(values[key]), Text("无此设置", "no such setting"), suggestion(key, known)))
    for key in sorted(set(values) & set(known) - {"id", "title"}):
        if isinstance(values[key], bool) or not isinstance(values[key], (int, float)):
            found.append(_problem(file, key, repr(values[key]), expected))
    if not found and not 1 >= values["red"] > values["orange"] > values["yellow"] > values["blue"] >= 0:
        edges = Text("1 ≥ 红 > 橙 > 黄 > 蓝 ≥ 0", "1 >= red > orange > yellow > blue >= 0")
        found.append(_problem(file, "risk", str([values[k] for k in ("red", "orange", "yellow", "blue")]), edges))
    return found


def _problem(file: str, key: str, found: Text | str, expected: Text, advice: Text | None = None) -> Problem:
    fix = advice or Text("请对照 data/schemes/default.yaml 改正。", "Correct it by data/schemes/default.yaml.")
    return Problem("scheme", file, None, key, found, expected, fix)
