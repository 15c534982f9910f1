"""The rows that were kept out, as they stood, with the reasons; and the file a clerk opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.files import write_table

COLUMNS = (
    "file",
    "row",
    "rule",
    "column",
    "found_zh",
    "found_en",
    "expected_zh",
    "expected_en",
    "advice_zh",
    "advice_en",
    "cells",
)


def rejected_table(
    problems: list[Problem], cells: Mapping[str, Mapping[int, list[str]]]
) -> pd.DataFrame:
    """Return one row for each reason why a row (or a whole file) was kept out.

    ``row`` is missing when the whole file was kept out; ``cells`` is the row as received, as a JSON
    list. A row with three faults comes three times; rows that wait for an answer are among them.
    """
    rows = [
        {
            "file": p.file,
            "row": p.row,
            "rule": p.rule,
            "column": p.column or "",
            **_both("found", p.found),
            **_both("expected", p.expected),
            **_both("advice", p.advice),
            "cells": json.dumps(cells.get(p.file, {}).get(p.row, []), ensure_ascii=False),
        }
        for p in problems
        if p.keeps_out
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"row": "Int64"})
    return table.astype(dict.fromkeys([c for c in COLUMNS if c != "row"], "str"))


def write_rejected(rejected: pd.DataFrame, path: Path | str) -> None:
    """Write the table as a CSV file that Excel opens in Chinese (`write_table`)."""
    write_table(rejected, Path(path))


def _both(name: str, words: Text | str) -> dict[str, str]:
    if isinstance(words, str):
        return {f"{name}_zh": words, f"{name}_en": words}
    return {f"{name}_zh": words.zh, f"{name}_en": words.en}
