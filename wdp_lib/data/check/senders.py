"""Who sent a row, and whether by a channel that is registered (`sources.csv`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem
from wdp_lib.core.names import fold
from wdp_lib.data.read.table import Table
from wdp_lib.data.tell import told
from wdp_lib.plan.model import Plan

SOURCES = ("source", "unit", "form", "method", "role")
_LAST = 99  # rank of a sender whom the plan does not name for the indicator


def with_senders(table: Table, sources: pd.DataFrame, plan: Plan) -> Table:
    """Return the rows with ``sender``, a unit of the plan or "", and its rank for the indicator.

    The sender is the unit of the registered source, else the unit whose identifier the name of the
    file is or begins with. The rank is its place among the responsible units of the indicator, the
    leading one first.
    """
    unit = unit_of_source(sources)
    sender = table.words("source").map(lambda text: unit(text) or "")
    sender = sender.where(~sender.isin(""), table.words("file").map(lambda f: _of_file(f, plan)))
    table = table.with_(sender=sender)
    ranks = {
        (i.id, unit): place for i in plan.indicators for place, unit in enumerate(i.lead_units)
    }
    which, pairs = table.together("indicator", "sender")
    rank = np.array([ranks.get(pair, _LAST) for pair in pairs], dtype="int64")
    return table.with_(rank=rank[which] if len(pairs) else np.zeros(0, dtype="int64"))


def unit_of_source(sources: pd.DataFrame) -> Callable[[str], str | None]:
    """Return what finds the unit a source is registered for; ``*`` stands for any words.

    It gives ``None`` for a source that is not in the register.
    """
    patterns = [
        (re.compile(".*".join(map(re.escape, fold(source).split("*")))), unit)
        for source, unit in zip(sources["source"], sources["unit"], strict=True)
    ]

    def unit(text: str) -> str | None:
        folded = fold(text)
        return next((unit for pattern, unit in patterns if pattern.fullmatch(folded)), None)

    return unit


def _of_file(file: str, plan: Plan) -> str:
    stem = Path(file).stem
    found = [unit.id for unit in plan.units if re.match(rf"{re.escape(unit.id)}(?![a-z_])", stem)]
    return max(found, key=len, default="")


def unregistered_source(table: Table, sources: pd.DataFrame) -> list[Problem]:
    """``unregistered_source``: a value from no registered source, where there is a register."""
    if sources.empty:
        return []
    unit = unit_of_source(sources)
    strange = table.words("source").test(lambda text: unit(text) is None)
    return told("unregistered_source", table, strange, "source", found="source")
