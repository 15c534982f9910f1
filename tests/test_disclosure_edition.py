"""Whole editions: what leaves the house holds no hidden figure, in no file and under no key.

The strongest statement is made of two counties that differ only in what is hidden: all that a
public edition is made from is the same for both, and so is what is made from it.
"""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from disclosure_kit import HIDDEN, HOME, county, county_of, files, opened, study, texts

from wdp_lib.batch import plan_runs, run_planned
from wdp_lib.batch.record import SECRET, combined, input_hashes, run_keys, stands
from wdp_lib.disclosure import audit
from wdp_lib.disclosure.cells import counts_of
from wdp_lib.documents import write_all
from wdp_lib.documents.package import package, packed
from wdp_lib.evaluation.periods import PERIOD_RECORD
from wdp_lib.site import write_site

RUN = """
run: open
title: {zh: 公开, en: Open}
notebooks: [10-data, 15-missing-data]
parameters: {plan: tiny, dataset: tiny, as_of: "2026-06-30", stage: midterm, through: 2030, language: zh, seed: 3}
"""


def edition(name):
    [run] = plan_runs([county() / "params" / "open.yaml"], edition=name)
    return run


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every file that a public edition leaves."""
    folder = tmp_path_factory.mktemp("open")
    (folder / "documents").mkdir()
    names = write_all(study(), folder / "documents")
    assert not [name for name in names if name.startswith("督办单")]  # no letter goes out
    write_site(study(), folder / "site")
    (folder / "package.zip").write_bytes(packed(files()))
    home = county()
    (home / "params").mkdir(exist_ok=True)
    (home / "params" / "open.yaml").write_text(RUN, encoding="utf-8")
    shutil.copytree(HOME / "notebooks", home / "notebooks", dirs_exist_ok=True)
    run_planned(edition("public"), home=home, out=folder / "reports")
    return folder


class TestAPublicEdition:
    def test_of_two_counties_that_differ_in_what_is_hidden_is_the_same(self):
        one, other = study("public", 0), study("public", 1)
        for name in ("observations", "rejected", "areas", "breaks", "choices", "missing"):
            pd.testing.assert_frame_equal(getattr(one.data, name), getattr(other.data, name))
        assert one.data.problems == other.data.problems
        for name in ("risks", "coverage"):  # of the figures, what those say who see all
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
        assert package(one, "tiny") == package(other, "tiny")

    def test_of_a_county_that_differs_in_what_is_shown_is_another(self, tmp_path):
        other = county_of(tmp_path / "home", (1, 9))  # nine are shown
        assert not opened(other).observations.equals(study().observations)

    @pytest.mark.requirement("H2")
    def test_holds_no_hidden_figure_in_any_of_its_files(self, written):
        """Documents in four formats, pages, package, executed notebooks, tables, logs, record."""
        found = dict(texts(written))
        kinds = {Path(name).suffix for name in found}
        assert kinds >= {".pdf", ".xml", ".html", ".csv", ".ipynb", ".json", ".log", ".md"}
        assert sum("孕产妇死亡率" in text for text in found.values()) > 10
        for area, value in HIDDEN.items():
            for figure in (f"{value:.2f}", f"{value:.1f}"):
                holds = re.compile(rf"(?<![\d.]){re.escape(figure)}(?!\d)")
                assert [name for name, text in found.items() if holds.search(text)] == [], area

    def test_no_table_holds_a_hidden_figure_under_its_key(self, written):
        whole, shown = study("internal").observations, study().observations
        keys = ["indicator", "area", "year"]
        hidden = whole.merge(shown[shown["value"].isna()][keys], on=keys)
        assert set(hidden["indicator"]) == {"deaths", "rescue"}
        looked = 0
        for path in sorted(written.rglob("*.csv")):
            table = pd.read_csv(path, encoding="utf-8-sig")
            if not {"indicator", "value"} <= set(table.columns):
                continue
            looked += 1
            by = [name for name in keys if name in table.columns]
            both = table.merge(hidden[[*keys, "value", "numerator"]], on=by, suffixes=("", "_true"))
            assert not np.isclose(both["value"], both["value_true"]).any(), path.name
        assert looked >= 3

    @pytest.mark.requirement("C12")
    def test_holds_no_fingerprint_by_which_hidden_figures_could_be_tried_out(self, written):
        """A return with all but a few figures known is guessed until its fingerprint agrees."""
        run, folder = edition("public"), written / "reports" / "open-public"
        open_, sealed = (input_hashes(edition(one), county()) for one in ("internal", "public"))
        returned = "data/observations/tiny/a.csv"
        marks = {open_[returned], run_keys(edition("internal"), county())["data"]}
        marks.add(combined({name: open_[name] for name in open_ if name.startswith("data/")}))
        secret = (county() / SECRET).read_text()
        for name, text in texts(written):
            assert [one for one in (*marks, secret) if one in text] == [], name
        assert sealed[returned] != open_[returned]
        plan = "data/plans/tiny/goals.csv"
        assert sealed[plan] == open_[plan]  # what is published anyway can be checked by anybody
        assert stands(run, county(), folder)  # and a repeat still finds that nothing changed

    def test_the_same_files_of_the_internal_edition_hold_them(self):
        data = package(study("internal"), "tiny")["data/observations.csv"].decode()
        assert all(f"{value:.2f}" in data for value in HIDDEN.values())

    @pytest.mark.requirement("C12")
    def test_no_sum_of_anything_shown_gives_a_hidden_count_away(self):
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

    def test_says_of_each_hole_that_it_is_hidden_and_keeps_the_official_words(self):
        shown, whole = study(), study("internal")
        row, full = (s.risks.set_index("indicator").loc["deaths"] for s in (shown, whole))
        assert row["reason"] == "suppressed" and np.isnan(row["last_value"])
        assert row["state"] == full["state"] and row["standing"] == full["standing"]
        assert (shown.verdicts["verdict"] == whole.verdicts["verdict"]).all()
        assert "人数少，不公开" in repr(shown.show("trends"))

    def test_a_unit_sees_its_own_in_full_and_the_rest_as_everybody(self):
        own, other = study("卫健局"), study("教育局")
        assert own.observations["value"].notna().all() and own.edition_kind == "exchange"
        assert other.observations.equals(study().observations)

    def test_what_nobody_looked_through_is_not_shown(self, tmp_path):
        home = tmp_path / "home"
        shutil.copytree(county(), home)
        (home / "data/records/tiny").mkdir(parents=True)
        (home / "data/records/tiny/records.yaml").write_text(
            "title: {zh: 记录, en: Records}\nkind: real\n"
        )
        heads = "indicator,area,year,period,kind,value,numerator,denominator,date,source,note\n"
        row = "deaths,county,2025,H1,to_date,54.9,1,1823,2025-08-01,月报,东镇一例\n"
        (home / "data/records/tiny/periods.csv").write_text(heads + row, "utf-8")
        assert len(opened(home, "internal").records(PERIOD_RECORD).frame) == 1
        assert opened(home).records(PERIOD_RECORD).frame.empty
