"""Writing a simulated data set as a folder, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from io import StringIO
from pathlib import Path

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.simulate.county import Simulation


def write_simulation(
    simulation: Simulation, folder: Path | str, *, corrections: Path | str | None = None
) -> Path:
    """Write the data set; a folder of the same name is replaced if it is simulated.

    Its name becomes the identifier. ``corrections`` is the file for the corrections,
    ``data/corrections/<dataset>.csv``; not written by default.

    Raises
    ------
    ParameterError
        When the folder exists and is no simulated data set.
    """
    folder = Path(folder)
    _refuse_real(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as workplace:
        new, old = Path(workplace) / "new", Path(workplace) / "old"
        for name, text in content(simulation, folder.name).items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    if corrections is not None:
        _write_file(Path(corrections), _csv(simulation.corrections))
    return folder


def content(simulation: Simulation, name: str) -> dict[str, str]:
    """Return the text of each file of the data set ``name``, by its path within the folder."""
    verdicts = (
        {} if simulation.verdicts.empty else {"truth/verdicts.csv": _csv(simulation.verdicts)}
    )
    return {
        "dataset.yaml": _yaml({"id": name, **simulation.metadata}),
        **{file: _csv(table) for file, table in simulation.returns.items()},
        "areas.csv": _csv(simulation.areas),
        "breaks.csv": _csv(simulation.breaks),
        "truth/truth.csv": _csv(simulation.truth),
        "truth/planted.csv": _csv(simulation.planted),
        **verdicts,
    }


def _refuse_real(folder: Path) -> None:
    if not folder.exists():
        return
    twin = folder / "dataset.yaml"
    if not (twin.is_file() and "\nkind: simulated\n" in f"\n{twin.read_text(encoding='utf-8')}\n"):
        raise ParameterError(
            Text(
                f"{folder.name} 已存在，且不是模拟数据集，未覆盖。请换一个文件夹名。",
                f"{folder.name} exists and is no simulated data set: nothing was overwritten. "
                "Choose another folder.",
            )
        )


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


def _yaml(content: dict) -> str:
    from ruamel.yaml import YAML

    yaml, text = YAML(), StringIO()
    yaml.width = 4096
    yaml.dump(content, text)
    return text.getvalue()


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as workplace:
        new = Path(workplace) / path.name
        new.write_text(text, encoding="utf-8", newline="\n")
        shutil.move(new, path)
