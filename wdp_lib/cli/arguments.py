"""The command line as data: each command with its arguments; their words stand in ``words.csv``."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wdp_lib.cli import actions, running
from wdp_lib.core.errors import Text, user_language


@cache
def _words() -> dict[tuple[str, str], Text]:
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return {(row["command"], row["argument"]): Text(row["zh"], row["en"]) for row in rows}


def words(command: str, argument: str = "") -> str:
    """Return what the help says of a command or one of its arguments."""
    known = _words()
    text = known.get((command, argument)) or known["", argument]
    return text.in_language(user_language())


def commands() -> dict[str, tuple[Callable[[argparse.Namespace], int], dict[str, dict[str, Any]]]]:
    """Return, for each command, what carries it out and the settings of its arguments."""
    repeated: dict[str, Any] = {"action": "append", "default": []}
    flag = {"action": "store_true"}
    choice = {
        "-p --parameter": {**repeated, "type": _name_and_value, "metavar": "NAME=VALUE"},
        "--area": {**repeated, "metavar": "AREA"},
        "--select": {**repeated, "type": _name_and_value, "metavar": "AXIS=VALUE"},
    }
    number = {"type": int, "default": argparse.SUPPRESS, "metavar": "N"}
    files = {"metavar": "PARAMS"}
    folder = {"metavar": "FOLDER"}
    needed = {**folder, "required": True}
    run: dict[str, dict[str, Any]] = {
        "params": {**files, "nargs": "+"},
        **choice,
        "--only": {**repeated, "metavar": "NOTEBOOK"},
        "--out": folder,
        "--jobs": {"type": _positive, "metavar": "N"},
        "--resume": flag,
        "--timeout": {"type": _positive, "metavar": "SECONDS"},
        "--scheduler": {"default": "", "metavar": "ADDRESS"},
        "--insecure-scheduler": flag,
        "--dry-run": flag,
        "--quiet": flag,
    }
    check: dict[str, dict[str, Any]] = {
        "params": {**files, "nargs": "*"},
        "--plan": {"metavar": "NAME"},
        "--data": {"metavar": "NAME"},
        "--as-of": {"metavar": "DATE"},
    }
    simulate: dict[str, dict[str, Any]] = {
        "--folder": needed,
        "--plan": {"default": "ruyuan-2021-2030", "metavar": "NAME"},
        "--corrections": {"metavar": "FILE"},
        **{name: number for name in ("--first-year", "--last-year", "--seed")},
    }
    notebook: dict[str, dict[str, Any]] = {
        "params": {**files, "nargs": 1},
        "notebook": {"metavar": "NOTEBOOK"},
        **choice,
    }
    names: dict[str, dict[str, Any]] = {
        "names": {"nargs": "*", "metavar": "NOTEBOOK"},
        "--catalogue": flag,
    }
    return {
        "plans": (actions.plans, {}),
        "data": (actions.data, {}),
        "run": (running.run, run),
        "parameters": (running.parameters, notebook),
        "verify": (running.verify, {"report": folder, "--quiet": flag}),
        "check": (actions.check, check),
        "archive": (actions.archive, {"report": folder}),
        "simulate": (actions.simulate, simulate),
        "notebooks": (actions.notebooks, names),
    }


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        told = Text(f"应为 名称=值，现为 {text!r}", f"NAME=VALUE is expected, not {text!r}")
        raise argparse.ArgumentTypeError(told.in_language(user_language()))
    return name, value


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        zh, en = f"应为正整数，现为 {text!r}", f"a whole number from 1 is expected, not {text!r}"
        raise argparse.ArgumentTypeError(Text(zh, en).in_language(user_language()))
    return int(text)
