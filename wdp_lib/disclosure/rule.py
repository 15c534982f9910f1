"""The rule of what may leave the house, as a project sets it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wdp_lib.core.errors import ParameterError
from wdp_lib.core.settings import read_yaml

FILE = Path("data", "schemes", "disclosure.yaml")


@dataclass(frozen=True)
class Rule:
    """Counts of people below ``threshold`` are hidden; what can be proved of them is this wide."""

    threshold: int
    width: float


def load_rule(home: Path) -> Rule:
    """Read ``data/schemes/disclosure.yaml``.

    Raises `ParameterError` when it is not there, or does not hold a threshold from 3 on and a width
    that fits it.
    """
    path = home / FILE
    read = read_yaml(path) if path.is_file() else None
    given = read.content if read and not read.problem else {}
    threshold, width = given.get("threshold"), given.get("width")
    whole = isinstance(threshold, int) and not isinstance(threshold, bool) and threshold >= 3
    fits = whole and isinstance(width, (int, float)) and 0 < width <= threshold - 2
    if not fits:
        zh = "应有 threshold（不小于 3 的整数）和 width（大于 0，不超过 threshold 减 2）"
        en = "a threshold (whole, from 3) and a width (above 0, up to threshold - 2) are needed"
        raise ParameterError.of(f"{FILE.as_posix()}：{zh}。", f"{FILE.as_posix()}: {en}.")
    return Rule(threshold, float(width))
