"""What units file with the committee: schemes of implementation and yearly reports; who has not is named."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.plan import Plan
from wdp_lib.supervision.record_contracts import SCHEMES, UNIT_REPORTS
from wdp_lib.supervision.tables import FILINGS


def filed_schemes(schemes: pd.DataFrame, plan: Plan, *, as_of: str) -> pd.DataFrame:
    """Return for every unit with tasks whether its scheme of implementation (实施方案) is filed.

    Parameters
    ----------
    schemes : pandas.DataFrame
        The record `schemes.csv`.
    plan : Plan
        Its units; those that no indicator names have no tasks and are left out.
    as_of : str
        Day (``YYYY-MM-DD``); later filings are left out.

    Returns
    -------
    pandas.DataFrame
        One row a unit (contract ``FILINGS``) with its latest version; ``missing`` where there is none.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    return _filings(conform(schemes, SCHEMES.table).assign(work_plan=""), plan, as_of, "9999-12-31")


def filed_reports(
    reports: pd.DataFrame, plan: Plan, *, year: int, due: str, as_of: str
) -> pd.DataFrame:
    """Return for every unit with tasks whether its yearly report is there; see `filed_schemes`.

    Parameters
    ----------
    reports : pandas.DataFrame
        The record `unit_reports.csv`.
    plan : Plan
        Its units.
    year : int
        Year reported on.
    due, as_of : str
        Days (``YYYY-MM-DD``): a report after ``due`` is late, one after ``as_of`` not there yet.
    """
    table = conform(reports, UNIT_REPORTS.table)
    return _filings(table[table["year"] == year].assign(version=""), plan, as_of, due)


def _filings(filed: pd.DataFrame, plan: Plan, as_of: str, due: str) -> pd.DataFrame:
    filed = filed[filed["date"] <= as_of].sort_values("date", kind="stable")
    first, last = filed.drop_duplicates("unit"), filed.drop_duplicates("unit", keep="last")
    began = first.set_index("unit")["date"].to_dict()
    known = {row["unit"]: row for row in last.to_dict("records")}
    busy = {unit for indicator in plan.indicators for unit in indicator.lead_units}
    rows = []
    for unit in [unit.id for unit in plan.units if unit.id in busy]:
        row = known.get(unit, {"title": "", "version": "", "work_plan": "", "date": ""})
        filing = "missing" if unit not in known else "late" if began[unit] > due else "received"
        rows.append({**row, "unit": unit, "filing": filing, "filed_on": row["date"]})
    return conform(pd.DataFrame(rows, columns=FILINGS.names), FILINGS)
