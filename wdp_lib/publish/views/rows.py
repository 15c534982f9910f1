"""Which rows a view shows: one function a view, ``f(thing, context)``."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from wdp_lib.comparison.areas import FAR
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.core.errors import Text
from wdp_lib.effects.measures import LEVELS
from wdp_lib.publish.context import Context

ROWS: dict[str, Callable] = {}
AXES = ("hard_to_reach", "volatile", "data")
FULL_COUNT = "full_count"
LACKING = ("other_group_missing", "not_by_sex", "no_data")
GROUPS = {  # of each kind of group: first, second, caption of its chapter
    "sex": (
        Text("女性", "women"),
        Text("男性", "men"),
        Text("男女差距（最新年份，女性减男性）", "Women and men, latest year (women less men)"),
    ),
    "residence": (
        Text("农村", "country"),
        Text("城镇", "town"),
        Text(
            "城乡差距（最新年份，农村减城镇）", "Country and town, latest year (country less town)"
        ),
    ),
    "age_group": (
        Text("低龄组", "younger"),
        Text("高龄组", "older"),
        Text(
            "年龄差距（最新年份，低龄减高龄）", "Two age groups, latest year (younger less older)"
        ),
    ),
}
SHARES = Text("女性占比（全数统计，最新年份）", "Shares of women, full counts, latest year")
LISTED = 40  # rows sent back that are listed on a page
OF_A_KIND = 3


def rows(*names: str):
    """Register a function as that which chooses the rows of some views."""

    def register(function: Callable) -> Callable:
        ROWS.update(dict.fromkeys(names, function))
        return function

    return register


def _kinds(frame: pd.DataFrame, context: Context) -> pd.Series:
    kinds = {i.id: i.data_kind for i in context.plan.indicators}
    return frame["indicator"].map(kinds)


def _by_domain(frame: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    domains = context.plan.domains
    return [(context.text(d.name), frame[frame["domain"] == d.id]) for d in domains]


ROWS["goals"] = ROWS["annual"] = _by_domain


@rows("risks")
def _with_target(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    return risks[risks["target_kind"] != "monitor_only"]


def _numbered_sources(risks: pd.DataFrame) -> pd.Series:
    pairs = risks["source"].where(risks["source"] != "").astype(object)
    keys = pairs.where(
        pairs.isna(), list(zip(risks["source"], risks["source_address"], strict=True))
    )
    return pd.Series([f"[{n + 1}]" if n >= 0 else "" for n in pd.factorize(keys)[0]], risks.index)


@rows("risks_with_sources")
def _with_sources(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    risks = _with_target(risks, context)
    return risks.assign(source_number=_numbered_sources(risks))


@rows("sources")
def _sources(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    numbered = risks.assign(source_number=_numbered_sources(risks))
    return numbered[numbered["source_number"] != ""].drop_duplicates("source_number")


# --- data ---


@rows("coverage")
def _coverage(coverage: pd.DataFrame, context: Context) -> pd.DataFrame:
    plan, n = context.plan, coverage["n"]
    domain = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    numbered = {i.id for i in plan.indicators if i.target.is_number}
    counted = pd.DataFrame(
        {
            "domain": coverage["indicator"].map(domain),
            "all": 1,
            "numbered": coverage["indicator"].isin(numbered),
            "long": n >= 10,
            "middle": n.between(5, 9),
            "short": n.between(1, 4),
            "nothing": n == 0,
        }
    )
    names = [d.id for d in plan.domains]
    table = counted.groupby("domain").sum().reindex(names, fill_value=0).astype(int)
    return pd.concat([table, table.sum().to_frame("").T]).rename_axis("domain").reset_index()


@rows("missing")
def _missing(coverage: pd.DataFrame, context: Context) -> pd.DataFrame:
    empty = set(coverage.loc[coverage["n"] == 0, "indicator"])
    found = [i for i in context.plan.indicators if i.target.is_number and i.id in empty]
    return pd.DataFrame(
        {
            "indicator": [i.id for i in found],
            "goals": [";".join(i.goals) for i in found],
            "availability": [i.availability for i in found],
            "frequency": [i.frequency for i in found],
            "units": [";".join(i.lead_units) for i in found],
        }
    )


def _problems(dataset, severity: str, language: str) -> pd.DataFrame:
    found = [p for p in dataset.problems if p.severity == severity]
    said = [(p.rule, p.message(language)) for p in found]
    return pd.DataFrame(said, columns=["rule", "message"])


def problem_frame(dataset) -> pd.DataFrame:
    """Return every problem of a data set as a table: rule, severity, place."""
    plain = ("rule", "severity", "file", "row")
    found = [
        (*(getattr(p, name) for name in plain), p.column or "", p.message("zh"), p.message("en"))
        for p in dataset.problems
    ]
    columns = [*plain, "column", "message_zh", "message_en"]
    return pd.DataFrame(found, columns=columns).astype({"row": "Int64"})


@rows("rejected")
def _rejected(dataset, context: Context) -> pd.DataFrame:
    found = _problems(dataset, "reject", context.language)
    shown = found.head(LISTED)
    shown.attrs = {"total": len(found), "listed": len(shown)}
    return shown


@rows("checks")
def _checks(dataset, context: Context) -> pd.DataFrame:
    found = _problems(dataset, "warn", context.language)
    kinds = found.groupby("rule")["rule"]
    found = found.assign(total=kinds.transform("size"), place=kinds.cumcount() + 1)
    found = found.sort_values("total", ascending=False, kind="stable")
    return found[found["place"] <= OF_A_KIND]


@rows("choices")
def _choices(dataset, context: Context) -> pd.DataFrame:
    cell = ["indicator", "area", "sex", "age_group", "residence", "year"]
    table = dataset.observations
    used = table.loc[table["used"], [*cell, "value"]].rename(columns={"value": "used_value"})
    left = table[(table["unused_reason"] == "conflict") & (table["area"] == context.plan.area)]
    left = left.merge(dataset.choices, on=["file", "row", "indicator"], how="left")
    left = left.merge(used, on=cell, how="left").sort_values(cell)
    return left.assign(choice=left[context.pick("choice_zh", "choice_en")])


@rows("breaks")
def _breaks(dataset, context: Context) -> pd.DataFrame:
    breaks = dataset.breaks
    breaks = breaks[breaks["area"].isin(["", context.plan.area])]
    return breaks.assign(description=breaks[context.pick("description_zh", "description_en")])


# --- forecasts ---


@rows("trends")
def _forecasts(forecasts: pd.DataFrame, context: Context) -> pd.DataFrame:
    own = forecasts[(forecasts["area"] == context.plan.area) & (forecasts["reason"] != "no_data")]
    last = own[own["year"] == own.groupby("indicator")["year"].transform("max")]
    wide = last.dropna(subset=["value"]).pivot_table("value", "indicator", "quantile")
    names = {0.5: "median", 0.1: "lower_80", 0.9: "upper_80", 0.025: "lower_95", 0.975: "upper_95"}
    wide = wide.reindex(columns=list(names)).rename(columns=names)
    table = own.drop_duplicates("indicator").merge(wide, on="indicator", how="left")
    made = table["median"].notna()
    table = table.assign(model=table["model"].where(made, ""), grade=table["grade"].where(made, ""))
    return table.assign(last_forecast="" if own["year"].isna().all() else int(own["year"].max()))


@rows("terms")
def _terms(seats: pd.DataFrame, context: Context) -> pd.DataFrame:
    return seats[seats["reason"] != "no_data"]


@rows("directions")
def _directions(found: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Rates of rare events are left out: one case more or less is no direction."""
    numbered = {i.id for i in context.plan.indicators if i.target.is_number}
    shown = found["reason"].isin(["", "too_few_points"]) & (found["n"] > 0)
    shown &= ~found["indicator"].isin(numbered) & _kinds(found, context).ne("rare_rate")
    known = found["direction_class"].where(found["direction_class"] != "", found["reason"])
    return found.assign(**{"class": known})[shown]


# --- warnings, progress, projects ---


@rows("warnings")
def _warnings(warned: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    colours = warned[context.pick("level_zh", "level_en")]
    table = warned.assign(colour=colours, grade=warned["grade"].replace("none", ""))
    return [(context.word("axis", axis), table[table["axis"] == axis]) for axis in AXES]


@rows("warning_counts")
def _warning_counts(warned: pd.DataFrame, context: Context) -> pd.DataFrame:
    grouped = warned.assign(colour=warned[context.pick("level_zh", "level_en")]).groupby(
        ["axis", "rule"], sort=False, as_index=False
    )
    counted = grouped.agg(
        colour=("colour", "first"), levels=("level", "nunique"), cases=("rule", "size")
    )
    return counted.assign(colour=counted["colour"].where(counted["levels"] == 1, ""))


@rows("progress")
def _progress(panel: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Indicators without any figure are left out, as are rates of rare events."""
    panel = panel[_kinds(panel, context) != "rare_rate"]
    order = panel["indicator"].unique()
    values = panel.pivot(index="indicator", columns="measure", values="value").reindex(order)
    classes = panel.pivot(index="indicator", columns="measure", values="class").reindex(order)
    figures = ["path_share", "time_share", "required_change", "achieved_change", "best_pace"]
    named = ["open_sdg", "un_chart", "escap_anticipated", "forecast"]
    table = values.reindex(columns=figures).join(classes.reindex(columns=named).fillna(""))
    known = values.reindex(columns=[f for f in figures if f in values]).notna().any(axis=1)
    return table[known].reset_index()


@rows("traces")
def _traces(panel: pd.DataFrame, context: Context) -> pd.DataFrame:
    reasons = [context.word("reason", code) for code in panel["reason"]]
    return panel.assign(trace=panel["trace"].where(panel["trace"] != "", reasons))


@rows("disagreements")
def _disagreements(summary: pd.DataFrame, context: Context) -> pd.DataFrame:
    return summary[summary["methods_disagree"]]


@rows("commitments")
def _commitments(status: pd.DataFrame, context: Context) -> pd.DataFrame:
    wording = {c.id: f"{c.id} {context.text(c.wording)}" for c in context.plan.commitments}
    return status.assign(commitment_text=status["commitment"].map(wording))


@rows("effects")
def _effects(effects: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Of each measure and indicator the estimate of the highest level that tells something."""
    able = effects[effects["reason"] == ""].assign(height=effects["level"].map(LEVELS.index))
    best = able.sort_values("height", kind="stable")
    best = best.drop_duplicates(["measure", "start_year", "indicator"], keep="last")
    return best.sort_index()


@rows("all_effects")
def _all_effects(effects: pd.DataFrame, context: Context) -> pd.DataFrame:
    return effects.groupby(["design", "level", "reason"]).size().reset_index(name="n")


@rows("final_verdicts")
def _finals(finals: pd.DataFrame, context: Context) -> pd.DataFrame:
    """A verdict on pooled years says so."""
    pooled = _kinds(finals, context).eq("rare_rate") & finals["state_reason"].eq("")
    pooled &= finals["state"].ne("not_assessable")
    finals = finals.assign(state_reason=finals["state_reason"].mask(pooled, "pooled_years"))
    if finals["agreement"].eq("not_compared").all():
        return finals.assign(outcome_year=pd.NA, official="", agreement="", difference="")
    return finals


# --- gaps and areas ---


@rows("group_gaps")
def _gaps(gaps: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    """Women and men, country and town, two ages where there are."""
    last = latest_gaps(gaps)
    full = last["reason"] == FULL_COUNT
    # a number of persons has no denominator that could be missing
    counted = _kinds(last, context).eq("count") & last["reason"].eq("counts_missing")
    last = last.assign(reason=last["reason"].mask(counted, FULL_COUNT))
    chapters = [(by, last[(last["dimension"] == by) & ~full]) for by in GROUPS]
    chapters = [(by, part) for by, part in chapters if len(part) or by != "age_group"]
    found = [(GROUPS[by][2], by, part) for by, part in chapters]
    found.append((SHARES, "sex", last[full].assign(reason="")))
    return [
        (context.text(caption), part.assign(**_sides(by, context))) for caption, by, part in found
    ]


def _sides(by: str, context: Context) -> dict[str, str]:
    first, second, _ = GROUPS[by]
    return {"first_name": context.text(first), "second_name": context.text(second)}


@rows("groups_missing")
def _groups_missing(gaps: pd.DataFrame, context: Context) -> pd.DataFrame:
    lacking = gaps[gaps["reason"].isin(LACKING) & gaps["dimension"].isin(["sex", ""])]
    years = lacking.groupby("indicator")["year"].agg(
        lambda y: ", ".join(str(int(x)) for x in y.dropna())
    )
    shown = lacking.drop_duplicates("indicator", keep="last")
    return shown.assign(years=shown["indicator"].map(years))


@rows("age_completeness")
def _age_completeness(completeness: pd.DataFrame, context: Context) -> pd.DataFrame:
    return completeness[completeness["dimension"] == "age_group"]


@rows("age_standardised")
def _age_standardised(rates: pd.DataFrame, context: Context) -> pd.DataFrame:
    shown = rates[rates["rate"].notna()]
    return shown[shown["year"] == shown.groupby("indicator")["year"].transform("max")]


@rows("area_comparison")
def _area_comparison(compared: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Give it the areas in one indicator."""
    names = [context.name(i) for i in compared["indicator"]]
    side = compared["side"].where(compared["outside"] == FAR, "")
    return compared.assign(name=names, side=side)


@rows("largest_contributions")
def _contributions(parts: pd.DataFrame, context: Context) -> pd.DataFrame:
    def named(dimension: str, part: str) -> str:
        if dimension == "area":
            return context.area(part)
        return part if dimension == "age_group" else context.word(dimension, part)

    pairs = zip(parts["dimension"], parts["part"], strict=True)
    return parts.assign(part_name=[named(*pair) for pair in pairs])


@rows("roll_up")
def _sums(sums: pd.DataFrame, context: Context) -> pd.DataFrame:
    shown = sums[sums["reason"] != ""]
    return shown.assign(stratum=[_stratum(row, context) for row in shown.itertuples()])


def _stratum(row, context: Context) -> str:
    said = [(topic, getattr(row, topic)) for topic in ("sex", "residence")]
    words = [context.word(topic, code) for topic, code in said if code != "all"]
    words += [row.age_group] if row.age_group != "all" else []
    return context.joined(words) or context.word("sex", "all")
