"""Work given to the workers of a Dask scheduler, which see the project folder at the same place as we do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd

from wdp_lib.assessment.bulk import pieces, screen
from wdp_lib.core.errors import ParameterError, Text, user_language

LOST = Text(
    "运行进程一再被系统终止（可能内存不足）",
    "the process of the run was ended by the system again and again (memory?)",
)
PATIENCE = 30  # seconds to wait for the scheduler


@contextmanager
def cluster(address: str) -> Iterator[Any]:
    """Open a connection to a Dask scheduler.

    Raises
    ------
    ParameterError
        When Dask is not installed or nobody answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ParameterError(
            Text(
                "缺少 Dask 程序包，请先安装：pip install -e .[cluster]",
                "Dask is missing; install it: pip install -e .[cluster]",
            )
        ) from error
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ParameterError(
            Text(
                f"调度器 {address} 没有应答：{error}", f"No scheduler answers at {address}: {error}"
            )
        ) from error
    with client:
        yield client


def ended_tasks(futures: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Yield each task as it ends, with the reason, in the user's language, when its workers died again and again."""
    from distributed import KilledWorker, as_completed

    for future in as_completed(futures):
        lost = future.status == "error" and isinstance(future.exception(), KilledWorker)
        yield future, LOST.in_language(user_language()) if lost else ""


def screen_on_cluster(
    frame: pd.DataFrame, targets: pd.DataFrame, address: str, **settings: Any
) -> pd.DataFrame:
    """Return what `wdp_lib.screen` returns, computed in pieces by the workers of a Dask scheduler.

    Parameters
    ----------
    frame, targets : pandas.DataFrame
        As for `wdp_lib.screen`.
    address : str
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.
    **settings
        ``scheme, model, seed`` of `wdp_lib.screen`.

    Raises
    ------
    DataError, ParameterError
        As `wdp_lib.screen`, and when the scheduler cannot be reached.
    """
    parts = list(pieces(frame, targets))
    if not parts:
        return screen(frame, targets, **settings)
    with cluster(address) as client:
        asked = [
            client.submit(screen, rows, wanted, pure=False, **settings) for rows, wanted in parts
        ]
        found = client.gather(asked)
    index = [wanted.index for _, wanted in parts]
    whole = pd.concat([part.set_axis(names) for part, names in zip(found, index, strict=True)])
    return whole.loc[targets.index].reset_index(drop=True)
