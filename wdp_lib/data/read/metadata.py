"""What accompanies the returns of a data set: metadata, areas, breaks, map and choices."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.dates import DUE, is_day_of_year
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.core.settings import read_yaml
from wdp_lib.data.read.returns import Form, parse_return
from wdp_lib.data.read.stored import address_of, is_store
from wdp_lib.data.tell import problem

AREAS = ("area", "name_zh", "name_en", "level", "parent")
BREAKS = ("indicator", "area", "year", "kind", "description_zh", "description_en", "link_factor")
MAP = ("key", "sex", "residence", "indicator", "definition_match", "remark_zh", "remark_en")
CHOICES = ("key", "area", "sex", "residence", "year", "use_value", "reason_zh", "reason_en")
SIDE_FILES = (
    *("areas.csv", "breaks.csv", "indicator_map.csv", "choices.csv", "keys.csv"),
    *("sources.csv", "relations.csv"),
)
_RETURNS = (".csv", ".ods", ".xls", ".xlsx")


@dataclass(frozen=True)
class Metadata:
    """What `dataset.yaml` says."""

    id: str
    # title, mark, source: title; words printed on everything made from it (empty for real data);
    # where it comes from
    title: Text
    kind: str  # {"simulated", "real"}: whether the values are simulated
    files: tuple[str, ...]  # names of the returns
    mark: Text = Text("", "")
    source: Text = Text("", "")
    licence: str = ""
    extra_columns: tuple[str, ...] = ()  # further headings the returns may have
    # what is said once of all rows that do not say it, by column; by file, ``""`` for all files
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    # {"", "begins", "ends"}: which year a school year 2021–2022 stands for; ``""``: it is asked
    school_year: str = ""
    # database of the submissions: a file in the folder, or an address; ``""``: none
    store: str = ""
    plan: str = ""  # the plan whose indicators are reported, where it is said
    due: str = DUE  # day of the following year (``MM-DD``) by which a yearly value is to be known

    def address(self, folder: Path) -> str:
        """Return where the store of the data set is, whose description stands in ``folder``."""
        return address_of(self.store, folder)

    def given_for(self, file: str) -> dict[str, str]:
        """Return what is said once of the rows of a file, by column."""
        return self.given.get("", {}) | self.given.get(file, {})

    @property
    def simulated(self) -> bool:
        """Whether the values are simulated."""
        return self.kind == "simulated"


def find_dataset(name_or_folder: str | Path, home: str | Path | None) -> tuple[Path, Path | None]:
    """Return the folder of a data set and the file of its corrections (``None``: there are none).

    Raises `DataError` when there is no such data set; the advice names the closest one.
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
            raise DataError.of(
                f"没有数据集“{name_or_folder}”。{advice.zh}",
                f"No data set '{name_or_folder}'. {advice.en}",
            )
    if folder.resolve().parent.name != "observations":
        return folder, None
    return folder, folder.resolve().parents[1] / "corrections" / f"{folder.resolve().name}.csv"


def read_metadata(path: Path) -> Metadata:
    """Read `dataset.yaml`.

    Raises `DataError` with every entry that is missing or wrong.
    """
    content = read_head(path)
    content["files"] = content.get("files") or []
    needed = ("id", "title", "store" if content.get("store") else "files")
    problems = metadata_problems(content, path.name, needed)
    if not problems:
        problems = _not_within(content["files"], path)
    if problems:
        raise DataError.of(
            "数据集说明不完整", "The description of the data set is incomplete", problems
        )
    return Metadata(
        id=str(content["id"]),
        title=bilingual(content["title"]),
        kind=content["kind"],
        files=tuple(_file_name(entry) for entry in content["files"]),
        mark=bilingual(content.get("mark")),
        source=bilingual(content.get("source")),
        licence=str(content.get("licence") or ""),
        extra_columns=tuple(str(name) for name in content.get("extra_columns") or ()),
        given={"": _said_once(content.get("all_rows") or {})}
        | {_file_name(one): _said_once(one) for one in content["files"] if isinstance(one, dict)},
        school_year=str(content.get("school_year") or ""),
        store=str(content.get("store") or ""),
        due=str(content.get("due") or DUE),
        plan=str(content.get("plan") or ""),
    )


def _not_within(files: list[Any], path: Path) -> list[Problem]:
    """Return a problem for each file outside the folder, which no fingerprint covers, or twice."""
    folder, seen, wrong = path.resolve().parent, set(), []
    for name in map(_file_name, files):
        place = (folder / name).resolve()
        if place in seen or not place.is_relative_to(folder):
            wrong.append((name, _TWICE if place in seen else _WITHIN))
        seen.add(place)
    return [
        problem("metadata", path.name, None, "files", found=name, expected=expected)
        for name, expected in wrong
    ]


_ONCE = ("area", "year", "status", "as_of", "source", "sex", "residence", "age_group", "unit")


def _file_name(entry: Any) -> str:
    return str(entry.get("file", "") if isinstance(entry, dict) else entry)


def _said_once(entry: dict) -> dict[str, str]:
    return {
        column: bilingual(entry[column]).zh or bilingual(entry[column]).en
        for column in _ONCE
        if entry.get(column)
    }


def read_head(path: Path) -> dict:
    """Return the entries of a YAML file, or raise ``DataError`` when it is not well formed."""
    read = read_yaml(path)
    if read.problem:
        raise DataError.of(f"无法读取 {path.name}", f"{path.name} cannot be read", [read.problem])
    return read.content


def unlisted_files(folder: Path, metadata: Metadata) -> list[Problem]:
    """Return a warning for each return that `dataset.yaml` does not list."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _RETURNS)
    known = (*map(os.path.normpath, metadata.files), *SIDE_FILES)
    return [problem("file_not_listed", name) for name in names if name not in known]


def read_table(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> pd.DataFrame:
    """Read a reviewed table that accompanies the returns; no rows when there is no such file.

    Returns
    -------
    pandas.DataFrame
        All of ``columns`` as text, ``""`` where empty; and ``row``, the line in the file.

    Raises
    ------
    DataError
        When a required column is missing, a row has too many or too few cells, or the file is no
        CSV in UTF-8.
    """
    if not path.is_file():
        return pd.DataFrame(columns=[*columns, "row"], dtype=object)
    form = Form({name: () for name in columns}, required)
    read = parse_return(path.read_bytes(), path.name, (), form)
    faults = [p for p in read.problems if p.keeps_out or p.rule == "encoding"]
    if faults:
        raise DataError.of(f"无法读取 {path.name}", f"{path.name} cannot be read", faults)
    return read.rows[[*columns, "row"]].astype(dict.fromkeys(columns, "str"))


def read_areas(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the table of areas, and warn of each area with the name of another.

    Raises `DataError` as `read_table`; also when the table is empty, an identifier comes twice, or
    parents do not lead to the top.
    """
    areas = read_table(path, AREAS, ("area", "name_zh", "level", "parent"))
    if areas.empty:
        name = path.parent.name
        raise DataError.of(f"{name} 缺少 areas.csv", f"{name} has no areas.csv")
    parents = dict(zip(areas["area"], areas["parent"], strict=True)) | {"": ""}
    top = dict.fromkeys(areas["area"])
    for area in top:
        above = area
        for _ in parents:
            if not above:
                break
            above = parents.get(above, "")
        top[area] = above
    marks = {
        "repeated_area": ("area", areas["area"].duplicated()),
        "unknown_parent": ("parent", ~areas["parent"].isin(list(parents))),
        "circle_of_parents": ("parent", areas["area"].map(top) != ""),
        "repeated_name": ("name_zh", areas["name_zh"].duplicated(keep=False)),
    }
    problems = [
        problem(rule, path.name, row, column, found=found)
        for rule, (column, wrong) in marks.items()
        for row, found in areas.loc[wrong, ["row", column]].itertuples(index=False)
    ]
    faults = [p for p in problems if p.keeps_out]
    if faults:
        raise DataError.of(f"{path.name} 有误", f"{path.name} is wrong", faults)
    return areas.drop(columns="row"), problems


def parent_areas(areas: pd.DataFrame, area: str) -> list[str]:
    """Return the areas above an area, the nearest first, by the columns ``area, parent``."""
    parents = dict(zip(areas["area"], areas["parent"].fillna(""), strict=True))
    above: list[str] = []
    parent = parents.get(area, "")
    while parent and parent not in (*above, area):
        above.append(parent)
        parent = parents.get(parent, "")
    return above


def areas_below(areas: pd.DataFrame | None, area: str) -> list[str] | None:
    """Return the areas whose chain of parents leads to an area; ``None`` without a table."""
    if areas is None:
        return None
    below: list[str] = []
    nearest = areas["area"][areas["parent"] == area]
    while len(nearest):
        below += list(nearest)
        children = areas["parent"].isin(list(nearest)) & ~areas["area"].isin([*below, area])
        nearest = areas["area"][children]
    return below


def family(areas: pd.DataFrame, area: str) -> list[str]:
    """Return an area with all its parts, and the areas above it."""
    near = {area, *(areas_below(areas, area) or ()), *parent_areas(areas, area)}
    return [one for one in areas["area"] if one in near]


def bilingual(value: Any) -> Text:
    """Return an entry with ``zh`` and ``en``, or a plain one, as words in both languages."""
    if isinstance(value, dict):
        return Text(str(value.get("zh") or ""), str(value.get("en") or ""))
    return Text(str(value or ""), str(value or ""))


def metadata_problems(content: dict, file: str, needed: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each needed entry that is missing, and for a wrong kind or mark."""
    wrong = [(key, _ENTRY) for key in needed if not content.get(key)]
    if content.get("kind") not in ("simulated", "real"):
        wrong.append(("kind", Text("simulated 或 real", "simulated or real")))
    elif content["kind"] == "simulated" and not content.get("mark"):
        wrong.append(("mark", Text("模拟数据的标记文字", "the words that mark simulated data")))
    if str(content.get("school_year") or "begins") not in ("begins", "ends"):
        wrong.append(("school_year", Text("begins 或 ends", "begins or ends")))
    if content.get("store") and not is_store(str(content["store"])):
        wrong.append(("store", _STORE))
    if not is_day_of_year(str(content.get("due") or DUE)):
        expected = Text("月-日，如 06-30", "month-day in quotes, such as 06-30")
        wrong.append(("due", expected))
    for key, expected in _LISTS.items():
        kind = dict if key == "all_rows" else list
        if content.get(key) and not isinstance(content[key], kind):
            wrong.append((key, expected))
    files = content.get("files") if isinstance(content.get("files"), list) else []
    for entry in (content.get("all_rows"), *files):
        if isinstance(entry, dict) and (unknown := set(entry) - {"file", *_ONCE}):
            wrong.append((min(map(str, unknown)), Text("、".join(_ONCE), ", ".join(_ONCE))))
    return [
        problem(
            "metadata", file, None, key, found=str(content.get(key) or "") or _NOTHING, expected=e
        )
        for key, e in wrong
    ]


_WITHIN = Text("本数据集文件夹内的文件", "a file within the folder of the data set")
_STORE = Text(
    "数据库文件名（如 store.sqlite），或 postgresql://用户@服务器/库，不写密码",
    "a file such as store.sqlite, or postgresql://user@server/database without password",
)
_TWICE = Text("每个文件列一次", "each file once")
_ENTRY, _NOTHING = Text("此项须填写", "an entry"), Text("没有此项", "nothing")
_LISTS = {
    "files": Text("文件名的列表", "a list of file names"),
    "all_rows": Text(
        "各行共有的内容，如 {status: final}", "what all rows share, e.g. {status: final}"
    ),
    "extra_columns": Text("表头的列表", "a list of headings"),
}
