"""What sums give away of hidden cells, and which cells must be hidden besides so that they do not.

Cell suppression with linear constraints, after Fischetti and Salazar (2000), "Models and Algorithms
for Optimizing Cell Suppression in Tabular Data with Linear Constraints", Journal of the American
Statistical Association 95, and Hundepool et al. (2012), "Statistical Disclosure Control", chapter
4: what an attacker can prove of a cell is the least and the greatest value it takes in any table
that agrees with everything shown (two linear programmes a cell); further cells are chosen so that
every hidden cell keeps a range of a stated width, at least cost (an integer programme a cell).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

EXACT = 1e-6
_FAR = 1e6  # a bound for what has none


@dataclass(frozen=True)
class Sums:
    """Cells of published tables, and the sums that everybody knows to hold among them."""

    values: np.ndarray  # the true value of each cell
    # lower, upper: what is known of a cell that is not shown, whatever the tables say
    lower: np.ndarray
    upper: np.ndarray
    # cells and their coefficients; by how much the true values miss zero is known as well
    equations: list[tuple[np.ndarray, np.ndarray]]
    never: np.ndarray  # cells that no table shows (what is left of a sum)

    def knowing(self, known: np.ndarray) -> Sums:
        """Return the sums as somebody sees them who has some of the cells, shown or not."""
        lower, upper = (np.where(known, self.values, end) for end in (self.lower, self.upper))
        return replace(self, lower=lower, upper=upper)

    def settled(self, moving: np.ndarray) -> tuple[Sums, dict[int, tuple[int, float, float]]]:
        """Return the sums with equations of one cell and a rest written as limits of the cell.

        And of each such rest the cell with offset and sign: rest = offset + sign · cell.
        """
        lower, upper = self.lower.astype(float), self.upper.astype(float)
        left, rests = [], {}
        for which, signs in self.equations:
            open_ = np.flatnonzero(moving[which])
            if len(open_) != 2 or not self.never[which[-1]] or open_[1] != len(which) - 1:
                left.append((which, signs))
                continue
            cell, rest = which[open_[0]], which[-1]
            sign = -signs[open_[0]] / signs[-1]
            offset = self.values[rest] - sign * self.values[cell]
            ends = sorted(((lower[rest] - offset) * sign, (upper[rest] - offset) * sign))
            lower[cell], upper[cell] = max(lower[cell], ends[0]), min(upper[cell], ends[1])
            rests[int(rest)] = (int(cell), float(offset), float(sign))
        return Sums(self.values, lower, upper, left, self.never), rests

    def parts(self, moving: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield cells that depend on each other, with the matrix of their equations.

        A cell of no equation depends on none.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        lines = [
            (which[open_], signs[open_])
            for which, signs in self.equations
            if (open_ := moving[which]).any()
        ]
        if not lines:
            return
        first = np.repeat([which[0] for which, _ in lines], [len(which) for which, _ in lines])
        every = np.concatenate([which for which, _ in lines])
        size = len(moving)
        links = coo_array((np.ones(len(every)), (first, every)), shape=(size, size))
        _, label = connected_components(links, directed=False)
        members: dict[int, list] = {}
        for which, signs in lines:
            members.setdefault(int(label[which[0]]), []).append((which, signs))
        for own in members.values():
            cells = np.unique(np.concatenate([which for which, _ in own]))
            matrix = np.zeros((len(own), len(cells)))
            for row, (which, signs) in enumerate(own):
                matrix[row, np.searchsorted(cells, which)] = signs
            yield cells, matrix


def provable(
    sums: Sums, hidden: np.ndarray, *, enough: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest value that anybody can prove of each cell.

    ``hidden``: cells that are not shown; of the others both are the value. ``enough``: a cell known
    to have a range this wide is not looked at further: its range may be wider.
    """
    moving = hidden | sums.never
    sums, rests = sums.settled(moving)
    low, high = np.where(moving, (sums.lower, sums.upper), sums.values)
    moving[list(rests)] = False
    for cells, matrix in sums.parts(moving):
        low[cells], high[cells] = _ranges(sums, cells, matrix, enough)
    for rest, (cell, offset, sign) in rests.items():
        ends = offset + sign * low[cell], offset + sign * high[cell]
        low[rest], high[rest] = min(ends), max(ends)
    return low, high


def _ranges(sums: Sums, cells: np.ndarray, matrix: Any, enough: float) -> tuple:
    below, above, true = sums.lower[cells], sums.upper[cells], sums.values[cells]
    if len(matrix) == 1:
        return _of_one_sum(matrix[0], below, above, float(matrix[0] @ true))
    from scipy.optimize import linprog

    low, high = true.astype(float), true.astype(float)  # the true table is one that agrees
    total, limits = matrix @ true, np.column_stack([below, above])
    for place in np.flatnonzero(~sums.never[cells] | np.isfinite(above)):
        for sign in (1.0, -1.0):
            if high[place] - low[place] >= enough:
                break
            aim = np.zeros(len(cells))
            aim[place] = sign
            found = linprog(aim, A_eq=matrix, b_eq=total, bounds=limits, method="highs")
            if found.status == 3:  # without bound
                low[place], high[place] = (
                    (-np.inf, high[place]) if sign > 0 else (low[place], np.inf)
                )
                continue
            if not found.success:
                raise ArithmeticError(found.message)
            low, high = np.minimum(low, found.x), np.maximum(high, found.x)
    return low, high


def _of_one_sum(signs: np.ndarray, below: np.ndarray, above: np.ndarray, total: float) -> tuple:
    """Ranges of the cells of one equation: what the others leave over."""
    least = np.where(signs > 0, signs * below, signs * above)
    most = np.where(signs > 0, signs * above, signs * below)
    with np.errstate(invalid="ignore"):
        rest_least = np.array([np.delete(least, k).sum() for k in range(len(signs))])
        rest_most = np.array([np.delete(most, k).sum() for k in range(len(signs))])
    ends = np.sort(np.stack([(total - rest_least) / signs, (total - rest_most) / signs]), axis=0)
    return np.maximum(below, ends[0]), np.minimum(above, ends[1])


def protect(
    sums: Sums,
    hidden: np.ndarray,
    *,
    cost: np.ndarray,
    width: float,
    may_hide: np.ndarray | None = None,
    leave: bool = False,
) -> np.ndarray:
    """Return which cells to hide so that the range provable of each hidden cell is wide enough.

    ``hidden``: cells that must be hidden. ``cost``: what is lost when a cell is hidden. ``width``:
    the least width of a range. ``may_hide``: cells that may be hidden besides; all of them, where
    these are not enough. ``leave``: a cell that cannot be protected even with every cell hidden
    keeps the range that it then has; else `ArithmeticError` is raised.
    """
    hidden, every = hidden.copy(), ~sums.never & (sums.lower < sums.upper)
    may_hide = every if may_hide is None else may_hide & every
    few = sums.never & np.isfinite(sums.upper)  # a rest of few people
    wanted = np.ones(len(few), dtype=bool)
    near, far = _Tables(sums, hidden | may_hide), _Tables(sums, every)
    while True:
        low, high = provable(sums, hidden, enough=width)
        weak = np.flatnonzero((hidden | few) & wanted & (high - low < width - EXACT))
        if not len(weak):
            return hidden
        cells = [k for k in weak if not sums.never[k]] or weak  # a rest follows its cells mostly
        for cell in sorted(cells, key=lambda k: high[k] - low[k]):
            more = near.complement(hidden, int(cell), cost, width)
            if more is None:
                more = far.complement(hidden, int(cell), cost, width)
            if more is None and not leave:
                raise ArithmeticError(f"cell {cell}")
            wanted[cell] &= more is not None
            hidden[far.beside(int(cell)) & every if more is None else more] = True


class _Tables:
    """The tables of which some cells may be hidden, by what depends on each other."""

    def __init__(self, sums: Sums, may_hide: np.ndarray) -> None:
        self.sums, self.may_hide = sums, may_hide

    @cached_property
    def parts(self) -> dict[int, tuple[np.ndarray, Any]]:
        """Of each cell the cells it depends on, and the matrix of their equations."""
        moving = self.may_hide | self.sums.never
        self.settled, self.rests = self.sums.settled(moving)
        moving[list(self.rests)] = False
        alone = {cell: (np.array([cell]), np.zeros((0, 1))) for cell in np.flatnonzero(moving)}
        parts = self.settled.parts(moving)
        return alone | {cell: part for part in parts for cell in part[0].tolist()}

    def beside(self, cell: int) -> np.ndarray:
        """Return the cells that one depends on."""
        found = np.zeros(len(self.may_hide), dtype=bool)
        found[self.parts[self.rests[cell][0] if cell in self.rests else cell][0]] = True
        return found

    def complement(
        self, hidden: np.ndarray, cell: int, cost: np.ndarray, width: float
    ) -> np.ndarray | None:
        """Return the cheapest cells that give one cell its range; ``None`` where there are none.

        Then two tables agree with all else shown, and differ in the cell by the width.
        """
        parts = self.parts
        if cell not in parts and cell not in self.rests:
            return None  # none of the cells that may be hidden here
        cells, matrix = parts[self.rests[cell][0] if cell in self.rests else cell]
        here = cells == (self.rests[cell][0] if cell in self.rests else cell)
        free = (hidden | self.sums.never)[cells]
        return _cheapest(self.settled, cells, matrix, here, free, cost[cells], width)


def _cheapest(
    sums: Sums,
    cells: np.ndarray,
    matrix: Any,
    here: np.ndarray,
    free: np.ndarray,
    cost: np.ndarray,
    width: float,
) -> np.ndarray | None:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_array, coo_array, diags_array, eye_array

    true, count = sums.values[cells], len(cells)
    reach = np.where(free, _FAR, np.maximum(true, 0) + 4 * width)  # how far a cell need move
    down = np.minimum(true - sums.lower[cells], reach)
    up = np.minimum(sums.upper[cells] - true, reach)
    one, none = eye_array(count), coo_array((count, count))
    zero = coo_array((len(matrix), count))
    matrix = coo_array(matrix)
    pick = coo_array(([1.0], ([0], np.flatnonzero(here))), shape=(1, count))
    rows = [[matrix, None, zero], [None, matrix, zero]]
    limits = [(0.0, 0.0)] * 2 * matrix.shape[0]
    if_hidden = np.where(free, 0.0, 1.0)
    for first, second in ((one, none), (none, one)):  # of both tables: up and down
        rows += [[first, second, diags_array(-up * if_hidden)]]
        limits += list(zip(np.full(count, -np.inf), up * free, strict=True))
        rows += [[first, second, diags_array(down * if_hidden)]]
        limits += list(zip(-down * free, np.full(count, np.inf), strict=True))
    rows.append([pick, -pick, coo_array((1, count))])
    limits.append((width, np.inf))
    found = milp(
        np.concatenate([np.zeros(2 * count), cost * if_hidden]),
        integrality=np.repeat([0, 0, 1], count),
        bounds=Bounds(
            np.concatenate([-down, -down, np.zeros(count)]), np.concatenate([up, up, if_hidden])
        ),
        constraints=LinearConstraint(block_array(rows, format="csr"), *np.array(limits).T),
    )
    return None if found.x is None else cells[(found.x[2 * count :] > 0.5) & ~free]
