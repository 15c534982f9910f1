"""Every number has a key, and is what the result tables say, in every format."""

import re
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pypdf
import pytest
from bs4 import BeautifulSoup
from documents_kit import (  # noqa: F401, fixtures
    once,
    some_units,
    squeezed,
    study_fixture,
    tables,
    texts,
    whole_fixture,
    words_of,
)

from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.core.words import code_name, vocabulary
from wdp_lib.documents import letters, summary, write
from wdp_lib.documents.content import Book, Captioned, Paragraph
from wdp_lib.documents.keys import Key, bare, cell_keys, sheet_keys
from wdp_lib.documents.layout import caption_of
from wdp_lib.documents.narrative import Narrator
from wdp_lib.documents.parts import domain_briefs, unit_reports
from wdp_lib.documents.register import register
from wdp_lib.documents.reports import KEPT
from wdp_lib.documents.sheets import FIRST_ROW, sheets_of
from wdp_lib.documents.yearbook import yearbook
from wdp_lib.publish.text import facts
from wdp_lib.publish.views.choose import domains
from wdp_lib.publish.views.show import Table
from wdp_lib.study.shown import FACTS

NUMBER = re.compile(r"(?<![\d.])\d[\d,]*(?:\.\d+)?")
ID = ("commitment", "indicator", "goal", "project", "domain", "risk")
# what stands beside a value in the same cell, and is told with it
BESIDE = {
    "last_value": "last_year last_lower last_upper numerator denominator pooled_events "
    "pooled_exposure pooled_from last_year",
    "target": "target_lower target_upper baseline_value baseline_year line",
    "p_meet": "p_not_short",
    "margin": "target_lower",
    "why": "dips doubt schedule_gap target_year forecast_median forecast_lower forecast_upper",
}


def numbers_in(text):
    told = text.replace("/10万", "")  # the unit
    return [(one, float(one.replace(",", ""))) for one in NUMBER.findall(told)]


def row_of(study, table, row):
    """The row of a result table that a key names."""
    return kept(study, (table, row), lambda: _row_of(study, table, row))


def kept(study, name, make):
    known = study.results.setdefault("rows of tests", {})
    if name not in known:
        known[name] = make()
    return known[name]


def _row_of(study, table, row):
    if table == "problems" and row in set(study.risks["indicator"]):
        return {**row_of(study, "risks", row), **found(study.problems, row)}
    return found(getattr(study, table), row)


def found(frame, row):
    name = next(name for name in ID if name in frame)
    rows = frame[frame[name].astype(str) == row]
    assert len(rows) >= 1, row
    return rows.iloc[0].to_dict()


def told_by(study, key):
    """All that may stand under a key: numbers of its row of the result table, or a text."""
    table, row, column = key
    if column in COUNTS and table in ("verdicts", "risks", "problems", "needs", "indicators"):
        return [COUNTS[column](study, row)]
    if table == "letters":
        return told_in_letter(study, row)
    if table == "yearbook":
        return [in_yearbook(study, row, column)]
    if table.startswith("facts."):
        make = FACTS[table.removeprefix("facts.")][1]
        return [kept(study, table, lambda: make(study))[column]]
    parts = {one.id for one in (*study.plan.domains, *study.plan.units)}
    if row in parts and table in ("verdicts", "risks"):
        return [kept(study, ("part", row), lambda: part_facts(study, row))[column]]
    if table in ("domain_summary", "attainment_rates"):
        frame = getattr(study, table)
        return [frame.loc[frame["domain"] == row, column].iloc[0]]
    if table == "group_gaps":
        indicator, dimension = row.split(".")
        rows = latest_gaps(study.group_gaps)
        rows = rows[(rows["indicator"] == indicator) & (rows["dimension"] == dimension)]
        return list(rows[column])
    if table == "largest_contributions":
        indicator, part = row.split(".")
        rows = study.largest_contributions
        return list(rows.loc[(rows["indicator"] == indicator) & (rows["part"] == part), column])
    if table == "breaks":
        rows = study.data.breaks
        return list(rows.loc[rows["indicator"] == row, "year"])
    if table == "changes":
        now, before = row_of(study, "risks", row), row_of(study, "annual_table", row)
        earlier = {"change_on_previous": before["previous_value"]}
        return [now["last_value"] - earlier.get(column, now["baseline_value"])]
    values = row_of(study, table, row)
    names = [name for one in column.split(",") for name in (one, *BESIDE.get(one, "").split())]
    return [values[name] for name in names if name in values]


def ours(study, table, part):
    """The rows of a table that concern a domain, a unit that leads, or all."""
    rows = getattr(study, table)
    if not part:
        return rows
    if part in {unit.id for unit in study.plan.units}:
        led = [one for one in study.plan.indicators if one.lead_units[:1] == (part,)]
        if table == "verdicts":
            return rows[rows["goal"].isin({goal for one in led for goal in one.goals})]
        return rows[rows["indicator"].isin([one.id for one in led])]
    if table == "verdicts":
        return rows[rows["domain"] == part]
    return rows[domains(study.plan, rows["indicator"]) == part]


def lead(study, unit):
    return [one.id for one in study.plan.indicators if one.lead_units[:1] == (unit,)]


def counted(table, column, *values):
    return lambda study, row: int(ours(study, table, row)[column].isin(values).sum())


def without_data(study, row):
    """Of a domain those with a target, of a unit all that it leads."""
    rows = ours(study, "risks", row)
    asked = (rows["target_kind"] != "monitor_only") | (row in {one.id for one in study.plan.units})
    return int((rows["last_value"].isna() & asked).sum())


def known_needs(study, unit=""):
    rows = study.needs[study.needs["change"].notna() & (study.needs["reason"] == "")]
    return int((rows["units"].str.split(";").str[0] == unit).sum()) if unit else len(rows)


STANDINGS = {f"n_{code}": code for topic, code in vocabulary() if topic == "standing"}
COUNTS = {
    **{name: counted("verdicts", "verdict", one) for name, one in STANDINGS.items()},
    "n_of_progress": lambda study, row: int((study.problems["problem"] != "no_usable_data").sum()),
    "n_without_data": without_data,
    "n_no_usable_data": counted("problems", "problem", "no_usable_data"),
    "n_likely": lambda study, row: int(
        (study.risks["risk"].eq("clear") & study.risks["evidence"].eq("confirmed")).sum()
    ),
    "n_missed": counted("risks", "state", "not_attained"),
    "n_kept": counted("verdicts", "verdict", *KEPT),
    "n_led": lambda study, row: len(lead(study, row)),
    "n_not_judged": lambda study, row: len(set(lead(study, row)) - set(study.risks["indicator"])),
    "n_silent": lambda study, row: silent(study, row),
    "n_more": lambda study, row: known_needs(study, row) - 3,
    "n_known": lambda study, row: known_needs(study),
    "n_listed": lambda study, row: len(ours(study, "problems", row)),
    "n_worked_out": lambda study, row: len(study.needs),
}


def silent(study, domain):
    """Goals of a domain that cannot be assessed and have no value to be told."""
    rows = ours(study, "verdicts", domain)
    rows = rows[rows["verdict"] == "not_assessable"]
    return int((~rows["goal"].map(lambda goal: bool(Narrator(Book(study)).told_of(goal)))).sum())


def told_in_letter(study, row):
    """What a letter may say: of an item what the tables say of it, else its days and items."""
    unit, _, place = row.partition(".")
    letter = next(one for one in study.letters if one.unit == unit)
    if not place:
        return [len(letter.items), min(letter.items["due"]), study.as_of]
    item = letter.items.iloc[int(place)]
    warned = study.register[study.register["warning"].isin(item["warning"].split(";"))]
    told = [item["due"], *map(str, warned["answered_on"]), *map(str, warned["due"])]
    told += [100 * n for n in warned["figure_now"]] + [100 * n for n in warned["figure"]]
    told += list(warned["note"])
    if not item["indicator"]:
        return told
    entry, risk = study.plan.indicator(item["indicator"]), row_of(study, "risks", item["indicator"])
    needs = study.needs.drop_duplicates("indicator").set_index("indicator")["change"]
    told += [risk[name] for name in ("last_value", "last_year", "target_lower", "target_upper")]
    told += [abs(needs.get(entry.id, float("nan"))), entry.target.year, entry.target.wording.zh]
    return [*told, entry.numerator.zh, entry.name.zh, code_name("unit", entry.unit).zh]


def in_yearbook(study, row, column):
    """The figure of a line of the yearbook in a year, of a part, or of the years together."""
    section, indicator, group = row.split(".")
    known = study.results.setdefault("yearbook of tests", {})
    for one in () if known else study.yearbook.itertuples():
        part = getattr(one, one.section) if one.section != "own" else ""
        known[one.section, one.indicator, part, one.year] = one
    if column in ("sum", "whole"):
        whole = known["own", indicator, "", int(group)]
        return whole.sum_value if column == "sum" else whole.value
    if section == "area":
        return known[section, indicator, column, int(group)].value
    if column != "years":
        return known[section, indicator, group, int(column)].value
    years = [one for key, one in known.items() if key[:3] == (section, indicator, group)]
    rate = sum(one.numerator for one in years) / sum(one.denominator for one in years)
    return rate * study.plan.indicator(indicator).multiplier


def part_facts(study, row):
    """The counts of the goals and indicators of a domain, or of a unit that leads them."""
    known = study.results.setdefault("parts of tests", {})
    if row not in known:
        known[row] = _part_facts(study, row)
    return known[row]


def _part_facts(study, row):
    goals, risks = ours(study, "verdicts", row), ours(study, "risks", row)
    return facts.verdict_facts(goals, study.context) | facts.risk_facts(risks, study.context)


def agrees(text, key, study):
    """Whether each number of a text is one that its key has, as printed."""
    kept = study.results.setdefault("keys of tests", {})
    if key not in kept:
        kept[key] = told_by(study, key)
    known = kept[key]
    said = [n for one in known if isinstance(one, str) for _, n in numbers_in(one)]
    exact = [float(one) for one in known if not isinstance(one, str) and pd.notna(one)]
    for printed, number in numbers_in(text):
        size = 0.51 * 10.0 ** -len(printed.partition(".")[2])
        scaled = 100 if "p_" in key.column and text.endswith(("%", "）")) else 1
        if number in said or any(abs(abs(one) * scaled - number) <= size for one in exact):
            continue
        if scaled == 100 and text.startswith("≤") and min(exact) * 100 <= number:
            continue
        if scaled == 100 and text.startswith("≥") and max(exact) * 100 >= number:
            continue
        if "target" in key.column and number in wording(study, key.row):
            continue
        if (number == 95 and "last_value" in key.column) or (number == 100 and key.column == "why"):
            continue  # words: of the interval; may exceed 100 %
        return False
    return True


def wording(study, indicator):
    target = study.plan.indicator(indicator).target
    return [n for one in (target.value, target.tolerance) if one is not None for n in [float(one)]]


def disagreeing(read, study):
    return [(text, key) for text, key in read if not agrees(text, key, study)]


def test_every_key_leads_to_the_number_that_is_shown(study, whole):
    kinds = (once(unit_reports, study), once(domain_briefs, study), once(letters, study))
    single = ([whole], [once(summary, study)], [once(yearbook, study)])
    for documents in (*single, *(one[:3] for one in kinds)):
        listed = register(documents)
        read = [(one.shown, Key(one.table, one.row, one.column)) for one in listed.itertuples()]
        assert not disagreeing(read, study)
        assert len(read) >= 10 * len(documents), documents[0].title


def shape(text):
    """A pattern of a text with other digits in the same places."""
    return re.sub(r"\d", r"\\d", re.escape(squeezed(text)))


def patterns(document):
    """What a document says in order: each paragraph and row as a pattern, with the keys of its groups."""
    for block in document.blocks:
        if isinstance(block, Paragraph):
            said = [(span.text, span.key) for span in block.line]
            yield said
        elif isinstance(block, Captioned) and isinstance(block.shown, Table):
            rows = zip(block.shown.texts.to_numpy(), cell_keys(block.shown), strict=True)
            yield from (list(zip(map(str, cells), keys, strict=True)) for cells, keys in rows)


def numbers_of_stream(stream, document):
    """The keyed numbers as they are read in the text of a document."""
    at, read = 0, []
    for said in patterns(document):
        if any(key for _, key in said):
            pattern = "".join(
                f"({shape(text)})" if key else re.escape(squeezed(text)) for text, key in said
            )
            found = re.compile(pattern).search(stream, at)
            assert found, pattern
            at = found.end()
            read += zip(found.groups(), [key for _, key in said if key], strict=True)
    return read


def without_figures(pages, document):
    """The text of pages without their numbers and what stands below figures, which float."""
    for block in document.blocks:
        if isinstance(block, Captioned) and block.kind == "figure":
            for told in (caption_of(block, document.language), block.note):
                pages = pages.replace(squeezed(told), "")
    return re.sub(r"—\d+—", "", pages)


def written(document, folder):
    """A document in each format, read again: Word, the text of the PDF, the page, the sheets."""
    names = write(document, folder, ("docx", "pdf", "html", "xlsx"))
    word, pdf, page, book = (folder / name for name in names)
    pages = squeezed("".join(one.extract_text() for one in pypdf.PdfReader(pdf).pages))
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return docx.Document(str(word)), pages, soup, openpyxl.load_workbook(book).worksheets


@pytest.fixture(scope="module")
def files(whole, tmp_path_factory):
    return written(whole, tmp_path_factory.mktemp("formats"))


def readings(document, files):
    """The keyed numbers of each format, read from its file."""
    word, pages, soup, sheets = files
    stream = "".join(one.text or "" for one in word.element.body.iter() if one.tag.endswith("}t"))
    yield "docx", numbers_of_stream(squeezed(stream), document)
    yield "pdf", numbers_of_stream(without_figures(pages, document), document)
    marked = soup.find_all(attrs={"data-key": True})
    yield "html", [(one.get_text(), Key(*one["data-key"].split("/", 2))) for one in marked]
    yield (
        "xlsx",
        [
            (f"{sheet.cell(row + FIRST_ROW, column + 1).value:.10f}", key)
            for sheet, block in zip(sheets, sheets_of(document), strict=True)
            for (row, column), key in sheet_keys(block.shown).items()
        ],
    )


@pytest.mark.parametrize("study", ["china"], indirect=True)
@pytest.mark.requirement("A4")
def test_the_numbers_read_in_each_format_are_those_of_the_result_tables(study, whole, files):
    for ending, read in readings(whole, files):
        assert len(read) >= 50 and not disagreeing(read, study), ending


@pytest.mark.parametrize("study", ["china"], indirect=True)
def test_an_altered_number_is_noticed_in_each_format(study, whole, tmp_path):
    paragraphs = (block for block in whole.blocks if isinstance(block, Paragraph))
    first = next(p for p in paragraphs if any(s.key and s.key.table == "changes" for s in p.line))
    line = [replace(s, text=altered(s.text)) if s.key else s for s in first.line]
    blocks = [replace(b, line=tuple(line)) if b is first else b for b in whole.blocks]
    sheets = [replace(b, shown=replace(b.shown, frame=raised(b.shown.frame))) for b in whole.sheets]
    wrong = replace(whole, blocks=tuple(blocks), sheets=tuple(sheets))
    for ending, read in readings(wrong, written(wrong, tmp_path)):
        assert disagreeing(read, study), ending


def altered(text):
    """A text with another digit in place of each."""
    return re.sub(r"\d", lambda found: str((int(found[0]) + 4) % 10), text)


def raised(frame):
    numbers = frame.select_dtypes("number").columns
    return frame.assign(**{name: frame[name] + 5 for name in numbers})


@pytest.mark.parametrize("study", ["china"], indirect=True)
def test_word_pdf_html_and_excel_hold_the_same_words_and_numbers(whole, files):
    file, pages, soup, sheets = files
    said_in_word = squeezed("".join(texts(file)))
    said_in_html = squeezed(soup.main.get_text())
    for block in whole.blocks:
        text = squeezed(words_of(block))
        assert text in said_in_word and text in said_in_html
        assert text in re.sub(r"—\d+—", "", pages) or text[:12] in pages
    shown = [block.shown for block in tables(whole)]
    in_word = [[[c.text for c in r.cells] for r in t.rows] for t in file.tables]
    in_html = [
        [[c.get_text() for c in r.find_all(["td", "th"])] for r in t.find_all("tr")]
        for t in soup.find_all("table")
    ]
    in_content = [[list(t.texts), *t.texts.to_numpy().tolist()] for t in shown]
    assert in_word == in_content == in_html
    for table in in_content:
        assert not [c for row in table for c in row if squeezed(c)[:20] not in pages]
    for sheet, block in zip(sheets, whole.sheets, strict=True):
        frame = block.shown.frame
        for kept, row in zip(sheet.iter_rows(min_row=4), frame.to_numpy(), strict=False):
            for cell, value in zip(kept, row, strict=False):
                if pd.api.types.is_number(value) and not isinstance(value, bool):
                    assert pd.isna(value) or cell.value == pytest.approx(value)


def test_the_numbers_of_a_sentence_follow_from_the_result_tables(study, whole):
    narrator = Narrator(Book(study))
    years = study.annual_table.drop_duplicates("indicator").set_index("indicator")
    told = 0
    for row in study.risks.itertuples():
        if pd.isna(row.last_value) or study.plan.indicator(row.indicator).unit != "percent":
            continue
        line = bare(narrator.indicator(row.indicator))
        assert f"{row.last_year}年" in line and f"为{row.last_value:g}" in line.replace(".0%", "%")
        if found := re.search(r"比上年(提高|上升|下降)([\d.]+)个百分点", line):
            change = years.loc[row.indicator, "value"] - years.loc[row.indicator, "previous_value"]
            assert float(found[2]) == pytest.approx(abs(change), abs=1e-4)
            assert (found[1] == "下降") == (change < 0)
            told += 1
    assert told >= 2
