"""Forecasts of short annual series: trends, small counts, comparison models, scores."""

from wdp_lib.forecasting.attainment import attainment_probability
from wdp_lib.forecasting.backtest import backtest, backtest_frame
from wdp_lib.forecasting.backtest_tables import BackTest
from wdp_lib.forecasting.counts import count_interval, pooled_rate, probability_at_most, verifiability
from wdp_lib.forecasting.frame import forecast_frame
from wdp_lib.forecasting.models import MODELS
from wdp_lib.forecasting.observations import forecast
from wdp_lib.forecasting.trend import CLASSES, trend, trend_class, trend_probability

__all__ = [
    "BackTest",
    "CLASSES",
    "MODELS",
    "attainment_probability",
    "backtest",
    "backtest_frame",
    "count_interval",
    "forecast",
    "forecast_frame",
    "pooled_rate",
    "probability_at_most",
    "trend",
    "trend_class",
    "trend_probability",
    "verifiability",
]
