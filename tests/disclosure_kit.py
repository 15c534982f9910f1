"""A county of three towns with few deaths: its editions, computed once, and every text in files."""

import io
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pandas as pd
import pypdf
from conftest import drawn

import wdp_lib as wdp
from wdp_lib.documents.package import package

HOME = Path(__file__).parents[1]

INDICATORS = """
indicator | goals | name_zh   | name_en   | unit                 | target_kind | target_value | direction     | sex    | sex_scope   | small_numbers | data_kind  | numerator_zh | denominator_zh | multiplier | lead_units
deaths    | G1    | 孕产妇死亡率 | mortality | per_100k_live_births | at_most     | 8            | lower_better  | female | female_only | yes           | rare_rate  | 死亡人数       | 活产数          | 100000     | health
screening | G1    | 筛查率     | screening | percent              | at_least    | 70           | higher_better | female | female_only | no            | proportion | 筛查人数       | 妇女数          | 100        | health
rescue    | G1    | 抢救成功率 | rescue    | percent              | rise        |              | higher_better | female | female_only | yes           | proportion | 成功人数       | 抢救人数        | 100        | health
"""
PLAN_YAML = """
id: tiny
title: {zh: 小规划, en: Tiny plan}
area: county
area_name: {zh: 某县, en: A county}
first_year: 2021
last_year: 2030
baseline_year: 2020
"""
DATASET = """
id: tiny
title: {zh: 小数据, en: Tiny data}
kind: real
licence: CC-BY-4.0
source: {zh: 年报, en: Returns}
files: [a.csv]
"""
TOWNS = {"county": "某县", "east": "东镇", "west": "西镇", "north": "北镇"}


def county_of(folder, deaths, lost=1):
    """A county of three towns over seven years; in the last one so many deaths in east and west.

    Of 40 critical cases some are ``lost`` in 2020, and of the whole county alone.
    """
    for name in ("plans/tiny", "observations/tiny", "schemes"):
        (folder / "data" / name).mkdir(parents=True)
    for name in ("default.yaml", "disclosure.yaml"):
        shutil.copy(HOME / "data" / "schemes" / name, folder / "data" / "schemes" / name)
    plan, data = folder / "data" / "plans" / "tiny", folder / "data" / "observations" / "tiny"
    pd.DataFrame(drawn(INDICATORS)).to_csv(plan / "indicators.csv", index=False)
    goals = "goal,domain,title_zh,title_en\nG1,health,妇女健康,Health of women\n"
    (plan / "goals.csv").write_text(goals, "utf-8")
    (plan / "units.csv").write_text(
        "unit,name_zh,name_en\nhealth,卫健局,Health\nedu,教育局,Schools\n"
    )
    (plan / "plan.yaml").write_text(PLAN_YAML, "utf-8")
    (data / "dataset.yaml").write_text(DATASET, "utf-8")
    areas = [{"area": a, "name_zh": zh, "name_en": a.title()} for a, zh in TOWNS.items()]
    areas = pd.DataFrame(areas).assign(level=["county", *["township"] * 3])
    areas.assign(parent=["", *["county"] * 3]).to_csv(data / "areas.csv", index=False)
    rows = []
    for year in range(2019, 2026):
        dead = dict(zip(("east", "west"), deaths, strict=True)) if year == 2025 else {}
        saved = 40 - {2020: lost, 2022: 2, 2024: 1}.get(year, 0)
        row = ("rescue", "county", year, round(saved / 0.4, 2), saved, 40)
        rows.append((*row, "final", f"{year + 1}-03-31", "年报"))
        births = {"east": 701, "west": 613, "north": 509}
        for name, scale, counts, of in (
            ("deaths", 1e5, {t: dead.get(t, 0) for t in births}, births),
            (
                "screening",
                100,
                {t: 40 * n // 61 + year for t, n in births.items()},
                dict.fromkeys(births, 4200),
            ),
        ):
            counts, of = ({"county": sum(x.values()), **x} for x in (counts, of))
            for area, n in counts.items():
                value = round(n / of[area] * scale, 2)
                rows.append(
                    (name, area, year, value, n, of[area], "final", f"{year + 1}-03-31", "年报")
                )
    heads = ["indicator", "area", "year", "value", "numerator", "denominator", "status", "as_of"]
    heads.append("source")
    pd.DataFrame(rows, columns=heads).to_csv(data / "a.csv", index=False)
    return folder


def opened(home, edition="public"):
    return wdp.open_study("tiny", "tiny", as_of="2026-06-30", home=home, edition=edition, seed=3)


_KEPT = tempfile.TemporaryDirectory(prefix="wdp-counties-")


@cache
def _county(number):
    """Two counties that differ in what is hidden: deaths in two towns, 1 + 2 and 2 + 2; lost cases."""
    folder = Path(_KEPT.name) / str(number)
    return county_of(folder, *[((1, 2), 1), ((2, 2), 2)][number])


def county(number=0):
    return _county(number)


@cache
def _study(edition, number):
    return opened(county(number), edition)


def study(edition="public", number=0):
    """One study an edition and county, computed once."""
    return _study(edition, number)


@cache
def files():
    return package(study(), "tiny")


HIDDEN = {"east": 1 / 701e-5, "west": 2 / 613e-5, "county": 3 / 1823e-5}


def texts(folder):
    """Every text in every file of a folder: within Word files, workbooks, archives, PDF pages too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _texts(path.name, path.read_bytes())


def _texts(name, data):
    if name.endswith((".docx", ".xlsx", ".zip")):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for inner in packed.namelist():
                yield from _texts(f"{name}/{inner}", packed.read(inner))
    elif name.endswith(".pdf"):
        read = pypdf.PdfReader(io.BytesIO(data))
        pages = ["".join(page.extract_text().split()) for page in read.pages]
        yield name, "\n".join([*pages, repr(read.metadata), _described(read)])
    else:
        yield name, data.decode("utf-8", "replace")


def _described(read):
    """What a screen reader is told of the pictures of a PDF."""
    said = []
    for number in sorted({*read.xref_objStm, *read.xref[0]}):
        one = read.get_object(number)
        if isinstance(one, dict) and "/Alt" in one:
            said.append(str(one["/Alt"]))
    return "\n".join(said)
