"""Choose by hand what is explored: chart, table and sources, in JupyterLab; elsewhere the chart."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from wdp_lib.comparison.tables import DIMENSIONS
from wdp_lib.core.errors import Text, WdpError
from wdp_lib.forecasting.models.registry import MODELS
from wdp_lib.publish.views.show import Figure, Shown, Table

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

SESSION = "JPY_SESSION_NAME"  # set by a Jupyter server for a kernel that somebody looks at
SOURCES = ["area", "year", "value", "numerator", "denominator", "unit", "status", "source"]
SAID = {
    "indicator": Text("指标", "Indicator"),
    "areas": Text("地区", "Places"),
    "by": Text("分组", "Groups"),
    "model": Text("预测方法", "Model"),
    "as_of": Text("截止日期", "Cut-off"),
    "none": Text("不分组", "none"),
    "chart": Text("图", "Chart"),
    "table": Text("表", "Table"),
    "source": Text("来源", "Sources"),
    "busy": Text("正在计算……", "computing …"),
    "several": Text("按住 Ctrl 可选几个", "hold Ctrl to choose several"),
}


@dataclass(frozen=True, repr=False)
class Explorer(Shown):
    """What was chosen of a study, drawn; with widgets to choose anew where somebody looks."""

    study: Study
    chosen: dict[str, Any]  # ``indicator, areas, by, model`` as in `wdp_lib.Study.plot`
    figure: Figure  # the chart of it: all that is shown, and stored, where there are no widgets
    widgets: bool

    def __repr__(self) -> str:
        return repr(self.figure)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if not self.widgets:
            return self.figure._repr_mimebundle_(include, exclude)
        return panel(self)._repr_mimebundle_() | {"text/plain": repr(self)}


def explorer(study: Study, chosen: dict[str, Any], widgets: bool | None) -> Explorer:
    """Return the chart of what is chosen, with widgets where somebody looks or they are asked for.

    Raises `ParameterError` when a name is not known.
    """
    wanted = SESSION in os.environ if widgets is None else widgets
    return Explorer(study, chosen, _chart(study, chosen), wanted)


def panel(explorer: Explorer) -> Any:
    """Return the widgets: five choices, and below them chart, table and sources."""
    import ipywidgets

    study, chosen, say = explorer.study, explorer.chosen, explorer.study.context.text
    areas = {study.context.area(one): one for one in study.data.areas["area"]}
    groups = {say(SAID["none"]): ""}
    groups |= {study.context.word("dimension", one): one for one in DIMENSIONS}
    wide, box = {"description_width": "5em"}, ipywidgets.Layout(width="26em")

    def choice(kind: Callable[..., Any], name: str, value: Any, **settings: Any) -> Any:
        settings = {"description": say(SAID[name]), "style": wide, "layout": box} | settings
        return kind(value=value, **settings)

    own = study.plan.indicator(chosen["indicator"])
    names = [say(one.name) for one in study.plan.indicators]
    models = {say(one.title): name for name, one in MODELS.items()}
    day = date.fromisoformat(study.as_of)
    choices = {
        "indicator": choice(
            ipywidgets.Combobox, "indicator", say(own.name), options=names, continuous_update=False
        ),
        "areas": choice(
            ipywidgets.SelectMultiple,
            "areas",
            chosen["areas"],
            options=areas,
            rows=5,
            tooltip=say(SAID["several"]),
        ),
        "by": choice(ipywidgets.Dropdown, "by", chosen["by"], options=groups),
        "model": choice(ipywidgets.Dropdown, "model", chosen["model"], options=models),
        "as_of": choice(ipywidgets.DatePicker, "as_of", day, min=date(1990, 1, 1)),
    }
    pages = {name: ipywidgets.HTML() for name in ("chart", "table", "source")}
    tabs = ipywidgets.Tab(list(pages.values()), titles=[say(SAID[name]) for name in pages])
    told = ipywidgets.HTML()

    def fill(_change: Any = None) -> None:
        wanted = {name: one.value for name, one in choices.items()}
        told.value = say(SAID["busy"])
        try:
            made = _pages(study, wanted)
        except WdpError as error:  # a name nobody has, a day that is none: told beside the choices
            told.value = html.escape(error.render(study.language))
            return
        told.value = ""
        for name, content in made.items():
            pages[name].value = content

    for one in choices.values():
        one.observe(fill, "value")
    fill()
    left, right = list(choices.values())[::2], list(choices.values())[1::2]
    return ipywidgets.VBox(
        [ipywidgets.HBox([ipywidgets.VBox(left), ipywidgets.VBox(right)]), told, tabs]
    )


def _chart(study: Study, chosen: dict[str, Any]) -> Any:
    chosen = dict(chosen)
    return study.chart("outlook", chosen.pop("indicator"), **chosen)


def _pages(study: Study, chosen: dict[str, Any]) -> dict[str, str]:
    chosen = dict(chosen)
    day = chosen.pop("as_of")
    if day and day.isoformat() != study.as_of:
        study = study.on(day.isoformat())
    indicator, which = chosen["indicator"], {name: chosen[name] for name in ("areas", "by")}
    figure = _chart(study, chosen)
    picture = base64.b64encode(figure.png).decode("ascii") if isinstance(figure, Figure) else ""
    said = html.escape(repr(figure), quote=True)
    rows = study.series(indicator, **which)
    return {
        "chart": f'<img src="data:image/png;base64,{picture}" alt="{said}">' if picture else said,
        "table": _styled(study.table(study.pivot(indicator, **which))),
        "source": _styled(study.table(rows[SOURCES].iloc[::-1])),
    }


def _styled(table: Table) -> str:
    """Within a field as below a cell: the look that JupyterLab gives to tables."""
    return f'<div class="jp-RenderedHTMLCommon">{table._repr_html_()}</div>'
