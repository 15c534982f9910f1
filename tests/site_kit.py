"""A site of the small plan, written once, and what a test reads of its pages."""

import html
import re
import shutil
import tempfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import (
    HEADERS,
    INDICATOR_CELLS,
    INDICATOR_DEFAULTS,
    PLAN_TABLES,
    PLAN_YAML,
    drawn,
    write_csv,
)

import wdp_lib as wdp
from wdp_lib.site import write_site

HOME = Path(__file__).parents[1]
HOSTILE = '<b>&amp;</b> =1+1 {{7*7}} "><script>document.title=1</script>'
NAMES = {
    "screening_coverage": ("宫颈癌筛查率", "Cervical screening"),
    "maternal_mortality_ratio": ("孕产妇死亡率", "Maternal mortality"),
    "life_expectancy": (HOSTILE, HOSTILE),
    "share_female_employed": ("女性就业比重", "Women in work"),
    "share_female_delegates": ("女代表比例", "Women delegates"),
}
SCREENED = (30.0, 31.5, 32.1, 33.4, 33.9, 35.2, 35.8, 36.9, 37.6, 38.4)
RETURN = "indicator,area,year,value,numerator,denominator,status,as_of,source"


def named(row):
    """An indicator of the small plan under a name of its own."""
    zh, en = NAMES[row["indicator"]]
    cells = INDICATOR_DEFAULTS | row | INDICATOR_CELLS.get(row["indicator"], {})
    origin = "suggested" if cells.get("lead_units") else ""
    people = {"sex_scope": "female_only", "multiplier": "100", "small_numbers": "yes"}
    people = people if origin else {}
    return cells | people | {"name_zh": zh, "name_en": en, "lead_units_origin": origin}


_KEPT = tempfile.TemporaryDirectory(prefix="wdp-site-")


@cache
def small_home():
    """A project with the small plan, hostile names in it, and ten years of one indicator."""
    home = Path(_KEPT.name) / "home"
    plan, data = home / "data/plans/tiny", home / "data/observations/drawn"
    for folder in (plan, data, home / "data/archive"):
        folder.mkdir(parents=True)
    shutil.copytree(HOME / "data/schemes", home / "data/schemes")
    (plan / "plan.yaml").write_text(PLAN_YAML, encoding="utf-8")
    for file, text in PLAN_TABLES.items():
        rows = drawn(text)
        if file == "indicators.csv":
            rows = [named(row) for row in rows]
        write_csv(plan / file, rows, HEADERS[file].split(",") if file in HEADERS else list(rows[0]))
    (data / "dataset.yaml").write_text(
        "id: drawn\nkind: simulated\ntitle: {zh: 示例, en: Demo}\nlicence: CC0-1.0\n"
        "mark: {zh: 模拟数据, en: Simulated data}\nsource: {zh: 示例, en: Demo}\nfiles: [a.csv]\n",
        encoding="utf-8",
    )
    (data / "areas.csv").write_text(
        "area,name_zh,name_en,level,parent\ncounty,某县,A county,county,\n", encoding="utf-8"
    )
    lines = [
        f"screening_coverage,county,{year},{value},{10 * value:.0f},1000,final,{year + 1}-03-31,年报 <i>{year}</i>"
        for year, value in enumerate(SCREENED, 2016)
    ]
    (data / "a.csv").write_text("\n".join([RETURN, *lines, ""]), encoding="utf-8")
    return home


@cache
def small_study():
    return wdp.open_study("tiny", "drawn", as_of="2026-06-30", seed=1, home=small_home())


@cache
def small_site():
    """The folder of a site."""
    folder = Path(_KEPT.name) / "site"
    write_site(small_study(), folder, title="小规划中期评估")
    return folder


@pytest.fixture(name="home")
def home_fixture():
    return small_home()


@pytest.fixture(name="study")
def study_fixture():
    return small_study()


@pytest.fixture(name="site")
def site_fixture():
    return small_site()


class Read(HTMLParser):
    """The links, elements and text of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.tags, self.asked, self.said, self.scripts = [], [], [], [], []
        self.within = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        self.within.append(tag)
        if tag == "a":
            self.links.append(found["href"])
        self.asked += [found[name] for name in ("src", "srcset", "data", "poster") if name in found]

    def handle_endtag(self, tag):
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data):
        inside = self.within[-1] if self.within else ""
        (self.scripts if inside == "script" else self.said).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())


def page(site, kind, one):
    return site / "site" / f"{kind}-{one}.html"


def pages(site):
    return sorted(site.rglob("*.html"))


def tables(path):
    """Each table of a page as rows of texts."""
    found, inside = [], False
    for piece in re.split(r"(<[^>]+>)", path.read_text(encoding="utf-8")):
        tag = re.match(r"<(/?)(table|tr|td|th)\b", piece)
        if tag and not tag[1]:
            place = {"table": found, "tr": found and found[-1]}.get(tag[2])
            place.append([]) if place is not None else found[-1][-1].append("")
        inside = tag[2] in ("td", "th") and not tag[1] if tag else inside
        if inside and not piece.startswith("<"):
            found[-1][-1][-1] += html.unescape(piece)
    return found
