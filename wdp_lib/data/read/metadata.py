"""What accompanies the returns of a data set: its metadata twin, its areas, its breaks, its map and its choices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.core.settings import read_yaml

AREAS = ("area", "name_zh", "name_en", "level", "parent")
BREAKS = ("indicator", "area", "year", "kind", "description_zh", "description_en", "link_factor")
MAP = ("key", "sex", "residence", "indicator", "definition_match", "remark_zh", "remark_en")
CHOICES = ("key", "area", "sex", "residence", "year", "use_value", "reason_zh", "reason_en")
_SIDE_FILES = ("areas.csv", "breaks.csv", "indicator_map.csv", "choices.csv", "keys.csv")
_RETURNS = (".csv", ".xls", ".xlsx")


@dataclass(frozen=True)
class Metadata:
    """What `dataset.yaml` says.

    Parameters
    ----------
    id : str
        Identifier of the data set.
    title, mark, source : Text
        Title; words printed on everything made from it (empty for real data); where it comes from.
    kind : {"simulated", "real"}
        Whether the values are simulated.
    licence : str
        Terms of use.
    files : tuple of str
        Names of the returns.
    extra_columns : tuple of str
        Further headings the returns may have.
    """

    id: str
    title: Text
    kind: str
    files: tuple[str, ...]
    mark: Text = Text("", "")
    source: Text = Text("", "")
    licence: str = ""
    extra_columns: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether the values are simulated."""
        return self.kind == "simulated"


def find_dataset(name_or_folder: str | Path, home: str | Path | None) -> tuple[Path, Path | None]:
    """Return the folder of a data set and the file of its corrections (``None`` where there can be none).

    Raises
    ------
    DataError
        When there is no such data set; the advice names the closest one.
    """
    folder = Path(name_or_folder)
    if not (folder / "dataset.yaml").is_file():
        store = (
            Path(home) / "data" / "observations" if home else find_home() / "data" / "observations"
        )
        folder = store / str(name_or_folder)
        if not (folder / "dataset.yaml").is_file():
            known = sorted(path.parent.name for path in store.glob("*/dataset.yaml"))
            advice = suggestion(str(name_or_folder), known)
            raise DataError(
                Text(
                    f"没有数据集“{name_or_folder}”。{advice.zh}",
                    f"No data set '{name_or_folder}'. {advice.en}",
                )
            )
    if folder.resolve().parent.name != "observations":
        return folder, None
    return folder, folder.resolve().parents[1] / "corrections" / f"{folder.resolve().name}.csv"


def read_metadata(path: Path) -> Metadata:
    """Read `dataset.yaml`.

    Raises
    ------
    DataError
        With every entry that is missing or wrong.
    """
    content = read_head(path)
    problems = metadata_problems(content, path.name, ("id", "title", "files"))
    if problems:
        raise DataError(
            Text("数据集说明不完整", "The description of the data set is incomplete"), problems
        )
    return Metadata(
        id=str(content["id"]),
        title=bilingual(content["title"]),
        kind=content["kind"],
        files=tuple(str(name) for name in content["files"]),
        mark=bilingual(content.get("mark")),
        source=bilingual(content.get("source")),
        licence=str(content.get("licence") or ""),
        extra_columns=tuple(str(name) for name in content.get("extra_columns") or ()),
    )


def read_head(path: Path) -> dict:
    """Return the entries of a YAML file, or raise ``DataError`` when it is not well formed."""
    read = read_yaml(path)
    if read.problem:
        raise DataError(
            Text(f"无法读取 {path.name}", f"{path.name} cannot be read"), [read.problem]
        )
    return read.content


def unlisted_files(folder: Path, metadata: Metadata) -> list[Problem]:
    """Return a warning for each file that looks like a return and is not listed in `dataset.yaml`."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _RETURNS)
    return [
        Problem(
            "file_not_listed",
            name,
            None,
            None,
            Text("未列入 dataset.yaml 的文件", "a file that dataset.yaml does not list"),
            Text("列入 files 的文件", "a file listed under files"),
            Text(
                "该文件未读入；如需采用，请列入 dataset.yaml。",
                "It was not read; list it in dataset.yaml if it counts.",
            ),
            "warn",
        )
        for name in names
        if name not in (*metadata.files, *_SIDE_FILES)
    ]


def read_table(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> pd.DataFrame:
    """Read a reviewed table that accompanies the returns; no rows when there is no such file.

    Parameters
    ----------
    path : Path
        CSV file, UTF-8.
    columns : tuple of str
        Its columns; all come back, as text, ``""`` where empty; and ``row``, the line in the file.
    required : tuple of str
        Those the file must have.

    Raises
    ------
    DataError
        When a required column is missing or the file is no CSV in UTF-8.
    """
    if not path.is_file():
        return pd.DataFrame(columns=[*columns, "row"], dtype=object)
    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        found = " ".join(str(error).split())
        raise _unreadable(path.name, Text(found, found)) from error
    missing = [name for name in required if name not in table.columns]
    if missing:
        raise DataError(
            Text(f"{path.name} 缺少列", f"{path.name} lacks columns"),
            [_lacks(path.name, n) for n in missing],
        )
    table = table.reindex(columns=list(columns), fill_value="").apply(
        lambda column: column.str.strip()
    )
    table["row"] = range(2, len(table) + 2)
    return table[(table[list(columns)] != "").any(axis=1)].reset_index(drop=True)


def bilingual(value: Any) -> Text:
    """Return an entry with ``zh`` and ``en``, or a plain one, as words in both languages."""
    if isinstance(value, dict):
        return Text(str(value.get("zh") or ""), str(value.get("en") or ""))
    return Text(str(value or ""), str(value or ""))


def metadata_problems(content: dict, file: str, needed: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each needed entry that is missing, and for a kind or a mark that is wrong."""
    problems = [_entry(file, key, content.get(key)) for key in needed if not content.get(key)]
    if content.get("kind") not in ("simulated", "real"):
        problems.append(
            _entry(
                file, "kind", content.get("kind"), Text("simulated 或 real", "simulated or real")
            )
        )
    elif content["kind"] == "simulated" and not content.get("mark"):
        problems.append(
            _entry(
                file, "mark", None, Text("模拟数据的标记文字", "the words that mark simulated data")
            )
        )
    if content.get("files") and not isinstance(content["files"], list):
        problems.append(
            _entry(file, "files", content["files"], Text("文件名的列表", "a list of file names"))
        )
    return problems


def _entry(file: str, key: str, found: object, expected: Text | None = None) -> Problem:
    found = Text("没有此项", "nothing") if found in (None, "", []) else str(found)
    expected = expected or Text("此项须填写", "an entry")
    return Problem("metadata", file, None, key, found, expected, Text("请补正。", "Put it right."))


def _lacks(file: str, column: str) -> Problem:
    return Problem(
        "missing_column",
        file,
        None,
        column,
        Text("没有此列", "no such column"),
        Text("此列", "this column"),
        Text("请补上这一列。", "Add the column."),
    )


def _unreadable(file: str, found: Text) -> DataError:
    advice = Text("请改正后另存为 UTF-8。", "Correct it and save it as UTF-8.")
    expected = Text("UTF-8 编码、格式正确的文件", "a well-formed file in UTF-8")
    problem = Problem("unreadable", file, None, None, found, expected, advice)
    return DataError(Text(f"无法读取 {file}", f"{file} cannot be read"), [problem])
