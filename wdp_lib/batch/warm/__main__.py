"""The warm process: ``python .../warm/__main__.py FOLDER DOOR OWNER DIGEST``.

Started by its file, not by its module name: that would import pandas before this file can say
where it runs.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace


def main(folder: str, door: str, owner: str, digest: str) -> None:
    """Get warm, serve; the return of a fork is the life of a kernel."""
    # pandas with the display defaults of a kernel: at import it asks where it is
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)
    try:
        with redirect_stdout(SimpleNamespace(encoding="UTF-8")):
            import pandas  # noqa: F401
    finally:
        del builtins.get_ipython
    from wdp_lib.batch.warm.child import become_kernel
    from wdp_lib.batch.warm.server import Server, warm_up

    set_by_imports = warm_up(digest)
    request = Server(Path(folder), door, int(owner)).serve()
    if request is not None:
        become_kernel(request, set_by_imports)


if __name__ == "__main__":
    if sys.path and Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    main(*sys.argv[1:])
