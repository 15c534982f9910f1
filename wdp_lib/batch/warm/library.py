"""What a warm process must share with its client: the library on disk and the start settings."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import wdp_lib

# read once, when the interpreter or a library starts: a fork cannot change them any more
_LIBRARIES_READ = ("OMP_", "OPENBLAS_", "MKL_", "JE_", "MALLOC_", "MPL", "MATPLOTLIB")
_READ_AT_START = ("PYTHON", "LD_", "LC_", *_LIBRARIES_READ)
_ALSO_READ = {"LANG", "LANGUAGE"}
SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def library_digest(folder: Path | None = None) -> str:
    """Return the SHA-256 of every file of the library, names and contents."""
    folder = folder or Path(wdp_lib.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix != ".pyc" and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def start_key(environment: Mapping[str, str], library: str) -> str:
    """Return what tells warm processes apart: interpreter, packages, library, variables read."""
    packages = os.stat(sysconfig.get_path("purelib")).st_mtime_ns
    read = {
        name: value
        for name, value in environment.items()
        if name in _ALSO_READ or name.startswith(_READ_AT_START)
    }
    settings = sorted({**read, **SETTINGS}.items())
    parts = [sys.executable, sys.version, wdp_lib.__version__, library, packages, settings]
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()


def start_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment a warm process starts in: the kernel's, without what is its own."""
    own = ("JPY_", "WDP_", "IPYTHONDIR")
    return {
        **{name: value for name, value in environment.items() if not name.startswith(own)},
        **SETTINGS,
    }
