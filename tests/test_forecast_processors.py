"""What is published does not depend on the processor that computed it."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from wdp_lib.forecasting import forecast_frame

SMALL_RUN = """
import sys
import numpy as np, pandas as pd
from wdp_lib.backtesting.run import backtest_frame
from wdp_lib.forecasting import MODELS, forecast_frame

rng = np.random.default_rng(7)
rows = [
    (f"s{k}", 2000 + t, round(value, 1), "percent" if k % 2 else "")
    for k in range(6)
    for t, value in enumerate(40 + np.cumsum(rng.normal(0.8, 1 + k % 3, 12)))
]
rows += [("line", 2000 + t, 50.3 - 1.1 * t, "") for t in range(12)]
rows += [("bent", 2000 + t, v, "") for t, v in enumerate([10.0, 12.1, 13.9, 18.1, 20, 21.9, 24])]
frame = pd.DataFrame(rows, columns=["series_id", "year", "value", "kind"])
test = backtest_frame(frame, models=("learned", "ets", "drift"), sample=12, seed=3)
tables = [forecast_frame(frame, horizon=6, model=name) for name in MODELS]
tables += [test.cases, test.scores, test.target_cases, test.targets, test.reliability]
for table in tables:
    sys.stdout.write(table.to_csv(index=False, float_format="%.10g"))
"""
CHOSEN = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES")


def _on(**processor) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in CHOSEN}
    run = [sys.executable, "-W", "ignore", "-c", SMALL_RUN]
    done = subprocess.run(run, env=kept | processor, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_back_test_on_an_old_processor_gives_the_same_bytes(capsys):
    from numpy._core._multiarray_umath import __cpu_features__ as present

    features = " ".join(name for name in ("X86_V3", "AVX2", "FMA3") if present.get(name))
    exec(SMALL_RUN, {})  # noqa: S102, our own, on this processor
    one = capsys.readouterr().out
    other = _on(OPENBLAS_CORETYPE="Prescott", NPY_DISABLE_CPU_FEATURES=features)
    assert len(one) > 100_000
    assert one == other


@pytest.mark.parametrize("model", ["ets", "local_linear", "arima", "glm", "learned", "grey"])
@pytest.mark.parametrize(
    "values",
    [
        [10.0, 12, 14, 16, 18, 20],
        [50.3, 49.2, 48.1, 47.0, 45.9, 44.8, 43.7],
        [5.0] * 7,
        [10.0, 12.1, 13.9, np.nan, 18.1, 20, 21.9, 24],
        [1.0, 2, 4, 7, 11, 16],
    ],
)
def test_noise_in_the_last_bits_of_straight_constant_and_short_series_changes_nothing(
    model, values
):
    years = range(2010, 2010 + len(values))
    exact = pd.DataFrame({"series_id": "a", "year": years, "value": values})
    noise = 1 + 2e-16 * np.array([(-1) ** k * (k % 3) for k in range(len(values))])
    made = [
        forecast_frame(frame, horizon=6, model=model)
        for frame in (exact, exact.assign(value=exact["value"] * noise))
    ]
    assert made[0]["reason"].tolist() == made[1]["reason"].tolist()
    assert made[0]["reason"].isin(["", "too_few_points"]).all()
    np.testing.assert_allclose(made[0]["value"], made[1]["value"], rtol=1e-9, atol=1e-9)
