"""Runs: a parameter file becomes a report folder. Plan of the work, execution, record.

The names are resolved when first used, so that a command can start its warm process before it
imports anything heavy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_MODULES = {
    "check": ("check_run", "notebook_task", "plan_work"),
    "many": ("Order", "RunEnd", "run_all", "usual_jobs"),
    "new": ("new_notebook",),
    "params": ("Run", "expand", "override", "plan_runs", "read_run"),
    "record": ("read_record", "run_of", "work_list"),
    "refresh": ("refresh_catalogues", "refresh_notebooks"),
    "run": ("RunResult", "run_batch", "run_planned"),
    "verify": ("Verification", "verify_report"),
    "warm.client": ("warm_ahead",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_PLACES)

# jsonschema, behind nbformat, spends three seconds on a grammar of web addresses where it finds
# this package; a notebook has no address to be checked by it
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
