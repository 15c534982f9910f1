"""``wdp import``: a table of any layout, laid long beside the original; says what it understood."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from wdp_lib.cli.actions import DONE, WRONG_INPUT
from wdp_lib.cli.starting import add_to_dataset
from wdp_lib.core.console import say
from wdp_lib.core.errors import ParameterError, Text, user_language


def import_tables(options: argparse.Namespace) -> int:
    """Carry out ``wdp import``."""
    from wdp_lib.core.files import write_table
    from wdp_lib.data.read.returns import RETURN, long_sheets
    from wdp_lib.data.tables import Meanings, lay_out, long_table, read_grids
    from wdp_lib.plan import load_plan

    plan, source = load_plan(options.plan), Path(options.file)
    target = _target(options, source)
    areas = _areas(options.data, plan)
    meanings = Meanings(plan, areas, names_of(options.names))
    grids = read_grids(source)
    grids = long_sheets(grids) or grids  # what stands beside a long table only explains it
    laid = [(grid, lay_out(grid, meanings, plan.area)) for grid in grids]
    language, refused = user_language(), False
    for _, one in laid:
        for line in one.told:
            say(line)
        for problem in one.problems:
            refused |= problem.keeps_out
            say(f"  {problem.message(language)}", sys.stderr)
    given = {"status": options.status, "as_of": options.as_of, "source": options.source}
    table = long_table(laid, meanings, **given)
    asked = _cells(table, source.name)
    for problem in asked:
        refused |= problem.keeps_out
        say(f"  {problem.message(language)}", sys.stderr)
    if table.empty or options.preview:
        return WRONG_INPUT if table.empty or refused else DONE
    if target.exists():
        zh, en = (
            "已存在，不覆盖。请移开，或用 --out 另指定文件名。",
            "exists and is not overwritten. Move it, or name another with --out.",
        )
        raise ParameterError.of(f"{target} {zh}", f"{target} {en}")
    write_table(table, target)
    say(Text(f"{len(table)} 行写入 {target}", f"{len(table)} rows written to {target}"))
    if options.add:
        add_to_dataset(target.parent, target.name)
    elif "" in set(table[RETURN.names["as_of"]]):
        say(
            Text(
                "有的数没有可知日期：请用 --as-of 给出，或在表中填写“可知日期”列。",
                "Some figures do not say from which day they were known: give --as-of.",
            )
        )
    return WRONG_INPUT if refused else DONE


def _target(options: argparse.Namespace, source: Path) -> Path:
    from wdp_lib.data.read.metadata import find_dataset

    if options.add and not options.data:
        raise ParameterError.of("--add 须与 --data 同用。", "--add needs --data.")
    if options.add:
        return find_dataset(options.data, None)[0] / f"{source.stem}.csv"
    return Path(options.out) if options.out else source.with_name(f"{source.stem}.long.csv")


def _cells(table: Any, file: str) -> list[Any]:
    """What will be asked or refused of the figures when they are read, by their addresses."""
    from dataclasses import replace

    from wdp_lib.data.read.cells import read_count, read_number
    from wdp_lib.data.read.columns import read_column
    from wdp_lib.data.read.returns import RETURN

    address = table[RETURN.names["source_address"]].str.removeprefix(f"{file} ")
    found = []
    for column in ("value", "numerator", "denominator"):
        reader = read_number if column == "value" else read_count
        named = table.rename(columns={RETURN.names[column]: column})
        rows = named.assign(file=file, row=range(len(table)))
        _, problems = read_column(rows, column, reader)
        found += [replace(p, row=None, column=address.iloc[p.row]) for p in problems]
    return [p for p in found if p.keeps_out or p.rule == "footnote_mark"]


def _areas(dataset: str | None, plan) -> Any:
    import pandas as pd

    from wdp_lib.data.read.metadata import find_dataset, read_areas

    if dataset:
        folder, _ = find_dataset(dataset, None)
        return read_areas(folder / "areas.csv")[0]
    named = {"area": [plan.area], "name_zh": [plan.area_name.zh], "name_en": [plan.area_name.en]}
    return pd.DataFrame(named)


def names_of(path: str | None) -> dict[str, str]:
    """Return labels and what they mean: a CSV file of two columns below a line of headings."""
    from wdp_lib.data.tables import read_grids

    if not path:
        return {}
    (grid, *_) = read_grids(Path(path))
    if len(grid.rows[0]) < 2:
        en = "The file of names needs two columns: the label, and the indicator or area it means."
        raise ParameterError.of("名称对照表须有两列：表上的写法、对应的指标或地区。", en)
    return {row[0]: row[1] for row in grid.rows[1:] if row[0] and row[1]}
