"""What units file: schemes of implementation and yearly reports; who has not is named."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import FILINGS, SCHEMES, UNIT_REPORTS


def filed_schemes(schemes: pd.DataFrame, plan: Plan, *, as_of: str) -> pd.DataFrame:
    """Return for every unit with tasks whether its scheme of implementation (实施方案) is filed.

    Parameters
    ----------
    plan : Plan
        Its units; those that no indicator names have no tasks and are left out.
    as_of : str
        Day (``YYYY-MM-DD``); later filings are left out.

    Returns
    -------
    pandas.DataFrame
        One row a unit (contract ``FILINGS``) with its latest version; ``missing`` where none is.
    """
    return _filings(conform(schemes, SCHEMES.table).assign(work_plan=""), plan, as_of, "9999-12-31")


def filed_reports(
    reports: pd.DataFrame, plan: Plan, *, year: int, due: str, as_of: str
) -> pd.DataFrame:
    """Return for every unit with tasks whether its yearly report is there; see `filed_schemes`.

    Parameters
    ----------
    due, as_of : str
        Days (``YYYY-MM-DD``): a report after ``due`` is late, one after ``as_of`` not there yet.
    """
    table = conform(reports, UNIT_REPORTS.table)
    return _filings(table[table["year"] == year].assign(version=""), plan, as_of, due)


def _filings(filed: pd.DataFrame, plan: Plan, as_of: str, due: str) -> pd.DataFrame:
    filed = filed[filed["date"] <= as_of].sort_values("date", kind="stable")
    busy = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    units = pd.DataFrame({"unit": [unit.id for unit in plan.units if unit.id in busy]}, dtype=str)
    latest = filed.drop_duplicates("unit", keep="last").rename(columns={"date": "filed_on"})
    table = units.merge(latest, how="left", on="unit")
    first = table["unit"].map(filed.drop_duplicates("unit").set_index("unit")["date"])
    states = [first.isna(), first.astype(object).where(first.notna(), "") > due]
    return conform(table.assign(filing=np.select(states, ["missing", "late"], "received")), FILINGS)
