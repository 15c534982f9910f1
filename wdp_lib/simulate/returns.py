"""From cells to the rows that departments write, and to the files of a data set."""

from __future__ import annotations

import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError
from wdp_lib.core.files import write_atomic
from wdp_lib.core.words import code_name
from wdp_lib.data.read.words import synonyms
from wdp_lib.plan import Plan
from wdp_lib.simulate.draws import stream
from wdp_lib.simulate.specification import YEARS, Series, Specification

if TYPE_CHECKING:
    from wdp_lib.simulate.county import Simulation

NAMES = """
    indicator area year sex age_group residence value unit numerator denominator status as_of source
    note
"""
COLUMNS = NAMES.split()
REPORTED = {
    "annual": tuple(YEARS),
    "from_2020": tuple(range(2020, 2031)),
    "until_2022": tuple(range(2015, 2023)),
    "survey": (2018, 2021, 2024, 2027, 2030),
    "census": (2015, 2020, 2025, 2030),
    "term_congress": (2016, 2021, 2026),
    "term_village": (2017, 2021, 2026),
    "term_workers": (2017, 2022, 2027),
    "none": (),
}
_NOTE = "模拟数据"


def write_records(
    series: Series, table: pd.DataFrame, specification: Specification, plan: Plan, seed: int
) -> pd.DataFrame:
    """Return the rows of one indicator as its department writes them, without faults."""
    unit = series.indicator.lead_units[0]
    office = specification.departments.loc[unit]
    rows = table[table["year"].isin(REPORTED[series.years])].copy()
    rows["status"], rows["month_day"] = series.status, office["reports_on"]
    if series.years == "census":
        rows["month_day"] = "12-15"
    if series.status == "provisional":
        rows = pd.concat(
            [_first_count(series, rows, seed), rows.assign(status="final", month_day="09-30")]
        )
    decimals = int(office["decimals"]) if series.decimals is None else series.decimals
    name = next(u.name.zh for u in plan.units if u.id == unit)
    years = rows["year"].astype(int)
    return rows.assign(
        unit_id=unit,
        order_year=years,
        year=years.astype(str),
        value=[f"{value:.{decimals}f}" for value in rows["value"]],
        unit=series.indicator.unit,
        numerator=[_count(n) for n in rows["numerator"]],
        denominator=[_count(n) for n in rows["denominator"]],
        as_of=[f"{year + 1}-{day}" for year, day in zip(years, rows["month_day"], strict=True)],
        source=[f"模拟：{name} {year}年年报" for year in years],
        note=_NOTE,
        multiplier=series.indicator.multiplier or 1.0,
    )[[*COLUMNS, "unit_id", "order_year", "multiplier"]]


def _first_count(series: Series, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The first count of spring, 1 to 3 % below the final one."""
    draws = stream(seed, series.indicator.id, "first count").uniform(0.01, 0.03, len(YEARS))
    share = 1 - pd.Series(draws, index=YEARS)
    first = np.floor(rows["numerator"] * rows["year"].map(share))
    per = series.indicator.multiplier or 1.0
    return rows.assign(numerator=first, value=first / rows["denominator"] * per)


def _count(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.0f}"


def as_form(records: pd.DataFrame, form: str, plan: Plan, names: dict[str, str]) -> pd.DataFrame:
    """Return the rows of one department as they are (``en``) or in Chinese (``zh``)."""
    table = records[COLUMNS].reset_index(drop=True)
    if form == "en":
        return table
    words = {
        "indicator": {indicator.id: indicator.name.zh for indicator in plan.indicators},
        "area": names,
        "age_group": {"all": "合计"},
    }
    for topic in ("sex", "residence", "status", "unit"):
        words[topic] = {code: code_name(topic, code).zh for code in set(table[topic])}
    shown = {name: synonyms("heading")[name][0] for name in COLUMNS}
    return table.replace(words).rename(columns=shown)


def write_simulation(
    simulation: Simulation, folder: Path | str, *, corrections: Path | str | None = None
) -> Path:
    """Write the data set; a folder of the same name is replaced if it is simulated.

    Its name becomes the identifier. ``corrections`` is the file for the corrections,
    ``data/corrections/<dataset>.csv``; not written by default. Raises `ParameterError` when the
    folder exists and is no simulated data set.
    """
    folder = Path(folder)
    twin = folder / "dataset.yaml"
    told = twin.read_text(encoding="utf-8") if twin.is_file() else ""
    if folder.exists() and "kind: simulated" not in told.splitlines():
        raise ParameterError.of(
            f"{folder.name} 已存在，且不是模拟数据集，未覆盖。请换一个文件夹名。",
            f"{folder.name} exists and is no simulated data set: nothing was overwritten. "
            "Choose another folder.",
        )
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
        write_atomic(Path(corrections), _csv(simulation.corrections))
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


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


def _yaml(content: dict) -> str:
    from ruamel.yaml import YAML

    yaml, text = YAML(), StringIO()
    yaml.width = 4096
    yaml.dump(content, text)
    return text.getvalue()
