"""Write docs/gallery.md and .zh-CN.md with their pictures: ``python docs/make_gallery.py``.

The examples stand in ``docs/gallery.txt``: name, captions, code; a test runs each of them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "gallery"
HEADS = {
    "en": (
        "# Gallery",
        "[中文](gallery.zh-CN.md)",
        "Each picture with the code that draws it; all begin with the first block. The answers are "
        "ordinary matplotlib axes: change them further as you like. The data of the county are "
        "simulated. Made by `python docs/make_gallery.py` from `docs/gallery.txt`.",
    ),
    "zh": (
        "# 图例",
        "[English](gallery.md)",
        "每幅图附画图的代码，都从第一段开始。得到的都是普通的 matplotlib 坐标轴，可以接着改。"
        "县的数据是模拟的。由 `python docs/make_gallery.py` 根据 `docs/gallery.txt` 生成。",
    ),
}
MARK, REAL = "模拟数据 SIMULATED DATA", ("places", "own-data")
LOOK = {"color": "#a93226", "alpha": 0.22, "fontsize": 22, "rotation": 20}
LOOK |= {"ha": "center", "va": "center"}
FILES = {"en": "gallery.md", "zh": "gallery.zh-CN.md"}


class Example(NamedTuple):
    """One picture: file name, what it shows in two languages, the code, whose last line draws."""

    name: str
    zh: str
    en: str
    code: str


def examples() -> list[Example]:
    """Return what every example starts from, and the examples."""
    text = (DOCS / "gallery.txt").read_text(encoding="utf-8")
    parts = re.split(r"^== (.+)$", text, flags=re.MULTILINE)[1:]
    made = []
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        zh, en, code = body.strip().split("\n", 2)
        made.append(Example(name, zh, en, code.strip()))
    return made


def run(code: str, names: dict[str, Any]) -> Any:
    """Run an example; return what its last line draws on."""
    *before, last = code.rsplit("\n", 1)
    exec(compile("\n".join(before), "gallery.txt", "exec"), names)  # noqa: S102, our own examples
    return eval(compile(last, "gallery.txt", "eval"), names)  # noqa: S307


def page(language: str) -> str:
    """Return the page in a language."""
    return "\n".join(_lines(language)) + "\n"


def _lines(language: str) -> Iterator[str]:
    title, other, about = HEADS[language]
    yield from (title, "", other, "", about)
    for number, one in enumerate(examples()):
        said = one.zh if language == "zh" else one.en
        yield from ("", f"## {number} {said}", "") if number else ("",)
        if number:
            yield from (f"![{said}](images/gallery/{one.name}.png)", "")
        yield from ("```python", *one.code.split("\n"), "```")


def main() -> None:
    """Draw every picture and write both pages."""
    os.environ["MPLBACKEND"] = "Agg"
    import matplotlib.pyplot as plt

    from wdp_lib.core.files import write_atomic
    from wdp_lib.publish.views.show import draw

    names: dict[str, Any] = {}
    start, *rest = examples()
    exec(start.code, names)  # noqa: S102
    PICTURES.mkdir(parents=True, exist_ok=True)
    for one in rest:
        figure = run(one.code, names).figure
        if one.name not in REAL and MARK not in str([text.get_text() for text in figure.texts]):
            figure.text(0.5, 0.5, MARK, **LOOK)
        write_atomic(PICTURES / f"{one.name}.png", draw(figure).png)
        plt.close("all")
        sys.stdout.write(f"{one.name}\n")
    for language, file in FILES.items():
        write_atomic(DOCS / file, page(language))


if __name__ == "__main__":
    main()
