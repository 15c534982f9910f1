"""A study: everything known of one round, computed once, and shown in words."""

from dataclasses import replace

import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError
from wdp_lib.study import findings, store
from wdp_lib.study.shown import CHARTS, FACTS, LOOKS_BACK, sentences, view_names

ROUND = {"as_of": "2026-06-30", "through": 2030, "seed": 20260630}


@pytest.fixture(scope="module")
def study():
    return wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)


def test_a_table_is_computed_once_however_often_it_is_asked_for(monkeypatch):
    monkeypatch.delenv("WDP_STUDIES", raising=False)
    calls = []

    def counted(*args, **settings):
        calls.append(args)
        return findings_terms(*args, **settings)

    findings_terms = findings.terms
    monkeypatch.setattr(findings, "terms", counted)
    fresh = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)
    assert fresh.terms.equals(fresh.terms)
    assert len(calls) == 1


def test_a_reader_cannot_change_a_table_for_the_others(study):
    mine = study.terms
    mine["indicator"] = "changed"
    assert "changed" not in set(study.terms["indicator"])


def test_a_table_cannot_be_replaced(study):
    with pytest.raises(AttributeError):
        study.risks = pd.DataFrame()


def test_a_part_of_the_plan_has_its_rows_of_what_the_whole_plan_gives(study):
    part = study.select(domain="health")
    ours = {indicator.id for indicator in part.plan.indicators}
    whole = study.risks
    assert part.risks.equals(whole[whole["indicator"].isin(ours)].reset_index(drop=True))
    assert set(part.verdicts["domain"]) == {"health"}


def test_an_indicator_is_found_by_its_identifier_or_either_name(study):
    entry = study.plan.indicators[1]
    assert {study.identifier(name) for name in (entry.id, entry.name.zh, entry.name.en)} == {
        entry.id
    }
    with pytest.raises(ParameterError, match="maternal_mortality_ratio"):
        study.identifier("maternal_mortality_ration")


def test_a_domain_is_chosen_by_its_identifier_or_either_name(study):
    entry = study.plan.domains[0]
    chosen = [study.select(domain=name).plan for name in (entry.id, entry.name.zh, entry.name.en)]
    assert chosen[0] == chosen[1] == chosen[2]
    with pytest.raises(ParameterError, match=entry.name.zh):
        study.select(domain=entry.name.zh[:-1])


def test_a_table_is_shown_by_its_own_name_too(study):
    assert repr(study.show("verdicts")) == repr(study.show("goals"))


def test_studies_of_one_batch_share_their_results_to_the_last_digit(study, tmp_path, monkeypatch):
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    first = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)
    made = {name: getattr(first, name) for name in ("forecasts", "terms", "risks")}
    monkeypatch.setattr(findings, "assess", None)
    monkeypatch.setattr(findings, "forecast", None)
    second = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **ROUND)
    for name, table in made.items():
        pd.testing.assert_frame_equal(getattr(second, name), table, check_exact=True)
        pd.testing.assert_frame_equal(getattr(study, name), table, check_exact=True)
    pd.testing.assert_frame_equal(second.observations, study.observations, check_exact=True)
    assert second.data.problems == study.data.problems
    assert second.data.counts == study.data.counts


def test_another_cut_off_shares_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    for as_of in ("2026-06-30", "2025-12-31"):
        wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", as_of=as_of)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_plan_for_another_area_shares_nothing_with_the_plan_itself(tmp_path, monkeypatch):
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    own = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", as_of="2026-06-30")
    town = own.data.areas["area"].iloc[-1]
    other = wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", as_of="2026-06-30", area=town)
    for one in (own, other):
        before = one.on("2025-06-30")
        assert set(before.forecasts["area"]) == {one.plan.area}


def test_what_is_not_known_is_told_with_the_nearest_name(study):
    for ask in (study.show, study.chart, study.say):
        with pytest.raises(ParameterError):
            ask("risk-table-of-everything")
    with pytest.raises(ParameterError, match="risks"):
        study.show("riks")
    with pytest.raises(ParameterError, match="zh"):
        wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", as_of="2026-06-30", language="fr")


# these need a plan that has ended
ENDED = {"hindcast", "hindcast_reliability"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", [v for v in view_names() if v not in {*ENDED, *LOOKS_BACK}])
def test_every_view_shows_something_in_both_languages(study, name, language):
    shown = repr(study.in_language(language).show(name))
    assert shown.strip()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "key", [key for key, one in sentences().items() if "hindcast" not in one.facts]
)
def test_every_sentence_finds_its_figures_in_both_languages(study, key, language):
    assert "{" not in str(study.in_language(language).select(domain="health").say(key))


def test_every_family_of_facts_is_used():
    assert {name for one in sentences().values() for name in one.facts} == set(FACTS)


@pytest.mark.parametrize("name", [chart for chart in CHARTS if chart not in ("outlook", "funnel")])
def test_every_chart_is_a_picture_with_its_figures_as_text_and_its_methods(study, name):
    shown = study.chart(name)
    for figure in getattr(shown, "figures", [shown]):
        assert figure.png.startswith(b"\x89PNG") and len(repr(figure)) > 80
    assert shown.about["methods"]


def test_the_chart_of_domains_is_a_picture_a_domain(study):
    first, *others = study.chart("domains").figures
    assert repr(first).startswith(study.plan.domains[0].name.zh) and others


def test_a_table_without_rows_is_said_in_one_line(study):
    none = replace(study, results={**study.results, "roll_up": study.roll_up.iloc[:0]})
    none.results["area_comparison"] = study.area_comparison.iloc[:0]
    assert repr(none.say("40.sums")) == "没有由乡镇报送、可与整体数核对的数据。"


@pytest.mark.parametrize("name", LOOKS_BACK)
def test_without_a_round_to_look_back_on_one_sentence_says_so_and_no_table_follows(study, name):
    assert repr(study.show(name)) == ""
    assert "没有指定存档的轮次" in repr(study.say("90.look_back"))


def test_every_table_shown_names_its_methods(study):
    bare = ENDED | {*LOOKS_BACK, "record_problems", "scheme"}  # the words of plan and records
    silent = [n for n in view_names() if n not in bare and not study.show(n).about["methods"]]
    assert silent == []


def test_the_main_finding_goes_to_the_index(study):
    said = study.say("30.finding")
    assert said.about["finding"].startswith("主要结论。") and "**" not in said.about["finding"]
