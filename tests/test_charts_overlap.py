"""No text of a chart lies over another or runs off the picture: by the boxes of the renderer.

``CHARTS=all python -m pytest tests/test_charts_overlap.py`` draws every indicator (minutes); else a
choice: of each kind of data, elected or not, the one with the longest name.
"""

import os
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text

from wdp_lib.data import headline, read_dataset
from wdp_lib.plan import load_plan
from wdp_lib.publish.charts.outlook import (
    plot_outlook,
    plot_probabilities,
    plot_small_multiples,
)
from wdp_lib.publish.charts.style import width
from wdp_lib.publish.context import context_of

HOME = Path(__file__).parents[1]
SETS = {"ruyuan-2021-2030": "ruyuan-demo", "china-2021-2030": "china"}
ALL = os.environ.get("CHARTS") == "all"
SHARES = {0.025: -9, 0.1: -6, 0.25: -3, 0.5: 1, 0.75: 4, 0.9: 7, 0.975: 9}  # per cent of the value


@cache
def known(name):
    plan = load_plan(name, HOME)
    data = read_dataset(SETS[name], plan, as_of="2026-06-30", home=HOME)
    return plan, data, fans(plan, headline(data.observations, plan))


def fans(plan, observed):
    """A forecast for each indicator with values: the last value, more and less, to 2030."""
    last = observed.sort_values("year").groupby("indicator").tail(1)
    facts = {"quantity": "observed_value", "model": "learned", "grade": "A", "reason": ""}
    facts |= {"n": 11, "simulated": True, "sex": "all", "age_group": "all", "residence": "all"}
    rows = [
        {"indicator": one.indicator, "area": plan.area, "year": year, "quantile": q, **facts}
        | {"value": one.value * (1 + share * (year - one.year) / 400)}
        for one in last.itertuples()
        for year in range(int(one.year) + 1, 2031)
        for q, share in SHARES.items()
    ]
    return pd.DataFrame(rows)


def chosen(plan, data, language):
    """All indicators with values, or of each kind the one with the longest name."""
    seen = set(data.observations["indicator"])
    entries = [one for one in plan.indicators if one.id in seen]
    if ALL:
        return [one.id for one in entries]
    entries.sort(key=lambda one: -width(one.name.in_language(language)))
    kinds = {}
    for one in entries:
        kinds.setdefault((one.frequency == "term", one.data_kind), one.id)
    return list(kinds.values())[:7]


def texts_of(figure):
    """The texts of a figure with their boxes; marks across the picture are no text to read."""
    renderer = figure.canvas.get_renderer()
    figure.draw_without_rendering()
    found, beyond = [], ticks_beyond(figure)
    for one in figure.findobj(Text):
        shown = one.get_visible() and one.get_text().strip() and one.get_alpha() is None
        if shown and id(one) not in beyond:
            found.append((one.get_text(), one.get_window_extent(renderer)))
    return found


def ticks_beyond(figure):
    """Numbers of an axis that lie beyond its ends: they are kept, but not drawn."""
    beyond = set()
    for axes in figure.axes:
        for axis, place in ((axes.xaxis, 0), (axes.yaxis, 1)):
            low, high = sorted(axis.get_view_interval())
            for one in axis.get_majorticklabels():
                if not low <= one.get_position()[place] <= high:
                    beyond.add(id(one))
    return beyond


def collisions(figure):
    """Pairs of texts that share more than a pixel, and texts that leave the picture."""
    found, page = texts_of(figure), figure.bbox
    told = []
    for n, (text, box) in enumerate(found):
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < -1 or box.y1 > page.y1 + 1:
            told.append((text, "outside"))
        for other, two in found[:n]:
            wide = min(box.x1, two.x1) - max(box.x0, two.x0)
            high = min(box.y1, two.y1) - max(box.y0, two.y0)
            if wide > 1 and high > 1:
                told.append((other, text))
    return told


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", SETS)
def test_no_text_lies_over_another_in_the_chart_of_an_indicator(name, language):
    plan, data, forecasts = known(name)
    context = context_of(plan, data, language=language, as_of="2026-06-30", stage="midterm")
    told = []
    for one in chosen(plan, data, language):
        axes = plot_outlook(forecasts, data.observations, context, one)
        told += [(one, *found) for found in collisions(axes.figure)]
        plt.close(axes.figure)
    assert told == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", SETS)
def test_no_text_lies_over_another_among_small_panels(name, language):
    plan, data, forecasts = known(name)
    context = context_of(plan, data, language=language, as_of="2026-06-30", stage="midterm")
    names = chosen(plan, data, language)
    told = []
    for first in range(0, len(names), 12):
        figure = plot_small_multiples(
            forecasts, data.observations, context, names[first : first + 12], heading="甲"
        )
        told += collisions(figure)
        plt.close(figure)
    assert told == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_lies_over_another_beside_the_bars_of_probabilities(language):
    plan, data, _ = known("ruyuan-2021-2030")
    context = context_of(plan, data, language=language, as_of="2026-06-30", stage="midterm")
    names = chosen(plan, data, language)
    risks = pd.DataFrame({"indicator": names, "risk": "orange", "simulated": True})
    risks["p_meet"] = [n / len(names) for n in range(len(names))]
    axes = plot_probabilities(risks, context)
    assert collisions(axes.figure) == []
    plt.close(axes.figure)
