"""Reading a data set: from the returns as received to the observations that count."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY, OBSERVATIONS, conform
from wdp_lib.core.dates import END_OF_TIME, cut_off
from wdp_lib.core.errors import DataError, Problem, Text, user_language
from wdp_lib.core.names import find_area, fold
from wdp_lib.data.check.relations import RELATIONS, plan_relations, related
from wdp_lib.data.check.senders import SOURCES, unregistered_source, with_senders
from wdp_lib.data.check.series import between_rows, returns_due
from wdp_lib.data.check.settle import settle
from wdp_lib.data.read import metadata as side
from wdp_lib.data.read.breaks import mark_breaks, plan_breaks, plan_choices
from wdp_lib.data.read.cells import year_reader
from wdp_lib.data.read.derived_gaps import derive_gaps
from wdp_lib.data.read.keys import usable_map
from wdp_lib.data.read.pipeline import Sorted, reject, sort_rows
from wdp_lib.data.read.rejected import rejected_table
from wdp_lib.data.read.returns import Return, read_return
from wdp_lib.data.read.stored import holds_something, stored_head, stored_returns
from wdp_lib.data.read.table import Table, Words
from wdp_lib.plan.model import Plan

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dataset:
    """A data set as known on one day.

    Parameters
    ----------
    observations : pandas.DataFrame
        The good rows, under the contract ``OBSERVATIONS``; replaced rows have ``used = False``.
    rejected : pandas.DataFrame
        See `wdp_lib.data.read.rejected.rejected_table`.
    problems : tuple of Problem
        Everything that was found, warnings too, by file and row.
    areas, breaks : pandas.DataFrame
        Rows of `areas.csv` and, for the indicators of the plan, of `breaks.csv`.
    choices : pandas.DataFrame
        Rows that a choice in `choices.csv` set aside: ``file, row, indicator, choice_zh,
        choice_en`` (the reason).
    counts : dict of str to int
        What became of the rows read: ``read`` is the sum of ``used, unused, rejected, questioned``
        (kept out until somebody answers), ``missing, later`` (known only after the day) and
        ``not_of_plan`` (of no indicator of this plan).
    newest : str
        Latest day by which any row, good or bad, says it was known; "" where no day can be read.
    missing : pandas.DataFrame
        Rows without a figure: their place, cell, ``kind`` and what is ``written`` there.
    """

    name: str
    metadata: side.Metadata
    observations: pd.DataFrame
    rejected: pd.DataFrame
    problems: tuple[Problem, ...]
    areas: pd.DataFrame
    breaks: pd.DataFrame
    choices: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)
    newest: str = ""
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)


def load_observations(
    name: str | Path, plan: Plan, *, as_of: str, home: Path | str | None = None
) -> pd.DataFrame:
    """Return the observations of a data set (`read_dataset`) under the contract ``OBSERVATIONS``.

    How many rows were rejected is logged as a warning.
    """
    dataset = read_dataset(name, plan, as_of=as_of, home=home)
    rejected = dataset.counts["rejected"]
    if rejected:
        told = Text(
            f"数据集 {dataset.name}：{rejected} 行未采用，原因见 read_dataset(...).rejected。",
            f"Data set {dataset.name}: {rejected} rows were rejected; "
            "read_dataset(...).rejected says why.",
        )
        _LOG.warning("%s", told.in_language(user_language()))
    return dataset.observations


def read_dataset(
    name_or_folder: str | Path,
    plan: Plan,
    *,
    as_of: str,
    area: str = "",
    home: Path | str | None = None,
) -> Dataset:
    """Read a data set as it was known on a day.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a folder in `data/observations`, or any folder with a `dataset.yaml`.
    as_of : str
        ``YYYY-MM-DD``: rows known later are left out, as if they were not there; ``""``: the newest
        day of the rows.
    area : str
        Of a data set kept in a store: only rows of this area, its parts and the areas above it, and
        those whose area is not known.

    Returns
    -------
    Dataset
        Good and bad rows; a file that cannot be understood is a problem of its own, and the others
        are read.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date.
    DataError
        When there is no such data set, no file of it can be read, a table beside the returns is
        wrong, or a correction does not fit.
    """
    as_of = as_of and cut_off(as_of)
    folder, corrections = side.find_dataset(name_or_folder, home)
    metadata = side.read_metadata(folder / "dataset.yaml")
    tables = Tables.read(folder, plan)
    area = find_area(area, tables.areas) if area else ""
    returns = [
        read_return(folder / name, metadata.extra_columns, metadata.given_for(name), name)
        for name in metadata.files
    ]
    if metadata.store and (not returns or holds_something(metadata.address(folder))):
        near = side.family(tables.areas, area) or None
        returns += stored_returns(metadata.address(folder), metadata.given_for(""), near)
    if not any(r.readable for r in returns):
        raise DataError.of(
            f"数据集 {metadata.id} 没有可读的文件",
            f"No file of the data set {metadata.id} can be read",
            [p for r in returns for p in r.problems],
        )
    dataset = assemble(metadata, returns, tables, plan, as_of, corrections)
    return replace(dataset, problems=(*dataset.problems, *side.unlisted_files(folder, metadata)))


def server_mark(name: str | Path, home: Path | str | None = None) -> dict[str, str]:
    """Return the fingerprint of a data set kept on a server under ``store``; ``{}`` if it is not.

    A database in the folder has one as its files have.
    """
    folder, _ = side.find_dataset(name, home)
    metadata = side.read_metadata(folder / "dataset.yaml")
    on_server = "://" in metadata.store
    return {"store": stored_head(metadata.address(folder))} if on_server else {}


def check_return(
    path: Path | str,
    dataset: str | Path,
    plan: Plan,
    *,
    as_of: str,
    received: str = "",
    home: Path | str | None = None,
) -> Dataset:
    """Read one return beside the others of a data set, by the very rules of `read_dataset`.

    A return of the same name is replaced, and then no corrections are applied. ``received`` is the
    day on which its figures were known where it does not say. Problems, rejected rows, missing rows
    and counts are those of this return; also raises ``DataError`` when it cannot be read.
    """
    folder, corrections = side.find_dataset(dataset, home)
    metadata, path = side.read_metadata(folder / "dataset.yaml"), Path(path)
    given = metadata.given_for(path.name) | ({"as_of": received} if received else {})
    returned = read_return(path, metadata.extra_columns, given)
    if not returned.readable:
        raise DataError.of(
            f"无法读取 {returned.file}", f"{returned.file} cannot be read", returned.problems
        )
    others = [
        read_return(folder / name, metadata.extra_columns, metadata.given_for(name), name)
        for name in metadata.files
        if name != path.name
    ]
    if metadata.store and holds_something(metadata.address(folder)):
        others += stored_returns(metadata.address(folder), metadata.given_for(""), None)
    corrections = None if path.name in metadata.files else corrections
    tables = Tables.read(folder, plan)
    whole = assemble(
        metadata, [*others, returned], tables, plan, cut_off(as_of), corrections, returned.file
    )
    return replace(
        whole,
        problems=tuple(p for p in whole.problems if p.file == returned.file),
        rejected=whole.rejected[whole.rejected["file"] == returned.file].reset_index(drop=True),
        missing=whole.missing[whole.missing["file"] == returned.file].reset_index(drop=True),
    )


@dataclass(frozen=True)
class Tables:
    """The tables beside the returns, for one plan; ``mapping`` where the data have own keys."""

    areas: pd.DataFrame
    breaks: pd.DataFrame
    choices: pd.DataFrame
    mapping: pd.DataFrame | None
    problems: list[Problem]
    sources: pd.DataFrame
    relations: pd.DataFrame

    @classmethod
    def read(cls, folder: Path, plan: Plan) -> Tables:
        """Read the tables of the folder of a data set."""
        areas, shared = side.read_areas(folder / "areas.csv")
        path, mapping = folder / "indicator_map.csv", None
        known = {fold(i.id): [i.id] for i in plan.indicators}
        if path.is_file():
            table = side.read_table(path, side.MAP, ("key", "indicator", "definition_match"))
            mapping = usable_map(table, plan)
            by_key = mapping.groupby("folded")["indicator"].agg(lambda ids: sorted(set(ids)))
            known = by_key.to_dict() | known
        breaks = side.read_table(folder / "breaks.csv", side.BREAKS, ("indicator", "year"))
        choices = side.read_table(
            folder / "choices.csv", side.CHOICES, ("key", "year", "use_value")
        )
        sources = side.read_table(folder / "sources.csv", SOURCES, ("source", "unit"))
        relations = side.read_table(folder / "relations.csv", RELATIONS, RELATIONS)
        return cls(
            areas,
            plan_breaks(breaks, known, areas),
            plan_choices(choices),
            mapping,
            shared,
            sources,
            plan_relations(relations, plan),
        )


def assemble(
    metadata: side.Metadata,
    returns: list[Return],
    tables: Tables,
    plan: Plan,
    as_of: str,
    corrections: Path | None,
    counted: str = "",
) -> Dataset:
    """Judge and settle the rows of some returns by all rules; see `read_dataset`.

    Only the rows of the file ``counted`` are counted, if one is named.
    """
    table = Table.joined([r.table for r in returns])
    table = table.with_(line=np.arange(len(table)))
    reader = year_reader(metadata.school_year)
    day = as_of or END_OF_TIME
    rows = sort_rows(table, plan, day, tables.areas, tables.mapping, corrections, reader)
    strange = unregistered_source(rows.good, tables.sources)
    good = with_senders(reject(rows.good, strange), tables.sources, plan)
    good = good.with_(series=good.numbered(*KEY))
    settled, conflicts = settle(good, tables.choices, {one.id: one.name for one in plan.units})
    settled = mark_breaks(reject(settled, conflicts), tables.breaks)
    used = settled.take(settled["used"])
    warnings = [*between_rows(used, tables.areas), *related(used, tables.relations)]
    if tables.mapping is None:  # published figures, which have keys of their own, are due on no day
        warnings += returns_due(used, settled, plan, as_of or rows.newest or day, metadata.due)
    settled, warnings = _set_aside(settled, warnings, rows.problems)
    of_files = [problem for r in returns for problem in r.problems]
    problems = _ordered(
        [*of_files, *rows.problems, *strange, *conflicts, *warnings, *tables.problems], returns
    )
    simulated = np.full(len(settled), metadata.simulated)
    observations = settled.with_(simulated=simulated).frame(OBSERVATIONS.names)
    observations = conform(observations, OBSERVATIONS)
    gaps = derive_gaps(observations, plan)
    if len(gaps):
        observations = pd.concat([observations, gaps], ignore_index=True)
    return Dataset(
        metadata.id,
        metadata,
        observations,
        rejected_table(problems, {r.file: r.cells for r in returns}),
        tuple(problems),
        tables.areas,
        tables.breaks,
        settled.take(~settled.words("choice_zh").isin("")).frame(_CHOICE),
        _counts(returns, problems, table, settled, rows, counted),
        rows.newest,
        _missing(rows.missing),
    )


def _missing(table: Table) -> pd.DataFrame:
    year = pd.array(table["year"].tolist(), dtype="Int64")
    names = [name if name != "written" else "value_text" for name in _MISSING if name != "year"]
    found = table.frame(names).rename(columns={"value_text": "written"})
    return found.assign(year=year)[[*_MISSING]]


_MISSING = ("file", "row", *KEY, "year", "kind", "written")
_CHOICE = ["file", "row", "indicator", "choice_zh", "choice_en"]


def _set_aside(
    settled: Table, warnings: list[Problem], found: list[Problem]
) -> tuple[Table, list[Problem]]:
    """Keep values off by a power of ten out of use, unless a correction confirms them."""
    confirmed = {(p.file, p.row) for p in found if p.rule == "corrected"}
    warnings = [p for p in warnings if p.rule != "unit_slip" or (p.file, p.row) not in confirmed]
    hit = settled.at({(p.file, p.row) for p in warnings if p.rule == "unit_slip"})
    reason = settled.words("unused_reason").where(~hit, Words.all_of("suspect", len(settled)))
    return settled.with_(used=settled["used"] & ~hit, unused_reason=reason), warnings


def _counts(
    returns: list[Return],
    problems: list[Problem],
    table: Table,
    settled: Table,
    rows: Sorted,
    file: str,
) -> dict[str, int]:
    """Count each row once, under the first of its fates (a row may feed several indicators)."""
    problems = [p for p in problems if not file or p.file == file]
    severe: dict[str, set] = {"reject": set(), "ask": set(), "warn": set()}
    for p in problems:
        severe[p.severity].add((p.file, p.row))
    refused = {place for place in severe["reject"] if place[1] is not None}
    rejected = np.flatnonzero(table.at(refused))
    fates = {
        "used": settled["line"][settled["used"]],
        "unused": settled["line"],
        "rejected": rejected,
        "questioned": np.flatnonzero(table.at(severe["ask"] - refused)),
        "missing": rows.missing["line"],
        "later": rows.later,
        "not_of_plan": rows.not_of_plan,
    }
    fate = np.zeros(len(table), dtype="int8")
    for number, lines in reversed(list(enumerate(fates.values(), 1))):
        fate[lines] = number
    counts = {"read": sum(len(r.cells) for r in returns if not file or r.file == file)}
    if file:
        fate = fate[table.words("file").isin(file)]
    counts |= dict(zip(fates, np.bincount(fate, minlength=8)[1:].tolist(), strict=True))
    # rows so malformed that they stand in no table
    counts["rejected"] += len(refused) - len(rejected)
    return counts


def _ordered(problems: list[Problem], returns: list[Return]) -> list[Problem]:
    """Return each problem once, by file and row, with the heading as the file has it."""
    headings = {r.file: r.headings for r in returns}
    order = {r.file: place for place, r in enumerate(returns)}
    written = [
        p if p.column in (shown := headings.get(p.file, {}).get(p.column), None) or shown is None
        else replace(p, column=shown)
        for p in problems
    ]  # fmt: skip
    return sorted(dict.fromkeys(written), key=lambda p: (order.get(p.file, len(order)), p.row or 0))
