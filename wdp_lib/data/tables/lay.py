"""From a table in any layout to the long one: one row a value, with the address it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.data.read.grids import Grid
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.words import codes, missing_marks
from wdp_lib.data.tables.headings import NUMBER, PARTS, headings
from wdp_lib.data.tables.meanings import (
    BESIDE,
    DIMENSIONS,
    IGNORED,
    LABELS,
    RELATIVE,
    Meaning,
    Meanings,
)
from wdp_lib.data.tables.titles import say_of
from wdp_lib.data.tell import problem

_KEYS = ("indicator", "area", "year")
_STRATA = ("sex", "age_group", "residence")
_MEASURES = ("value", "numerator", "denominator")
_TEXTS = ("unit", "status", "as_of", "source", "note")
_SIGNED = re.compile(r"(?:填[表报]|制表|审核|复核|经办|联系|(?:单位)?负责)[^\s:：]{0,5}\s*[:：]")


@dataclass(frozen=True)
class Laid:
    """A sheet as understood."""

    # one row a figure, every cell as text as written: the columns of a return by their names in the
    # library, and ``address`` (sheet and cell of the figure)
    table: pd.DataFrame
    told: tuple[Text, ...]  # what was understood, a sentence each, for the user to check
    # labels and figures that could not be placed; they are not in the table
    problems: tuple[Problem, ...]
    # the figures among them: cell, text as written, and the problem that tells of it
    unplaced: tuple[tuple[str, str, Problem], ...] = ()


@dataclass(frozen=True)
class _Columns:
    values: dict[int, Meaning]  # dimensions of each column of figures; "column" its measure
    texts: dict[int, str]  # unit, source, note …
    labels: dict[int, str]  # columns of labels, and the dimension their heading names
    unknown: dict[int, str]  # headings nothing is known of
    aside: tuple[str, ...] = ()  # headings of what is no figure of the plan: targets, other places


def lay_table(grid: Grid, meanings: Meanings, default_area: str, before: Meaning) -> Laid:
    """Return the figures of a sheet of one table; ``before`` is what is said of its sheet."""
    head = headings(grid, meanings)
    if not head:
        found = ", ".join(text for row in grid.rows[:5] for text in row if text)[:200]
        fault = problem("no_headings", grid.file, None, grid.sheet or None, found=found)
        return Laid(_table([]), (), (*grid.problems, fault))
    columns = _columns(grid, meanings, head)
    said = before | say_of(grid, meanings, head[0])
    rows, unplaced, notes = _body(grid, meanings, head, columns, said, default_area)
    problems = [*grid.problems, *dict.fromkeys(one for *_, one in unplaced)]
    problems += [
        problem("column_left_aside", grid.file, head[-1] + 1, text)
        for text in columns.unknown.values()
    ]
    return Laid(
        _table(rows),
        tuple(_told(grid, meanings, head, columns, said, rows, notes)),
        tuple(problems),
        tuple(unplaced),
    )


def _table(rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = [*RETURN.columns, "address"]
    cells = [{column: row.get(column, "") for column in columns} for row in rows]
    return pd.DataFrame(cells, columns=columns, dtype="str")


def _columns(grid: Grid, meanings: Meanings, head: list[int]) -> _Columns:
    storeys = [_filled_along(grid, row, last=row == head[-1]) for row in head]
    values: dict[int, Meaning] = {}
    texts: dict[int, str] = {}
    labels: dict[int, str] = {}
    unknown: dict[int, str] = {}
    aside: list[str] = []
    for place in range(len(grid.rows[head[0]])):
        stack = list(dict.fromkeys(storey[place] for storey in storeys if storey[place]))
        speaks: Meaning = {}
        if len(stack) > 1 and codes("unit").get(fold(stack[-1])):  # a row of units
            speaks = {"unit": stack.pop()}
        for text in stack:
            speaks |= meanings.of(text)
        column = speaks.get("column", "")
        if any(meanings.of(text).get("column") == IGNORED for text in stack):
            aside += [" ".join(stack)] if fold(stack[-1]) not in BESIDE else []
            continue
        if column in speaks:  # 年份 in the storey above 2022
            column = ""
        if column in _TEXTS and not any(key in speaks for key in _KEYS):
            texts[place] = column
        elif column in (*_KEYS, *_STRATA):
            labels[place] = column
        elif stack and meanings.of(stack[-1]) and (column in _MEASURES or PARTS & set(speaks)):
            values[place] = speaks
        elif _is_label(grid, meanings, head, place):
            labels[place] = ""
        elif stack and any(row[place] for row in grid.rows[head[-1] + 1 :]):
            unknown[place] = stack[-1]
    if not labels:  # what stands before the figures says of what they are, whatever its heading
        for place in [p for p in unknown if values and p < min(values)]:
            labels[place] = ""
            del unknown[place]
    if "area" not in labels.values() and not any("area" in means for means in values.values()):
        for place in [p for p, name in texts.items() if name == "note"]:
            if _is_label(grid, meanings, head, place, ("area",)):  # areas under another heading
                labels[place] = "area"
                del texts[place]
    return _Columns(values, texts, labels, unknown, tuple(dict.fromkeys(aside)))


def _filled_along(grid: Grid, row: int, *, last: bool) -> list[str]:
    """A row of headings; in upper storeys one holds until the next (merges may be lost)."""
    cells = list(grid.rows[row])
    if not last:
        below = grid.rows[row + 1]
        for place in range(1, len(cells)):
            if not cells[place] and below[place]:
                cells[place] = cells[place - 1]
    return cells


def _is_label(
    grid: Grid, meanings: Meanings, head: list[int], place: int, dimensions: tuple = LABELS
) -> bool:
    below = [row[place] for row in grid.rows[head[-1] + 1 :] if row[place]]
    known = sum(
        any(d in (means := meanings.of(text)) for d in dimensions)
        or means.get("column") in _MEASURES
        for text in below
    )
    return known * 2 >= len(below) > 0


def _body(
    grid: Grid,
    meanings: Meanings,
    head: list[int],
    columns: _Columns,
    said: Meaning,
    default_area: str,
) -> tuple[list[dict[str, str]], list[tuple[str, str, Problem]], list[int]]:
    rows: dict[tuple, dict[str, str]] = {}
    unplaced: dict[tuple[str, str], list[tuple[int, int]]] = {}
    placed: dict[tuple, list[tuple[int, int]]] = {}
    doubled: dict[tuple, int] = {}
    notes, above = [], {}
    repeated, spread = _repeated(grid), _spread(grid, columns.values)
    front = min(columns.labels, default=0)
    falls = {
        place
        for place in columns.labels
        if not _written_again(grid, head[-1], place, first=place == front)
    }
    body = grid.rows[head[-1] + 1 :]
    areas = [p for p in columns.labels if any("area" in meanings.of(row[p]) for row in body)]
    for number in range(head[-1] + 1, len(grid.rows)):
        cells = grid.rows[number]
        figures = [p for p in columns.values if cells[p] and (number, p) not in repeated]
        if not figures or _repeats(cells, grid, head) or any(map(_SIGNED.match, cells)):
            notes += [number + 1] if any(cells) else []
            continue
        label, unknown, above = _label(cells, columns.labels, meanings, above, falls)
        if label.get("column") == IGNORED:
            notes.append(number + 1)
            continue
        texts = {name: cells[p] for p, name in columns.texts.items() if cells[p]}
        nameless = not all(cells[p] for p in areas)
        for place in figures:
            speaks = columns.values[place]
            means = {"area": default_area} | said | label | speaks
            if nameless and not {"area", "total"} & set(said | label | speaks):
                means["area"] = ""  # left out where other rows name theirs
            unknown = unknown or ("" if "area" in label | speaks else said.get("place", ""))
            if means.get("year", "") in RELATIVE:  # 上年同期 under a title of 2021
                means["year"] = _years_before(said.get("year", ""), RELATIVE[means["year"]])
            missing = next((key for key in _KEYS if not means.get(key)), "")
            missing = "merged" if (number, place) in spread else said.get("doubt", missing)
            if unknown or missing:
                key = (missing or "indicator", unknown)
                unplaced.setdefault(key, []).append((number, place))
                continue
            own = label.get("column", "")  # counts and rate of a figure in rows of their own
            measure = own if own in _MEASURES else speaks.get("column", "")
            measure = measure if measure in _MEASURES else "value"
            key = (number if measure != own else "", *(means.get(d, "") for d in LABELS))
            placed.setdefault(key, []).append((number, place))
            if measure in rows.get(key, ()):  # two columns of one meaning: neither is believed
                doubled[key] = place
            kept = {d: means[d] for d in DIMENSIONS if d in means} | {
                name: said[name] for name in _TEXTS if name in said
            }
            row = rows.setdefault(key, kept | texts | {"address": grid.address(number, place)})
            row[measure] = cells[place]
    left_out = []
    for (missing, label), places in unplaced.items():
        fault = _unplaced(grid, meanings, missing, label, [row + 1 for row, _ in places])
        left_out += [(grid.cell(*place), grid.rows[place[0]][place[1]], fault) for place in places]
    alike: dict[int, tuple[int, int]] = {}  # columns of one meaning, with the two of them
    for key, second in doubled.items():
        pair = placed[key][0][1], second
        alike |= {column: pair for column in pair if pair[0] != second}
    for key in list(rows):
        pair = next((alike[at[1]] for at in placed[key] if at[1] in alike), None)
        pair = (placed[key][0][1], doubled[key]) if key in doubled else pair
        if pair is not None:
            del rows[key]
            first, again = (grid.rows[head[-1]][place] for place in pair)
            fault = problem(
                "duplicate_column", grid.file, None, again, first=first, quoted=repr(first)
            )
            left_out += [(grid.cell(*at), grid.rows[at[0]][at[1]], fault) for at in placed[key]]
    return list(rows.values()), left_out, notes


def _repeated(grid: Grid) -> set[tuple[int, int]]:
    """Places that only repeat the text to their left, such as a note merged under the table."""
    rows = grid.rows
    return {(r, c) for r, c in grid.merged if c > 0 and rows[r][c - 1] == rows[r][c]}


def _written_again(grid: Grid, head: int, column: int, *, first: bool) -> bool:
    """Whether a label is written again: then it is not said once, and an empty one is left out.

    On the next row; in the ``first`` column of labels on any.
    """
    rows = range(head + 1, len(grid.rows))
    texts = [grid.rows[r][column] if (r, column) not in grid.merged else "" for r in rows]
    again = (one == before for before, one in pairwise(texts) if one)
    written = list(filter(None, texts))
    return any(again) or (first and len(set(written)) < len(written))


def _spread(grid: Grid, columns: dict[int, Meaning]) -> set[tuple[int, int]]:
    """Places of a number merged over several: of which of them it is, nobody can say."""
    found = set()
    for row, column in grid.merged:
        text = grid.rows[row][column]
        for before in ((row - 1, column), (row, column - 1)):
            both = min(before) >= 0 and grid.rows[before[0]][before[1]] == text
            if both and {column, before[1]} <= set(columns) and NUMBER.fullmatch(text):
                found |= {(row, column), before}
    return found


def _years_before(year: str, before: int) -> str:
    return str(int(year) - before) if year else ""


def _repeats(cells: list[str], grid: Grid, head: list[int]) -> bool:
    """Whether the row is the headings once more, as on the second page of a print."""
    return any(cells == grid.rows[row] for row in head)


def _label(
    cells: list[str],
    labels: dict[int, str],
    meanings: Meanings,
    above: dict[int, Meaning],
    falls: set[int],
) -> tuple[Meaning, str, dict[int, Meaning]]:
    """What the labels beside a row say, the first one not known, and what holds for rows below.

    An empty label repeats the one above (merges are lost in CSV) where names are written once
    (``falls``) and nothing stands before it; "of which: female" keeps the indicator above it.
    """
    means: Meaning = {}
    unknown, holds = "", dict(above)
    for place, dimension in labels.items():
        text = cells[place]
        found = meanings.of(text)
        if not text and place in falls and not any(cells[p] for p in labels if p < place):
            found = above.get(place, {})
        if text and not found and dimension in (*_STRATA, "year"):
            found = {dimension: text}
        if text and not found:
            unknown = unknown or text
        elif text and "indicator" not in found and "indicator" in above.get(place, {}):
            found = {"indicator": above[place]["indicator"]} | found
        holds[place] = found
        means |= found
    return means, unknown, holds


def _unplaced(grid: Grid, meanings: Meanings, key: str, label: str, lines: list[int]) -> Problem:
    file = " ".join(filter(None, (grid.file, grid.sheet)))
    if not label:
        return problem(f"unplaced.{key}", file, lines[0], n=len(lines))
    known = [*meanings.indicators, *meanings.areas]
    near = get_close_matches(label, known, n=3, cutoff=0.5)
    advice = Text(
        f"是否为：{'、'.join(near)}？请在名称对照表中写明。"
        if near
        else "请在名称对照表中写明，不需要的写“-”。",
        f"Is it {' or '.join(near)}? Say so in the file of names."
        if near
        else "Say in the file of names what it is, or '-' to leave it out.",
    )
    return problem("unplaced_label", file, lines[0], found=label, n=len(lines), advice=advice)


def _told(
    grid: Grid,
    meanings: Meanings,
    head: list[int],
    columns: _Columns,
    said: Meaning,
    rows: list[dict[str, str]],
    notes: list[int],
) -> list[Text]:
    sheet = Text(
        f"工作表 {grid.sheet}：" if grid.sheet else "",
        f"sheet {grid.sheet}: " if grid.sheet else "",
    )
    across = sorted({d for m in columns.values.values() for d in m if d in (*_KEYS, *_STRATA)})
    lines = f"{head[0] + 1}" if len(head) == 1 else f"{head[0] + 1}–{head[-1] + 1}"
    names = _names(across)
    gaps = sum(fold(row.get("value", "")) in missing_marks() for row in rows)
    zh, en = f"{len(rows) - gaps} 个数", f"{len(rows) - gaps} figures"
    if gaps:
        zh, en = f"{zh}，{gaps} 格写明缺数", f"{en}, {gaps} marks of none"
    told = [
        Text(
            f"{sheet.zh}标题在第 {lines} 行，横向是{names.zh or '数值'}；读出 {zh}",
            f"{sheet.en}headings in row {lines}, across: {names.en or 'values'}; {en}",
        )
    ]
    for key in _KEYS:
        found = list(dict.fromkeys(row[key] for row in rows))
        one, shown = _names([key]), ", ".join(meanings.shown.get(code, code) for code in found)
        if key == "year" and len(found) > 1:
            shown = f"{min(found)}–{max(found)}"
        elif len(found) > 3:
            told.append(Text(f"{one.zh}：{len(found)} 项", f"{one.en}: {len(found)}"))
            continue
        if found:
            told.append(Text(f"{one.zh}：{shown}", f"{one.en}: {shown}"))
    for name in ("unit", "as_of", "source"):
        if name in said:
            one = _names([name])
            told.append(
                Text(f"{one.zh}（表上所写）：{said[name]}", f"{one.en} (said once): {said[name]}")
            )
    if columns.aside:
        listed = columns.aside[:10]
        zh, en = f"未读入的列：{'、'.join(listed)}", f"columns left out: {', '.join(listed)}"
        told.append(Text(zh, en))
    if notes:
        shown = ", ".join(map(str, notes[:10]))
        told.append(Text(f"未读入的行：第 {shown} 行", f"rows left out: {shown}"))
    if grid.hidden:
        shown = ", ".join(map(str, grid.hidden[:10]))
        zh, en = f"隐藏的行、列也已读入：{shown}", f"hidden rows and columns were read too: {shown}"
        told.append(Text(zh, en))
    return told


def _names(columns: list[str]) -> Text:
    return Text(" × ".join(RETURN.names[c] for c in columns), " × ".join(columns))
