"""Words, numbers, tables and charts as a reader sees them."""

import html
import logging
import re
from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from kit import forecasts, observations

import wdp_lib as wdp
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.words import word
from wdp_lib.forecasting.counts.rates import rate_interval
from wdp_lib.publish.charts.labels import place_names
from wdp_lib.publish.charts.lines import plot_lines
from wdp_lib.publish.charts.observed import draw_observed, draw_target
from wdp_lib.publish.charts.outlook import plot_domains, plot_outlook
from wdp_lib.publish.charts.style import chart_style, wrap
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.say import fill, has_matter
from wdp_lib.publish.text.words import number, probability, published, quantity, span
from wdp_lib.publish.views.citations import cited
from wdp_lib.publish.views.show import Prose, Table, draw


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (94.96, "percent", "94.96"),
        (95.0, "percent", "95.0"),
        (-0.04, "percent", "-0.04"),
        (16.9, "count", "16.9"),
    ],
)
def test_a_published_value_is_never_rounded_onto_the_line(value, unit, expected):
    assert published(value, unit) == expected


def test_forecasts_are_shown_with_the_decimals_of_their_unit():
    assert number(94.0123, "percent") == "94.0"
    assert number(-0.01, "percent") == "0.0"
    assert span(1.25, 3.75, "percent") == "1.2–3.8"
    assert number(np.nan, "percent") == "—"


def test_a_quantity_carries_its_unit_in_the_reader_s_language():
    assert quantity(16.9, "per_100k_live_births", "zh") == "16.9/10万活产"
    assert quantity(16.9, "per_100k_live_births", "en") == "16.9 per 100 000 live births"
    assert quantity(80.88, "years", "zh") == "80.88岁"
    assert quantity(9.59, "years_of_schooling", "zh") == "9.59年"
    assert quantity(4356, "persons", "zh") == "4356人"


@pytest.mark.parametrize(
    ("p", "shown"), [(0.02, "≤2%"), (0.98, "≥98%"), (0.5, "50%"), (np.nan, "—")]
)
def test_no_probability_is_printed_as_0_or_100_per_cent(p, shown):
    assert probability(p, "zh") == shown


def test_a_word_that_is_not_in_the_vocabulary_is_refused_with_the_closest_one():
    assert word("risk_short", "red", "zh") == "红"
    assert word("risk_short", "", "zh") == ""
    with pytest.raises(ParameterError, match="orange"):
        word("risk_short", "orang", "en")


def test_a_table_escapes_what_is_in_its_cells():
    table = Table(pd.DataFrame({"<b>": ["<script>alert(1)</script>"]}), "a & b", ("<i>",))
    html = table._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html and "a &amp; b" in html and "&lt;i&gt;" in html


def test_chinese_is_broken_by_width_and_never_before_a_comma():
    assert wrap("妇女与健康，教育", 10) == "妇女与健\n康，教育"
    assert wrap("one two three", 7) == "one two\nthree"


OBSERVED = "indicator | year | value\n" + "\n".join(
    f"screening_coverage | {2016 + k} | {50 + 2 * k}" for k in range(10)
)
FAN = "indicator | year | quantile | value\n" + "\n".join(
    f"screening_coverage | {year} | {q} | {68 + step + (year - 2025)}"
    for year in (2026, 2030)
    for q, step in ((0.025, -8), (0.1, -5), (0.25, -2), (0.5, 0), (0.75, 2), (0.9, 5), (0.975, 8))
)


def outlook(plan, observed=OBSERVED, fan=FAN, language="zh", simulated=False):
    table, made = observations(observed), forecasts(fan)
    table["simulated"] = simulated
    return draw(plot_outlook(made, table, Context(plan, language), "screening_coverage"))


def test_the_text_of_a_chart_tells_title_unit_values_interval_and_target(tiny_plan):
    text = outlook(tiny_plan).description
    assert "某县 · n = 8" in text
    assert "实际值: 2016 50" in text and "2025 68" in text
    assert "80% 预测区间: 2025 68–68, 2026 64–74, 2030 68–78" in text
    assert "目标: 2016 70, 2030 70" in text


@pytest.mark.parametrize(
    "change",
    [{"observed": OBSERVED.replace("| 68", "| 68.1")}, {"fan": FAN.replace("| 68\n", "| 68.1\n")}],
)
def test_the_text_of_a_chart_changes_with_its_data(tiny_plan, change):
    assert outlook(tiny_plan, **change).description != outlook(tiny_plan).description


def test_simulated_values_are_marked_on_the_chart_and_real_ones_are_not(tiny_plan):
    assert "模拟数据 SIMULATED DATA" in outlook(tiny_plan, simulated=True).description
    assert "SIMULATED" not in outlook(tiny_plan).description


def test_the_same_chart_has_the_same_bytes(tiny_plan):
    assert outlook(tiny_plan).png == outlook(tiny_plan).png


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_glyph_is_missing_from_a_chart(tiny_plan, language, recwarn, caplog):
    with caplog.at_level(logging.WARNING, logger="matplotlib"):
        outlook(tiny_plan, language=language, simulated=True)
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
    assert not [r for r in caplog.records if "findfont" in r.message]


def test_a_session_keeps_its_own_chart_settings(tiny_plan):
    import matplotlib

    before = dict(matplotlib.rcParams)
    outlook(tiny_plan)
    assert dict(matplotlib.rcParams) == before


def test_a_target_to_be_confirmed_is_marked_on_its_chart():
    plan = wdp.load_plan("china-2021-2030")
    data = wdp.read_dataset("china", plan, as_of="2025-12-31")
    made = wdp.forecast(data.observations, plan, through=2030)
    text = draw(
        plot_outlook(made, data.observations, Context(plan), "compulsory_education_retention_rate")
    ).description
    assert "目标待核实" in text
    assert (
        "待核实"
        not in draw(
            plot_outlook(made, data.observations, Context(plan), "maternal_mortality_ratio")
        ).description
    )


def test_a_chart_can_be_of_any_area_and_says_when_it_has_no_forecast(tiny_plan):
    table, made = observations(OBSERVED), forecasts(FAN)
    axes = plot_outlook(
        made,
        table,
        Context(tiny_plan, called={"elsewhere": ()}),
        "screening_coverage",
        area="elsewhere",
    )
    assert "elsewhere · 无预测：无数据" in draw(axes).description


def test_panels_stand_under_the_names_of_the_plan_s_domains(tiny_plan):
    table, made = observations(OBSERVED), forecasts(FAN)
    (axes,) = plot_domains(made, table, Context(tiny_plan))
    said = draw(axes).description
    assert said.splitlines()[0] == tiny_plan.domains[0].name.zh
    assert "80% 预测区间: 2025 68–68, 2026 64–74, 2030 68–78" in said


def test_a_line_stops_where_a_year_is_missing(tiny_plan):
    table = observations(OBSERVED)
    years = sorted(table["year"])
    axes = plot_outlook(
        forecasts(FAN), table[table["year"] != years[1]], Context(tiny_plan), "screening_coverage"
    )
    solid, bridge = (
        next(line.get_xdata() for line in axes.lines if line.get_linestyle() == style)
        for style in ("-", ":")
    )
    assert solid[0] == years[0] and np.isnan(solid[1]) and solid[2:].tolist() == years[2:]
    assert bridge[:2].tolist() == [years[0], years[2]]  # thin and dotted


def test_the_forecast_opens_at_the_last_observation_and_not_at_a_rate_that_nobody_observed(
    tiny_plan,
):
    table, made = observations(OBSERVED), forecasts(FAN)
    bands = [_first_year(made, table, tiny_plan)]
    bands += [_first_year(made.assign(quantity="underlying_rate"), table, tiny_plan)]
    assert bands == [2025, 2026]


def _first_year(made, table, plan):
    axes = plot_outlook(made, table, Context(plan), "screening_coverage")
    return int(axes.collections[0].get_paths()[0].vertices[:, 0].min())


def test_a_name_with_dollars_is_no_formula_on_a_chart(tiny_plan):
    entry = tiny_plan.indicator("screening_coverage")
    odd = replace(entry, name=Text("费用 $a_b$ \\frac", "cost $a_b$ \\frac"))
    plan = replace(tiny_plan, indicators=(odd,))
    assert "费用 $a_b$ \\frac" in outlook(plan).description


@pytest.mark.parametrize(
    "name",
    [
        "# heading",
        "[a](http://b)",
        "<script>",
        "*bold* _it_",
        "a|b",
        "$x$",
        "- item",
        "1. one",
        "a\n# b",
    ],
)
def test_a_name_in_a_sentence_cannot_act_as_markdown(tiny_plan, name):
    import mistune

    said = fill(Text("{name}：{n} 项", "{name}: {n}"), Context(tiny_plan), {"name": name, "n": 3})
    page = mistune.html(said.text)
    assert html.unescape(re.sub("</?p>", "", page)).strip() == f"{' '.join(name.split())}：3 项"
    assert not re.search("<(?!/?p>)", page)


def test_a_sentence_without_one_of_its_facts_is_refused(tiny_plan):
    with pytest.raises(ParameterError, match="n_red"):
        fill(Text("红 {n_red} 项", "{n_red} red"), Context(tiny_plan), {})


def test_what_is_shown_tells_what_it_rests_on_in_its_metadata():
    data, metadata = Prose("a", about={"methods": ["M01"]})._repr_mimebundle_()
    assert data == {"text/markdown": "a", "text/plain": "a"}
    assert metadata == {"wdp": {"methods": ["M01"]}}
    assert Table(pd.DataFrame({"a": ["b"]}), "c")._repr_mimebundle_()[1] == {}


@pytest.mark.parametrize(
    ("source", "issuer", "title", "found_at"),
    [
        (
            "2018年《中国妇女发展纲要》统计监测报告（freep.cn转载）",
            *("国家统计局", "2018年《中国妇女发展纲要》统计监测报告", "freep.cn转载 http://a.cn"),
        ),
        (
            "人民日报2023-07-13：《2022年全国医疗保障事业发展统计公报》（镜像）",
            "国家医疗保障局",
            "《2022年全国医疗保障事业发展统计公报》",
            "人民日报2023-07-13 镜像 http://a.cn",
        ),
        ("县卫健局：2025年年报", "县卫健局", "2025年年报", "http://a.cn"),
        ("模拟：民政局 2025年年报", "民政局", "模拟：2025年年报", "http://a.cn"),
        ("某年报", "", "某年报", "http://a.cn"),
    ],
)
def test_a_source_is_cited_by_office_and_title_and_a_copy_stands_with_the_address(
    source, issuer, title, found_at
):
    table = pd.DataFrame({"source": [source], "source_address": ["http://a.cn"]})
    row = cited(table, "zh").iloc[0]
    assert (row["issuer"], row["title"], row["found_at"]) == (issuer, title, found_at)


def test_a_sentence_whose_first_figure_is_nothing_has_no_matter():
    sentence = Text("差距 {n_gaps} 项，{of} 项", "{n_gaps} gaps, {of}")
    assert has_matter(sentence, {"n_gaps": 2, "of": 0})
    assert not has_matter(sentence, {"n_gaps": 0, "of": 3})
    assert has_matter(Text("没有数", "no figure"), {})


# --- what a chart shows ---


def entry_of(plan, **changes):
    return replace(plan.indicators[0], **changes)


def drawn(entry, series, plan, **settings):
    """The lines that are drawn of a series, by label."""
    lines = []
    axes = SimpleNamespace(plot=lambda x, y, **look: lines.append((np.c_[x, y], look)))
    draw_observed(axes, series, entry, Context(plan, **settings))
    return {look["label"]: (points, look) for points, look in lines}


def series_of(*rows):
    """Rows of year, value, status, numerator, denominator."""
    names = ["year", "value", "status", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=names).assign(series_break="", source="甲")


FIVE = [(2010, 1.0, "final"), (2013, 2.0, "final"), (2014, 3.0, "provisional")]


def test_years_without_a_value_are_bridged_by_dots_not_by_the_line(tiny_plan):
    series = series_of(*[(*row, np.nan, np.nan) for row in FIVE])
    lines = drawn(entry_of(tiny_plan), series, tiny_plan)
    whole, bridge = lines["实际值"][0], lines["_"]
    assert np.isnan(whole[1]).all() and whole[0, 0] == 2010 and whole[2, 0] == 2013
    assert bridge[1]["linestyle"] == ":" and bridge[0][:2, 0].tolist() == [2010, 2013]


def test_values_that_are_not_final_are_hollow(tiny_plan):
    series = series_of(*[(*row, np.nan, np.nan) for row in FIVE])
    points, look = drawn(entry_of(tiny_plan), series, tiny_plan)["初步数或估计数"]
    assert points.tolist() == [[2014, 3.0]] and look["markerfacecolor"] == "white"


def test_seats_are_steps_that_last_until_the_next_election(tiny_plan):
    series = series_of(*[(*row, np.nan, np.nan) for row in FIVE[:2]])
    entry = entry_of(tiny_plan, frequency="term")
    lines = drawn(entry, series, tiny_plan, as_of="2015-06-30")
    assert lines["_"][0].tolist() == [[2010, 1], [2013, 1], [2013, 2], [2015, 2], [2015, 2]]
    assert lines["实际值"][1]["linewidth"] == 0


def test_a_rate_of_few_events_has_its_interval(tiny_plan):
    series = series_of((2020, 50.0, "final", 1, 2000), (2021, 0.0, "final", np.nan, np.nan))
    entry = entry_of(tiny_plan, data_kind="rare_rate", multiplier=100_000)
    points, _ = drawn(entry, series, tiny_plan)["95% 区间（发生数少）"]
    lower, upper, _ = rate_interval([1], [2000], multiplier=100_000)
    assert points[:2].tolist() == [[2020, lower[0]], [2020, upper[0]]] and len(points) == 3
    assert "95% 区间（发生数少）" not in drawn(entry_of(tiny_plan), series, tiny_plan)


def test_the_line_of_a_target_says_year_and_value(tiny_plan):
    notes = []
    axes = SimpleNamespace(
        plot=lambda *_, **__: None,
        fill_between=lambda *_, **__: None,
        annotate=lambda text, *_, **__: notes.append(text),
    )
    entry = tiny_plan.indicator("screening_coverage")
    draw_target(axes, entry, [2015, 2030], Context(tiny_plan))
    assert notes == [f"{entry.target.year}\n{entry.target.value:g}"]


@pytest.mark.parametrize("name", ["乳城镇", "Rucheng Administrative Town"])
def test_names_beside_points_do_not_overlap_and_stay_inside(name):
    with chart_style():
        figure, axes = plt.subplots(figsize=(7.6, 4.4))
        points = np.array([[100, 50], [101, 50.2], [99, 49.8], [400, 51], [401, 51], [800, 49]])
        axes.plot(*points.T, "o")
        place_names(axes, points, [name] * 6, points[:, 1] >= 50, ["black"] * 6)
        renderer = figure.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in axes.texts]
        assert not [1 for n, one in enumerate(boxes) for two in boxes[:n] if one.overlaps(two)]
        frame = axes.get_window_extent(renderer)
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
        plt.close(figure)


def test_colours_of_lines_have_a_marker_of_their_own_for_print_in_grey(tiny_plan):
    areas = ["tinytown", "a", "b"]
    rows = pd.DataFrame({"area": areas * 2, "year": [2020] * 3 + [2021] * 3, "value": range(6)})
    rows = rows.assign(sex="all", residence="all", age_group="all", series_break="")
    context = Context(tiny_plan, areas={area: area for area in areas})
    axes = plot_lines(rows.assign(simulated=False), context, tiny_plan.indicators[0])
    lines = [line for line in axes.lines if line.get_label() in areas]
    assert len({line.get_marker() for line in lines}) == 3
    plt.close(axes.figure)
