"""What a round gives to be circulated: the words of its tables, in official form."""

import re
from dataclasses import replace

import docx
import pandas as pd
import pypdf
import pytest
from documents_kit import (  # noqa: F401, fixtures
    HOSTILE,
    SEEN,
    all_of,
    everything,
    once,
    said,
    squeezed,
    study_fixture,
    tables,
    texts,
    whole_fixture,
)

from wdp_lib.documents import letters, report, summary, write, write_word
from wdp_lib.documents.content import Book, Captioned, Heading, is_wide, templates
from wdp_lib.documents.keys import bare
from wdp_lib.documents.layout import laid_out, numbered
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.parts import domain_briefs, unit_reports
from wdp_lib.documents.reports import needs_of


def test_a_change_is_not_told_across_a_change_of_definition(study):
    narrator = Narrator(Book(study))
    for indicator, year in narrator.broken.items():
        row = narrator.risks[indicator]
        if pd.notna(row.baseline_year) and row.baseline_year < year <= row.last_year:
            line = bare(narrator.indicator(indicator))
            assert f"口径自{year}年起变动" in line and f"比{row.baseline_year}年" not in line


def test_a_baseline_of_few_cases_is_named_with_the_years_around_it(study):
    narrator, told = Narrator(Book(study)), 0
    for indicator, row in narrator.risks.items():
        entry = study.plan.indicator(indicator)
        line = row.target_upper if pd.isna(row.target_lower) else row.target_lower
        counted = entry.data_kind in ("proportion", "rare_rate")
        pooled = entry.target.line_from == "baseline" and counted and pd.notna(row.baseline_value)
        said = bare(narrator.indicator(indicator)) if pd.notna(row.last_value) else ""
        since = f"比{row.baseline_year}年" in said
        named = bool(pooled and line != row.baseline_value and since)
        assert ("基期连同前后年份为" in said) == named
        told += named
    assert told or study.plan.area == "china"  # whose rates have no counts


def test_tables_and_figures_the_text_points_to_are_there(whole):
    text = "\n".join(said(whole))
    words = {"table": "表", "annex": "附表", "figure": "图"}
    there = {f"{words[b.kind]}{b.number}" for b in whole.blocks if isinstance(b, Captioned)}
    assert set(re.findall(r"见(附表\d+|表\d+|图\d+)", text)) == there
    sheets = {f"附册表{b.number}" for b in whole.sheets if b.kind == "sheet"}
    assert set(re.findall(r"附册表\d+", text)) == sheets


def test_long_and_wide_tables_stand_in_the_annex(whole):
    for block in tables(whole):
        long = len(block.shown.texts) >= 25 or is_wide(block.shown)
        assert (block.kind == "annex") == long


def test_running_text_says_no_identifier_no_empty_count_and_no_gap(study, whole):
    text = "\n".join(said(whole) + said(once(summary, study)))
    assert not re.search(r"(?<![\d.])0 ?项|[（(][）)]|None|nan|<NA>|\{|\}|，，|。。|，。", text)
    entries = (study.plan.indicators, study.plan.measures, study.plan.commitments)
    ids = {one.id for group in entries for one in group}
    assert not [one for one in ids if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text)]


def test_no_heading_is_without_text(whole):
    for one, after in zip(whole.blocks, whole.blocks[1:], strict=False):
        if isinstance(one, Heading) and isinstance(after, Heading):
            assert after.level > one.level
    assert not isinstance(whole.blocks[-1], Heading)


def test_counts_of_goals_add_up(study, whole):
    line = next(line for line in said(whole) if "全部要求都做到" in line)
    head, _, parts = line.partition("规则判定：")
    counted = [int(n) for n in re.findall(r"(\d+)项", parts.partition("。")[0])]
    assert sum(counted) == len(study.verdicts) == int(re.search(r"共(\d+)项目标", head)[1])


def test_letters_go_to_each_unit_with_an_open_warning(study):
    found = once(letters, study)
    assert len(found) == len(study.letters)
    for document, letter in zip(found, study.letters, strict=True):
        assert said(document)[1] == f"{letter.addressee.zh}："
        assert len(tables(document)[0].shown.texts) == len(letter.items)


def test_a_letter_has_no_bracket_in_a_bracket_and_a_ratio_no_unit(study):
    text = "\n".join(one for letter in once(letters, study) for one in everything(letter))
    assert not re.search(r"[（(][^（()）]*[（(][^（()）]*[）)][）)]|\d ?比值", text)


@pytest.mark.parametrize("study", ["county"], indirect=True)
def test_english_documents_hold_no_chinese_but_what_the_data_say(study, whole):
    english = study.in_language("en")
    sourced = study.show("sources", study.sourced_risks).texts
    data = "".join(sourced.astype(str).to_numpy().ravel()) + "".join(study.observations["source"])
    data += "模拟数据初步数以上以下超过左右" + "".join(
        one.target.wording.zh for one in study.plan.indicators
    )
    written = (study.home / "data" / "records" / study.data.name).glob("*.csv")
    data += "".join(path.read_text(encoding="utf-8") for path in written)
    for document in (report(english), *all_of(english)):
        for text in everything(document):
            strange = [one for one in re.findall("[\u4e00-\u9fff]+", text) if one not in data]
            assert not strange, text


def test_chinese_documents_hold_no_code_and_no_key(study, whole):
    known = set(templates()) | {one.id for one in study.plan.indicators}
    for document in (whole, *all_of(study)):
        for text in everything(document):
            words = re.findall(r"(?<![\w./:-])[a-z]+(?:[._][a-z]+)+(?![\w/])", text)
            assert not known & set(words) and not re.search(r"[{}]|\bnan\b|None", text), text


def test_each_indicator_with_a_lead_unit_is_told_in_the_report_of_that_unit_only(study):
    led = {one.id: one.lead_units[0] for one in study.plan.indicators if one.lead_units}
    units = [unit.id for unit in study.plan.units if unit.id in led.values()]
    found = once(unit_reports, study)
    assert len(found) == len(units)
    for document, unit in zip(found, units, strict=True):
        own = [study.context.name(one) for one, leader in led.items() if leader == unit]
        shown = [b.shown.texts for b in tables(document) if "达标情况" in b.shown.texts]
        listed = [name for texts in shown for name in texts.iloc[:, 0]]
        assert {name.partition("（目标待核实）")[0] for name in listed} <= set(own)
        text = "\n".join(everything(document))
        assert not [name for name in own if name not in text]


@pytest.mark.parametrize("study", ["county"], indirect=True)
def test_a_figure_stands_in_its_section_and_no_heading_at_the_foot_of_a_page(whole, tmp_path):
    (name,) = write(whole, tmp_path, ("pdf",))
    pages = [squeezed(one.extract_text()) for one in pypdf.PdfReader(tmp_path / name).pages]
    pages = [re.sub("—\\d+—", "", page) for page in pages]
    assert all(len(page) > 120 for page in pages)
    heads = dict(zip(*(_heads(whole), _heads(whole, numbers=True)), strict=True))
    begins = {n: next(k for k, p in enumerate(pages[2:]) if head in p) for n, head in heads.items()}
    assert not [page for page in pages if page.endswith(tuple(heads.values()))]
    for place, block in enumerate(whole.blocks):
        if isinstance(block, Captioned) and block.kind == "figure":
            caption = squeezed(f"图{block.number} {block.caption}")
            stands = next(k for k, page in enumerate(pages[2:]) if caption in page)
            own = max(n for n in begins if n < place)
            after = min(n for n in begins if n > place)
            assert begins[own] <= stands <= begins[after], caption


def _heads(document, numbers=False):
    """Places of the headings of the first two levels, or the headings with their numbers."""
    found = [(n, b) for n, b in enumerate(document.blocks) if isinstance(b, Heading)]
    said = numbered([one for _, one in found], document.language)
    kept = [(n, squeezed(text)) for (n, _), (level, text) in zip(found, said, strict=True)]
    return [text if numbers else n for n, text in kept]


@pytest.mark.parametrize("study", ["county"], indirect=True)
def test_a_final_round_asks_for_nothing_by_a_year_that_is_over(study):
    needs = study.needs[study.needs["change"].notna() & study.needs["reason"].eq("")].head(3)
    asked = {stage: replace(study, stage=stage) for stage in ("midterm", "final")}
    books = {stage: Book(one) for stage, one in asked.items()}
    told = {stage: bare(needs_of(book, needs, Narrator(book))) for stage, book in books.items()}
    assert told["midterm"].count("须比") == 3 and "还" not in told["midterm"]
    assert len(re.findall("还[少多]", told["final"])) == 3 and "须比" not in told["final"]


@pytest.mark.parametrize("study", ["county"], indirect=True)
def test_a_source_that_differs_in_the_year_only_is_named_once(study, whole):
    cells = study.show("yearbook_definitions").texts.iloc[:, -1]
    for cell in cells:
        named = [re.sub(r"\d{4}|、", "", one) for one in cell.split("；")]
        assert len(named) == len(set(named))
    (sources,) = (one.shown.texts for one in tables(whole) if one.caption == "数据来源")
    assert not sources.iloc[:, -1].duplicated().any()


def test_the_summary_and_a_brief_of_a_domain_stand_on_two_pages(study, tmp_path):
    for document in (once(summary, study), *once(domain_briefs, study)):
        (name,) = write(document, tmp_path, ("pdf",))
        assert len(pypdf.PdfReader(tmp_path / name).pages) <= 2, name


def test_templates_of_both_languages_name_the_same_figures(study):
    for key, one in templates().items():
        zh, en = (set(re.findall(r"\{(\w+)\}", text)) for text in (one.zh, one.en))
        assert zh ^ en <= study.context.facts.keys(), key


def test_hostile_names_of_a_plan_are_plain_text_in_the_report(study, tmp_path):
    named = replace(
        study.plan.indicators[0], name=replace(study.plan.indicators[0].name, zh=HOSTILE)
    )
    plan = replace(study.plan, indicators=(named, *study.plan.indicators[1:]))
    book = Book(replace(study, plan=plan))
    book.say("domain.missing", n=1, names=book.context.name(named.id))
    document = book.finished("甲")
    write_word(document, tmp_path / "a.docx")
    assert any(SEEN.strip() in text for text in texts(docx.Document(str(tmp_path / "a.docx"))))


def test_no_name_in_a_letter_is_stacked_three_characters_a_line(study):
    for letter in letters(study):
        for block in tables(letter):
            laid = laid_out(block.shown, small=True)
            for place, width in enumerate(laid.widths):
                if max(len(row[place]) for row in laid.rows) > 4:
                    assert width / laid.size > 5, (letter.title, laid.head[place])
