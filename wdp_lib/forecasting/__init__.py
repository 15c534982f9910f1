"""Forecasts of short annual series: trends, small counts, comparison models, scores."""

from wdp_lib.forecasting.attainment import attainment_probability
from wdp_lib.forecasting.counts.events import forecast_counts
from wdp_lib.forecasting.counts.posterior import borrowed_prior
from wdp_lib.forecasting.counts.rates import (
    count_interval,
    pooled_rate,
    probability_at_most,
    verifiability,
)
from wdp_lib.forecasting.frame import forecast_frame
from wdp_lib.forecasting.models.registry import MODELS
from wdp_lib.forecasting.observations import forecast
from wdp_lib.forecasting.terms import terms
from wdp_lib.forecasting.trends.directions import directions
from wdp_lib.forecasting.trends.trend import CLASSES, trend, trend_class, trend_probability

__all__ = [
    "CLASSES",
    "MODELS",
    "attainment_probability",
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
