"""What holds for every return: nothing is lost, and nothing known later changes what was known before."""

import pandas as pd
from data_kit import PLAN, make_dataset, returned
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from kit import TIMES

from wdp_lib.core.errors import DataError
from wdp_lib.data import read_dataset

YEARS = ("2019", "2020", "2021", "2022")
DAYS = ("2021-03-01", "2022-03-01", "2022-09-30", "2023-03-01", "2024-03-01")
CELL = st.sampled_from(
    ["", "60", "60.5", "575", "-1", "约95", "—", "９５.３％", "0", "1e400", '"6,0"', "x\0", "nan"]
    + [
        "<5",
        "未统计",
        "61（快报数）",
        "61①",
        "1.2万",
        "1.2万人",
        "无",
        "2011.12",
        "6\u200b0",
        "60左右",
    ]
)
ROW = st.tuples(
    st.sampled_from(["screening", "毛入学率", "deaths", "screning", ""]),
    st.sampled_from(["county", "东镇", "nowhere"]),
    st.sampled_from([*YEARS, "2050", "20x1"]),
    CELL,
    st.sampled_from(["", "1", "3"]),
    st.sampled_from(["", "2", "0"]),
    st.sampled_from(["final", "初步数", "", "?"]),
    st.sampled_from([*DAYS, "", "soon"]),
    st.sampled_from(["报表", "年鉴", ""]),
)
GOOD_ROW = st.tuples(
    st.sampled_from(["screening", "deaths"]),
    st.sampled_from(["county", "east", "west"]),
    st.sampled_from(YEARS),
    st.integers(0, 100).map(str),
    st.just(""),
    st.just(""),
    st.just("final"),
    st.sampled_from(DAYS),
    st.sampled_from(["报表", "年鉴"]),
)
QUICK = settings(
    max_examples=12 * TIMES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(folder, rows, as_of):
    return read_dataset(make_dataset(folder, a=returned(*map(",".join, rows))), PLAN, as_of=as_of)


def rules(dataset):
    # what is said of a file: without its later rows it may have none left, or nothing invisible
    of_files = ("no_rows", "invisible")
    return [problem.rule for problem in dataset.problems if problem.rule not in of_files]


@QUICK
@given(rows=st.lists(ROW, max_size=12), as_of=st.sampled_from(DAYS))
def test_every_row_read_is_used_or_unused_or_rejected_or_missing_or_known_later(
    tmp_path, rows, as_of
):
    dataset = read(tmp_path, rows, as_of)
    counts = dict(dataset.counts)
    assert counts.pop("read") == len(rows) == sum(counts.values())
    assert counts["rejected"] + counts["questioned"] == dataset.rejected["row"].nunique()
    assert counts["missing"] == len(dataset.missing)
    assert counts["used"] + counts["unused"] == len(dataset.observations)
    assert not set(dataset.observations["row"]) & set(dataset.rejected["row"])


@QUICK
@given(data=st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(tmp_path, data):
    folder = make_dataset(
        tmp_path, a=returned("screening,county,2021,60,,,final,2022-03-01,x").encode() + data
    )
    try:
        dataset = read_dataset(folder, PLAN, as_of="2026-06-30")
    except DataError as error:
        assert error.problems
    else:
        assert dataset.counts["read"] == sum(
            n for fate, n in dataset.counts.items() if fate != "read"
        )


@QUICK
@given(rows=st.lists(st.one_of(GOOD_ROW, ROW), max_size=12), as_of=st.sampled_from(DAYS))
def test_rows_known_later_change_nothing(tmp_path, rows, as_of):
    # a damaged row cannot be dated, so it is reported whenever it was sent
    known = [row for row in rows if row[7] not in DAYS or row[7] <= as_of or "\0" in row[3]]
    now, then = read(tmp_path / "all", rows, as_of), read(tmp_path / "known", known, as_of)
    columns = [column for column in now.observations.columns if column != "row"]
    pd.testing.assert_frame_equal(now.observations[columns], then.observations[columns])
    assert rules(now) == rules(then)
    assert now.rejected["cells"].tolist() == then.rejected["cells"].tolist()


WRITTEN = st.tuples(
    st.sampled_from(["", "约", "<", "-", "①", "+"]),
    st.integers(0, 99).map(str),
    st.sampled_from(
        ["", ".5", "①", "%", "‰", "万", "万人", "（快报数）", "左右", "注", "..", "e3", "x"]
    ),
    st.sampled_from(["", "*", "²", "\u200b", " "]),
).map("".join)
CELLS = st.one_of(WRITTEN, st.sampled_from(["", "—", "…", "..", "N/A", "未统计", "无", "#REF!"]))


@QUICK
@given(cells=st.lists(CELLS, max_size=8, unique=True))
def test_of_generated_cells_each_is_accepted_corrected_asked_refused_or_missing(tmp_path, cells):
    rows = [
        ("screening", "county", str(2015 + n), cell, "", "", "final", f"{2016 + n}-03-01", "报表")
        for n, cell in enumerate(cells)
    ]
    dataset = read(tmp_path, rows, "2026-06-30")
    counts = dict(dataset.counts)
    used = dataset.observations[["row", "value"]].values.tolist()
    told = {p.row for p in dataset.problems if p.severity == "warn" and p.column == "value"}
    accepted = [row for row, _ in used if row not in told]
    corrected = [row for row, _ in used if row in told]
    kept_out = counts["rejected"] + counts["questioned"] + counts["missing"]
    assert len(accepted) + len(corrected) + kept_out == counts["read"] == len(cells)
    for row, value in used:  # none is another number than the one that stands there
        digits = "".join(c for c in cells[int(row) - 2] if c in "0123456789.")
        assert abs(value) == float(digits)
