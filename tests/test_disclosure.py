"""Which figures are hidden gives nobody away: the published example, random tables, patterns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pypdf
import pytest
from kit import observations

from wdp_lib.core.errors import Text, WdpError
from wdp_lib.data import Dataset
from wdp_lib.disclosure import Rule, audit, edited, hidden_figures, load_rule
from wdp_lib.disclosure.cells import counts_of, is_of_few_people
from wdp_lib.disclosure.pattern import pattern
from wdp_lib.disclosure.sums import Sums, protect, provable
<<<<<<< Updated upstream
from wdp_lib.documents.package import codebook, open_tables, package, packed
from wdp_lib.documents.writing import write_all
from wdp_lib.evaluation.periods import PERIOD_RECORD
=======
>>>>>>> Stashed changes
from wdp_lib.plan import Indicator, Plan, Source, Target

HOME = Path(__file__).parents[1]


def table(values):
    """A table with its totals: every row and column sums to its last cell."""
    values = np.asarray(values, dtype=float)
    place = np.arange(values.size).reshape(values.shape)
    equations = []
    for line in (*place, *place.T):
        equations.append((line, np.append(np.ones(len(line) - 1), -1.0)))
    none = np.zeros(values.size, dtype=bool)
    most = np.full(values.size, np.inf)
    return Sums(values.ravel(), np.zeros(values.size), most, equations, none), place


INVESTMENT = [[20, 50, 10, 80], [8, 19, 22, 49], [17, 32, 12, 61], [45, 101, 44, 190]]


class TestThePublishedExample:
    """Fischetti and Salazar (2000), investment of enterprises by activity and region."""

    def test_of_the_hidden_22_an_attacker_proves_no_more_than_5_to_30(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[[place[1, 0], place[1, 2], place[2, 0], place[2, 2]]] = True
        low, high = provable(sums, hidden)
        assert (low[place[1, 2]], high[place[1, 2]]) == (5, 30)

    def test_hidden_alone_it_is_computed_from_its_row(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[place[1, 2]] = True
        low, high = provable(sums, hidden)
        assert low[place[1, 2]] == high[place[1, 2]] == 22

    def test_the_cells_that_lose_least_are_hidden_with_it(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[place[1, 2]] = True
        more = protect(sums, hidden, cost=sums.values, width=8)
        assert sorted(np.flatnonzero(more)) == sorted(place[[1, 1, 2, 2], [0, 2, 0, 2]])


@pytest.mark.requirement("C12")
def test_of_random_tables_no_hidden_cell_can_be_computed():
    """Proved by the audit, and without it: no hidden cell follows from the equations alone."""
    random = np.random.default_rng(7)
    for _ in range(5):
        inner = random.poisson(random.uniform(1, 9), (3, 3))
        rows = np.column_stack([inner, inner.sum(axis=1)])
        sums, _ = table(np.vstack([rows, rows.sum(axis=0)]))
        few = (sums.values >= 1) & (sums.values < 5)
        if not few.any():
            continue
        hidden = protect(sums, few, cost=1 + sums.values, width=2)
        low, high = provable(sums, hidden)
        assert (few <= hidden).all()
        assert (high - low >= 2 - 1e-6)[hidden].all()
        assert (low <= sums.values).all() and (sums.values <= high).all()
        matrix = np.zeros((len(sums.equations), len(sums.values)))
        for row, (which, signs) in enumerate(sums.equations):
            matrix[row, which] = signs
        matrix = matrix[:, hidden]
        for cell in np.eye(hidden.sum()):
            rank = np.linalg.matrix_rank
            assert rank(np.vstack([matrix, cell])) > rank(matrix)


AREAS = pd.DataFrame(
    {"area": ["county", *"abcd"], "parent": ["", *["county"] * 4], "level": ["", *["town"] * 4]}
)


def plan_of(**more):
    kinds = {"data_kind": "rare_rate", "small_numbers": "yes", "sex": "female", "multiplier": 1e5}
    deaths = Indicator(
        *("deaths", ("G",), "一", Text("死亡率", "deaths"), "per_100k_live_births"),
        *(Target("monitor_only"), "monitor_only"),
        **kinds | {"denominator": Text("活产数", "births")} | more,
    )
    births = replace(deaths, id="others", small_numbers="no", data_kind="proportion")
    head = ("p", Text("p", "p"), "county", Text("县", "county"), 2021, 2030, 2020, "stated")
    return Plan(*head, Source("p"), indicators=(deaths, births))


PROPORTION = {"data_kind": "proportion", "sex_scope": "female_only"}


def returns(text):
    rows = observations(text)
    return rows.assign(value=rows["numerator"] / rows["denominator"] * 1e5)


FIVE = """
    indicator | area   | year | value | numerator | denominator
    deaths    | county | 2024 | 0     | 8         | 1000
    deaths    | a      | 2024 | 0     | 2         | 400
    deaths    | b      | 2024 | 0     | 6         | 300
    deaths    | c      | 2024 | 0     | 0         | 200
    deaths    | d      | 2024 | 0     | 0         | 100 """


class TestAPattern:
    def test_a_small_count_goes_with_its_rate_and_another_so_that_the_total_tells_nothing(self):
        rows = returns(FIVE)
        hidden = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        gone = rows.loc[hidden["numerator"], "area"].tolist()
        assert "a" in gone and len(gone) >= 2 and "county" not in gone
        assert hidden["value"].equals(hidden["numerator"]) and not hidden["denominator"].any()

    def test_every_hidden_count_keeps_its_range_by_the_audit(self):
        counts = counts_of(returns(FIVE), plan_of(), AREAS, threshold=5)
        proved = audit(counts, pattern(counts, 2.0), 2.0)
        assert proved["protected"].all() and len(proved) >= 2
        assert (proved["range_width"] >= 2).all()

    def test_few_who_are_left_over_are_hidden_as_well(self):
        rows = returns(FIVE.replace("6         | 300", "297       | 300"))
        hidden = hidden_figures(rows, plan_of(**PROPORTION), AREAS, threshold=5, width=2)
        assert hidden.loc[rows["area"] == "b", "numerator"].all()

    def test_a_count_that_is_the_denominator_of_another_indicator_is_hidden_there_too(self):
        rows = returns(
            """
            indicator | area   | year | value | numerator | denominator
            deaths    | a      | 2024 | 0     | 0         | 3
            others    | a      | 2024 | 0     | 1         | 3 """
        )
        hidden = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        assert hidden["denominator"].all() and hidden["value"].all()

    def test_places_things_and_posts_are_no_people(self):
        plan = plan_of()
        deaths = plan.indicators[0]
        assert is_of_few_people(deaths) and not is_of_few_people(plan.indicators[1])
        assert not is_of_few_people(replace(deaths, data_kind="count", unit="count"))
        assert is_of_few_people(replace(deaths, data_kind="count", sex_scope="female_only"))

    def test_a_later_edition_hides_the_same_of_earlier_years(self):
        rows = returns(FIVE)
        both = pd.concat([rows, rows.assign(year=2025, numerator=rows["numerator"] + 1)])
        both = both.reset_index(drop=True)
        first = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        then = hidden_figures(both, plan_of(), AREAS, threshold=5, width=2)
        assert then.head(len(first)).equals(first)

    def test_nothing_goes_out_where_a_count_cannot_be_protected(self):
        sums, place = table([[1, 1], [1, 1]])
        fixed = replace(sums, lower=sums.values, upper=sums.values)
        with pytest.raises(ArithmeticError):
            protect(fixed, np.array([True, False, False, False]), cost=np.ones(4), width=2)

    def test_a_rule_that_protects_nothing_is_refused(self, tmp_path):
        (tmp_path / "data" / "schemes").mkdir(parents=True)
        (tmp_path / "data" / "schemes" / "disclosure.yaml").write_text("threshold: 5\nwidth: 9\n")
        with pytest.raises(WdpError, match="threshold"):
            load_rule(tmp_path)
        assert load_rule(HOME) == Rule(5, 2.0)


<<<<<<< Updated upstream
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


@pytest.fixture(scope="module")
def counties(tmp_path_factory):
    """Two counties that differ in what is hidden: deaths in two towns, 1 + 2 and 2 + 2; lost cases."""
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    return [county_of(folders[0], (1, 2), 1), county_of(folders[1], (2, 2), 2)]


@pytest.fixture(scope="module")
def study(counties):
    """One study an edition and county, computed once: ``study("public", 0)``."""
    return cache(lambda edition="public", county=0: opened(counties[county], edition))


@pytest.fixture(scope="module")
def files(study):
    return package(study(), "tiny")


HIDDEN = {"east": 1 / 701e-5, "west": 2 / 613e-5, "county": 3 / 1823e-5}


def texts(folder):
    """Every text in every file of a folder, those within Word, PDF and workbooks as well."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".pdf":
            pages = pypdf.PdfReader(path).pages
            yield path.name, "".join(re.sub(r"\s", "", one.extract_text()) for one in pages)
        elif path.suffix in (".docx", ".xlsx", ".zip"):
            with zipfile.ZipFile(path) as packed_file:
                for name in packed_file.namelist():
                    yield f"{path.name}/{name}", packed_file.read(name).decode("utf-8", "replace")
        elif path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", "replace")


class TestAPublicEdition:
    def test_of_two_counties_that_differ_in_what_is_hidden_is_the_same(self, study):
        one, other = study("public", 0), study("public", 1)
        for name in ("observations", "rejected", "areas", "breaks", "choices", "missing"):
            pd.testing.assert_frame_equal(getattr(one.data, name), getattr(other.data, name))
        assert one.data.problems == other.data.problems
        for name in ("risks", "coverage"):  # of the figures, what those say who see all
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
        assert package(one, "tiny") == package(other, "tiny")

    def test_of_a_county_that_differs_in_what_is_shown_is_another(self, study, tmp_path):
        county = county_of(tmp_path / "home", (1, 9))  # nine are shown
        assert not opened(county).observations.equals(study().observations)

    @pytest.mark.requirement("H2")
    def test_holds_no_hidden_figure_in_any_of_its_files(self, study, files, tmp_path):
        made = study()
        written = write_all(made, tmp_path / "documents", formats=("docx", "pdf", "html", "xlsx"))
        assert {"keys.csv"} < set(written) and not [n for n in written if n.startswith("督办单")]
        write_site(made, tmp_path / "site")
        (tmp_path / "package.zip").write_bytes(packed(files))
        said = repr([made.show(f"yearbook_{one}") for one in SECTIONS])
        found = dict(texts(tmp_path)) | {
            "shown": said,
            "chart": repr(made.chart("outlook", "deaths")),
        }
        assert len(found) > 30 and any("孕产妇死亡率" in text for text in found.values())
        for area, value in HIDDEN.items():
            for figure in (f"{value:.2f}", f"{value:.1f}"):
                holds = re.compile(rf"(?<![\d.]){re.escape(figure)}(?!\d)")
                assert [name for name, text in found.items() if holds.search(text)] == [], area

    def test_the_same_files_of_the_internal_edition_hold_them(self, study):
        data = package(study("internal"), "tiny")["data/observations.csv"].decode()
        assert all(f"{value:.2f}" in data for value in HIDDEN.values())

    @pytest.mark.requirement("C12")
    def test_no_sum_of_anything_shown_gives_a_hidden_count_away(self, study):
        shown, whole = study(), study("internal")
        counts = counts_of(whole.observations, whole.plan, whole.data.areas, threshold=5)
        book = shown.observations
        book = book[book["numerator"].isna() & (book["indicator"] == "deaths")]
        missing = book[["area", "year"]].apply(tuple, axis=1)
        dead = counts.cells[counts.cells["counted"] == "死亡人数"]
        hidden = counts.cells.index.isin(
            dead.index[dead[["area", "year"]].apply(tuple, axis=1).isin(missing)]
        )
        proved = audit(counts, hidden, 2.0)
        assert set(proved["area"]) >= {"county", "east", "west"}
        assert proved["protected"].all()

    def test_says_of_each_hole_that_it_is_hidden_and_keeps_the_official_words(self, study):
        shown, whole = study(), study("internal")
        row, full = (s.risks.set_index("indicator").loc["deaths"] for s in (shown, whole))
        assert row["reason"] == "suppressed" and np.isnan(row["last_value"])
        assert row["state"] == full["state"] and row["standing"] == full["standing"]
        assert (shown.verdicts["verdict"] == whole.verdicts["verdict"]).all()
        assert "人数少，不公开" in repr(shown.show("trends"))

    def test_a_unit_sees_its_own_in_full_and_the_rest_as_everybody(self, study):
        own, other = study("卫健局"), study("教育局")
        assert own.observations["value"].notna().all() and own.edition_kind == "exchange"
        assert other.observations.equals(study().observations)

    def test_what_nobody_looked_through_is_not_shown(self, counties, tmp_path):
        home = tmp_path / "home"
        shutil.copytree(counties[0], home)
        (home / "data/records/tiny").mkdir(parents=True)
        (home / "data/records/tiny/records.yaml").write_text(
            "title: {zh: 记录, en: Records}\nkind: real\n"
        )
        heads = "indicator,area,year,period,kind,value,numerator,denominator,date,source,note\n"
        row = "deaths,county,2025,H1,to_date,54.9,1,1823,2025-08-01,月报,东镇一例\n"
        (home / "data/records/tiny/periods.csv").write_text(heads + row, "utf-8")
        assert len(opened(home, "internal").records(PERIOD_RECORD).frame) == 1
        assert opened(home).records(PERIOD_RECORD).frame.empty


class TestTheYearbook:
    @pytest.mark.requirement("A8")
    def test_parts_are_added_up_by_their_counts_and_never_averaged(self, study):
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
    def test_each_figure_is_one_observation_with_its_file_and_row(self, study):
        book = study("internal").yearbook
        found = book.merge(
            study("internal").observations, on=["file", "row", "indicator", "area", "year"]
        )
        assert len(found) == len(book) and (found["value_x"] == found["value_y"]).all()

    def test_five_years_are_summed_by_counts_and_not_at_all_with_a_hidden_year(self, study):
        full, public = study("internal"), study()
        rows = [s.show("yearbook_own").tables[0].texts.set_index("指标") for s in (full, public)]
        assert rows[0].loc["孕产妇死亡率", "五年合计"] == f"{round(3 / (5 * 1823) * 1e5, 1):g}"
        assert rows[1].loc["孕产妇死亡率", ["2025", "五年合计"]].tolist() == ["*", "*"]


class TestAPackage:
    def test_is_the_same_bytes_each_time(self, study, files):
        assert packed(package(study(), "tiny")) == packed(files)

    def test_holds_each_file_with_the_size_and_checksum_it_states(self, files):
        import hashlib

        described = json.loads(files["datapackage.json"])
        for one in described["resources"]:
            data = files[one["path"]]
            assert len(data) == one["bytes"]
            assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert described["licenses"] == [{"name": "CC-BY-4.0"}]
        with zipfile.ZipFile(io.BytesIO(packed(files))) as archive:
            assert archive.testzip() is None and archive.namelist()[0] == "datapackage.json"

    def test_reads_back_typed_with_pandas(self, study, files):
        described = json.loads(files["datapackage.json"])
        tables = open_tables(study())
        for one in described["resources"]:
            data, fields = files[one["path"]], one["schema"]["fields"]
            back = pd.read_csv(io.BytesIO(data))
            assert [f["name"] for f in fields] == list(back.columns)
            assert len(back) == len(tables[one["name"]][1])
            numbers = [f["name"] for f in fields if f["type"] in ("number", "integer")]
            assert all(back[name].dtype.kind in "fi" for name in numbers)

    def test_reads_back_with_arrow(self, files):
        csv = pytest.importorskip("pyarrow.csv")
        table = csv.read_csv(io.BytesIO(files["data/observations.csv"]))
        assert str(table.schema.field("value").type) == "double"

    def test_is_read_back_as_a_table_of_the_values_that_are_shown(self, study, files, tmp_path):
        with zipfile.ZipFile(io.BytesIO(packed(files))) as archive:
            archive.extractall(tmp_path)
        rows = wdp.read_table(tmp_path / "datapackage.json")
        assert len(rows) == study().observations["value"].notna().sum()

    @pytest.mark.requirement("H7")
    def test_the_codebook_covers_each_column(self, study, files):
        tables = open_tables(study())
        book = codebook({key: contract for key, (contract, _) in tables.items()})
        columns = {(key, name) for key, (_, table) in tables.items() for name in table.columns}
        assert set(zip(book["table"], book["column"], strict=True)) == columns
        assert (book[["meaning_zh", "meaning_en"]] != "").all(axis=None)

    def test_hidden_values_are_marked_as_sdmx_marks_them(self, files):
        rows = pd.read_csv(io.BytesIO(files["data/sdmx.csv"]))
        hidden = rows[rows["CONF_STATUS"] == "N"]
        assert (
            len(hidden) and set(hidden["OBS_STATUS"]) == {"Q"} and hidden["OBS_VALUE"].isna().all()
        )
        assert set(rows.loc[rows["CONF_STATUS"] == "F", "OBS_STATUS"]) == {"A"}


=======
>>>>>>> Stashed changes
def test_an_edition_leaves_out_what_was_replaced_and_what_a_check_found_in_a_row():
    rows = returns(FIVE)
    old = rows.assign(used=False, unused_reason="revision", value=1.0)
    data = Dataset("d", None, pd.concat([rows, old], ignore_index=True), *_empty(), AREAS, *_more())
    hidden = hidden_figures(data.observations, plan_of(), AREAS, threshold=5, width=2)
    made = edited(data, plan_of(), hidden)
    assert len(made.data.observations) == len(rows) and made.touched == {"deaths"}
    assert "revision" not in set(made.data.observations["unused_reason"])


def _empty():
    return pd.DataFrame(columns=["file"]), ()


def _more():
    return pd.DataFrame(), pd.DataFrame({"indicator": []})
