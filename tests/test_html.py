"""Pages: self-contained, marked, without code; opened in a browser where there is one."""

import base64
import http.server
import os
import re
import shutil
import subprocess
import threading
from html.parser import HTMLParser

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from wdp_lib.core.errors import WdpError
from wdp_lib.publish.html.index import Entry, index_page
from wdp_lib.publish.html.page import export_html, finding_of, heading_of, page

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # one dot
TITLE = "小县中期评估"
MARK = "模拟数据 · Simulated data"


def shown(*outputs, **cell):
    return new_code_cell("secret_code = 1", outputs=list(outputs), **cell)


def out(**data):
    metadata = data.pop("metadata", {})
    return new_output(
        "display_data",
        {name.replace("_", "/"): value for name, value in data.items()},
        metadata=metadata,
    )


def exported(*cells, **settings):
    return export_html(
        new_notebook(cells=list(cells)), **{"language": "zh", "title": TITLE, **settings}
    )


def visible(document):
    """The text of the body."""
    return re.sub(r"<[^>]+>", " ", document[document.index("<body>") :])


class Addresses(HTMLParser):
    """Collects everything a browser would fetch, the tags, and the images."""

    def __init__(self):
        super().__init__()
        self.found, self.tags, self.images = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.images += [dict(attrs)] if tag == "img" else []
        self.found += [
            value for name, value in attrs if name in ("src", "srcset", "poster", "data")
        ]
        self.found += [value for name, value in attrs if name == "href" and tag != "a"]


def addresses(document):
    parser = Addresses()
    parser.feed(document)
    return parser


def test_a_page_shows_results_and_prose_but_no_code_no_prompt_and_no_error_stream():
    text = visible(
        exported(
            new_markdown_cell("## 一、总体情况"),
            shown(
                new_output("stream", name="stdout", text="打印 <b>"),
                new_output("stream", name="stderr", text="WARNING"),
            ),
        )
    )
    assert "一、总体情况" in text and "打印 &lt;b&gt;" in text
    assert "secret_code" not in text and "WARNING" not in text and "In&nbsp;[" not in text


def test_cells_tagged_source_only_do_not_appear():
    text = visible(
        exported(
            new_markdown_cell("只给看源码的人", metadata={"tags": ["source-only"]}),
            shown(out(text_markdown="给读者"), metadata={"tags": ["source-only"]}),
            new_markdown_cell("正文"),
        )
    )
    assert "正文" in text
    assert "只给看源码的人" not in text and "给读者" not in text


def test_an_image_is_embedded_with_the_description_from_its_metadata():
    document = exported(
        shown(
            out(image_png=PIXEL, text_plain="x", metadata={"image/png": {"alt": '图 "孕产妇" <8'}})
        )
    )
    assert addresses(document).images == [
        {"src": f"data:image/png;base64,{PIXEL}", "alt": '图 "孕产妇" <8'}
    ]


def test_a_table_of_the_library_stays_a_table():
    table = '<table><thead><tr><th>指标</th></tr></thead><tbody><tr><td class="red">红</td></tr></tbody></table>'
    assert table in exported(shown(out(text_html=table)))


def test_the_mark_stands_at_the_top_at_the_end_and_across_each_page_only_when_there_is_one():
    marked, plain = exported(new_markdown_cell("文"), mark=MARK), exported(new_markdown_cell("文"))
    assert visible(marked).count(MARK) == 3
    assert "不得作为工作依据" in marked
    assert 'class="watermark"' in marked and 'class="watermark"' not in plain
    assert re.search(r"\.watermark \{[^}]*position: fixed", marked)
    assert "模拟数据" not in plain


def test_the_heading_of_the_notebook_leads_the_page_and_the_report_title_stands_above_it():
    document = exported(new_markdown_cell("# 哪些目标 & 有风险？"), new_markdown_cell("# 又一"))
    assert f"<title>哪些目标 &amp; 有风险？ - {TITLE}</title>" in document
    assert f'<p class="report">{TITLE}</p>' in document
    assert f"<h1>{TITLE}</h1>" in exported(new_markdown_cell("无标题"))


def test_heading_and_finding_are_what_the_notebook_says_not_what_a_page_looks_like():
    forged = shown(out(text_markdown="# 假标题\n\n**主要结论。** 假。"))
    said = shown(out(text_markdown="甲", metadata={"wdp": {"finding": "红 2 项 & 橙 3 项。"}}))
    node = new_notebook(cells=[forged, new_markdown_cell("文\n\n# 风险"), said])
    assert (heading_of(node), finding_of(node)) == ("风险", "红 2 项 & 橙 3 项。")
    node.cells[-1].outputs[0].metadata["wdp"]["heading"] = "风险与预警"
    assert heading_of(node) == "风险与预警"
    assert finding_of(new_notebook(cells=[forged])) == ""


@pytest.mark.parametrize(
    ("language", "lang", "skip"), [("zh", "zh-CN", "跳到正文"), ("en", "en", "Skip to the text")]
)
def test_the_page_says_its_language_and_lets_a_keyboard_skip_to_the_text(language, lang, skip):
    document = exported(new_markdown_cell("x"), language=language)
    assert f'<html lang="{lang}">' in document
    assert f'<a class="skip" href="#main">{skip}</a>' in document and '<main id="main"' in document


def test_nothing_is_fetched_and_nothing_runs_even_when_an_output_tries():
    document = exported(
        new_markdown_cell("# 标题"),
        shown(
            out(application_javascript="alert(1)"),
            out(image_png=PIXEL),
            new_output("stream", name="stdout", text="<script>alert(2)</script>"),
        ),
    )
    found = addresses(document)
    assert found.found and all(address.startswith("data:") for address in found.found)
    assert "script" not in found.tags and "iframe" not in found.tags
    assert (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:" in document
    )
    assert "base-uri 'none'; form-action 'none'" in document


def test_a_notebook_with_an_error_makes_no_page_and_the_message_names_the_cell():
    failed = shown(new_output("error", ename="KeyError", evalue="'plan'", traceback=["x"]))
    with pytest.raises(WdpError) as caught:
        exported(new_markdown_cell("x"), failed)
    assert "KeyError in cell 2: 'plan'" in caught.value.render("en")


def test_the_same_notebook_gives_the_same_page():
    cells = [new_markdown_cell("# 标题"), shown(out(image_png=PIXEL))]
    assert exported(*cells) == exported(*cells)


def an_index(**changed):
    settings = {
        "title": TITLE,
        "purpose": "供 <检验>",
        "parameters": {"规划": "小县规划 (tiny)", "数据截止日期": "2026-06-30"},
        "entries": [
            Entry("10-data", "有哪些数据？", "主要结论。 有 <3> 项。"),
            Entry("30-risk", state="failed", cell=5, error="ZeroDivisionError: <x>"),
        ],
        "tables": ["risks.csv"],
        "rejected": 2,
        "data_hash": "45fca939",
        "language": "zh",
        "mark": MARK,
    }
    return index_page(**{**settings, **changed})


def test_the_first_page_links_what_was_done_and_says_what_failed_where():
    document = an_index()
    for link in (
        "10-data.html",
        "10-data.ipynb",
        "30-risk.failed.ipynb",
        "logs/30-risk.log",
        "tables/risks.csv",
    ):
        assert f'href="{link}"' in document
    text = visible(document)
    assert "第 5 个单元格运行出错：ZeroDivisionError: &lt;x&gt;" in text
    assert "主要结论。 有 &lt;3&gt; 项。" in text
    assert "1 个笔记本运行出错，本报告不完整" in text
    assert "2 行，原因见" in text and "45fca939" in text and "供 &lt;检验&gt;" in text
    assert 'href="30-risk.html"' not in document


def test_the_first_page_says_first_where_the_goals_stand_and_what_makes_the_leaders_page():
    entries = [
        Entry("10-data", "数据", "有数据 3 项。"),
        Entry("80-report", "评估", "已达标 15 项。"),
    ]
    page = an_index(entries=entries, standing=[("达标", 15), ("未达标", 2)])
    text = re.sub("<[^>]+>", "", page[page.index("<main") :])
    order = ["达标 15", "未达标 2", "已达标 15 项。", "wdp report", "有数据 3 项。"]
    places = [text.index(said) for said in order]
    assert places == sorted(places)


def test_the_first_page_of_an_edition_holds_no_fingerprint_of_the_returns():
    text = visible(an_index(data_hash=""))
    assert "SHA-256" not in text and "run.json" not in text


def test_the_first_page_of_a_clean_run_has_no_alarm_and_no_rejected_line():
    text = visible(
        an_index(entries=[Entry("10-data", "Data")], rejected=None, language="en", mark="")
    )
    assert "incomplete" not in text and "rejected" not in text
    assert "Contents" in text


# In a browser


@pytest.fixture(scope="module")
def browser():
    """A Chromium of this machine; REQUIRE_BROWSER=1 turns the skip into a failure."""
    names = (os.environ.get("CHROMIUM_PATH", ""), "chromium", "google-chrome", "chrome")
    for name in names:
        if name and (found := shutil.which(name)):
            return found
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("no Chromium: set CHROMIUM_PATH")
    return pytest.skip("no Chromium: set CHROMIUM_PATH")


@pytest.fixture
def server():
    """A server on this machine that notes who asks for what."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def opened(browser, document, folder):
    """Open a document; return its final DOM and what the console said."""
    path = folder / "page.html"
    path.write_text(document, encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
    ]
    command += [
        "--enable-logging=stderr",
        "--virtual-time-budget=3000",
        f"--user-data-dir={folder / 'profile'}",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, timeout=120, check=True
    )
    said = [
        line for line in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line
    ]
    return done.stdout.decode("utf-8"), said


def a_page():
    return exported(
        new_markdown_cell("# 哪些承诺有风险？"),
        shown(out(image_png=PIXEL)),
        mark=MARK,
        title="乳源瑶族自治县",
    )


def test_a_browser_opens_the_page_without_a_word_on_the_console(browser, tmp_path):
    dom, said = opened(browser, a_page(), tmp_path)
    assert "哪些承诺有风险？" in dom
    assert said == []


def test_a_browser_loads_both_embedded_fonts_and_finds_the_characters_in_them(browser, tmp_path):
    probe = """<script>Promise.all([...document.fonts].map(f => f.load())).then(() => {
      document.title = [...document.fonts].map(f => f.family + "=" + f.status).join(";"); });</script>"""
    document = a_page().replace(
        "default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';"
    )
    dom, _ = opened(browser, document.replace("</body>", f"{probe}</body>"), tmp_path)
    title = re.search(r"<title>(.*?)</title>", dom).group(1).replace("&quot;", "").replace('"', "")
    assert title == "Noto Sans SC=loaded;Noto Serif SC=loaded"
    with_fonts = base64.b64decode(re.search(r"font/woff;base64,([^)]+)", document).group(1))
    from io import BytesIO

    from fontTools.ttLib import TTFont

    assert {ord(c) for c in "哪些承诺有风险？乳源瑶族自治县模拟数据"} <= set(
        TTFont(BytesIO(with_fonts)).getBestCmap()
    )


def test_a_browser_refuses_what_a_hostile_output_asks_for(browser, server, tmp_path):
    port = server.server_address[1]
    hostile = f"""<img src="http://127.0.0.1:{port}/a.png" onerror="document.title='run'">
      <script src="http://127.0.0.1:{port}/b.js"></script><script>document.title='run'</script>
      <link rel="stylesheet" href="http://127.0.0.1:{port}/c.css"><iframe src="http://127.0.0.1:{port}/d"></iframe>"""
    dom, said = opened(browser, page(hostile, language="zh", title="标题"), tmp_path)
    assert server.asked == []
    assert "<title>标题</title>" in dom
    assert len(said) >= 4
