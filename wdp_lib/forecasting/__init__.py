"""Forecasts of short annual series: trends, small counts, comparison models, scores."""

from wdp_lib.forecasting.attainment import attainment_probability
from wdp_lib.forecasting.backtest import backtest, backtest_frame
from wdp_lib.forecasting.backtest_tables import BackTest
from wdp_lib.forecasting.counts import count_interval, pooled_rate, probability_at_most, verifiability
from wdp_lib.forecasting.directions import directions
from wdp_lib.forecasting.events import forecast_counts
from wdp_lib.forecasting.frame import forecast_frame
from wdp_lib.forecasting.models import MODELS
from wdp_lib.forecasting.observations import forecast
from wdp_lib.forecasting.posterior import borrowed_prior
from wdp_lib.forecasting.terms import terms
from wdp_lib.forecasting.trend import CLASSES, trend, trend_class, trend_probability

__all__ = [
    "BackTest",
    "CLASSES",
    "MODELS",
    "attainment_probability",
    "backtest",
    "backtest_frame",
    "borrowed_prior",
    "count_interval",
    "directions",
    "forecast",
    "forecast_counts",
    "forecast_frame",
    "pooled_rate",
    "probability_at_most",
    "terms",
    "trend",
    "trend_class",
    "trend_probability",
    "verifiability",
]
