"""Townships for the tests of areas."""

from dataclasses import replace

from kit import observations

import wdp_lib as wdp
from wdp_lib.plan import Target

NAMES = ["east", "west", "north", "south", "hill", "lake", "wood", "field", "stone"]
SIZES = [400, 150, 140, 80, 70, 70, 40, 50, 40]


def promised(plan, kind="at_least", value=70.0, **settings):
    """The small plan with another promise for the screening, in per cent with counts."""
    target = Target(kind, value=value, year=2030)
    more = {
        "target": target,
        "multiplier": 100.0,
        "unit": "percent",
        "data_kind": "proportion",
    } | settings
    return replace(
        plan,
        indicators=tuple(
            replace(i, **more) if i.id == "screening_coverage" else i for i in plan.indicators
        ),
    )


def towns(events, sizes, year=2025, names=NAMES):
    lines = ["indicator | area | year | value | numerator | denominator"]
    lines += [
        f"screening_coverage | {name} | {year} | {100 * e / n:.6f} | {e} | {n}"
        for name, e, n in zip(names, events, sizes, strict=False)
    ]
    return "\n".join(lines)


def compared(plan, text, **settings):
    table = observations(text) if isinstance(text, str) else text
    return wdp.compare_areas(table, plan, indicator="screening_coverage", year=2025, **settings)
