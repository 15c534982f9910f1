"""The Chinese fonts the project draws and prints with: Noto Sans SC and Noto Serif SC."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FAMILIES = {"sans": "Noto Sans SC", "serif": "Noto Serif SC"}
CHART_FAMILIES = ["Noto Sans SC", "DejaVu Sans"]
_REGULAR_ONLY = (
    "font.weight",
    "axes.titleweight",
    "axes.labelweight",
    "figure.titleweight",
    "figure.labelweight",
)


def font_path(face: str) -> Path:
    """Return the OpenType file of a face.

    ``face`` ({"sans", "serif"}): 黑体 (sans) or 宋体 (serif) shape; both of regular weight. Raises
    `KeyError` when there is no such face.
    """
    import pylopdf_fonts_zh_cn as shipped

    return {"sans": shipped.sans_path, "serif": shipped.serif_path}[face]()


def register_fonts() -> list[str]:
    """Make matplotlib draw with the shipped fonts and no font of the system.

    Call it after ``seaborn.set_theme``, which resets the font. Every weight is set to normal,
    because the shipped faces have no bold: charts are structured by size. Returns families in the
    order in which a glyph is looked for.
    """
    import matplotlib
    from matplotlib.font_manager import fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for face in FAMILIES:
        path = str(font_path(face))
        if path not in known:
            fontManager.addfont(path)
    matplotlib.rcParams["font.family"] = list(CHART_FAMILIES)
    for name in _REGULAR_ONLY:
        matplotlib.rcParams[name] = "normal"
    return list(CHART_FAMILIES)


def lend_font() -> None:
    """Let charts that are not ours show Chinese: what their own font lacks is taken from ours.

    ``seaborn.set_theme`` resets that and asks for Arial; ours stands in where there is none. Where
    there is, say ``seaborn.set_theme(font="Noto Sans SC")``.
    """
    from dataclasses import replace

    import matplotlib
    from matplotlib.font_manager import fontManager

    ours, known = FAMILIES["sans"], {entry.name for entry in fontManager.ttflist}
    if ours not in known:
        fontManager.addfont(font_path("sans"))
    if "Arial" not in known:
        entry = next(entry for entry in fontManager.ttflist if entry.name == ours)
        fontManager.ttflist.append(replace(entry, name="Arial"))
    families = matplotlib.rcParams["font.family"]
    if ours not in families:
        matplotlib.rcParams["font.family"] = [*families, ours]


@lru_cache(maxsize=2)
def code_points(face: str) -> frozenset[int]:
    """Return the Unicode code points the face has a glyph for."""
    import uharfbuzz

    return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font_path(face)))).unicodes)


def missing_characters(text: str, face: str = "sans") -> list[str]:
    """Return the visible characters of ``text`` that the face lacks, each once."""
    covered = code_points(face)
    return [
        c
        for c in sorted(set(text))
        if ord(c) not in covered and not c.isspace() and c.isprintable()
    ]


def subset_woff(text: str, face: str) -> bytes:
    """Return the face cut down to the characters of ``text``, as WOFF.

    ``text``: everything the font must be able to show; characters it lacks are left to the reader's
    system. ``face`` ({"sans", "serif"}): which face.

    Not WOFF2, which would be a tenth smaller and take twenty times as long.
    """
    from io import BytesIO

    import uharfbuzz
    from fontTools.ttLib import TTFont

    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).update(map(ord, set(text)))
    wanted.sets(uharfbuzz.SubsetInputSets.LAYOUT_FEATURE_TAG).clear()
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING
    whole = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font_path(face))))
    cut, packed = uharfbuzz.subset(whole, wanted).blob.data, BytesIO()
    with TTFont(BytesIO(cut), recalcBBoxes=False, recalcTimestamp=False) as font:
        font.flavor = "woff"
        font.save(packed)
    return packed.getvalue()
