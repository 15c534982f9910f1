"""The figures that sentences state of a back-test."""

from __future__ import annotations

import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.say import sentence, sentences
from wdp_lib.publish.text.words import NONE, bracketed, ratio, whole_percent
from wdp_lib.publish.views.backtest_rows import bands_of

LIKELY = (0.8, 0.95)
RULES = {"error_rule": "growth_ratio", "error_no": "always_no"}


def backtest_facts(test: BackTest, context: Context) -> dict[str, object]:
    """Return what a report says of a back-test; a dash where there are too few cases.

    ``backtest_line`` is a whole sentence, which says so when there is not enough data.
    """
    score, chance = (
        next(table[(table["model"] == test.model) & (table["horizon"] == 0)].itertuples(), None)
        for table in (test.scores, test.targets)
    )
    chance = None if chance is None or chance.reason else chance
    known = score is not None and not test.reason
    facts = {
        "n_cases": int(score.n_cases) if score else 0,
        "n_tested": int(score.n_groups) if score else 0,
        "n_left_out": int(test.left_out["n_series"].sum()),
        "left_out": _left_out(test, context),
        **{name: _ratio(score, name) if known else NONE for name in ("wis_ratio", "mae_ratio")},
        "coverage_80": whole_percent(score.coverage_80) if known else NONE,
        "brier": f"{chance.brier:.3f}" if chance else NONE,
        "brier_climatology": f"{chance.brier_climatology:.3f}" if chance else NONE,
        **_likely(test, context),
        **_rule_facts(test),
        "caveat": sentence("backtest.simulated", context) if test.simulated else "",
    }
    key = "backtest.line" if known and facts["n_likely"] else "backtest.not_enough"
    return facts | {"backtest_line": sentence(key, context, **facts).strip()}


def _ratio(row, name: str) -> str:
    return ratio(*(getattr(row, name + end) for end in ("", "_lower", "_upper")))


def _left_out(test: BackTest, context: Context) -> str:
    said = []
    for reason, n in zip(test.left_out["reason"], test.left_out["n_series"], strict=True):
        own = f"backtest.{reason}"
        named = sentence(own, context) if own in sentences() else context.word("reason", reason)
        said.append(bracketed(named, str(n), context.language))
    return context.joined(said) or NONE


def _likely(test: BackTest, context: Context) -> dict[str, object]:
    bands = bands_of(test, context)
    bands = bands[(bands["lower"] == LIKELY[0]) & (bands["upper"] == LIKELY[1]) & (bands["n"] > 0)]
    if bands.empty or test.reason:
        unclear = sentence("backtest.unclear", context)
        return {"n_likely": 0, "n_likely_met": 0, "likely_share": NONE, "likely_verdict": unclear}
    band, verdict = bands.iloc[0], "fits"
    if pd.isna(band["share_equal_lower"]):
        verdict = "unclear"
    elif band["mean_probability"] < band["share_equal_lower"]:
        verdict = "cautious"
    elif band["mean_probability"] > band["share_equal_upper"]:
        verdict = "bold"
    return {
        "n_likely": int(band["n"]),
        "n_likely_met": int(band["met"]),
        "likely_share": whole_percent(band["share"]),
        "likely_verdict": sentence(f"backtest.{verdict}", context),
    }


def _rule_facts(test: BackTest) -> dict[str, str]:
    rules = test.on_track[test.on_track["horizon"] == 0].set_index("rule")
    names = RULES | {"error_model": test.model}
    facts = {name: whole_percent(rules["error"].get(rule)) for name, rule in names.items()}
    return facts | {"rule_called_met": whole_percent(rules["called_met"].get("growth_ratio"))}
