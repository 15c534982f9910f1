"""The file ``plan.yaml``: what the plan is, for whom and for which years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.core.settings import read_yaml
from wdp_lib.plan.read import problem
from wdp_lib.plan.schema import COUNTED

_TEXT, _YEAR = Text("文字", "a text"), Text("四位年份", "a year of four digits")
_BOTH = Text("中英文各一，写作 {zh: …, en: …}", "both languages, as {zh: …, en: …}")
_ORIGIN = Text("stated 或 suggested", "stated or suggested")
_SOURCE = Text("title、publisher 和 address", "title, publisher and address")
_COUNT = Text("计划全部目标的项数", "the number of goals the plan has in all")
_KEYS = {
    "id": _TEXT,
    "title": _BOTH,
    "area": _TEXT,
    "area_name": _BOTH,
    "first_year": _YEAR,
    "last_year": _YEAR,
    "baseline_year": _YEAR,
    "baseline_origin": _ORIGIN,
    "source": _SOURCE,
    "counts": Text(f"{'、'.join(COUNTED)} 的条数", f"the numbers of {', '.join(COUNTED)}"),
}
_OPTIONAL = {"note": _BOTH, "committee": _BOTH, "example": _TEXT, "goals_in_all": _COUNT}
_SOURCE_KEYS = ("title", "publisher", "address")


def read_head(folder: Path) -> tuple[dict, list[Problem], list[Problem]]:
    """Return the content of ``plan.yaml``, everything wrong with it, and hints on what it lacks."""
    read = read_yaml(folder / "plan.yaml")
    if read.problem:
        return {}, [read.problem], []
    head, hints = _completed(read.content, folder.name)
    problems = [p for key, expected in _KEYS.items() if (p := _value(head, key, expected))]
    problems += [
        p
        for key, expected in _OPTIONAL.items()
        if key in head and (p := _value(head, key, expected))
    ]
    problems += [_unknown(key) for key in head if key not in _KEYS and key not in _OPTIONAL]
    return head, problems + _agreement(head, folder), hints


def _completed(given: dict, name: str) -> tuple[dict, list[Problem]]:
    """Fill in what follows from the rest; a text in one language serves as both."""
    head = dict(given)
    for key in ("title", "area_name", "note", "committee"):
        text = head.get(key)
        if isinstance(text, str) and text:
            head[key] = {"zh": text, "en": text}
        elif isinstance(text, dict) and set(text) in ({"zh"}, {"en"}):
            head[key] = dict.fromkeys(("zh", "en"), *text.values())
    derived: dict[str, Any] = {"id": name, "area": name}
    if isinstance(head.get("first_year"), int):
        derived["baseline_year"] = head["first_year"] - 1
    derived["baseline_origin"] = "stated" if "baseline_year" in head else "suggested"
    title = head["title"].get("zh", "") if isinstance(head.get("title"), dict) else ""
    source = head.get("source")
    if isinstance(source, str) or "source" not in head:
        head["source"] = {"title": source or title}
    if isinstance(head["source"], dict):
        head["source"] = dict.fromkeys(_SOURCE_KEYS, "") | head["source"]
    area = head.get("area", name)
    derived["area_name"] = {"zh": str(area), "en": str(area)}
    derived["counts"] = {}
    lacking = ("area_name", "baseline_year", "source")
    hints = [
        problem(f"derived.{key}", "plan.yaml", None, key, found=_shown(derived.get(key, "")))
        for key in lacking
        if key not in given
    ]
    return derived | head, hints


def _shown(value: Any) -> str:
    return str(value["zh"] if isinstance(value, dict) else value)


def _value(head: dict, key: str, expected: Text) -> Problem | None:
    value = head.get(key)
    if value is None:
        return problem("missing_value.head", "plan.yaml", None, key, expected=expected)
    if _fits(value, expected):
        return None
    found = str(value) or Text("空白", "nothing")
    return problem("not_allowed.head", "plan.yaml", None, key, found=found, expected=expected)


def _fits(value: Any, expected: Text) -> bool:
    if expected is _TEXT:
        return isinstance(value, str) and bool(value)
    if expected is _YEAR:
        return isinstance(value, int) and 1900 <= value <= 2200
    if expected is _COUNT:
        return type(value) is int and value > 0
    if expected is _ORIGIN:
        return value in ("stated", "suggested")
    if not isinstance(value, dict):
        return False
    if expected is _BOTH:
        return set(value) == {"zh", "en"} and all(isinstance(v, str) and v for v in value.values())
    if expected is _SOURCE:
        return set(value) == set(_SOURCE_KEYS) and all(isinstance(v, str) for v in value.values())
    return set(value) in (set(), set(COUNTED)) and all(
        type(v) is int and v >= 0 for v in value.values()
    )


def _unknown(key: object) -> Problem:
    fill = {"found": str(key), "advice": suggestion(str(key), [*_KEYS, *_OPTIONAL])}
    return problem("unknown_key", "plan.yaml", None, str(key), **fill)


def _agreement(head: dict, folder: Path) -> list[Problem]:
    problems = []
    name = head.get("id")
    if isinstance(name, str) and name != folder.name:
        fill = {"found": name, "folder": folder.name}
        problems.append(problem("id_not_folder", "plan.yaml", None, "id", **fill))
    first, last, baseline = (head.get(key) for key in ("first_year", "last_year", "baseline_year"))
    if isinstance(first, int) and isinstance(last, int) and first > last:
        fill = {"found": str(last), "year": str(first)}
        problems.append(problem("years_crossed.last", "plan.yaml", None, "last_year", **fill))
    if isinstance(last, int) and isinstance(baseline, int) and baseline >= last:
        fill = {"found": str(baseline), "year": str(last)}
        problems.append(
            problem("years_crossed.baseline", "plan.yaml", None, "baseline_year", **fill)
        )
    return problems
