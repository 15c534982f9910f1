"""Getting warm: everything a notebook imports, and what is slow the first time."""

from __future__ import annotations

import gc
import io
import os
import warnings
from importlib import import_module
from pkgutil import walk_packages

import pandas as pd

import wdp_lib
from wdp_lib.batch.warm.library import library_digest

_LIBRARIES = (
    "seaborn",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "statsmodels.api",
    "statsmodels.tsa.api",
    "scipy.stats",
    "ruamel.yaml",
    "pylopdf_fonts_zh_cn",
    "PIL.PngImagePlugin",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "IPython.core.pylabtools",
    "IPython.core.magics",
    "IPython.display",
    "comm",
    "psutil",
    "threadpoolctl",
    "zmq.utils.garbage",
    "encodings.gb18030",
    "encodings.utf_8_sig",
    "importlib.readers",
    "sqlite3",
    "asyncio",
)


def warm_up(digest: str) -> dict[str, str]:
    """Import, exercise and settle; afterwards a fork is a kernel's head start.

    Returns
    -------
    dict of str to str
        Environment variables that the imports have set, as they do in every kernel.

    Raises
    ------
    RuntimeError
        When another library was imported than the client has, or a thread is left: a fork would
        hang on it.
    """
    before = dict(os.environ)
    own = [module.name for module in walk_packages(wdp_lib.__path__, "wdp_lib.")]
    for name in (*_LIBRARIES, *own):
        if not name.endswith(".__main__"):
            import_module(name)
    with warnings.catch_warnings():
        # what is shown once must still be shown in the kernel
        warnings.simplefilter("ignore")
        _exercise()
    if library_digest() != digest:
        raise RuntimeError("the imported library is not the client's")
    if threads() > 1:
        raise RuntimeError(f"{threads()} threads, where a fork allows one")
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def threads() -> int:
    """Return the number of threads of this process, those of compiled libraries included."""
    return len(os.listdir("/proc/self/task"))


def _exercise() -> None:
    """Draw, lay out, forecast and show once, leaving no setting changed."""
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from wdp_lib.core.words import vocabulary
    from wdp_lib.forecasting.models.default import forecaster
    from wdp_lib.publish.charts.style import chart_style

    forecaster()
    vocabulary()
    with mpl.rc_context(), chart_style():
        figure = Figure()  # of its own: the kernel's choice of a backend stays open
        axes = figure.subplots()
        sns.lineplot(x=[1, 2, 3], y=[1.0, 3.0, 2.0], ax=axes)
        axes.set_title("年份 Year")
        FigureCanvasAgg(figure).print_png(io.BytesIO())
    frame = pd.DataFrame({"year": [2024, 2025], "value": [1.5, 2.5], "name": ["甲", "乙"]})
    frame.groupby("name")["value"].mean().to_frame()._repr_html_()
    repr(frame.merge(frame, on="year"))
    frame.to_csv(io.StringIO())
    pd.read_csv(io.StringIO("a,b\n1,x\n"))
