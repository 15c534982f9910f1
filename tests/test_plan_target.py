import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wdp_lib.core.errors import ParameterError
from wdp_lib.plan import KINDS, Range, Target

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)
BASELINE_KINDS = ["rise", "fall", "slower_growth", "narrow_gap"]


@pytest.mark.parametrize(
    "kind, value, tolerance, kept, broken",
    [
        ("at_least", 70, None, [70.0, 70.01, 100.0], [69.99, 0.0]),
        ("at_least", 95, None, [95.0], [94.96, 94.999999]),
        ("at_most", 8, None, [8.0, 7.99, 0.0], [8.01, 8.0000001]),
        ("more_than", 30, None, [30.01, 31.0], [30.0, 29.99]),
        ("less_than", 2, None, [1.99, 0.0], [2.0, 2.01]),
        ("around", 45, 2, [43.0, 45.0, 47.0], [42.99, 47.01, 0.0, 100.0]),
        ("full_coverage", 100, None, [100.0], [99.99, 0.0]),
        ("hold", 96, None, [96.0, 96.5], [95.99]),
        ("every_area", 90, None, [90.0, 90.01], [89.99]),
    ],
)
def test_a_number_in_the_plan_is_kept_on_one_side_of_the_line_only(
    kind, value, tolerance, kept, broken
):
    promise = Target(kind, value, tolerance).range()
    assert promise.contains(np.array(kept)).all()
    assert not promise.contains(np.array(broken)).any()


@pytest.mark.parametrize(
    "kind, baseline, kept, broken",
    [
        ("rise", 60.0, [60.01, 90.0], [60.0, 59.99]),
        ("fall", 60.0, [59.99, 0.0], [60.0, 60.01]),
        ("slower_growth", 0.5, [0.49, 0.0, -1.0], [0.5, 0.51]),
        ("narrow_gap", 4.0, [3.99, 0.0], [4.0, 4.01]),
        ("narrow_gap", -4.0, [3.99, 0.0], [4.0, 4.01]),
        ("narrow_gap", 0.0, [0.0], [0.01]),
    ],
)
def test_a_direction_is_kept_strictly_beyond_the_baseline(kind, baseline, kept, broken):
    promise = Target(kind).range(baseline=baseline)
    assert promise.contains(np.array(kept)).all()
    assert not promise.contains(np.array(broken)).any()


def test_a_gap_is_measured_without_its_sign():
    target = Target("narrow_gap")
    promise = target.range(baseline=-4.0)
    assert not promise.contains(target.measure(-5.0))
    assert promise.contains(target.measure(-3.0))
    assert promise.contains(target.measure(np.array([3.0, -3.0]))).all()
    assert target.measure(pd.Series([-1.5], index=["a"])).to_dict() == {"a": 1.5}


def test_a_level_is_measured_as_it_is():
    assert Target("at_least", 70).measure(-3.0) == -3.0


def test_a_relative_promise_follows_its_reference_less_the_tolerance():
    assert Target("relative", reference="other").range(reference=40.0) == Range(lower=40.0)
    assert Target("relative", tolerance=2, reference="other").range(reference=40.0) == Range(
        lower=38.0
    )


def test_edges_are_computed_as_the_plan_writes_them():
    assert 0.6 + 0.3 < 0.9  # in binary
    assert Target("around", 0.6, 0.3).range().contains(0.9)


@pytest.mark.parametrize("kind", BASELINE_KINDS)
def test_a_direction_without_baseline_has_no_range_but_a_reason(kind):
    target = Target(kind)
    assert target.range() is None
    assert target.range(baseline=math.nan) is None
    assert target.range(reference=1.0) is None
    assert target.missing() == "no_baseline"
    assert target.missing(baseline=1.0) == ""


def test_what_is_only_monitored_never_has_a_range():
    target = Target("monitor_only")
    assert target.range(baseline=1.0, reference=1.0) is None
    assert target.missing(baseline=1.0, reference=1.0) == "monitor_only"


def test_a_relative_promise_without_reference_has_no_range_but_a_reason():
    target = Target("relative", reference="other")
    assert target.range(baseline=1.0) is None
    assert target.missing() == "no_reference"


@pytest.mark.parametrize(
    "kind, statistic, improving, is_number, two_sided, every_year",
    [
        ("at_least", "level", +1, True, False, False),
        ("at_most", "level", -1, True, False, False),
        ("more_than", "level", +1, True, False, False),
        ("less_than", "level", -1, True, False, False),
        ("around", "level", 0, True, True, False),
        ("rise", "level", +1, False, False, False),
        ("fall", "level", -1, False, False, False),
        ("rise_by", "level", +1, False, False, False),
        ("fall_by", "level", -1, False, False, False),
        ("rise_by_share", "level", +1, False, False, False),
        ("fall_by_share", "level", -1, False, False, False),
        ("slower_growth", "slope", -1, False, False, False),
        ("narrow_gap", "magnitude", -1, False, False, False),
        ("full_coverage", "level", +1, True, False, False),
        ("hold", "level", +1, True, False, True),
        ("relative", "level", +1, False, False, False),
        ("every_area", "lowest_area", +1, True, False, True),
        ("monitor_only", "level", 0, False, False, False),
    ],
)
def test_each_kind_says_what_the_rest_of_the_library_asks(
    kind, statistic, improving, is_number, two_sided, every_year
):
    target = _any_target(kind)
    assert (target.statistic, target.improving, target.is_number) == (
        statistic,
        improving,
        is_number,
    )
    assert (target.two_sided, target.every_year) == (two_sided, every_year)


def test_the_table_above_and_the_library_know_the_same_kinds():
    assert len(KINDS) == 18


@pytest.mark.parametrize(
    ("target", "line", "zh"),
    [
        (Target("rise_by", 5), Range(lower=65), "比基期提高 5 个百分点以上（60%）"),
        (Target("fall_by", 5), Range(upper=55), "比基期下降 5 个百分点以上（60%）"),
        (Target("fall_by_share", 1 / 6), Range(upper=50), "比基期下降 16.67% 以上（60%）"),
        (Target("rise_by_share", 0.2), Range(lower=72), "比基期提高 20% 以上（60%）"),
    ],
)
def test_a_change_against_the_baseline_is_a_line_of_its_own(target, line, zh):
    found = target.range(baseline=60)
    assert (found.lower, found.upper) == pytest.approx((line.lower, line.upper))
    assert target.text("zh", baseline=60, unit="%") == zh
    assert target.missing() == "no_baseline"


def test_a_target_may_ask_for_every_year():
    assert Target("around", 45, 2, every_year=True).every_year


@pytest.mark.parametrize(
    "target, zh, en",
    [
        (Target("at_most", 8), "≤ 8", "≤ 8"),
        (Target("more_than", 30), "> 30", "> 30"),
        (
            Target("around", 45, 2, tolerance_origin="suggested"),
            "45 ± 2（容差为建议值）",
            "45 ± 2 (suggested tolerance)",
        ),
        (Target("hold", 96), "≥ 96（每年）", "≥ 96 (every year)"),
        (
            Target("at_least", 96, evidence="to_confirm"),
            "≥ 96（待核实）",
            "≥ 96 (to be confirmed)",
        ),
        (Target("every_area", 90), "各地区均 ≥ 90（每年）", "≥ 90 in every area (every year)"),
        (Target("rise"), "高于基期", "above the baseline"),
        (Target("full_coverage", 100), "全覆盖（≥ 100）", "full coverage (≥ 100)"),
        (
            Target("relative", tolerance=2, reference="other"),
            "不低于参照指标（可低 2）",
            "not below the reference indicator less 2",
        ),
        (Target("monitor_only"), "仅监测，不设目标", "monitored only, no target"),
    ],
)
def test_a_promise_reads_as_a_few_words_in_both_languages(target, zh, en):
    assert (target.text("zh"), target.text("en")) == (zh, en)


def test_the_words_can_name_the_baseline_and_the_unit():
    assert Target("rise").text("zh", baseline=62.4567, unit="%") == "高于基期（62.46%）"
    assert Target("rise").text("en", baseline=62.0, unit="%") == "above the baseline (62%)"
    assert Target("narrow_gap").text("zh", baseline=-4.0) == "差距小于基期（4）"
    assert Target("at_most", 8).text("zh", unit="/10万") == "≤ 8/10万"
    assert Target("around", 45, 2).text("zh", unit="%") == "45 ± 2%"


def test_an_unknown_kind_is_answered_with_the_closest_one():
    with pytest.raises(ParameterError) as error:
        Target("at_lest", 8)
    assert error.value.render("en") == "There is no target kind 'at_lest'. Did you mean at_least?"
    assert error.value.render("zh") == "没有目标类型“at_lest”。是否要写 at_least？"


@pytest.mark.parametrize(
    "kind, value, message",
    [
        ("at_least", None, "The target kind 'at_least' needs a value."),
        ("around", 45, "The target kind 'around' needs a tolerance."),
    ],
)
def test_a_kind_without_what_it_needs_is_refused(kind, value, message):
    with pytest.raises(ParameterError) as error:
        Target(kind, value)
    assert error.value.render("en") == message


@pytest.mark.parametrize("edges", [(2.0, 1.0), (math.nan, 1.0), (1.0, math.nan)])
def test_crossed_or_missing_edges_are_refused(edges):
    with pytest.raises(ParameterError):
        Range(*edges)


@pytest.mark.parametrize(
    "promise, x, margin, kept",
    [
        (Range(lower=70), 75.0, 5.0, True),
        (Range(lower=70), 60.0, -10.0, False),
        (Range(upper=8), 6.0, 2.0, True),
        (Range(upper=8), 56.0, -48.0, False),
        (Range(43, 47), 44.0, 1.0, True),
        (Range(43, 47), 45.0, 2.0, True),
        (Range(43, 47), 50.0, -3.0, False),
        (Range(lower=70), 70.0, 0.0, True),
        (Range(lower=70, lower_open=True), 70.0, 0.0, False),
        (Range(upper=8, upper_open=True), 8.0, 0.0, False),
        (Range(), 1.0, math.inf, True),
    ],
)
def test_the_margin_is_the_signed_distance_to_the_nearest_edge(promise, x, margin, kept):
    assert promise.margin(x) == margin
    assert promise.contains(x) is kept


def test_a_missing_value_keeps_no_promise_and_has_no_margin():
    assert Range(lower=70).contains(math.nan) is False
    assert math.isnan(Range(lower=70).margin(math.nan))
    assert math.isnan(Range().margin(math.nan))


def test_lists_arrays_and_series_keep_their_shape():
    promise = Range(lower=70)
    assert promise.contains([60, 70]).tolist() == [False, True]
    assert promise.margin(np.array([[60.0, 75.0]])).tolist() == [[-10.0, 5.0]]
    series = pd.Series([60.0, 75.0], index=["a", "b"])
    assert promise.contains(series).to_dict() == {"a": False, "b": True}
    assert promise.margin(series).to_dict() == {"a": -10.0, "b": 5.0}


def test_only_a_range_with_two_edges_is_two_sided():
    assert Range(1, 2).two_sided
    assert not Range(lower=1).two_sided
    assert not Range(upper=1).two_sided


@given(
    edges=st.tuples(NUMBERS, NUMBERS), x=NUMBERS, lower_open=st.booleans(), upper_open=st.booleans()
)
def test_a_positive_margin_keeps_the_promise_and_a_negative_one_breaks_it(
    edges, x, lower_open, upper_open
):
    promise = Range(min(edges), max(edges), lower_open, upper_open)
    margin = promise.margin(x)
    if margin != 0:
        assert promise.contains(x) == (margin > 0)
    elif not lower_open and not upper_open:
        assert promise.contains(x)


@given(low=NUMBERS, high=NUMBERS, x=NUMBERS)
def test_a_higher_floor_never_keeps_what_a_lower_one_breaks(low, high, x):
    low, high = min(low, high), max(low, high)
    assert Target("at_least", low).range().contains(x) or not Target(
        "at_least", high
    ).range().contains(x)


@given(
    kind=st.sampled_from(
        [k for k in KINDS if KINDS[k].improving and KINDS[k].line and not KINDS[k].by]
    ),
    line=NUMBERS,
    step=NUMBERS,
)
def test_a_step_in_the_improving_direction_never_breaks_a_kept_promise(kind, line, step):
    target = _any_target(kind, line)
    promise = target.range(baseline=line, reference=line)
    start = float(target.measure(line))
    if promise.contains(start):
        assert promise.contains(start + target.improving * abs(step))
    if step:
        far = start + target.improving * (abs(step) + 1)
        assert promise.contains(far)


@given(value=NUMBERS, tolerance=st.floats(0, 1e6))
def test_a_band_reaches_equally_far_on_both_sides(value, tolerance):
    promise = Target("around", value, tolerance).range()
    assert promise.contains(value)
    assert promise.upper - value == pytest.approx(value - promise.lower, abs=1e-6)


def _any_target(kind, value=50.0):
    needs = KINDS[kind]
    return Target(
        kind,
        value if needs.line == "value" or needs.by else None,
        2.0 if needs.slack == "needed" else None,
        reference="other" if needs.line == "reference" else "",
    )


def test_a_share_of_100_per_cent_cannot_rise_and_keeps_its_promise_by_staying():
    target = Target("rise", upper_limit=100.0, lower_limit=0.0)
    assert target.range(baseline=100.0).contains(100.0) and not target.range(
        baseline=100.0
    ).contains(99.9)
    assert not target.range(baseline=99.0).contains(99.0)
    assert Target("fall", lower_limit=0.0).range(baseline=0.0).contains(0.0)
    assert not Target("rise").range(baseline=100.0).contains(100.0)
