"""The gallery: every example runs as it stands, and its pages and pictures are there."""

import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from wdp_lib.core.words import vocabulary
from wdp_lib.forecasting import MODELS

HOME = Path(__file__).parents[1]
GALLERY = runpy.run_path(str(HOME / "docs" / "make_gallery.py"))
START, *EXAMPLES = GALLERY["examples"]()


@pytest.fixture(scope="module")
def names():
    made = {}
    exec(START.code, made)  # noqa: S102, the page is what is tested
    yield made
    MODELS.pop("mean_change", None)
    vocabulary().pop(("model", "mean_change"), None)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_an_example_of_the_gallery_draws_in_a_few_lines(example, names, monkeypatch):
    monkeypatch.chdir(HOME)
    charts = set(plt.get_fignums())
    figure = GALLERY["run"](example.code, names).figure
    assert any(panel.has_data() for panel in figure.axes)
    assert len([line for line in example.code.splitlines() if line]) <= 6
    for number in set(plt.get_fignums()) - charts:
        plt.close(number)


def test_there_are_twenty_examples_with_a_small_picture_each():
    pictures = {path.stem: path.stat().st_size for path in GALLERY["PICTURES"].glob("*.png")}
    assert set(pictures) == {one.name for one in EXAMPLES} and len(EXAMPLES) >= 20
    assert sum(pictures.values()) < 1_500_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_the_gallery_are_as_their_examples(language):
    path = HOME / "docs" / GALLERY["FILES"][language]
    assert path.read_text(encoding="utf-8") == GALLERY["page"](language)
