"""The columns of the files of a plan folder and what each cell may hold."""

from __future__ import annotations

from dataclasses import dataclass

from wdp_lib.core.errors import Text
from wdp_lib.plan.target import KINDS


@dataclass(frozen=True)
class Field:
    """One column of a file."""

    name: str  # name in the header
    # {"text", "number", "integer", "list"}: what its cells hold; a list is separated by ``;``
    kind: str = "text"
    required: bool = False  # whether the cell must be filled
    allowed: tuple[str, ...] = ()  # the only words the cell may hold, where it may not hold any
    refers: str = ""  # file whose identifiers it names, ``""`` where it names none
    # what to do about an empty cell, where "fill it in" does not say enough
    advice: Text | None = None
    needed: bool = False  # whether the file must have the column: it cannot be derived


UNITS = (
    "percent",
    "percentage_points",
    "per_100k_live_births",
    "per_100k",
    "per_10k",
    "per_1000_women",
    "per_1000_children",
    "per_1000_people",
    "per_1000_live_births",
    "yuan_per_month",
    "yuan_per_year",
    "yuan_per_case",
    "years",
    "years_of_schooling",
    "ratio",
    "hours_per_day",
    "count",
    "persons",
    "10k_persons",
)
ORIGINS = ("stated", "suggested", "confirmed")
COUNTED = ("domains", "goals", "indicators", "measures", "projects", "commitments")

# the rest of a plan follows from these (`wdp_lib.plan.defaults`)
_NOT_DERIVED = ("domain", "unit", "goal", "indicator", "goals", "measure", "project", "commitment")
_CLAUSE = Field(
    "clause",
    required=True,
    advice=Text(
        "请写明出自计划的哪一条，如 二(一)主要目标1。", "Say which clause of the plan states it."
    ),
)


def _both(name: str, required: bool = True) -> tuple[Field, Field]:
    needed = required and name == "title"
    return (
        Field(f"{name}_zh", required=required, needed=needed),
        Field(f"{name}_en"),
    )


def _needed(name: str, *allowed: str, refers: str = "", kind: str = "text") -> Field:
    return Field(name, kind, True, allowed, refers, needed=name in _NOT_DERIVED)


def _list(name: str, refers: str = "") -> Field:
    return Field(name, "list", refers=refers)


_GOALS, _INDICATORS = _list("goals", "goals.csv"), _list("indicators", "indicators.csv")

FILES: dict[str, tuple[Field, ...]] = {
    "domains.csv": (_needed("domain"), _needed("code"), *_both("name")),
    "units.csv": (_needed("unit"), *_both("name")),
    "goals.csv": (
        _needed("goal"),
        _needed("domain", refers="domains.csv"),
        _CLAUSE,
        *_both("title"),
        _needed("kind", "quantified", "directional", "qualitative"),
        _needed("measurability"),
        Field("note_en"),
    ),
    "indicators.csv": (
        _needed("indicator"),
        _needed("goals", refers="goals.csv", kind="list"),
        _CLAUSE,
        _list("clause_also"),
        _needed("origin", "goal", "strategy", "project"),
        _needed("basis", "explicit", "implied", "proxy"),
        *_both("name"),
        Field("unit", required=True, allowed=UNITS),
        Field("lower_bound", "number"),
        Field("upper_bound", "number"),
        _needed(
            "direction",
            "higher_better",
            "lower_better",
            "narrow_gap",
            "target_value",
            "monitor_only",
        ),
        _needed("target_kind", *KINDS),
        Field("target_value", "number"),
        Field("tolerance", "number"),
        Field("tolerance_origin", allowed=ORIGINS),
        _needed("every_year", "yes", "no"),
        Field("reference_indicator", refers="indicators.csv"),
        Field("target_year", "integer"),
        Field("milestones"),
        *_both("wording", required=False),
        *_both("second_line", required=False),
        _needed("evidence", "confirmed", "to_confirm"),
        _needed("target_source"),
        Field("target_source_address"),
        _needed("sex", "all", "female", "male"),
        _needed("residence", "all", "urban", "rural"),
        _needed("age_group"),
        Field("sex_scope"),
        *_both("numerator", required=False),
        *_both("denominator", required=False),
        Field("multiplier", "number"),
        _list("disaggregations"),
        _needed(
            "data_kind",
            "proportion",
            "share",
            "count",
            "rare_rate",
            "gap",
            "ratio",
            "mean",
            "index",
        ),
        Field("definition_origin", allowed=ORIGINS),
        _list("lead_units", "units.csv"),
        Field("lead_units_origin", allowed=ORIGINS),
        _needed("frequency", "annual", "term", "survey", "census"),
        _needed(
            "availability", "routine", "partial", "survey_needed", "not_estimable", "published"
        ),
        _needed("small_numbers", "no", "moderate", "yes"),
        *_both("note", required=False),
    ),
    "measures.csv": (
        _needed("measure"),
        _needed("domain", refers="domains.csv"),
        _CLAUSE,
        *_both("title"),
        _GOALS,
        _INDICATORS,
        *_both("commitments", required=False),
    ),
    "projects.csv": (_needed("project"), _CLAUSE, *_both("name"), _GOALS, _INDICATORS),
    "commitments.csv": (
        _needed("commitment"),
        _needed("project", refers="projects.csv"),
        _CLAUSE,
        *_both("wording"),
        _needed("kind", "activity", "direction", "number", "number_word", "coverage_word"),
        Field("operator", required=True, allowed=(*KINDS, "exactly", "exists")),
        Field("value", "number"),
        Field("unit", allowed=UNITS),
        _INDICATORS,
        _GOALS,
    ),
}
