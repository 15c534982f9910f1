"""Wherever something is named: official name, identifier, English name; a misspelt one is an error."""

import inspect

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import wdp_lib as wdp
from wdp_lib.core.columns import RISKS
from wdp_lib.core.errors import ParameterError
from wdp_lib.study.study import Study
from wdp_lib.supervision.tables import REGISTER

SETTINGS = {"as_of": "2026-06-30", "through": 2030, "seed": 1}
WANTED = "premarital_medical_examination_rate"
# identifier, official name, English name, misspelt
INDICATOR = (WANTED, "婚前医学检查率", "Premarital medical examination rate", "婚前医学捡查率")
AREA = ("rucheng", "乳城镇", "Rucheng Town", "乳成镇")
BY = ("sex", "性别", "Sex", "residnce")
SEX = ("female", "女性", "F", "femal")
MODEL = ("no_change", "保持不变", "No change", "保持不辨")
CALLED = {
    **{"indicator": INDICATOR, "indicators": INDICATOR, "on": INDICATOR},
    **{"area": AREA, "areas": AREA, "by": BY, "sex": SEX, "group": SEX},
    **{"model": MODEL, "models": MODEL},
    "domain": ("health", "妇女与健康", "Women and Health", "妇女与建康"),
    "unit": ("health_bureau", "卫健局", "Health Bureau", "卫键局"),
    "project": ("P1", "妇幼健康保护工程", "", "妇幼建康保护工程"),
    "goals": ("H01", "寿命与健康寿命", "", "寿命与建康寿命"),
}


@pytest.fixture(scope="module")
def study():
    return wdp.open_study("ruyuan-2021-2030", "ruyuan-demo", **SETTINGS)


def rows(s):
    return s.observations[s.observations["indicator"] == WANTED]


def one(s):
    own = rows(s).query("used and area == @s.plan.area and sex == 'all'")
    return own[["year", "value"]].assign(series_id="one")


def rates(s):
    return wdp.compare_areas(rows(s), s.plan, indicator=WANTED, year=2024, areas=s.data.areas)


def drawn(axes):
    figure = getattr(axes, "figure", axes)
    said = [text.get_text() for panel in figure.axes for text in panel.texts]
    plt.close(figure)
    return said


ENDS = {"through": 2027}
TOWNS = {"areas": ["rucheng"], "as_of": "2026-06-30", "through": 2027}
PAIR = {"first": {"sex": "female"}, "second": {"sex": "male"}, "draws": 5, **ENDS}
TARGET = pd.DataFrame([{"series_id": "one", "operator": ">=", "value": 90, "year": 2027}])
# what asks for something by its name, in the order of the reference
ASKED = {
    "open_study area": lambda s, n: wdp.open_study(s.plan, "ruyuan-demo", area=n, **SETTINGS).plan,
    "read_dataset area": lambda s, n: (
        wdp.read_dataset("ruyuan-demo", s.plan, as_of="2026-06-30", area=n).counts
    ),
    "forecast model": lambda s, n: wdp.forecast(rows(s), s.plan, model=n, **ENDS),
    "forecast areas": lambda s, n: wdp.forecast(rows(s), s.plan, areas=n, **ENDS),
    "forecast strata": lambda s, n: wdp.forecast(
        rows(s), s.plan, strata=pd.DataFrame([{"indicator": n}]), **ENDS
    ),
    "forecast_frame model": lambda s, n: wdp.forecast_frame(one(s), horizon=1, model=n),
    "forecast_paths indicators": lambda s, n: wdp.forecast_paths(
        rows(s), s.plan, [n], draws=5, **ENDS
    ),
    "gap_paths indicator": lambda s, n: wdp.gap_paths(rows(s), s.plan, n, **PAIR),
    "explain indicators": lambda s, n: wdp.explain(rows(s), s.plan, [n], **ENDS),
    "attainment_probability model": lambda s, n: wdp.attainment_probability(
        one(s), TARGET, model=n
    ),
    "backtest models": lambda s, n: wdp.backtest(rows(s), s.plan, models=[n]).scores,
    "backtest strata": lambda s, n: (
        wdp.backtest(
            rows(s), s.plan, models=["no_change"], strata=pd.DataFrame([{"indicator": n}])
        ).scores
    ),
    "backtest_frame models": lambda s, n: wdp.backtest_frame(one(s), models=[n]).scores,
    "assess_many areas": lambda s, n: wdp.assess_many(rows(s), s.plan, **TOWNS | {"areas": [n]}),
    "assess_many model": lambda s, n: wdp.assess_many(rows(s), s.plan, model=n, **TOWNS),
    "compare_areas indicator": lambda s, n: wdp.compare_areas(
        rows(s), s.plan, indicator=n, year=2024, areas=s.data.areas
    ),
    "drill_down indicator": lambda s, n: wdp.drill_down(
        rows(s), s.plan, indicator=n, year=2024, areas=s.data.areas
    ),
    "largest_contributions indicators": lambda s, n: wdp.largest_contributions(
        rows(s), s.plan, indicators=[n], areas=s.data.areas
    ),
    "supervision_letters unit": lambda s, n: wdp.supervision_letters(
        pd.DataFrame(columns=REGISTER.names),
        s.plan,
        n,
        risks=pd.DataFrame(columns=RISKS.names),
        as_of="2026-06-30",
    ),
    "plot_outlook indicator": lambda s, n: drawn(
        wdp.plot_outlook(s.forecast(WANTED), rows(s), s.context, n)
    ),
    "plot_outlook area": lambda s, n: drawn(
        wdp.plot_outlook(s.forecast(WANTED), rows(s), s.context, WANTED, area=n)
    ),
    "plot_small_multiples indicators": lambda s, n: drawn(
        wdp.plot_small_multiples(s.forecast(WANTED), rows(s), s.context, [n])
    ),
    "plot_small_multiples area": lambda s, n: drawn(
        wdp.plot_small_multiples(s.forecast(WANTED), rows(s), s.context, [WANTED], area=n)
    ),
    "plot_funnel indicator": lambda s, n: drawn(wdp.plot_funnel(rates(s), s.context, n)),
    "Study.compare areas": lambda s, n: s.compare(["乳源瑶族自治县", n], on=WANTED),
    "Study.compare on": lambda s, n: s.compare("乳城镇", on=n),
    "Study.identifier indicator": lambda s, n: s.identifier(n),
    "Study.what_if indicator": lambda s, n: s.what_if(n, target_year=2031).table,
    "Study.backtest models": lambda s, n: s.backtest(WANTED, models=[n]),
    **{
        f"Study.select {noun}": lambda s, n, noun=noun: s.select(**{noun: n}).plan
        for noun in ("domain", "project", "goals", "unit")
    },
    **{
        f"Study.{verb} {noun}": lambda s, n, verb=verb, noun=noun: getattr(s, verb)(
            *([] if noun in ("indicator", "indicators") else [WANTED]),
            **{"sex" if noun == "group" else noun: n},
        )
        for verb, nouns in {
            "series": "indicators areas by group",
            "pivot": "indicators areas by group",
            "gaps": "indicators areas by",
            "forecast": "indicators areas by model group",
            "backtest": "indicators areas by",
        }.items()
        for noun in nouns.split()
    },
    **{
        f"Study.{verb} {noun}": lambda s, n, verb=verb, noun=noun: shown(
            getattr(s, verb)(
                *([] if noun == "indicator" else [WANTED]),
                **{"sex" if noun == "group" else noun: n},
            )
        )
        for verb, nouns in {
            "plot": "indicator areas by model group",
            "explore": "indicator areas by model",
        }.items()
        for noun in nouns.split()
    },
}
# what has no table of areas to look a name up in takes the identifiers of its observations
BY_IDENTIFIER = {"forecast areas", "assess_many areas"}
# long to compute, and asked for by the words of `series` and `forecast`
LONG = (
    *("Study.backtest", "Study.what_if", "Study.explore", "open_study", "read_dataset"),
    *("backtest", "assess_many", "plot", "explain", "Study.plot", "forecast_paths", "gap_paths"),
)
# a table of areas is no name; a unit of one's own table may be a word of one's own
OTHER = {"study_from_frame unit"}


def shown(answer):
    return drawn(answer) if hasattr(answer, "figure") and hasattr(answer, "texts") else repr(answer)


def noun_of(key):
    return {"strata": "indicators"}.get(key.split()[1], key.split()[1])


def same(one, other):
    return one.equals(other) if isinstance(one, pd.DataFrame) else one == other


def doors():
    """Every parameter of the public functions by which something is named."""
    public = [name for names in wdp.TASKS.values() for name in names]
    functions = {name: getattr(wdp, name) for name in public}
    functions |= {f"Study.{name}": each for name, each in inspect.getmembers(Study)}
    for name, function in functions.items():
        if inspect.isfunction(function) and "._" not in name:
            for noun, parameter in inspect.signature(function).parameters.items():
                wanted = noun in CALLED or noun == "strata"
                if wanted and any(w in str(parameter.annotation) for w in ("str", "Names")):
                    yield f"{name} {noun}"


def test_every_door_that_takes_a_name_is_tried_here():
    assert set(doors()) == set(ASKED) | OTHER


@pytest.mark.parametrize("asked", ASKED)
def test_a_misspelt_name_is_an_error_with_the_near_one(study, asked):
    *_, misspelt = CALLED[noun_of(asked)] if asked not in BY_IDENTIFIER else ["ruchng"]
    with pytest.raises(ParameterError) as error:
        ASKED[asked](study, misspelt)
    assert "是否要写" in error.value.render("zh")


@pytest.mark.parametrize(
    "asked", [one for one in ASKED if one not in BY_IDENTIFIER and not one.startswith(LONG)]
)
def test_identifier_official_and_english_name_give_the_same_answer(study, asked):
    identifier, chinese, english, _ = CALLED[noun_of(asked)]
    known = ASKED[asked](study, identifier)
    assert same(known, ASKED[asked](study, chinese))
    if english and asked.startswith(("Study.series", "Study.select", "forecast model")):
        assert same(known, ASKED[asked](study, english))
