"""The calendar of returns: what is due, what came in, and who is to be reminded."""

from dataclasses import replace

import pytest
from data_kit import PLAN, make_dataset, returned, row

from wdp_lib.core.errors import Text
from wdp_lib.data import read_dataset
from wdp_lib.plan.model import Unit
from wdp_lib.supervision.calendar import delivery_calendar, reminders

LEADS = {"screening": "health", "enrolment": "school", "deaths": "health"}
UNITS = tuple(Unit(id, Text(id, id)) for id in ("school", "health"))
ROUND = replace(
    PLAN,
    first_year=2024,
    units=UNITS,
    indicators=tuple(
        replace(i, lead_units=(LEADS[i.id],)) for i in PLAN.indicators if i.id in LEADS
    ),
)
ROWS = (
    row(2024, 60, as_of="2025-06-30"),
    row(2024, 0, indicator="deaths", as_of="2025-07-01"),
    row(2024, 99, indicator="enrolment"),
    row(2024, 98, indicator="enrolment", as_of="2025-09-01"),
    row(2025, 99, indicator="enrolment"),
)


def calendar(folder, as_of, due="06-30"):
    dataset = read_dataset(make_dataset(folder, health=returned(*ROWS)), ROUND, as_of=as_of)
    return delivery_calendar(dataset.observations, ROUND, as_of=as_of, due=due)


@pytest.mark.requirement("C3")
def test_each_value_is_due_overdue_received_late_or_corrected(tmp_path):
    table = calendar(tmp_path, "2026-06-30")
    found = {(r.unit, r.indicator, r.year): r.delivery for r in table.itertuples()}
    assert found == {
        ("school", "enrolment", 2024): "corrected",
        ("school", "enrolment", 2025): "received",
        ("health", "screening", 2024): "received",
        ("health", "screening", 2025): "due",
        ("health", "deaths", 2024): "late",
        ("health", "deaths", 2025): "due",
    }
    later = calendar(tmp_path, "2026-07-01")
    assert set(later.loc[later["unit"] == "health", "delivery"]) == {"received", "late", "overdue"}


@pytest.mark.requirement("C3")
def test_the_unit_that_is_late_is_reminded_and_the_one_on_time_is_not(tmp_path):
    table = reminders(calendar(tmp_path, "2026-07-10"), as_of="2026-07-10")
    assert table.to_dict("records") == [
        {
            "unit": "health",
            "year": 2025,
            "due": "2026-06-30",
            "delivery": "overdue",
            "days_over": 10,
            "n": 2,
            "indicators": "screening;deaths",
        }
    ]


@pytest.mark.requirement("C3")
def test_30_june_is_a_setting(tmp_path):
    table = calendar(tmp_path, "2026-04-01", due="03-31")
    assert set(table.loc[table["year"] == 2025, "delivery"]) == {"received", "overdue"}
    home = make_dataset(tmp_path / "b", health=returned(*ROWS))
    path = home / "dataset.yaml"
    path.write_text(path.read_text("utf-8") + 'due: "01-31"\n', encoding="utf-8")
    late = [p for p in read_dataset(home, ROUND, as_of="2026-06-30").problems if p.rule == "late"]
    assert len(late) == 4 and "2025-01-31" in late[0].expected.zh
