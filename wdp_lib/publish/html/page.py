"""Executed notebooks as self-contained pages: no script, no request, the fonts inside."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from string import printable
from typing import Any

from wdp_lib.core.errors import Problem, Text, WdpError
from wdp_lib.publish.charts.fonts import FAMILIES, subset_woff
from wdp_lib.publish.text.methods import add_methods, told
from wdp_lib.publish.views.show import seen

TEMPLATE = Path(__file__).parent / "template"
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
SOURCE_ONLY = "source-only"
_WORDS = {
    "zh": {"skip": "跳到正文", "mark": "本页全部数字和图表均由此类数据生成，不得作为工作依据。"},
    "en": {
        "skip": "Skip to the text",
        "mark": "Every number and chart on this page is made from such data; "
        "it is no basis for decisions.",
    },
}
_HEADING = re.compile(r"^# +(.+?) *#*$", re.MULTILINE)


def export_html(notebook: Any, *, language: str, title: str, mark: str = "") -> str:
    """Return an executed notebook as one HTML page: its prose and results, without code.

    Left out are cells tagged ``source-only`` and what was written to the error stream. Below each
    result stand the methods behind it, and at the end what these take for granted. ``notebook``:
    the executed notebook. ``language`` ({"zh", "en"}): language of the page's own words. ``title``:
    title of the report the page belongs to. ``mark``: words such as 模拟数据, shown at the top, at
    the end and across every screen and sheet. Raises `WdpError` when a cell of the notebook ended
    in an error.
    """
    node, name = _read(notebook)
    problems = [_error_in(name, number, output) for number, output in _error_outputs(node)]
    if problems:
        raise WdpError.of(
            "运行出错的笔记本不能做成网页",
            "A notebook that ended in an error makes no page",
            problems,
        )
    heading = heading_of(node)
    add_methods(node, language)
    node.cells = [cell for cell in node.cells if _is_shown(cell)]
    body, _ = _exporter().from_notebook_node(node)
    return page(body, language=language, title=title, heading=heading, mark=mark)


def page(body: str, *, language: str, title: str, heading: str = "", mark: str = "") -> str:
    """Return a complete document around ``body``: policy, style, embedded fonts, title, mark.

    ``body`` is HTML whose texts are escaped; where it has a ``heading`` of its own, ``title`` (of
    the report) becomes the line above it.
    """
    words = _WORDS[language]
    shown = "".join([printable, title, mark, *words.values(), html.unescape(body)])
    document = template("page.html.j2").render(
        body=body,
        lang="zh-CN" if language == "zh" else "en",
        policy=POLICY,
        document_title=f"{heading} - {title}" if heading and heading != title else title,
        title=title,
        title_is_heading=not heading,
        mark=mark,
        words=words,
        fonts=_font_faces(shown),
        style=(TEMPLATE / "style.css").read_text(encoding="utf-8"),
    )
    return seen(document)


def template(name: str) -> Any:
    """Return a template of the folder ``template``."""
    return _exporter().environment.get_template(name)


def heading_of(node: Any) -> str:
    """Return the title of a notebook: what an output says, else the first heading in Markdown."""
    if said := _said(node, "heading"):
        return said
    shown = (cell.source for cell in node.cells if cell.cell_type == "markdown" and _is_shown(cell))
    return next((found[1] for source in shown if (found := _HEADING.search(source))), "")


def finding_of(node: Any) -> str:
    """Return the main finding of a notebook: the first that an output states, or ``""``."""
    return _said(node, "finding")


def _said(node: Any, what: str) -> str:
    outputs = (output for cell in node.cells for output in cell.get("outputs", []))
    return next((said for output in outputs if (said := told(output).get(what))), "")


def _read(notebook: Any) -> tuple[Any, str]:
    import nbformat

    if isinstance(notebook, str | Path):
        return nbformat.read(str(notebook), as_version=4), Path(notebook).name
    return nbformat.from_dict(notebook), "notebook"


def _is_shown(cell: Any) -> bool:
    if SOURCE_ONLY in cell.metadata.get("tags", []):
        return False
    return cell.cell_type == "markdown" or bool(cell.get("outputs"))


def _error_outputs(node: Any) -> list[tuple[int, Any]]:
    return [
        (number, output)
        for number, cell in enumerate(node.cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def _error_in(name: str, number: int, output: Any) -> Problem:
    return Problem(
        "error_output",
        name,
        None,
        None,
        Text(
            f"第 {number} 个单元格报错 {output.ename}：{output.evalue}",
            f"{output.ename} in cell {number}: {output.evalue}",
        ),
        Text("没有报错的运行结果", "results without an error"),
        Text("请先改正该单元格再运行。", "Correct that cell and run again."),
    )


@lru_cache(maxsize=1)
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter

    class PageExporter(HTMLExporter):
        """Fills our templates; the finished page is not taken apart again to be mended."""

        def from_notebook_node(self, nb, resources=None, **settings):
            self.register_filter("highlight_code", lambda source: source)  # it is left out
            return TemplateExporter.from_notebook_node(self, nb, resources, **settings)

    return PageExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        default_preprocessors=[],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


def _font_faces(text: str) -> str:
    packed = {face: b64encode(subset_woff(text, face)).decode("ascii") for face in FAMILIES}
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: 400; '
        f'src: url(data:font/woff;base64,{packed[face]}) format("woff"); }}'
        for face, family in FAMILIES.items()
    )
