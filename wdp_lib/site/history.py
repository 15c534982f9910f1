"""What earlier rounds said: of each indicator, and what changed since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.assessment import class_changes
from wdp_lib.evaluation.archive import ArchivedRound, archived_rounds, read_round, verdict_history
from wdp_lib.study.editions import earlier_of

if TYPE_CHECKING:
    from wdp_lib.study import Study


def earlier_rounds(study: Study) -> list[ArchivedRound]:
    """Return the archived rounds of the same plan and data before the cut-off, the last one last.

    The round that the study names is always among them.
    """
    read = [read_round(name, study.home) for name in archived_rounds(study.home)]
    ours = (one for one in read if _same(one, study) and one.as_of < study.as_of)
    rounds = {one.id: earlier_of(study, one) for one in ours}
    if study.earlier is not None:
        rounds[study.earlier.id] = study.earlier
    return sorted(rounds.values(), key=lambda one: (one.as_of, one.id))


def _same(one: ArchivedRound, study: Study) -> bool:
    named = {"plan": study.plan.id, "dataset": study.data.name}
    area = one.parameters.get("area") or study.plan.area
    return named.items() <= one.parameters.items() and area == study.plan.area


def history(study: Study) -> pd.DataFrame:
    """Return what each earlier round said of each indicator, and this one; empty without any."""
    rounds = earlier_rounds(study)
    table = verdict_history(study.plan, rounds)
    if not rounds:
        return table
    now = study.risks.assign(round="", stage=study.stage, as_of=study.as_of)
    return pd.concat([table, now[table.columns]], ignore_index=True)


def changes(study: Study) -> tuple[str, pd.DataFrame]:
    """Return the day compared with, and the classes that changed since.

    It is the last archived round; without one, what would have been said a year earlier.
    """
    rounds = earlier_rounds(study)
    if rounds:
        return rounds[-1].as_of, class_changes(study.risks, rounds[-1].risks)
    return study.year_ago, class_changes(study.risks, study.risks_a_year_ago)
