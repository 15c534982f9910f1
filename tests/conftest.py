import csv
import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

import wdp_lib as wdp

# in CI the same cases every time; at the desk new ones, to go on searching
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# processes that tests start need not compile the library anew each time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# the warm kernel stands in the package, also where nothing was installed for Jupyter
_KERNELS = Path(wdp.__file__).parent / "batch" / "warm"
os.environ["JUPYTER_PATH"] = os.pathsep.join(
    filter(None, (str(_KERNELS), os.environ.get("JUPYTER_PATH")))
)

# begun first, so that no processor is left waiting for the last file; then the notebooks
LONGEST = """
    batch_kills batch_many batch_limits batch_security batch_run batch_resume warm_kernels
    documents_numbers documents_content headlines explore explore_own what_if
    any_plan jupyterlab documents_command batch_cluster simulate store_robust
    cli data_properties site_browser disclosure_edition hostile_text backtest
    notebooks attack forecast_processors docs forecast_models forecast_attainment backtest_targets
"""
# what these share is long in the making, and made by each process for itself: those of the first
# line fork commands and kernels, those of the second read studies of the same rounds
TOGETHER = [line.split() for line in LONGEST.strip().splitlines()[:2]]


# tables of a study that one test computed serve the others, as those of one batch do
_STUDIES = "" if "PYTEST_XDIST_WORKER" in os.environ else tempfile.mkdtemp(prefix="wdp-studies-")
if _STUDIES:
    os.environ["WDP_STUDIES"] = _STUDIES


def pytest_unconfigure():
    if _STUDIES:
        shutil.rmtree(_STUDIES, ignore_errors=True)


_LANGUAGE = os.environ.get("WDP_LANGUAGE", "")


def pytest_runtest_teardown():
    """The next test speaks the language of the run, whatever a command was told in this one."""
    os.environ["WDP_LANGUAGE"] = _LANGUAGE


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Five thousand tests are no garbage: looked through again and again they take a twentieth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


def pytest_collection_modifyitems(items):
    rank = {f"test_{name}": number for number, name in enumerate(LONGEST.split())}
    last = len(rank)
    items.sort(key=lambda item: rank.get(item.path.stem, last + (item.path.suffix != ".ipynb")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Each file is one worker's, and so are the files of one group."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            name = Path(file).stem.removeprefix("test_")
            return next((group[0] for group in TOGETHER if name in group), file)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


PLAN_YAML = """\
id: tiny
title: {zh: 小规划, en: Tiny plan}
area: county
area_name: {zh: 某县, en: A county}
first_year: 2021
last_year: 2030
baseline_year: 2020
baseline_origin: suggested
source: {title: 小规划, publisher: "", address: ""}
counts: {domains: 2, goals: 3, indicators: 5, measures: 1, projects: 1, commitments: 2}
"""

PLAN_TABLES = {
    "domains.csv": """
        domain | code | name_zh    | name_en
        health | H    | 妇女与健康 | Women and health
        family | F    | 妇女与家庭 | Women and family
    """,
    "units.csv": """
        unit          | name_zh | name_en
        health_bureau | 卫健局  | Health Bureau
    """,
    "goals.csv": """
        goal | domain | clause | title_zh | title_en        | kind        | measurability | note_en
        H01  | health | 二(一)1 | 寿命     | Longer lives    | directional | statistic     |
        H02  | health | 二(一)2 | 母亲安全 | Safe mothers    | quantified  | statistic     |
        F01  | family | 二(六)1 | 家庭家教 | Family and home | qualitative | descriptive   |
    """,
    "indicators.csv": """
        indicator                | goals   | unit                 | direction     | target_kind | target_value
        life_expectancy          | H01     | years                | higher_better | rise        |
        maternal_mortality_ratio | H02     | per_100k_live_births | lower_better  | at_most     | 8
        screening_coverage       | H02;H01 | percent              | higher_better | at_least    | 70
        share_female_employed    | H01     | percent              | target_value  | around      | 45
        share_female_delegates   | H01     | percent              | higher_better | relative    |
    """,
    "measures.csv": """
        measure | domain | clause  | title_zh | title_en  | goals | indicators         | commitments_zh | commitments_en
        M-H01   | health | 二(一)3 | 筛查     | Screening | H02   | screening_coverage |                |
    """,
    "projects.csv": """
        project | clause | name_zh | name_en        | goals | indicators
        P1      | 三(一) | 工程    | Health project | H02   | screening_coverage
    """,
    "commitments.csv": """
        commitment | project | clause | wording_zh | wording_en | kind     | operator | value | unit    | goals
        P1-01      | P1      | 三(一) | 筛查率     | Screening  | number   | at_least | 70    | percent | H02
        P1-02      | P1      | 三(一) | 建立制度   | A system   | activity | exists   |       |         | H02
    """,
}

HEADERS = {
    "commitments.csv": "commitment,project,clause,wording_zh,wording_en,kind,operator,value,unit,indicators,goals",
    "indicators.csv": (
        "indicator,goals,clause,clause_also,origin,basis,name_zh,name_en,unit,lower_bound,upper_bound,direction,"
        "target_kind,target_value,tolerance,tolerance_origin,every_year,reference_indicator,target_year,wording_zh,"
        "wording_en,second_line_zh,second_line_en,evidence,target_source,target_source_address,sex,residence,age_group,"
        "sex_scope,numerator_zh,numerator_en,denominator_zh,denominator_en,multiplier,disaggregations,data_kind,"
        "definition_origin,lead_units,lead_units_origin,frequency,availability,small_numbers,note_zh,note_en"
    ),
}

INDICATOR_DEFAULTS = {
    **{
        "clause": "二(一)1",
        "origin": "goal",
        "basis": "explicit",
        "name_zh": "指标",
        "name_en": "Indicator",
    },
    **{"every_year": "no", "target_year": "2030", "wording_zh": "原文", "wording_en": "wording"},
    **{
        "evidence": "confirmed",
        "target_source": "小规划",
        "sex": "female",
        "residence": "all",
        "age_group": "all",
    },
    **{
        "data_kind": "proportion",
        "frequency": "annual",
        "availability": "routine",
        "small_numbers": "no",
    },
}

INDICATOR_CELLS = {
    "share_female_employed": {"tolerance": "2", "tolerance_origin": "suggested"},
    "share_female_delegates": {"reference_indicator": "share_female_employed"},
    "screening_coverage": {"lower_bound": "0", "upper_bound": "100", "lead_units": "health_bureau"},
}


def drawn(text):
    """Cells of a drawn table as dictionaries, one a row."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def write_csv(path, rows, columns):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _indicator_cells(row):
    cells = {**INDICATOR_DEFAULTS, **row, **INDICATOR_CELLS.get(row["indicator"], {})}
    return {**cells, "lead_units_origin": "suggested" if cells.get("lead_units") else ""}


@pytest.fixture
def plan_folder(tmp_path) -> Path:
    """A small plan without any fault, to be spoilt by a test."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN_YAML, encoding="utf-8")
    for file, text in PLAN_TABLES.items():
        rows = drawn(text)
        columns = HEADERS[file].split(",") if file in HEADERS else list(rows[0])
        write_csv(
            folder / file,
            map(_indicator_cells, rows) if file == "indicators.csv" else rows,
            columns,
        )
    return folder


@pytest.fixture
def tiny_plan(plan_folder):
    """The small plan, loaded."""
    return wdp.load_plan(plan_folder)
