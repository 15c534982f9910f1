"""A target with a forecast, and its warnings."""

from kit import forecasts, observations

import wdp_lib as wdp

FAN = """
    indicator          | year | quantile | value
    screening_coverage | 2030 | 0.1      | {0}
    screening_coverage | 2030 | 0.5      | {1}
    screening_coverage | 2030 | 0.9      | {2}
"""


def screening(values, last=2025, **columns):
    years = range(last - len(values) + 1, last + 1)
    table = observations(
        "indicator | year | value\n"
        + "\n".join(f"screening_coverage | {y} | {v}" for y, v in zip(years, values, strict=True))
    )
    return table.assign(**columns)


def assessed(plan, table, fan=(60, 65, 68)):
    return wdp.assess(forecasts(FAN.format(*fan)), table, plan, as_of="2026-06-30")


def warned(plan, table, fan=(60, 65, 68), **settings):
    rows = wdp.warnings(assessed(plan, table, fan), table, plan, **settings)
    return rows[rows["indicator"] == "screening_coverage"].set_index("rule")


LINE = [58, 59, 60, 61, 62, 63, 64, 65]
