"""Tables of a study: computed once, shared by the notebooks of one batch, and the data read once.

The batch gives its kernels a private folder in the environment variable ``WDP_STUDIES``; without it
nothing is written and every study computes for itself. A table is a NumPy archive without pickled
objects.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.files import write_atomic
from wdp_lib.data import Dataset, read_dataset
from wdp_lib.data.read.metadata import find_dataset, read_metadata
from wdp_lib.data.read.stored import digest, lasting
from wdp_lib.evaluation.rounds import selected
from wdp_lib.plan import Plan

FOLDER = "WDP_STUDIES"
FRAMES = ("observations", "rejected", "areas", "breaks", "choices", "missing")
SAID = ("found", "expected", "advice")  # texts of a problem
PLAIN = ["rule", "file", "row", "column", "severity"]  # and the rest of it


class computed:  # noqa: N801, used like functools.cached_property
    """A property computed when first asked for, and once a study.

    A table handed out is a copy that costs nothing until it is changed: no reader can change it for
    the others. A study of a part of a plan has the rows of its part of what the whole gives.
    ``meaning``: what it says. ``make``: ``make(study)`` returns it.
    """

    def __init__(self, meaning: str, make: Callable[[Any], Any]):
        self._make = make
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, study: Any, value: Any) -> None:
        raise AttributeError(f"{self._name} is computed and cannot be set")

    def __get__(self, study: Any, owner: type | None = None) -> Any:
        if study is None:
            return self
        if self._name not in study.results:
            made = self._part(study) if study.whole else self._result(study)
            if study.internal is not None and isinstance(made, pd.DataFrame):
                made = study.explained(made)
            study.results[self._name] = made
        value = study.results[self._name]
        return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value

    def _result(self, study: Any) -> Any:
        return self._make(study)

    def _part(self, study: Any) -> Any:
        value = getattr(study.whole, self._name)
        ours = isinstance(value, pd.DataFrame) and {"indicator", "goal"} & set(value.columns)
        return selected(value, study.plan) if ours else value


class stored(computed):  # noqa: N801
    """A computed table that the notebooks of one batch share."""

    def _result(self, study: Any) -> pd.DataFrame:
        return study.store.frames(self._name, lambda: {"table": self._make(study)})["table"]


class derived(computed):  # noqa: N801
    """A property made of others each time, also for a part of a plan."""

    def __get__(self, study: Any, owner: type | None = None) -> Any:
        return self if study is None else self._make(study)


@dataclass(frozen=True)
class Store:
    """The results of one study on disk; without a folder nowhere."""

    folder: Path | None

    def frames(
        self, name: str, make: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> Mapping[str, pd.DataFrame]:
        """Return the frames kept under a name; made and kept when they are not there yet."""
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.npz"
        with _alone(self.folder / f"{name}.lock"):
            if path.is_file():
                return _read(path)
            frames = make()
            _write(frames, path)
        return frames


def shared_store(identity: Mapping[str, Any], files: list[Path]) -> Store:
    """Return the store of the study made from these settings and the contents of these files."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return Store(None)
    seen = hashlib.sha256(json.dumps(identity, sort_keys=True).encode("utf-8"))
    for path in sorted(files):
        seen.update(path.name.encode("utf-8") + b"\0" + digest(path).encode())
    place = Path(folder) / seen.hexdigest()[:32]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store(place)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that a process which dies gives back; without locks two compute the same."""
    with path.open("w") as file:
        with suppress(ImportError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    arrays: dict[str, np.ndarray] = {}
    shape = {}
    for number, (name, frame) in enumerate(frames.items()):
        columns = [[column, str(frame[column].dtype)] for column in frame]
        shape[name] = {"columns": columns, "rows": len(frame)}
        for place, column in enumerate(frame):
            values, key = frame[column], f"{number}.{place}"
            if pd.api.types.is_string_dtype(values.dtype):
                codes, texts = pd.factorize(values, use_na_sentinel=True)
                arrays |= {key: codes, f"{key}.texts": np.asarray(texts, dtype=str)}
            elif isinstance(values.dtype, pd.Int64Dtype):
                arrays[key] = values.to_numpy(dtype="int64", na_value=0)
                arrays[f"{key}.missing"] = values.isna().to_numpy()
            else:
                arrays[key] = values.to_numpy()
    arrays["shape"] = np.frombuffer(json.dumps(shape).encode("utf-8"), dtype=np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    write_atomic(path, stream.getvalue())


def _read(path: Path) -> dict[str, pd.DataFrame]:
    with np.load(path, allow_pickle=False) as arrays:
        shape = json.loads(arrays["shape"].tobytes().decode("utf-8"))
        return {
            name: pd.DataFrame(
                {
                    column: _column(arrays, f"{number}.{place}", dtype)
                    for place, (column, dtype) in enumerate(table["columns"])
                },
                index=pd.RangeIndex(table["rows"]),
            )
            for number, (name, table) in enumerate(shape.items())
        }


def _column(arrays: Mapping[str, np.ndarray], key: str, dtype: str) -> Any:
    if f"{key}.texts" in arrays:
        texts = pd.array(arrays[f"{key}.texts"], dtype=dtype)
        return texts.take(arrays[key], allow_fill=True)
    if f"{key}.missing" in arrays:
        return pd.arrays.IntegerArray(arrays[key], arrays[f"{key}.missing"])
    return arrays[key]


def known_files(home: Path, plan: str, dataset: str, earlier_round: str) -> list[Path]:
    """Return every file under ``data`` that may change what a study says."""
    data = home / "data"
    folders = [data / "plans" / plan, data / "observations" / dataset, data / "records" / dataset]
    folders += [data / "schemes"] + ([data / "archive" / earlier_round] if earlier_round else [])
    files = lasting(path for folder in folders for path in folder.rglob("*"))
    corrections = data / "corrections" / f"{dataset}.csv"
    return files + ([corrections] if corrections.is_file() else [])


def known_data(
    store: Store, dataset: str, plan: Plan, *, as_of: str, area: str, home: Path
) -> Dataset:
    """Return a data set as known on a day: from the store, or read."""

    def read() -> Dataset:
        return read_dataset(dataset, plan, as_of=as_of, area=area, home=home)

    if store.folder is None:
        return read()
    frames = store.frames("data", lambda: _as_frames(read()))
    folder, _ = find_dataset(dataset, home)
    metadata = read_metadata(folder / "dataset.yaml")
    counts = dict(zip(frames["counts"]["name"], map(int, frames["counts"]["rows"]), strict=True))
    problems = tuple(_problem(row) for row in frames["problems"].to_dict("records"))
    tables = {name: frames[name] for name in FRAMES}
    return Dataset(metadata.id, metadata, problems=problems, counts=counts, **tables)


def _as_frames(data: Dataset) -> Mapping[str, pd.DataFrame]:
    counts = pd.DataFrame({"name": list(data.counts), "rows": list(data.counts.values())})
    rows = [_row(problem) for problem in data.problems]
    columns = [*PLAIN, "found", *(f"{part}_{one}" for part in SAID for one in ("zh", "en"))]
    typed = {name: "Int64" if name == "row" else "str" for name in columns}
    problems = pd.DataFrame(rows, columns=columns).astype(typed)
    return {name: getattr(data, name) for name in FRAMES} | {"counts": counts, "problems": problems}


def _row(problem: Problem) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(problem, name) for name in PLAIN}
    for part in SAID:
        text = getattr(problem, part)
        said = {part: text} if isinstance(text, str) else vars(text)
        row |= {name if name == part else f"{part}_{name}": one for name, one in said.items()}
    return row


def _problem(row: Mapping[str, Any]) -> Problem:
    plain = {name: None if pd.isna(row[name]) else row[name] for name in [*PLAIN, "found"]}
    said = {part: Text(row[f"{part}_zh"], row[f"{part}_en"]) for part in SAID}
    line = None if plain["row"] is None else int(plain["row"])
    found = said["found"] if plain["found"] is None else plain["found"]
    return Problem(**plain | said | {"row": line, "found": found})
