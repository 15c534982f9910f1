"""Promises live in the catalogue alone: a new one needs no code, and no notebook has a line of its own."""

import ast
import json
from pathlib import Path

import pytest
from kit import observations

import wdp_lib as wdp
from wdp_lib.evaluation.summaries import key_indicators

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
ADDED = "breast_screening"


@pytest.fixture
def enlarged(plan_folder):
    """The small plan with one row more in its table of indicators: a copy of the screening under another name."""
    table = plan_folder / "indicators.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    copied = next(line for line in lines if line.startswith("screening_coverage,"))
    added = copied.replace("screening_coverage", ADDED, 1)
    table.write_text("\n".join([*lines, added]) + "\n", encoding="utf-8")
    head = plan_folder / "plan.yaml"
    head.write_text(
        head.read_text(encoding="utf-8").replace("indicators: 5", "indicators: 6"), encoding="utf-8"
    )
    return wdp.load_plan(plan_folder)


@pytest.mark.requirement("B4")
def test_an_indicator_added_as_a_row_of_data_appears_in_every_table(enlarged):
    lines = [f"{ADDED} | {year} | {40 + year - 2016}" for year in range(2016, 2026)]
    table = observations("indicator | year | value\n" + "\n".join(lines))
    forecasts = wdp.forecast(table, enlarged, through=2030, seed=1)
    risks = wdp.assess(forecasts, table, enlarged, as_of="2026-06-30")
    tables = {
        "coverage": wdp.coverage(table, enlarged),
        "key": key_indicators(enlarged),
        "forecasts": forecasts,
        "risks": risks,
        "warnings": wdp.warnings(risks, table, enlarged),
        "year": wdp.annual_table(table, risks, enlarged, year=2025),
        "problems": wdp.rank_problems(risks, enlarged),
        "needs": wdp.needs(risks, table, enlarged),
    }
    assert {name for name, found in tables.items() if ADDED in set(found["indicator"])} == set(
        tables
    )
    # 49 % in 2025, 70 % promised
    assert risks.set_index("indicator").loc[
        ADDED, ["last_value", "target_lower", "state"]
    ].to_list() == [
        49,
        70,
        "not_attained",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
@pytest.mark.requirement("K1")
def test_no_notebook_compares_a_value_with_a_number_of_its_own(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    compared = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Compare)]
    sides = [side for node in compared for side in (node.left, *node.comparators)]
    numbers = [
        side.value
        for side in sides
        if isinstance(side, ast.Constant) and isinstance(side.value, int | float)
    ]
    assert numbers == []
