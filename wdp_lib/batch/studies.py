"""What the studies of the last runs computed, kept beside their reports for the documents.

A folder only its owner can read, named by the fingerprint of library and packages: what another
version computed is never read. Inside, each study has its own fingerprint of settings and files.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wdp_lib.batch.record import combined, versions
from wdp_lib.batch.warm.library import library_digest

FOLDER = ".studies"
KEPT = 8  # studies, the newest


def kept_studies(reports: Path) -> Path | None:
    """Return where the studies of these reports are kept; nowhere if that is not the user's own."""
    folder = reports / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mine = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    if folder.is_symlink() or not mine:
        return None
    folder.chmod(0o700)
    place = folder / combined([library_digest(), versions()])[:16]
    for other in folder.iterdir():
        if other != place:
            shutil.rmtree(other, ignore_errors=True)
    place.mkdir(exist_ok=True)
    return place


def keep_studies(made: Path, reports: Path) -> None:
    """Move what studies have computed to where the documents look for it."""
    studies = list(made.iterdir())
    place = kept_studies(reports) if studies else None
    if place is None:
        return
    for study in studies:
        shutil.rmtree(place / study.name, ignore_errors=True)
        shutil.move(study, place / study.name)
    newest = sorted(place.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for old in newest[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
