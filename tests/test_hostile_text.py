"""Text from data stays text: every text field of plan, data and records into every page and picture.

To extend: add an attack to ``ATTACKS``; where its mark ``zq`` may not turn up, say so in ``Page``.
"""

import csv
import re
import shutil
from base64 import b64encode
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output

import wdp_lib as wdp
from wdp_lib.batch import Run
from wdp_lib.batch.report import data_mark, write_index
from wdp_lib.core.errors import Text
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.plan.schema import FILES
from wdp_lib.publish.html.index import Entry
from wdp_lib.publish.html.page import export_html
from wdp_lib.publish.views.show import Figures
from wdp_lib.study.shown import CHARTS, sentences, view_names

HOME = Path(__file__).parents[1]
ATTACKS = (
    "<script>zq()</script>",
    "<img src=//zq onerror=zq()>",
    "<meta http-equiv=refresh content='0;url=//zq'>",
    "<style>zq{display:none}</style>",
    "<base href=//zq><form action=//zq>",
    "</td></table></div><h1>zqhead</h1>",
    "<!-- zq",
    '" onmouseover="zq()',
    "**zqbold** __zqbold__",
    "# zqhead",
    "[zqlink](javascript:zq) <https://zq.cn> ![zq](//zq)",
    "`zqcode` ~~zqcode~~",
    "| zq | zq |",
    r"$\frac{zq$ $$zq$$ \(zq\) \begin{zq}",
    "{{7*191}}zq{% zq %}{zq}",
    "&lt;zq&gt;&#x202e;zq",
    "\u202ezq\u2066zq\u200f",
    "\u200b\u2060\ufeffz\u00adq\u200d",
    "zq\x07\x1b[31m\x9b",
)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ENDED = ("hindcast", "hindcast_reliability", "final_verdicts")  # of a plan that is over
# back-tests have no text of people, and take long; the brief is said in the words of `briefs`
LONG = ("brief", "models", "horizons", "reliability", "on_track", "interval_coverage")
OBSERVED = {"source", "source_address", "note", "name_zh", "name_en"}
OBSERVED |= {"description_zh", "description_en", "reason_zh", "reason_en"}
KEPT = (  # few indicators have values: rare, of women, of towns, by sex, of a term, of countryside
    *("maternal_mortality_ratio", "cervical_cancer_screening_coverage_35_45"),
    *("cervical_cancer_screening_coverage", "premarital_medical_examination_rate"),
    *("share_female_village_committee_members", "rural_sanitary_toilet_coverage"),
    *("women_basic_pension_insurance_coverage", "girls_preschool_gross_enrolment_ratio"),
)


def spoilt(folder, columns, keep=lambda row: True):
    """Add an attack to every filled cell of the text columns of every table of a folder."""
    turn = count()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, names = [row for row in reader if keep(row)], reader.fieldnames
        for row in rows:
            for name in sorted(columns(path.name) & set(names)):
                if row[name]:
                    row[name] += " " + ATTACKS[next(turn) % len(ATTACKS)]
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(rows)


def spoilt_settings(path):
    """The same for every text of a YAML file that people read."""
    turn, settings = count(), yaml.safe_load(path.read_text(encoding="utf-8"))

    def spoil(value):
        if isinstance(value, dict):
            return {key: spoil(one) for key, one in value.items()}
        return f"{value} {ATTACKS[next(turn) % len(ATTACKS)]}"

    for name in settings.keys() & {"title", "area_name", "source", "note", "mark", "licence"}:
        settings[name] = spoil(settings[name])
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def of_plan(file):
    """Columns of a table of a plan that hold whatever people write; the first is the identifier."""
    plain = (f for f in FILES[file][1:] if f.kind == "text" and not f.allowed and not f.refers)
    return {f.name for f in plain} - {"code", "age_group", "sex_scope", "measurability"}


def of_records(file):
    """The same of the records; what joins one record to another stays."""
    contract = record_contract(file)
    joins = {*contract.key, "warning", "round", "tables_hash", "dose_unit"}
    return {column.name for column in contract.columns if column.kind == "text"} - joins


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Our plan, some of its data and all records, hostile in every text field."""
    home = tmp_path_factory.mktemp("hostile")
    shutil.copytree(HOME / "data" / "schemes", home / "data" / "schemes")
    for kind, name, columns in (
        ("plans", "ruyuan-2021-2030", of_plan),
        ("observations", "ruyuan-demo", lambda file: OBSERVED),
        ("records", "ruyuan-demo", of_records),
    ):
        folder = home / "data" / kind / name
        shutil.copytree(HOME / "data" / kind / name, folder)
        ours = kind == "observations"
        spoilt(
            folder,
            columns,
            lambda row, ours=ours: not ours or row.get("indicator", KEPT[0]) in KEPT,
        )
        for settings in folder.glob("*.yaml"):
            spoilt_settings(settings)
    return home


@pytest.fixture(scope="module")
def study(home):
    settings = {"as_of": "2026-06-30", "through": 2030, "seed": 1}
    return wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", home=home, **settings)


_OWN_DATA = re.compile(r"data:(font/woff|image/png);base64,[A-Za-z0-9+/=]*")


class Page(HTMLParser):
    """What a browser would make of a page: tags, attributes, and the text within each tag."""

    OWN = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "span", "img"}
    OWN |= {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "nav"}
    OWN |= {"h1", "h2", "h3", "h4", "strong", "em", "a", "ul", "ol", "li", "br", "hr", "pre"}
    OWN |= {
        "link",
        "section",
        "article",
        "details",
        "summary",
        "figure",
        "code",
        "small",
        "dl",
        "dt",
        "dd",
    }

    def __init__(self, document):
        super().__init__()
        self.open, self.wrong, self.text, self.metas = [], [], [], 0
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.metas += tag == "meta"
        if tag not in ("meta", "img", "br", "hr", "link"):
            self.open.append(tag)
        told = {name: _OWN_DATA.sub("", value or "") for name, value in attrs}
        spoken = {name: told.pop(name, "") for name in ("alt", "title", "aria-label", "content")}
        if tag not in self.OWN or any(n.startswith("on") or "zq" in v for n, v in told.items()):
            self.wrong.append((tag, attrs))
        if tag == "meta" and "url=" in spoken["content"]:
            self.wrong.append((tag, attrs))

    def handle_endtag(self, tag):
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_comment(self, text):
        self.wrong.append(("comment", text))

    def handle_data(self, text):
        if "style" in self.open and "zq" in _OWN_DATA.sub("", text):
            self.wrong.append(("style", text))
        self.text.append(text)
        # what Markdown would have made of it
        made = {"strong": "zqbold", "em": "zqbold", "code": "zqcode", "a": "zqlink", "h1": "zqhead"}
        self.wrong += [(t, text) for t, word in made.items() if t in self.open and text == word]


def outputs(shown):
    for one in shown.figures if isinstance(shown, Figures) else (shown,):
        data, metadata = one._repr_mimebundle_()
        data |= {kind: b64encode(png).decode() for kind, png in data.items() if kind == "image/png"}
        yield new_output("display_data", data, metadata=metadata)


def everything(study):
    """Every table, sentence, paragraph and chart that a round of a running plan shows."""
    yield from (study.show(name) for name in view_names() if name not in (*ENDED, *LONG))
    of_past = {"hindcast", "backtest"}
    yield from (study.say(key) for key, one in sentences().items() if not of_past & {*one.facts})
    chosen = {"outlook": (study.example,), "funnel": (KEPT[1],)}
    drawn = CHARTS.keys() - LONG if study.language == "zh" else ()  # once
    yield from (study.chart(name, *chosen.get(name, ())) for name in drawn)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_field_stays_text_in_every_table_sentence_and_chart(study, language):
    spoken = study.in_language(language)
    cells = [new_code_cell("", outputs=list(outputs(shown))) for shown in everything(spoken)]
    title, mark = (spoken.context.text(one) for one in (study.plan.title, spoken.context.mark))
    document = export_html(new_notebook(cells=cells), language=language, title=title, mark=mark)
    page = Page(document)
    assert page.wrong == []
    assert not UNSEEN.search(document)
    text = "".join(page.text)
    assert "1337" not in text
    # shown as it was written, not swallowed
    assert [one for one in ATTACKS if not UNSEEN.search(one) and one not in text] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_of_a_run_stays_text_on_its_first_page(home, tmp_path, language):
    said = " ".join(ATTACKS)
    parameters = {
        **{"plan": "ruyuan-2021-2030", "dataset": "ruyuan-demo", "as_of": "2026-06-30"},
        **{"stage": "midterm", "language": language, "area": said, "seed": 1},
    }
    title = Text(f"题 {said}", f"title {said}")
    run = Run("hostile", title, ("30-risk", "<b>zq"), parameters, purpose=title)
    entries = [
        Entry("30-risk", heading=said, finding=said),
        Entry("<b>zq", state="failed", cell=3, error=said),
    ]
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "<img src=x onerror=zq()>.csv").write_text(f"a\n{ATTACKS[0]}\n")
    (tmp_path / "rejected.csv").write_text("a\n1\n")
    mark = data_mark(run, home)
    assert "zq" in mark
    write_index(run, home, entries, tmp_path, data_hash="<b>zq</b>", mark=mark)
    document = (tmp_path / "index.html").read_text(encoding="utf-8")
    page = Page(document)
    links = {"./30-risk.html", "30-risk.html"}
    wrong = [one for one in page.wrong if not (one[0] == "a" and _is_file(dict(one[1]), links))]
    assert wrong == []
    assert not UNSEEN.search(document)
    text = "".join(page.text)
    assert [one for one in ATTACKS if not UNSEEN.search(one) and one not in text] == []


def _is_file(attributes, known):
    """Whether a link leads to a file of the report, whatever the file is called."""
    target = attributes.get("href", "")
    return ":" not in target and not target.startswith("//") and "onerror=" not in attributes
