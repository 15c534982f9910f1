"""A round as pages: what stands on the first screen, three clicks to why and what would clear it."""

import re
import shutil
from dataclasses import replace
from urllib.parse import unquote

import pandas as pd
from site_kit import (  # noqa: F401, fixtures
    HOSTILE,
    RETURN,
    SCREENED,
    Read,
    home_fixture,
    page,
    pages,
    site_fixture,
    study_fixture,
    tables,
)

import wdp_lib as wdp
from wdp_lib.core.errors import Text
from wdp_lib.evaluation.archive import ArchivedRound
from wdp_lib.publish.charts.observed import draw_observed
from wdp_lib.site import write_site
from wdp_lib.site.chart import Sketch
from wdp_lib.site.find import keys
from wdp_lib.site.pages import files_of
from wdp_lib.site.render import hashed


def test_there_is_a_page_for_each_domain_goal_and_indicator_and_a_list(site, study):
    plan = study.plan
    wanted = {f"domain-{one.id}.html" for one in plan.domains}
    wanted |= {f"goal-{one.id}.html" for one in plan.goals}
    wanted |= {f"indicator-{one.id}.html" for one in plan.indicators}
    assert {path.name for path in (site / "site").iterdir()} == wanted | {
        "indicators.html",
        "font.woff",
    }


def test_every_link_leads_to_a_file_of_the_site(site):
    links = [(path, link) for path in pages(site) for link in Read(path).links]
    assert len(links) > 60
    for path, link in links:
        if not link.startswith("#"):
            assert (path.parent / unquote(link)).resolve().is_file(), (path.name, link)


def test_why_an_indicator_is_red_and_what_would_clear_it_is_three_clicks_away(site):
    reached, now = {site / "index.html"}, {site / "index.html"}
    for _ in range(3):
        links = {
            (path.parent / unquote(link)).resolve() for path in now for link in Read(path).links
        }
        now = {path for path in links if path.suffix == ".html"} - reached
        reached |= now
    assert page(site, "indicator", "screening_coverage") in reached
    text = Read(page(site, "indicator", "screening_coverage")).text
    for told in ("红色预警", "为什么这样判断、怎样解除预警", "未达标概率超过界线", "解除条件"):
        assert told in text


def test_the_first_page_counts_goals_by_domain_as_the_tables_do(site, study):
    [table] = tables(site / "index.html")
    whole = study.domain_summary.set_index("domain")
    rows = {row[0]: row for row in table[1:]}
    assert rows["合计"][1] == str(whole.loc["", "goals"])
    for domain in study.plan.domains:
        shown = rows[domain.name.zh]
        counts = [int(text) for text in shown[3:]]
        assert int(shown[1]) == whole.loc[domain.id, "goals"] == sum(counts)


def test_every_value_stands_on_the_page_of_its_indicator_with_its_source(site):
    rows = next(
        table
        for table in tables(page(site, "indicator", "screening_coverage"))
        if table[0][:2] == ["年份", "数值"]
    )
    shown = {int(row[0]): (float(row[1]), row[-1]) for row in rows[1:]}
    assert shown == {
        year: (value, f"年报 <i>{year}</i>") for year, value in enumerate(SCREENED, 2016)
    }
    assert [row[0] for row in rows[1:3]] == ["2025", "2024"]


def test_figures_of_a_target_are_those_of_the_risk_table_in_its_words(site, study):
    shown = study.show("risks", study.risks[study.risks["indicator"] == "screening_coverage"])
    text = Read(page(site, "indicator", "screening_coverage")).text
    for label, cell in zip(shown.texts.columns, shown.texts.iloc[0], strict=True):
        assert cell == "—" or f"{label} {cell}" in text or label == "指标"


def test_the_same_study_gives_the_same_bytes(site, study, tmp_path):
    write_site(study, tmp_path, title="小规划中期评估")
    for path in site.rglob("*.*"):
        assert (tmp_path / path.relative_to(site)).read_bytes() == path.read_bytes()


def test_hostile_text_is_plain_text_everywhere_and_no_script_is_in_a_page_but_the_search(site):
    text = Read(page(site, "indicator", "life_expectancy")).text
    assert HOSTILE in text
    for path in pages(site):
        read, source = Read(path), path.read_text(encoding="utf-8")
        searched = path.name in ("index.html", "indicators.html")
        assert len(read.scripts) == searched
        assert "<b>&" not in source and "<i>2" not in source
        for script in read.scripts:
            assert hashed(script) in source


def test_no_page_asks_for_anything_and_its_policy_lets_in_its_own_style_alone(site):
    for path in pages(site):
        read = Read(path)
        [policy] = [a["content"] for t, a in read.tags if t == "meta" and "http-equiv" in a]
        assert read.asked == []
        assert [a["href"] for t, a in read.tags if t == "link"] == ["data:,"]
        assert policy.startswith("default-src 'none';") and "unsafe" not in policy
        assert policy.endswith("base-uri 'none'; form-action 'none'")
        assert not any("style" in a or any(n.startswith("on") for n in a) for _, a in read.tags)
        [style] = re.findall(r"<style>(.*?)</style>", path.read_text("utf-8"), re.DOTALL)
        assert hashed(style) in policy


def test_simulated_data_are_marked_on_every_page_and_chart(site):
    for path in pages(site):
        assert "模拟数据 · Simulated data" in Read(path).text
    chart = page(site, "indicator", "screening_coverage").read_text("utf-8")
    assert '<text class="watermark"' in chart
    assert "宫颈癌筛查率 · 模拟数据 SIMULATED DATA</title>" in chart


def test_a_chart_says_every_value_it_draws(site):
    text = Read(page(site, "indicator", "screening_coverage")).text
    said = ", ".join(f"{year} {value}" for year, value in enumerate(SCREENED, 2016))
    assert f"实际值：{said}；" in text
    assert "80% 预测区间：" in text and "目标：" in text


def test_what_has_no_data_says_why_and_that_this_is_no_good_news(site):
    text = Read(page(site, "indicator", "share_female_employed")).text
    assert "尚无可用数据" in text and "缺数不等于没有问题" in text
    assert "<svg viewBox" not in page(site, "indicator", "share_female_employed").read_text("utf-8")


def test_a_page_weighs_less_than_half_a_megabyte_with_its_font(site):
    font = (site / "site" / "font.woff").stat().st_size
    assert max(path.stat().st_size for path in pages(site)) + font < 500_000


def test_a_name_is_found_by_its_characters_its_pinyin_its_initials_and_in_english():
    found = keys(Text("孕产妇死亡率（区域）", "Maternal Mortality"), "mmr")
    for wanted in ("孕产妇", "ycfswl", "yunchanfu", "maternal mortality", "mmr"):
        assert wanted in found


def test_two_identifiers_never_share_a_page():
    files = files_of(("goal", one) for one in ("a/b", "a b", "a_b", "../甲"))
    assert len(set(files.values())) == 4
    assert files["goal", "../甲"] == "goal-_甲.html"


def test_in_english_no_page_holds_chinese_other_than_what_the_data_say(study, tmp_path):
    write_site(study.in_language("en"), tmp_path)
    assert 'lang="en"' in (tmp_path / "index.html").read_text("utf-8")
    assert "To be done first" in Read(tmp_path / "index.html").text
    said = " ".join(Read(path).text for path in pages(tmp_path))
    own = {"模拟数据", "年报", "小规划"} | set("一二三四五六七八九十")
    left = {one for one in re.findall(r"[\u4e00-\u9fff]+", said) if one not in own}
    assert left == set()


def test_the_first_page_answers_what_goes_well_what_is_at_risk_and_what_is_unknown(site, study):
    source = (site / "index.html").read_text("utf-8")
    cards = re.findall(r"<li><h2>(\S+) <b>(\d+)</b>", source)
    assert [title for title, _ in cards] == ["进展较好", "存在风险", "尚无结论"]
    assert sum(int(n) for _, n in cards) == len(study.plan.goals)
    text = Read(site / "index.html").text
    assert "预警指标：红 1 项" in text and "无法判断主要因为" in text


def test_on_a_page_too_seats_are_steps_and_what_is_not_final_is_hollow(study):
    entry = replace(study.plan.indicator("screening_coverage"), frequency="term")
    nothing = {"series_break": "", "numerator": None, "denominator": None, "source": ""}
    series = pd.DataFrame({"year": [2016, 2021], "value": [28.0, 31.5]}).assign(**nothing)
    series["status"] = ["final", "provisional"]
    sketch = Sketch()
    draw_observed(sketch, series, entry, study.context)
    [steps], dots = (
        [one for one in sketch.lines if one["dots"] is not_line] for not_line in (False, True)
    )
    assert steps["points"][:4].tolist() == [[2016, 28], [2021, 28], [2021, 31.5], [2026, 31.5]]
    assert [(one["drawn"], one["hollow"]) for one in dots] == [(False, False), (False, True)]


def test_before_a_plan_has_ended_no_target_is_missed_wherever_its_state_is_told(study):
    early, late = (replace(study.context, stage=stage) for stage in ("midterm", "final"))
    assert early.word("state", "not_attained") == early.facts["missed_word"] == "尚未达标"
    assert late.word("state", "not_attained") == late.facts["missed_word"] == "未达标"


def test_an_earlier_round_stands_on_the_page_of_an_indicator_and_the_first_page_says_what_changed(
    home, study, tmp_path
):
    then = wdp.open_study("tiny", "drawn", as_of="2024-06-30", seed=1, home=home)
    parameters = {"plan": "tiny", "dataset": "drawn", "stage": "annual", "as_of": "2024-06-30"}
    frozen = wdp.freeze(wdp.load_scheme(), study.plan, parameters | {"through": 2030, "seed": 1})
    risks = then.risks.assign(risk=then.risks["risk"].replace("red", "yellow"))
    tables = (then.forecasts, risks, then.verdicts)
    earlier = ArchivedRound(
        "year-2024", parameters | {"through": 2030, "seed": 1}, frozen.record, *tables
    )
    with_it = replace(study, results={**study.results, "earlier": earlier})
    write_site(with_it, tmp_path)
    assert "与 2024-06-30 相比的变化" in Read(tmp_path / "index.html").text
    assert "加重 1 宫颈癌筛查率 黄 → 红" in Read(tmp_path / "index.html").text
    text = Read(page(tmp_path, "indicator", "screening_coverage")).text
    assert "历次评估" in text and "year-2024 2024-06-30" in text


def counted(home, name, counts):
    """Add a data set whose ten years have counts."""
    data = home / "data/observations" / name
    shutil.copytree(home / "data/observations/drawn", data)
    lines = [
        f"screening_coverage,county,{year},27.27,{counts},final,{year + 1}-03-31,年报"
        for year in range(2016, 2026)
    ]
    (data / "a.csv").write_text("\n".join([RETURN, *lines, ""]), encoding="utf-8")
    text = (data / "dataset.yaml").read_text("utf-8").replace("id: drawn", f"id: {name}")
    (data / "dataset.yaml").write_text(text, encoding="utf-8")


def test_what_is_to_be_done_says_how_many_and_no_page_says_where_a_number_was_read(home, tmp_path):
    counted(home, "many", "3000,11000")
    write_site(wdp.open_study("tiny", "many", as_of="2026-06-30", seed=1, home=home), tmp_path)
    assert re.search("须比2025年增加[0-9,]+", Read(tmp_path / "index.html").text)
    assert not [p for p in pages(tmp_path) if re.search(r"[\ufdd0-\ufdef]", p.read_text("utf-8"))]


def test_the_pages_of_the_public_edition_hold_no_small_count_of_people(home, tmp_path):
    counted(home, "few", "3,11")
    public = wdp.open_study("tiny", "few", as_of="2026-06-30", seed=1, home=home, edition="public")
    write_site(public, tmp_path)
    said = "".join(path.read_text("utf-8") for path in pages(tmp_path))
    assert "27.2" not in said and "公开版" in said
    hidden = public.context.word("reason", "suppressed")
    assert hidden in Read(page(tmp_path, "indicator", "screening_coverage")).text
