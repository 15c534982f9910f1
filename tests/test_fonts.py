"""The shipped fonts: complete, static, cut down to what a page needs."""

import io
import warnings

import pytest
from fontTools.ttLib import TTFont

from wdp_lib.publish.charts.fonts import (
    FAMILIES,
    code_points,
    font_path,
    missing_characters,
    register_fonts,
    subset_woff,
)

HARD_TEXT = "瑶族妇孕产‰％≤≥−"


@pytest.mark.parametrize("face", FAMILIES)
def test_the_font_files_are_static_because_a_variable_font_is_drawn_thin(face):
    with TTFont(font_path(face), lazy=True) as font:
        assert "fvar" not in font
        assert font["name"].getDebugName(1) == FAMILIES[face]


def test_charts_draw_every_character_of_official_texts_without_a_glyph_warning():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert register_fonts() == ["Noto Sans SC", "DejaVu Sans"]
        figure = Figure()
        axes = figure.subplots()
        axes.plot([-3, 2])
        axes.set_title(HARD_TEXT)
        figure.savefig(io.BytesIO())


def test_registering_twice_adds_no_font_twice():
    import matplotlib
    from matplotlib.font_manager import fontManager

    with matplotlib.rc_context():
        register_fonts()
        before = len(fontManager.ttflist)
        register_fonts()
        assert len(fontManager.ttflist) == before


def test_a_character_the_font_lacks_is_named_once_and_blanks_are_not():
    assert missing_characters("妇女 𠮷\n𠮷‱") == ["‱", "𠮷"]
    assert missing_characters(HARD_TEXT) == missing_characters(HARD_TEXT, "serif") == []


@pytest.mark.parametrize("face", FAMILIES)
def test_a_subset_holds_the_characters_asked_for_and_hardly_any_other(face):
    with TTFont(io.BytesIO(subset_woff("妇女a", face))) as font:
        assert set(font.getBestCmap()) == {ord(c) for c in "妇女a"}
        assert font.flavor == "woff"
    assert len(code_points(face)) > 20_000


def test_the_same_text_in_any_order_gives_the_same_bytes_and_another_text_gives_others():
    assert subset_woff("妇女发展", "sans") == subset_woff("展发女妇妇", "sans")
    assert subset_woff("妇女发展", "sans") != subset_woff("妇女发", "sans")
