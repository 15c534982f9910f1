"""Work given to the workers of a Dask scheduler, which see the project folder where we do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from wdp_lib.assessment.risks import assess_many, pieces
from wdp_lib.core.errors import ParameterError, Text, user_language
from wdp_lib.plan import Plan

LOST = Text(
    "运行进程一再被系统终止（可能内存不足）",
    "the process of the run was ended by the system again and again (memory?)",
)
PATIENCE = 30  # seconds to wait for the scheduler
_ENCRYPTED = ("tls", "wss", "inproc")


@contextmanager
def cluster(address: str, *, insecure: bool = False) -> Iterator[Any]:
    """Open a connection to a Dask scheduler.

    Whoever reaches a scheduler runs code as its user: one that is neither encrypted (``tls://``,
    certificates from Dask's own settings) nor on this machine is refused, unless ``insecure``.
    Raises `ParameterError` when it is refused, Dask is not installed, or nobody answers at the
    address.
    """
    if not (insecure or is_safe(address)):
        raise ParameterError.of(
            f"调度器 {address} 的连接未加密，且不在本机：网络上任何人都可能借它运行代码。"
            "请改用 tls://（见 docs/batches.md），或确认网络可信后加 --insecure-scheduler。",
            f"The scheduler {address} is not encrypted and not on this machine: anybody on the "
            "network could run code through it. Use tls:// (see docs/batches.md), or "
            "--insecure-scheduler where the network is trusted.",
        )
    try:
        from distributed import Client

        client = Client(address, timeout=PATIENCE)
    except ImportError as error:
        zh, en = "缺少 Dask 程序包，请先安装：", "Dask is missing; install it: "
        install = "pip install -e .[cluster]"
        raise ParameterError.of(zh + install, en + install) from error
    except (OSError, ValueError) as error:
        zh, en = f"调度器 {address} 没有应答", f"No scheduler answers at {address}"
        raise ParameterError.of(f"{zh}：{error}", f"{en}: {error}") from error
    with client:
        yield client


def is_safe(address: str) -> bool:
    """Whether a scheduler's address is encrypted or on this machine."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme in _ENCRYPTED or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name: where it leads is not known
        return False


def ended_tasks(futures: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Yield each task as it ends, with the reason when its workers died again and again."""
    from distributed import KilledWorker, as_completed

    for future in as_completed(futures):
        lost = future.status == "error" and isinstance(future.exception(), KilledWorker)
        yield future, LOST.in_language(user_language()) if lost else ""


def assess_on_cluster(
    observations: pd.DataFrame,
    plan: Plan,
    areas: Sequence[str],
    address: str,
    *,
    insecure: bool = False,
    **settings: Any,
) -> pd.DataFrame:
    """Return what `wdp_lib.assess_many` returns, computed in pieces by the workers of a scheduler.

    ``address``: address of the scheduler, such as ``tls://10.0.0.1:8786``. ``insecure``: also use
    one that is neither encrypted nor on this machine. ``**settings``: those of
    `wdp_lib.assess_many`. Raises `ParameterError, WdpError` as `wdp_lib.assess_many`, and when the
    scheduler is refused or cannot be reached.
    """
    parts = list(pieces(observations, areas, settings.get("below") or {}))
    if not parts:
        return assess_many(observations, plan, areas, **settings)
    with cluster(address, insecure=insecure) as client:
        submit = client.submit
        asked = [submit(assess_many, rows, plan, a, pure=False, **settings) for rows, a in parts]
        return pd.concat(client.gather(asked), ignore_index=True)
