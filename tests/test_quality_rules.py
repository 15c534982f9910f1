"""Every quality rule by name, with a planted error and its clean twin: exactly the planted is told."""

from dataclasses import replace

import pytest
from data_kit import COLUMNS, PLAN, make_dataset, returned, row

from wdp_lib.core.errors import Text
from wdp_lib.data import read_dataset
from wdp_lib.data.dataset import check_return
from wdp_lib.plan.model import Unit

OF_TIME = {"missing_latest", "missing_year", "late"}
UNITS = tuple(Unit(id, Text(zh, id)) for id, zh in (("health", "卫健局"), ("union", "工会")))
RULED = replace(
    PLAN,
    units=UNITS,
    indicators=tuple(
        replace(i, lead_units=("health", "union")) if i.id == "screening" else i
        for i in PLAN.indicators
    )
    + tuple(
        replace(PLAN.indicators[0], id=id, name=Text(zh, id), upper_bound=upper)
        for id, zh, upper in (
            ("insurance", "参保率（按常住人口）", 150),
            ("clearance", "破案率", 200),
            ("positive", "阳性率", 100),
            ("diagnosed", "确诊率", 100),
        )
    )
    + (replace(PLAN.indicators[5], id="registered", name=Text("婚姻登记数", "Marriages")),),
)
STEADY = {2014: 60.1, 2015: 61.3, 2016: 61.9, 2017: 63.2, 2018: 64.1, 2019: 64.9, 2020: 66.2}
STEADY |= {2021: 67.4, 2022: 68.0, 2023: 69.1, 2024: 70.3}
BREAKS = "indicator,area,year,kind,description_zh,description_en,link_factor\n"
SOURCES = "source,unit,form,method\n*年报,health,卫健统1表,report\n抽样调查,union,,survey\n"
RELATIONS = (
    "left,relation,right\npositive.denominator,<=,screening.numerator\n"
    "diagnosed.denominator,=,positive.numerator\nscreening.denominator,<=,registered\n"
)


def series(**changed):
    values = STEADY | {int(year[1:]): value for year, value in changed.items()}
    return [row(year, value) for year, value in values.items()]


def counted(n, of, **more):
    return row(2024, round(n / of * 100, 2), counts=f"{n},{of}", **more)


def parts(total):
    areas = [counted(100, 200, area="东镇"), counted(300, 400, area="西镇")]
    return [*areas, counted(total, 600)]


def by_sex(total):
    columns = COLUMNS + ",sex"
    rows = [
        counted(n, of, indicator="enrolment") + f",{sex}"
        for n, of, sex in ((90, 100, "女"), (80, 100, "男"), (total, 200, "合计"))
    ]
    return returned(*rows, columns=columns)


# rule, planted error, clean twin
ROWS = [
    ("out_of_bounds", [row(2024, 575)], [row(2024, 57.5)]),
    ("out_of_bounds", [row(2024, 104)], [row(2024, 104, indicator="enrolment")]),
    ("numerator_over_denominator", [row(2024, 100, counts="104,100")], [counted(104, 100, indicator="enrolment")]),
    ("numerator_over_denominator", [row(2024, 100, counts="104,100")], [counted(104, 100, indicator="insurance")]),
    ("numerator_over_denominator", [row(2024, 100, counts="104,100")], [counted(104, 100, indicator="clearance")]),
    ("value_not_ratio", [row(2024, 51.5, counts="100,200")], [row(2024, 50, counts="100,200")]),
    ("unit_slip", [row(2024, 0.5, counts="100,200")], [row(2024, 50, counts="100,200")]),
    ("unit_slip", series(_2024=0.703), series()),
    ("unit_slip", [row(2024, 0.56, indicator="deaths", counts="1,1800")], [row(2024, 55.56, indicator="deaths", counts="1,1800")]),
    ("jump", series(_2024=95), series(_2024=71.9)),
    ("outlier", series(_2017=85), series(_2017=63.9)),
    ("copied", series(_2023=68.0, _2024=68.0), series(_2023=68.0)),
    ("parts_not_total", parts(410), parts(400)),
    ("parts_not_total", by_sex(168), by_sex(170)),
    ("conflict", [row(2024, 60), row(2024, 65)], [row(2024, 60), row(2024, 60, source="网页")]),
    ("revision", [row(2024, 60), row(2024, 65, as_of="2025-09-01")], [row(2024, 60), row(2023, 65)]),
    ("duplicate", [row(2024, 60), row(2024, 60)], [row(2024, 60), row(2023, 60)]),
    ("unit_mismatch", [row(2024, "5.75‰")], [row(2024, "5.75%")]),
    ("year_after_as_of", [row(2024, 60, as_of="2023-05-01")], [row(2024, 60)]),
    ("part_of_one", [row(2024, 12.5, indicator="insured")], [row(2024, 12, indicator="insured")]),
    ("negative_count", [row(2024, 50, counts="-1,2")], [row(2024, 50, counts="1,2")]),
    ("zero_denominator", [row(2024, 50, counts="1,0")], [row(2024, "", counts="0,0")]),
]  # fmt: skip


def rules(folder, rows, **beside):
    text = rows if isinstance(rows, str) else returned(*rows)
    return found(
        read_dataset(make_dataset(folder, health=text, **beside), RULED, as_of="2026-05-01")
    )


def found(dataset):
    return sorted({p.rule for p in dataset.problems} - OF_TIME)


def in_one(rows, case):
    """The rows of a case as a return of its own, with indicators of its own."""
    text = rows if isinstance(rows, str) else returned(*rows)
    head, *lines = text.splitlines()
    return "\n".join([head, *(line.replace(",", f"-{case},", 1) for line in lines)]) + "\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The rules told of every case, planted and clean, each read in one data set."""
    own = tuple(
        replace(i, id=f"{i.id}-{n}", name=Text(f"{i.name.zh}{n}", f"{i.name.en}{n}"))
        for n in range(len(ROWS))
        for i in RULED.indicators
    )
    result = {}
    for kind, place in (("planted", 1), ("clean", 2)):
        files = {f"case{n}": in_one(case[place], n) for n, case in enumerate(ROWS)}
        home = make_dataset(tmp_path_factory.mktemp(kind), **files)
        dataset = read_dataset(home, replace(RULED, indicators=own), as_of="2026-05-01")
        for n in range(len(ROWS)):
            found = {p.rule for p in dataset.problems if p.file == f"case{n}.csv"}
            result[kind, n] = found - OF_TIME
    return result


@pytest.mark.requirement("C6")
@pytest.mark.parametrize("case", range(len(ROWS)), ids=[f"{n}-{c[0]}" for n, c in enumerate(ROWS)])
def test_a_planted_error_is_told_and_its_clean_twin_is_not(told, case):
    assert (told["planted", case], told["clean", case]) == ({ROWS[case][0]}, set())


@pytest.mark.requirement("C6")
def test_a_break_explains_a_jump_and_an_outlier(tmp_path):
    changed = {year: value - 30 if year < 2021 else value for year, value in STEADY.items()}
    rows = [row(year, value) for year, value in changed.items()]
    assert rules(tmp_path / "a", rows) == ["jump"]
    assert (
        rules(tmp_path / "b", rows, breaks=BREAKS + "screening,county,2021,x,新口径,New,\n") == []
    )


@pytest.mark.requirement("J12")
def test_moving_the_base_from_registered_to_resident_people_is_no_fall(tmp_path):
    rows = [counted(n, of, indicator="insurance").replace("2024", str(year), 1).replace("2025-", f"{year + 1}-")
            for year, n, of in ((2018, 90, 100), (2019, 91, 100), (2020, 92, 100), (2021, 93, 100), (2022, 94, 100), (2023, 94, 101), (2024, 95, 140))]  # fmt: skip
    assert rules(tmp_path / "a", rows) == ["jump"]
    assert (
        rules(
            tmp_path / "b", rows, breaks=BREAKS + "insurance,,2024,base,改按常住人口,Residents,\n"
        )
        == []
    )


@pytest.mark.requirement("C5")
def test_a_value_of_an_unregistered_source_is_set_apart_and_kept(tmp_path):
    rows = [row(2024, 60, source="2024年年报"), row(2023, 58, source="电话")]
    home = make_dataset(tmp_path, health=returned(*rows))
    (home / "sources.csv").write_text(SOURCES, encoding="utf-8")
    dataset = read_dataset(home, RULED, as_of="2026-05-01")
    assert found(dataset) == ["unregistered_source"]
    assert dataset.observations["year"].tolist() == [2024]
    assert (dataset.counts["questioned"], dataset.rejected["row"].tolist()) == (1, [3])
    assert "在 sources.csv 中登记该来源" in dataset.problems[-1].message("zh")
    (home / "sources.csv").unlink()
    assert found(read_dataset(home, RULED, as_of="2026-05-01")) == []


@pytest.mark.requirement("C7")
@pytest.mark.parametrize("later", ["2025-02-15", "2025-06-01"])
def test_of_two_units_the_leading_one_counts_and_the_other_is_kept(tmp_path, later):
    home = make_dataset(
        tmp_path, health=returned(row(2024, 60)), union=returned(row(2024, 64, as_of=later))
    )
    dataset = read_dataset(home, RULED, as_of="2026-05-01")
    assert found(dataset) == ["units_differ"]
    kept = dataset.observations[["value", "used", "unused_reason"]].to_numpy().tolist()
    assert kept == [[60.0, True, ""], [64.0, False, "conflict"]]
    assert dataset.choices["choice_zh"].tolist() == ["采用牵头单位卫健局的数"]
    told = next(p for p in dataset.problems if p.rule == "units_differ").message("zh")
    assert (
        told.startswith("union.csv，第 2 行，“value”列：现为 工会报 64") and "卫健局报的 60" in told
    )


@pytest.mark.requirement("C7")
def test_two_units_that_agree_are_no_matter(tmp_path):
    home = make_dataset(tmp_path, health=returned(row(2024, 60.4)), union=returned(row(2024, 60)))
    dataset = read_dataset(home, RULED, as_of="2026-05-01")
    assert found(dataset) == [] and dataset.observations["used"].tolist() == [True, False]


@pytest.mark.requirement("J4")
@pytest.mark.parametrize(
    ("eligible", "screened", "positive", "told"),
    [(1000, 600, 30, 0), (1000, 600, 700, 1), (500, 400, 30, 0), (1300, 600, 30, 1)],
)
def test_each_step_of_a_cascade_is_at_most_the_step_before(
    tmp_path, eligible, screened, positive, told
):
    """1,200 are registered; those tested positive are tested among the screened, and all diagnosed."""
    rows = [
        row(2024, 1200, indicator="registered"),
        counted(screened, eligible),
        row(2024, "", indicator="positive", counts=f"{min(positive, screened)},{max(positive, screened)}"),
        row(2024, "", indicator="diagnosed", counts=f"1,{min(positive, screened)}"),
    ]  # fmt: skip
    home = make_dataset(tmp_path, health=returned(*rows))
    (home / "relations.csv").write_text(RELATIONS, encoding="utf-8")
    dataset = read_dataset(home, RULED, as_of="2026-05-01")
    assert found(dataset) == ["related"] * told
    assert dataset.observations["used"].all()


@pytest.mark.requirement("G6")
def test_the_unit_finds_beforehand_what_the_county_finds_in_one_year_s_form(tmp_path):
    old = returned(*series()[:-1])
    form = returned(row(2024, 95), row(2024, 104, indicator="delegates"))
    county = make_dataset(tmp_path, old=old, health=form)
    desk = tmp_path / "health-2024.csv"
    desk.write_text(form, encoding="utf-8")
    other = make_dataset(tmp_path / "b", old=old)
    own = check_return(desk, other, RULED, as_of="2026-05-01").problems
    whole = read_dataset(county, RULED, as_of="2026-05-01").problems
    told = [replace(p, file=desk.name) for p in whole if p.file == "health.csv"]
    assert list(own) == told and {p.rule for p in own} == {"jump", "out_of_bounds"}
