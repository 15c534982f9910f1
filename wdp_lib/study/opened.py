"""The data of a study, read once a batch, and the files it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.data import Dataset, read_dataset
from wdp_lib.data.read.metadata import find_dataset, read_metadata
from wdp_lib.plan import Plan
from wdp_lib.study.store import Store

FRAMES = ("observations", "rejected", "areas", "breaks", "choices")


def known_files(home: Path, plan: str, dataset: str, earlier_round: str) -> list[Path]:
    """Return every file under ``data`` that may change what a study says."""
    data = home / "data"
    folders = [data / "plans" / plan, data / "observations" / dataset, data / "records" / dataset]
    folders += [data / "schemes"] + ([data / "archive" / earlier_round] if earlier_round else [])
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    corrections = data / "corrections" / f"{dataset}.csv"
    return files + ([corrections] if corrections.is_file() else [])


def known_data(store: Store, dataset: str, plan: Plan, *, as_of: str, home: Path) -> Dataset:
    """Return a data set as known on a day: from the store, or read."""
    if store.folder is None:
        return read_dataset(dataset, plan, as_of=as_of, home=home)
    frames = store.frames(
        "data", lambda: _as_frames(read_dataset(dataset, plan, as_of=as_of, home=home))
    )
    folder, _ = find_dataset(dataset, home)
    counts = dict(zip(frames["counts"]["name"], map(int, frames["counts"]["rows"]), strict=True))
    problems = tuple(_problem(row) for row in frames["problems"].to_dict("records"))
    metadata = read_metadata(folder / "dataset.yaml")
    tables = {name: frames[name] for name in FRAMES}
    return Dataset(metadata.id, metadata, problems=problems, counts=counts, **tables)


def _as_frames(data: Dataset) -> Mapping[str, pd.DataFrame]:
    counts = pd.DataFrame({"name": list(data.counts), "rows": list(data.counts.values())})
    columns = ["rule", "file", "row", "column", "found", "severity"]
    columns += [
        f"{part}_{language}"
        for part in ("found", "expected", "advice")
        for language in ("zh", "en")
    ]
    problems = pd.DataFrame([_row(problem) for problem in data.problems], columns=columns)
    typed = problems.astype({"row": "Int64"} | {name: "str" for name in columns if name != "row"})
    return {name: getattr(data, name) for name in FRAMES} | {"counts": counts, "problems": typed}


def _row(problem: Problem) -> dict[str, Any]:
    row = asdict(problem)
    for part in ("found", "expected", "advice"):
        if isinstance(row[part], dict):
            row |= {f"{part}_{language}": text for language, text in row.pop(part).items()}
    return row


def _problem(row: Mapping[str, Any]) -> Problem:
    def text(part: str) -> Text:
        return Text(row[f"{part}_zh"], row[f"{part}_en"])

    def given(name: str) -> Any:
        return None if pd.isna(row[name]) else row[name]

    found = text("found") if given("found") is None else row["found"]
    line = given("row")
    return Problem(
        row["rule"],
        row["file"],
        None if line is None else int(line),
        given("column"),
        found,
        text("expected"),
        text("advice"),
        row["severity"],
    )
