"""Thousands of series against their targets: the same answers as one by one, whatever the pieces."""

import numpy as np
import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.assessment import bulk as screening

YEARS = np.arange(2014, 2024)


def series(name, values):
    return pd.DataFrame(
        {"series_id": name, "year": YEARS[-len(values) :], "value": values, "kind": "percent"}
    )


@pytest.fixture
def frame():
    return pd.concat(
        [
            series("rising", np.linspace(60, 78, 10)),
            series("far", np.linspace(50, 50.9, 10)),
            series("short", [70.0, 71.0]),
            series("flat", [81.2, 80.9, 81.0, 81.3, 80.8, 81.1, 81.0, 81.2, 80.9, 81.0]),
        ],
        ignore_index=True,
    )


@pytest.fixture
def targets():
    names = ["far", "flat", "rising", "short", "nowhere", "flat"]
    return pd.DataFrame(
        {
            "series_id": names,
            "operator": ">=",
            "value": [90.0, 80, 70, 70, 70, 85],
            "year": [2030] * 5 + [2023],
        }
    )


def test_classes_follow_the_probabilities_and_the_thresholds_of_the_scheme(frame, targets):
    found = wdp.screen(frame, targets)
    assert found["series_id"].tolist() == targets["series_id"].tolist()
    assert found["risk"].tolist()[:3] == ["red", "clear", "clear"]
    assert found["reason"].tolist() == ["", "", "", "too_few_points", "no_data", "past_target_year"]
    assert found["risk"].tolist()[3:] == ["not_graded"] * 3
    assert found.loc[1, "last_value"] == 81.0 and found.loc[1, "last_year"] == 2023
    one = wdp.attainment_probability(frame, targets)
    pd.testing.assert_series_equal(found["probability"], one["probability"])


@pytest.mark.parametrize("piece", [1, 2, 3])
def test_the_pieces_do_not_show(frame, targets, monkeypatch, piece):
    whole = wdp.screen(frame, targets)
    monkeypatch.setattr(screening, "PIECE", piece)
    pd.testing.assert_frame_equal(wdp.screen(frame, targets), whole)


def test_a_stricter_scheme_gives_a_stricter_class(frame, targets):
    from dataclasses import replace

    lenient = wdp.load_scheme()
    strict = replace(lenient, red=0.02, orange=0.015, yellow=0.01, blue=0.005)
    row = pd.DataFrame(
        {"series_id": ["rising"], "operator": [">="], "value": [75.0], "year": [2030]}
    )
    assert wdp.screen(frame, row, scheme=strict)["risk"].tolist() == ["red"]
    assert wdp.screen(frame, row, scheme=lenient)["risk"].tolist() != ["red"]
