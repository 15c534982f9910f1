"""Which methods lie behind what each cell of a notebook shows, read from its code."""

from __future__ import annotations

import ast
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wdp_lib.core.errors import Text

# a page holds the data set to name it; what it shows comes from its arguments
CARRIES_NOTHING = ("open_page", "load_plan", "check_round")


@dataclass(frozen=True)
class Method:
    """One method of the reports.

    Parameters
    ----------
    id : str
        Identifier, printed beside what rests on it.
    doors : tuple of str
        Public names that compute by it (``page.<name>`` for those of a page).
    name, assumptions, limits : Text
        What it is called, what it takes for granted, what it cannot say.
    source : str
        Literature and notes on decisions.
    """

    id: str
    doors: tuple[str, ...]
    name: Text
    assumptions: Text
    limits: Text
    source: str


@cache
def methods() -> dict[str, Method]:
    """Return the methods of ``methods.csv`` by identifier, in their order."""
    path = Path(__file__).parent / "methods.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["method"]: _method(row) for row in csv.DictReader(stream)}


def _method(row: Mapping[str, str]) -> Method:
    texts = (
        Text(row[f"{part}_zh"], row[f"{part}_en"]) for part in ("name", "assumptions", "limits")
    )
    return Method(row["method"], tuple(row["doors"].split(";")), *texts, row["source"])


def cell_methods(sources: Sequence[str]) -> list[tuple[str, ...]]:
    """Return, for each cell of a notebook, the methods behind what its last expression shows.

    A value rests on the methods of every door called to make it and on those of every value that went into it, over
    all cells. Words alone rest on none.

    Parameters
    ----------
    sources : sequence of str
        Python sources of all code cells, in order.

    Returns
    -------
    list of tuple of str
        Identifiers in the order of ``methods.csv``, one tuple a cell; empty where nothing is shown that was computed.

    Raises
    ------
    SyntaxError
        When a cell is not Python.
    """
    known: dict[str, set[str]] = {}
    found = []
    for source in sources:
        shown: set[str] = set()
        for statement in ast.parse(source).body:
            shown = _follow(statement, known)
        found.append(tuple(name for name in methods() if name in shown))
    return found


@cache
def _by_door() -> dict[str, set[str]]:
    doors: dict[str, set[str]] = {}
    for method in methods().values():
        for door in method.doors:
            doors.setdefault(door, set()).add(method.id)
    return doors


def _follow(statement: ast.stmt, known: dict[str, set[str]]) -> set[str]:
    """Note in ``known`` what a statement assigns; return the methods of what it shows."""
    if isinstance(statement, ast.If):
        _either(statement, known)
    elif isinstance(statement, ast.Assign):
        rests = _rests_on(statement.value, known)
        for target in statement.targets:
            known |= {node.id: rests for node in ast.walk(target) if isinstance(node, ast.Name)}
    return _rests_on(statement.value, known) if isinstance(statement, ast.Expr) else set()


def _either(statement: ast.If, known: dict[str, set[str]]) -> None:
    """After a choice a value may rest on what either way gave it."""
    ways = [dict(known), dict(known)]
    for way, body in zip(ways, (statement.body, statement.orelse), strict=True):
        for inner in body:
            _follow(inner, way)
    known |= {
        name: ways[0].get(name, set()) | ways[1].get(name, set()) for name in {**ways[0], **ways[1]}
    }


def _rests_on(expression: ast.expr, known: Mapping[str, set[str]]) -> set[str]:
    rests: set[str] = set()
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and (door := _door(node.func)):
            if door in CARRIES_NOTHING:
                continue
            rests |= _by_door().get(door, set())
        if isinstance(node, ast.Name):
            rests |= known.get(node.id, set())
        waiting += ast.iter_child_nodes(node)
    return rests


def _door(function: ast.expr) -> str:
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return ""
    owner = function.value.id
    return f"page.{function.attr}" if owner == "page" else function.attr if owner == "wdp" else ""
