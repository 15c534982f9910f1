"""Which rows a view shows: one function a view, ``f(thing, context)``, and which indicators."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.backtesting.cases import BEFORE
from wdp_lib.comparison.areas import FAR
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.core.errors import Text
from wdp_lib.effects.measures import LEVELS
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import NONE
from wdp_lib.publish.views.choose import bands_of, domains, model_name, problem_frame
from wdp_lib.publish.views.citations import cited

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
QUANTILES = {0.5: "median", 0.1: "lower_80", 0.9: "upper_80", 0.025: "lower_95", 0.975: "upper_95"}
PANEL = ["path_share", "time_share", "required_change", "achieved_change", "best_pace"]
PANEL_CLASSES = ["open_sdg", "un_chart", "escap_anticipated", "forecast"]
SAMPLED = Text(
    "{0}只拟合了随机抽取的历史片段，得到 {1} 段的预测。",
    "{0}: fitted to a random sample of histories, {1} of which gave a forecast.",
)
FEW = Text("案例过少，不给数值", "too few cases for a figure")


def _kinds(frame: pd.DataFrame, context: Context) -> pd.Series:
    return frame["indicator"].map({i.id: i.data_kind for i in context.plan.indicators})


def _numbered(frame: pd.DataFrame, context: Context) -> pd.Series:
    return frame["indicator"].isin([i.id for i in context.plan.indicators if i.target.is_number])


def _by_domain(frame: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    chapters = context.plan.domains
    return [(context.text(d.name), frame[frame["domain"] == d.id]) for d in chapters]


def _goals(verdicts: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    """Both scopes side by side; the wider one where it says something else."""
    same = verdicts["all_verdict"] == verdicts["verdict"]
    verdicts = verdicts.assign(
        all_verdict=verdicts["all_verdict"].mask(same | (verdicts["all_verdict"] == ""), ""),
        all_hardest=verdicts["all_hardest"].mask(
            verdicts["all_hardest"] == verdicts["hardest_indicator"], ""
        ),
    )
    return _by_domain(verdicts, context)


def _with_target(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    return risks[risks["target_kind"] != "monitor_only"]


def _with_sources(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    pairs = risks["source"].where(risks["source"] != "").astype(object)
    both = list(zip(risks["source"], risks["source_address"], strict=True))
    numbers = pd.factorize(pairs.where(pairs.isna(), both))[0]
    return risks.assign(source_number=[f"[{n + 1}]" if n >= 0 else "" for n in numbers])


def _sources(risks: pd.DataFrame, context: Context) -> pd.DataFrame:
    numbered = _with_sources(risks, context)
    own = numbered[numbered["source_number"] != ""].drop_duplicates("source_number")
    return cited(own, context.language) if len(own) else own


# --- data ---


def _coverage(coverage: pd.DataFrame, context: Context) -> pd.DataFrame:
    n = coverage["n"]
    counted = pd.DataFrame(
        {
            "domain": domains(context.plan, coverage["indicator"]),
            "all": 1,
            "numbered": _numbered(coverage, context),
            "long": n >= 10,
            "middle": n.between(5, 9),
            "short": n.between(1, 4),
            "nothing": n == 0,
        }
    )
    names = [d.id for d in context.plan.domains]
    table = counted.groupby("domain").sum().reindex(names, fill_value=0).astype(int)
    return pd.concat([table, table.sum().to_frame("").T]).rename_axis("domain").reset_index()


def _missing(coverage: pd.DataFrame, context: Context) -> pd.DataFrame:
    empty = set(coverage.loc[(coverage["n"] == 0) & _numbered(coverage, context), "indicator"])
    found = [
        (i.id, ";".join(i.goals), i.availability, i.frequency, ";".join(i.lead_units))
        for i in context.plan.indicators
        if i.id in empty
    ]
    return pd.DataFrame(found, columns=["indicator", "goals", "availability", "frequency", "units"])


def _problems(dataset, severity: str, context: Context) -> pd.DataFrame:
    found = problem_frame(dataset)
    found = found[found["severity"] == severity]
    return found.assign(message=found[context.pick("message_zh", "message_en")])


def _rejected(dataset, context: Context) -> pd.DataFrame:
    found = _problems(dataset, "reject", context)
    shown = found.head(LISTED)
    shown.attrs = {"total": len(found), "listed": len(shown)}
    return shown


def _checks(dataset, context: Context) -> pd.DataFrame:
    found = _problems(dataset, "warn", context)
    kinds = found.groupby("rule")["rule"]
    found = found.assign(total=kinds.transform("size"), place=kinds.cumcount() + 1)
    found = found.sort_values("total", ascending=False, kind="stable")
    return found[found["place"] <= OF_A_KIND]


def _choices(dataset, context: Context) -> pd.DataFrame:
    cell = ["indicator", "area", "sex", "age_group", "residence", "year"]
    table = dataset.observations
    used = table.loc[table["used"], [*cell, "value"]].rename(columns={"value": "used_value"})
    left = table[(table["unused_reason"] == "conflict") & (table["area"] == context.plan.area)]
    left = left.merge(dataset.choices, on=["file", "row", "indicator"], how="left")
    left = left.merge(used, on=cell, how="left").sort_values(cell)
    return left.assign(choice=left[context.pick("choice_zh", "choice_en")])


def _breaks(dataset, context: Context) -> pd.DataFrame:
    breaks = dataset.breaks[dataset.breaks["area"].isin(["", context.plan.area])]
    return breaks.assign(description=breaks[context.pick("description_zh", "description_en")])


# --- forecasts ---


def _forecasts(forecasts: pd.DataFrame, context: Context) -> pd.DataFrame:
    own = forecasts[(forecasts["area"] == context.plan.area) & (forecasts["reason"] != "no_data")]
    last = own[own["year"] == own.groupby("indicator")["year"].transform("max")]
    wide = last.dropna(subset=["value"]).pivot_table("value", "indicator", "quantile")
    wide = wide.reindex(columns=list(QUANTILES)).rename(columns=QUANTILES)
    table = own.drop_duplicates("indicator").merge(wide, on="indicator", how="left")
    made = table["median"].notna()
    return table.assign(
        model=table["model"].where(made, ""),
        grade=table["grade"].where(made, ""),
        last_forecast="" if own["year"].isna().all() else int(own["year"].max()),
    )


def _directions(found: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Rates of rare events are left out: one case more or less is no direction."""
    shown = found["reason"].isin(["", "too_few_points"]) & (found["n"] > 0)
    shown &= ~_numbered(found, context) & _kinds(found, context).ne("rare_rate")
    known = found["direction_class"].where(found["direction_class"] != "", found["reason"])
    return found.assign(**{"class": known})[shown]


def _backtest(test: BackTest, context: Context) -> pd.DataFrame:
    chances = test.targets.loc[test.targets["horizon"] == 0]
    table = test.scores[test.scores["horizon"] == 0].merge(
        chances[["model", "brier", "brier_climatology"]], on="model", how="left"
    )
    sampled = context.text(SAMPLED)
    said = " ".join(sampled.format(model_name(m, context), n) for m, n in test.sampled.items())
    longest = NONE if test.scores.empty else int(test.scores["horizon"].max())
    table = _methods_named(table, "model", context)
    table.attrs = {"longest": longest, "sampled": said}
    return table


def _methods_named(table: pd.DataFrame, column: str, context: Context) -> pd.DataFrame:
    return table.assign(method=[model_name(name, context) for name in table[column]])


def _horizons(test: BackTest, context: Context) -> pd.DataFrame:
    """A line with too few cases says so and gives no figure."""
    own = test.scores[(test.scores["model"] == test.model) & (test.scores["horizon"] > 0)]
    few = own["reason"].ne("")
    said = few.map({True: context.text(FEW), False: ""})
    return _of_method(own.assign(wis_ratio=own["wis_ratio"].mask(few), few=said), test, context)


def _of_method(table: pd.DataFrame, test: BackTest, context: Context) -> pd.DataFrame:
    table.attrs = {"method": model_name(test.model, context)}
    return table


# --- warnings, progress, projects ---


def _warnings(warned: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    colours = warned[context.pick("level_zh", "level_en")]
    table = warned.assign(colour=colours, grade=warned["grade"].replace("none", ""))
    return [(context.word("axis", axis), table[table["axis"] == axis]) for axis in AXES]


def _warning_counts(warned: pd.DataFrame, context: Context) -> pd.DataFrame:
    grouped = warned.assign(colour=warned[context.pick("level_zh", "level_en")]).groupby(
        ["axis", "rule"], sort=False, as_index=False
    )
    counted = grouped.agg(
        colour=("colour", "first"), levels=("level", "nunique"), cases=("rule", "size")
    )
    return counted.assign(colour=counted["colour"].where(counted["levels"] == 1, ""))


def _progress(panel: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Indicators without any figure are left out, as are rates of rare events."""
    panel = panel[_kinds(panel, context) != "rare_rate"]
    wide = panel.pivot(index="indicator", columns="measure", values=["value", "class"])
    wide = wide.reindex(panel["indicator"].unique())
    values, classes = (
        wide.get(part, pd.DataFrame(index=wide.index)).reindex(columns=names)
        for part, names in (("value", PANEL), ("class", PANEL_CLASSES))
    )
    table = values.astype(float).join(classes.fillna(""))
    return table[values.notna().any(axis=1)].reset_index()


def _traces(panel: pd.DataFrame, context: Context) -> pd.DataFrame:
    reasons = [context.word("reason", code) for code in panel["reason"]]
    return panel.assign(trace=panel["trace"].where(panel["trace"] != "", reasons))


def _commitments(status: pd.DataFrame, context: Context) -> pd.DataFrame:
    wording = {c.id: context.text(c.wording) for c in context.plan.commitments}
    return status.assign(commitment_text=status["commitment"].map(wording))


def _effects(effects: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Of each measure and indicator the estimate of the highest level that tells something."""
    able = effects[effects["reason"] == ""].assign(height=effects["level"].map(LEVELS.index))
    best = able.sort_values("height", kind="stable")
    best = best.drop_duplicates(["measure", "start_year", "indicator"], keep="last")
    return best.sort_index()


def _finals(finals: pd.DataFrame, context: Context) -> pd.DataFrame:
    """A verdict on pooled years says so."""
    pooled = _kinds(finals, context).eq("rare_rate") & finals["state_reason"].eq("")
    pooled &= finals["state"].ne("not_assessable")
    finals = finals.assign(state_reason=finals["state_reason"].mask(pooled, "pooled_years"))
    if finals["agreement"].eq("not_compared").all():
        return finals.assign(outcome_year=pd.NA, official="", agreement="", difference="")
    return finals


# --- gaps and areas ---


def _gaps(gaps: pd.DataFrame, context: Context) -> list[tuple[str, pd.DataFrame]]:
    """Women and men, country and town, two ages where there are."""
    last = latest_gaps(gaps)
    full = last["reason"] == FULL_COUNT
    # a number of persons has no denominator that could be missing
    counted = _kinds(last, context).eq("count") & last["reason"].eq("counts_missing")
    last = last.assign(reason=last["reason"].mask(counted, FULL_COUNT))
    found = [(GROUPS[by][2], by, last[(last["dimension"] == by) & ~full]) for by in GROUPS]
    found = [one for one in found if len(one[2]) or one[1] != "age_group"]
    found.append((SHARES, "sex", last[full].assign(reason="")))
    return [(context.text(caption), _sided(part, by, context)) for caption, by, part in found]


def _sided(part: pd.DataFrame, by: str, context: Context) -> pd.DataFrame:
    first, second, _ = GROUPS[by]
    return part.assign(first_name=context.text(first), second_name=context.text(second))


def _groups_missing(gaps: pd.DataFrame, context: Context) -> pd.DataFrame:
    lacking = gaps[gaps["reason"].isin(LACKING) & gaps["dimension"].isin(["sex", ""])]
    years = lacking.groupby("indicator")["year"].agg(
        lambda y: ", ".join(str(int(x)) for x in y.dropna())
    )
    shown = lacking.drop_duplicates("indicator", keep="last")
    return shown.assign(years=shown["indicator"].map(years))


def _age_standardised(rates: pd.DataFrame, context: Context) -> pd.DataFrame:
    shown = rates[rates["rate"].notna()]
    return shown[shown["year"] == shown.groupby("indicator")["year"].transform("max")]


def _area_comparison(compared: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Give it the areas in one indicator."""
    names = [context.name(i) for i in compared["indicator"]]
    side = compared["side"].where(compared["outside"] == FAR, "")
    return compared.assign(name=names, side=side)


def _contributions(parts: pd.DataFrame, context: Context) -> pd.DataFrame:
    def named(dimension: str, part: str) -> str:
        if dimension == "area":
            return context.area(part)
        return part if dimension == "age_group" else context.word(dimension, part)

    pairs = zip(parts["dimension"], parts["part"], strict=True)
    return parts.assign(part_name=[named(*pair) for pair in pairs])


def _sums(sums: pd.DataFrame, context: Context) -> pd.DataFrame:
    shown = sums[~sums["reason"].isin(["", "counts_missing"])]
    return shown.assign(stratum=[_stratum(row, context) for row in shown.itertuples()])


def _stratum(row, context: Context) -> str:
    said = [(topic, getattr(row, topic)) for topic in ("sex", "residence")]
    words = [context.word(topic, code) for topic, code in said if code != "all"]
    words += [row.age_group] if row.age_group != "all" else []
    return context.joined(words) or context.word("sex", "all")


ROWS: dict[str, Callable] = {
    "goals": _goals,
    "annual": _by_domain,
    "risks": _with_target,
    "risks_with_sources": lambda risks, c: _with_sources(_with_target(risks, c), c),
    "sources": _sources,
    "coverage": _coverage,
    "missing": _missing,
    "rejected": _rejected,
    "checks": _checks,
    "choices": _choices,
    "breaks": _breaks,
    "trends": _forecasts,
    "terms": lambda seats, c: seats[seats["reason"] != "no_data"],
    "directions": _directions,
    "models": _backtest,
    "horizons": _horizons,
    "reliability": lambda test, c: _of_method(bands_of(test), test, c),
    "reliability_before": lambda test, c: _of_method(bands_of(test, BEFORE), test, c),
    "on_track": lambda test, c: _methods_named(
        test.on_track[test.on_track["horizon"] == 0], "rule", c
    ),
    "warnings": _warnings,
    "warning_counts": _warning_counts,
    "progress": _progress,
    "traces": _traces,
    "disagreements": lambda summary, c: summary[summary["methods_disagree"]],
    "commitments": _commitments,
    "effects": _effects,
    "all_effects": lambda effects, c: (
        effects.groupby(["design", "level", "reason"]).size().reset_index(name="n")
    ),
    "final_verdicts": _finals,
    "group_gaps": _gaps,
    "groups_missing": _groups_missing,
    "age_completeness": lambda completeness, c: completeness[
        completeness["dimension"] == "age_group"
    ],
    "age_standardised": _age_standardised,
    "area_comparison": _area_comparison,
    "largest_contributions": _contributions,
    "roll_up": _sums,
}
