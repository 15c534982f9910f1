"""Open data: the yearbook, and a package that others read back."""

import io
import json
import zipfile

import pandas as pd
import pytest
from disclosure_kit import county_of, files, opened, study

import wdp_lib as wdp
from wdp_lib.documents.package import codebook, open_tables, package, packed


class TestTheYearbook:
    @pytest.mark.requirement("A8")
    def test_parts_are_added_up_by_their_counts_and_never_averaged(self):
        book = study("internal").yearbook
        book = book[book["indicator"] == "screening"]
        whole = book[(book["section"] == "own") & (book["year"] == 2025)].iloc[0]
        parts = book[book["section"] == "area"]
        by_counts = parts["numerator"].sum() / parts["denominator"].sum() * 100
        assert whole["sum_value"] == pytest.approx(by_counts) and whole["sum_reason"] == ""

    def test_a_sum_that_differs_from_the_whole_carries_a_note(self, tmp_path):
        home = county_of(tmp_path / "home", (1, 2))
        path = home / "data/observations/tiny/a.csv"
        rows = pd.read_csv(path)
        off = (rows["indicator"] == "screening") & (rows["area"] == "east") & (rows["year"] == 2025)
        rows.loc[off, ["numerator", "value"]] = [2500, round(2500 / 42, 2)]
        rows.to_csv(path, index=False)
        last = opened(home, "internal").show("yearbook_area").tables[0].texts.iloc[-1]
        assert last["说明"] != "" and last["各部分合计"] != last["全域"]

    @pytest.mark.requirement("A6")
    def test_each_figure_is_one_observation_with_its_file_and_row(self):
        book = study("internal").yearbook
        found = book.merge(
            study("internal").observations, on=["file", "row", "indicator", "area", "year"]
        )
        assert len(found) == len(book) and (found["value_x"] == found["value_y"]).all()

    def test_the_figures_of_a_line_have_the_same_decimals(self):
        years = [str(year) for year in range(2021, 2026)]
        for table in study("internal").show("yearbook_own").tables:
            for line in table.texts[years].to_numpy():
                figures = [cell.rstrip("†") for cell in line if cell != "…"]
                assert len({len(one.partition(".")[2]) for one in figures}) == 1, line

    def test_five_years_are_summed_by_counts_and_not_at_all_with_a_hidden_year(self):
        full, public = study("internal"), study()
        rows = [s.show("yearbook_own").tables[0].texts.set_index("指标") for s in (full, public)]
        assert rows[0].loc["孕产妇死亡率", "五年合并"] == f"{3 / (5 * 1823) * 1e5:.1f}"
        assert rows[1].loc["孕产妇死亡率", ["2025", "五年合并"]].tolist() == ["*", "*"]


class TestAPackage:
    def test_is_the_same_bytes_each_time(self):
        assert packed(package(study(), "tiny")) == packed(files())

    def test_holds_each_file_with_the_size_and_checksum_it_states(self):
        import hashlib

        described = json.loads(files()["datapackage.json"])
        for one in described["resources"]:
            data = files()[one["path"]]
            assert len(data) == one["bytes"]
            assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert described["licenses"] == [{"name": "CC-BY-4.0"}]
        with zipfile.ZipFile(io.BytesIO(packed(files()))) as archive:
            assert archive.testzip() is None and archive.namelist()[0] == "datapackage.json"

    def test_reads_back_typed_with_pandas(self):
        described = json.loads(files()["datapackage.json"])
        tables = open_tables(study())
        for one in described["resources"]:
            data, fields = files()[one["path"]], one["schema"]["fields"]
            back = pd.read_csv(io.BytesIO(data))
            assert [f["name"] for f in fields] == list(back.columns)
            assert len(back) == len(tables[one["name"]][1])
            numbers = [f["name"] for f in fields if f["type"] in ("number", "integer")]
            assert all(back[name].dtype.kind in "fi" for name in numbers)

    def test_reads_back_with_arrow(self):
        csv = pytest.importorskip("pyarrow.csv")
        table = csv.read_csv(io.BytesIO(files()["data/observations.csv"]))
        assert str(table.schema.field("value").type) == "double"

    def test_is_read_back_as_a_table_of_the_values_that_are_shown(self, tmp_path):
        with zipfile.ZipFile(io.BytesIO(packed(files()))) as archive:
            archive.extractall(tmp_path)
        rows = wdp.read_table(tmp_path / "datapackage.json")
        assert len(rows) == study().observations["value"].notna().sum()

    @pytest.mark.requirement("H7")
    def test_the_codebook_covers_each_column(self):
        tables = open_tables(study())
        book = codebook({key: contract for key, (contract, _) in tables.items()})
        columns = {(key, name) for key, (_, table) in tables.items() for name in table.columns}
        assert set(zip(book["table"], book["column"], strict=True)) == columns
        assert (book[["meaning_zh", "meaning_en"]] != "").all(axis=None)

    def test_hidden_values_are_marked_as_sdmx_marks_them(self):
        rows = pd.read_csv(io.BytesIO(files()["data/sdmx.csv"]))
        hidden = rows[rows["CONF_STATUS"] == "N"]
        assert (
            len(hidden) and set(hidden["OBS_STATUS"]) == {"Q"} and hidden["OBS_VALUE"].isna().all()
        )
        assert set(rows.loc[rows["CONF_STATUS"] == "F", "OBS_STATUS"]) == {"A"}
