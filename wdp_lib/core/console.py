"""What is said on the console: plain text only, and a sentence instead of a traceback."""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TextIO

from wdp_lib.core.errors import Text, WdpError, user_language

DEBUG = "WDP_DEBUG"  # environment variable: tracebacks are shown as well
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# all that moves the cursor, sets colours, or turns the direction of writing
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return text with every character a terminal would obey written out by its number."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def say(text: Text | str, stream: TextIO | None = None) -> None:
    """Print a line in the user's language, at once; by default to the standard output."""
    told = text.in_language(user_language()) if isinstance(text, Text) else text
    print(plain(told), file=stream, flush=True)


def explained(error: Exception) -> WdpError:
    """Return what is to be said of an exception nobody expected: a sentence, never a traceback.

    It names the file that was at work, and a log with the traceback; where the environment variable
    ``WDP_DEBUG`` is set, the traceback is shown as well.
    """
    if isinstance(error, WdpError):
        return error
    told = "".join(traceback.format_exception(error))
    if os.environ.get(DEBUG):
        say(told, sys.stderr)
    full = isinstance(error, OSError) and error.errno in _FULL
    file = getattr(error, "filename", None) or _file_at_work(error)
    zh, en = (f"{file}：", f"{file}: ") if file else ("", "")
    if full:
        return WdpError.of(
            f"{zh}磁盘已满或文件大小受限。已完成的部分已保留；腾出空间后可用 --resume 接着运行。",
            f"{en}the disk is full, or files are limited in size. What is done is kept; "
            "make room, then go on with --resume.",
        )
    if isinstance(error, OSError) and error.strerror:
        return WdpError.of(f"{zh}{error.strerror}", f"{en}{error.strerror}")
    first = " ".join(str(error).split())[:200]
    zh, en = f"{zh}没有料到的错误", f"{en}an unexpected error"
    kind, log = f"{type(error).__name__}: {first}", _logged(told)
    return WdpError.of(
        f"{zh}（{kind}）。详情见 {log}；请连同该文件报告。",
        f"{en} ({kind}). Details in {log}; please report it with that file.",
    )


def _file_at_work(error: Exception) -> str:
    """The file that the innermost function of ours had in hand."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_globals.get("__name__", "").startswith("wdp_lib"):
            held = [one for one in frame.f_locals.values() if isinstance(one, Path)]
            for path in held:
                if path.is_file():
                    return path.name
    return ""


def _logged(told: str) -> str:
    """Write a traceback to a new file that only the user can read."""
    try:
        handle, name = tempfile.mkstemp(prefix="wdp-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(told)
    except OSError:
        return "—"
    return name
