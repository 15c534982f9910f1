"""The store keeps every submission, judges every row, and forgets and overwrites nothing."""

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from tests.data_kit import PLAN
from tests.store_kit import HEADINGS, document, new_store, sent
from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.data import read_dataset
from wdp_lib.store import export_store, ingest, load_store, statements, submissions

FRAMES = ("observations", "rejected", "areas", "breaks", "choices", "missing")


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "demo")


def figures(store, as_of):
    data = read_dataset(store.folder, PLAN, as_of=as_of).observations
    used = data[data["used"]]
    return {(r.indicator, r.year): r.value for r in used.itertuples()}


def test_each_row_is_accepted_corrected_questioned_or_refused_with_its_cell(store):
    receipt = sent(
        store,
        ["宫颈癌筛查率", "某县", 2020, 60.5, "2021-03-01"],
        ["宫颈癌筛查率", "某县", 2021, "61.5％", "2022-03-01"],
        ["宫颈癌筛查率", "某县", 2022, "约62", "2023-03-01"],
        ["宫颈癌筛查率", "某县", 2023, 640, "2024-03-01"],
    )
    assert receipt.counts == {
        "submitted": 4,
        "accepted": 1,
        "corrected": 1,
        "questioned": 1,
        "refused": 1,
    }
    told = receipt.rows[["cell", "state", "value"]].values.tolist()
    assert told == [
        ["D5", "refused", "640"],
        ["D4", "questioned", "约62"],
        ["D3", "corrected", "61.5％"],
        ["D2", "accepted", "60.5"],
    ]
    refused = receipt.table("zh").iloc[0]
    assert refused["处理"] == "退回" and "100" in refused["应为"] and refused["请"]
    assert figures(store, "2024-12-31") == {("screening", 2020): 60.5, ("screening", 2021): 61.5}


def test_a_workbook_in_any_layout_keeps_sheet_and_cell_and_no_figure_is_lost(store, tmp_path):
    book = Workbook()
    book.active.title = "附件1"
    for row in (
        ["完成情况表"],
        ["指标名称", "2020年", "2021年"],
        ["宫颈癌筛查率", 60.5, "—"],
        ["幸福指数", 8, 9],
    ):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    receipt = ingest(store, tmp_path / "table.xlsx", unit="卫健局", received="2024-03-20")
    assert receipt.counts["submitted"] == 4 and receipt.counts["refused"] == 2
    refused = receipt.rows[receipt.rows["state"] == "refused"]
    assert refused[["sheet", "cell", "value"]].values.tolist() == [
        ["附件1", "B4", "8"],
        ["附件1", "C4", "9"],
    ]
    assert figures(store, "2024-12-31") == {("screening", 2020): 60.5}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0old", b"\0\1\2"])
def test_a_document_that_cannot_be_read_is_kept_and_refused(store, tmp_path, content):
    (tmp_path / "odd.xlsx").write_bytes(content)
    receipt = ingest(store, tmp_path / "odd.xlsx", unit="卫健局", received="2024-03-20")
    assert receipt.counts["refused"] == receipt.counts["submitted"] == 1
    export_store(store, tmp_path / "x")
    assert (tmp_path / "x" / "store" / "documents" / receipt.sha256).read_bytes() == content


def test_the_same_document_of_the_same_day_is_kept_once(store):
    row = ["宫颈癌筛查率", "某县", 2020, 60.5, "2024-03-01"]
    first, again = sent(store, row), sent(store, row)
    assert again.again and again.number == first.number and again.head == first.head


def test_a_figure_holds_from_its_day_until_a_later_one(store):
    sent(store, ["毛入学率", "某县", 2020, 95, "2021-03-01"], received="2021-03-05", name="a.csv")
    sent(store, ["毛入学率", "某县", 2020, 97, "2022-03-01"], received="2022-03-05", name="b.csv")
    assert figures(store, "2022-02-28") == {("enrolment", 2020): 95}
    assert figures(store, "2022-03-01") == {("enrolment", 2020): 97}


def test_earlier_returns_may_come_in_after_later_ones(store):
    sent(store, ["毛入学率", "某县", 2020, 97, "2022-03-01"], received="2024-05-05", name="b.csv")
    sent(store, ["毛入学率", "某县", 2020, 95, "2021-03-01"], received="2024-05-06", name="a.csv")
    assert figures(store, "2021-12-31") == {("enrolment", 2020): 95}
    assert figures(store, "2024-12-31") == {("enrolment", 2020): 97}


@pytest.mark.requirement("C1")
def test_another_figure_of_the_same_unit_cell_and_day_holds_from_the_day_it_was_received(store):
    for value, received in ((95, "2021-03-05"), (96, "2021-04-10"), (95, "2021-06-01")):
        row = ["毛入学率", "某县", 2020, value, "2021-03-01"]
        sent(store, row, received=received)
    assert figures(store, "2021-04-09") == {("enrolment", 2020): 95}
    assert figures(store, "2021-04-10") == {("enrolment", 2020): 96}
    assert figures(store, "2021-06-01") == {("enrolment", 2020): 95}


def test_received_on_the_same_day_the_later_submission_counts(store):
    for value in (95, 96):
        sent(store, ["毛入学率", "某县", 2020, value, "2021-03-05"], received="2021-03-05")
    assert figures(store, "2021-12-31") == {("enrolment", 2020): 96}


def test_a_unit_may_send_the_right_figure_after_two_that_conflict(store):
    row = ["毛入学率", "某县", 2020, 95, "2021-03-05"]
    receipt = sent(store, row, [*row[:3], 96, row[4]], received="2021-03-05")
    assert receipt.counts["refused"] == 2
    sent(store, row, received="2021-03-05", name="again.csv")
    assert figures(store, "2021-12-31") == {("enrolment", 2020): 95}


def test_a_total_is_compared_with_the_parts_that_other_documents_brought(store):
    counted = [*HEADINGS, "分子", "分母"]
    for place, value, above, below in (
        ("东镇", 50, 100, 200),
        ("西镇", 75, 300, 400),
        ("某县", 68.33, 410, 600),
    ):
        row = ["宫颈癌筛查率", place, 2021, value, "2022-02-01", above, below]
        path = document(store.folder.parent, row, name=f"{above}.csv", headings=counted)
        last = ingest(store, path, unit="卫健局", received="2024-03-20")
    assert "400" in "".join(last.table("zh").astype(str).to_numpy().ravel())


def test_two_units_that_differ_are_both_kept_out_and_told(store):
    row = ["毛入学率", "某县", 2020, 95, "2021-03-01"]
    sent(store, row, received="2021-03-05")
    receipt = sent(store, [*row[:3], 99, row[4]], unit="教育局", received="2021-03-05")
    assert receipt.counts["refused"] == 1 and receipt.rows["rule"][0] == "conflict"
    assert figures(store, "2021-12-31") == {}


def revised(folder):
    """A store with revisions, a replaced row, refused ones and text that looks like a formula."""
    store = new_store(folder)
    sent(
        store,
        ["毛入学率", "某县", 2020, 95, "2021-03-01"],
        ["毛入学率", "东镇", 2020, 94, "2021-03-01"],
        ["=1+1", "某县", 2020, "+cmd", "2021-03-01"],
        ["毛入学率", "某县", 2019, "９４", "2021-03-01"],
        received="2021-03-01",
    )
    sent(store, ["毛入学率", "某县", 2020, 96, "2021-03-01"], received="2021-03-01", name="二.csv")
    sent(store, ["毛入学率", "某县", 2020, 97, "2021-03-01"], received="2021-05-01", name="三.csv")
    return store


@pytest.mark.requirement("C1")
def test_export_is_the_same_data_set_and_loads_into_the_same_store(tmp_path):
    store = revised(tmp_path / "demo")
    head = export_store(store, tmp_path / "out")
    for as_of in ("2021-03-01", "2021-04-30", "2021-12-31"):
        kept = read_dataset(store.folder, PLAN, as_of=as_of)
        exported = read_dataset(tmp_path / "out", PLAN, as_of=as_of)
        for name in FRAMES:
            pd.testing.assert_frame_equal(getattr(kept, name), getattr(exported, name))
        assert (kept.counts, kept.problems) == (exported.counts, exported.problems)
    again = new_store(tmp_path / "again")
    assert load_store(again, tmp_path / "out") == head
    assert export_store(again, tmp_path / "out2") == head
    for path in (tmp_path / "out").rglob("*.*"):
        same = tmp_path / "out2" / path.relative_to(tmp_path / "out")
        assert same.read_bytes() == path.read_bytes(), path


def test_a_changed_dump_is_not_loaded(tmp_path):
    export_store(revised(tmp_path / "demo"), tmp_path / "out")
    file = next((tmp_path / "out").glob("0001*.csv"))
    file.write_text(file.read_text("utf-8-sig").replace(",94,", ",99,"), encoding="utf-8-sig")
    empty = new_store(tmp_path / "again")
    with pytest.raises(DataError, match=r"0001|1"):
        load_store(empty, tmp_path / "out")
    with pytest.raises(DataError):
        read_dataset(empty.folder, PLAN, as_of="2024-12-31")


def test_nothing_that_is_there_is_overwritten(tmp_path):
    store = revised(tmp_path / "demo")
    export_store(store, tmp_path / "out")
    with pytest.raises(ParameterError):
        export_store(store, tmp_path / "out")
    with pytest.raises(DataError):
        load_store(store, tmp_path / "out")
    receipt = sent(store, ["毛入学率", "某县", 2018, 95, "2021-03-01"])
    assert len(set(receipt.write(tmp_path)) | set(receipt.write(tmp_path))) == 4


def test_text_of_units_is_text_in_receipts_and_dumps(tmp_path):
    store = new_store(tmp_path / "demo")
    row = ["=cmd|'/c calc'!A1", "某县", 2020, "@SUM(A1)", "2021-03-01"]
    receipt = sent(store, row, unit="=unit", name="=name.csv")
    export_store(store, tmp_path / "out")
    table, book = receipt.write(tmp_path)
    texts = [path.read_text("utf-8-sig") for path in [table, *(tmp_path / "out").rglob("*.csv")]]
    for text in texts:
        assert not [
            c for line in text.splitlines() for c in line.split(",") if c[:1] in tuple("=@")
        ]
    cells = [cell for row in load_workbook(book).active for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value.startswith(("=", "@"))]


def test_the_history_of_a_figure_says_who_said_what_when_and_where(tmp_path):
    store = revised(tmp_path / "demo")
    told = statements(store, "毛入学率")
    told = told[told["year"] == "2020"]
    columns = ["value", "known", "submission", "document", "cell", "replaced_by"]
    assert told[columns].fillna(0).values.tolist() == [
        ["95", "2021-03-01", 1, "return.csv", "D2", 2],
        ["96", "2021-03-01", 2, "二.csv", "D2", 0],
        ["97", "2021-05-01", 3, "三.csv", "D2", 0],
    ]
    assert submissions(store)["submitted"].tolist() == [4, 1, 1]


@pytest.mark.parametrize(
    "address", ["postgresql://me:word@host/db", "postgresql://h/db?password=x", "../store.sqlite"]
)
def test_an_address_with_a_password_or_outside_the_folder_is_refused(tmp_path, address):
    with pytest.raises(DataError):
        new_store(tmp_path / "a", address)
