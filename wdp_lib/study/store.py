"""Results of a study shared by the notebooks of one batch.

Each is computed by whoever needs it first.

The batch gives its kernels a private folder in the environment variable ``WDP_STUDIES``; without it
nothing is written
and every study computes for itself. A table is a NumPy archive without pickled objects.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wdp_lib.core.files import write_atomic

FOLDER = "WDP_STUDIES"


@dataclass(frozen=True)
class Store:
    """The results of one study on disk.

    Parameters
    ----------
    folder : Path or None
        Where they are; ``None``: nowhere.
    """

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
        seen.update(path.name.encode("utf-8") + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    place = Path(folder) / seen.hexdigest()[:32]
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store(place)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that a process which dies gives back.

    Where there are none, two may compute the same.
    """
    with path.open("w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        except ImportError:
            pass
        yield


def _write(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    import io

    arrays: dict[str, np.ndarray] = {}
    shape = {}
    for number, (name, frame) in enumerate(frames.items()):
        columns = []
        for place, column in enumerate(frame):
            values = frame[column]
            columns.append([column, str(values.dtype)])
            key = f"{number}.{place}"
            if pd.api.types.is_string_dtype(values.dtype):
                codes, texts = pd.factorize(values, use_na_sentinel=True)
                arrays[key] = codes
                arrays[f"{key}.texts"] = np.asarray(texts, dtype=str)
            elif isinstance(values.dtype, pd.Int64Dtype):
                arrays[key] = values.to_numpy(dtype="int64", na_value=0)
                arrays[f"{key}.missing"] = values.isna().to_numpy()
            else:
                arrays[key] = values.to_numpy()
        shape[name] = {"columns": columns, "rows": len(frame)}
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
    values = arrays[key]
    if f"{key}.texts" in arrays:
        texts = pd.array(arrays[f"{key}.texts"], dtype=dtype)
        return texts.take(values, allow_fill=True)
    if f"{key}.missing" in arrays:
        return pd.arrays.IntegerArray(values, arrays[f"{key}.missing"])
    return values
