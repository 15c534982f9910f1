"""Studies whose documents tests read, and what a document says."""

import re
from functools import cache

import pytest

import wdp_lib as wdp
from wdp_lib.documents import letters, report, summary
from wdp_lib.documents.content import Captioned, Heading, Paragraph
from wdp_lib.documents.parts import domain_briefs, unit_reports
from wdp_lib.publish.views.show import Table

HOSTILE = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** \x00\x0b\x1b\u202e\u200b"
SEEN = "<b>&amp;</b> =1+1 {{7*7}} $x$ \\input{a} **粗** "
ROUNDS = {
    "china": ("china-2021-2030", "china", "2025-12-31", "annual", 2030),
    "county": ("ruyuan-2021-2030", "ruyuan-demo", "2026-06-30", "midterm", 2030),
}


@cache
def opened(name):
    """The study of one of the rounds."""
    plan, dataset, as_of, stage, through = ROUNDS[name]
    return wdp.open_study(plan, dataset, as_of=as_of, stage=stage, through=through, seed=20260630)


@pytest.fixture(name="study", scope="module", params=ROUNDS)
def study_fixture(request):
    return opened(request.param)


@pytest.fixture(name="whole", scope="module")
def whole_fixture(study):
    return once(report, study)


def once(make, study):
    """What is made of a study, made once for all files of tests: nobody changes it."""
    made = study.results.setdefault("made for tests", {})
    if (make, study.language) not in made:
        made[make, study.language] = make(study)
    return made[make, study.language]


def texts(file):
    return [paragraph.text for paragraph in file.paragraphs]


def tables(document):
    return [b for b in document.blocks if isinstance(b, Captioned) and isinstance(b.shown, Table)]


def said(document):
    found = [b for b in document.blocks if isinstance(b, Paragraph)]
    return ["".join(span.text for span in paragraph.line) for paragraph in found]


def words_of(block):
    if isinstance(block, Heading):
        return block.text
    if isinstance(block, Paragraph):
        return "".join(span.text for span in block.line)
    return block.caption


def squeezed(text):
    return re.sub(r"[\s\u200b]", "", text)


def everything(document):
    """All that a document says: words, headings of tables, cells, what pictures say."""
    found = [document.title, document.mark, document.sender, *map(words_of, document.blocks)]
    for block in document.blocks:
        if isinstance(block, Captioned) and isinstance(block.shown, Table):
            found += [*map(str, block.shown.texts), *block.shown.texts.to_numpy().ravel()]
        elif isinstance(block, Captioned):
            found.append(block.shown.description)
    return [*found, *(text for line in document.cover for text in line)]


def all_of(study):
    briefs = once(domain_briefs, study)[:2]
    return [once(summary, study), *once(letters, study), *some_units(study, 3), *briefs]


def some_units(study, most):
    """The reports of the first units that lead an indicator."""
    leading = {one.lead_units[0] for one in study.plan.indicators if one.lead_units}
    units = [unit.id for unit in study.plan.units if unit.id in leading][:most]
    return [document for unit in units for document in unit_reports(study, only=unit)]
