"""The study: where it comes from, what part of a plan it is of, and how its tables are shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.assessment import Scheme, load_scheme
from wdp_lib.core.dates import data_year
from wdp_lib.core.errors import LANGUAGES, ParameterError, WdpError
from wdp_lib.core.files import write_table
from wdp_lib.core.home import find_home, report_path
from wdp_lib.data import Dataset
from wdp_lib.data.dataset import server_mark
from wdp_lib.disclosure import INTERNAL, PUBLIC
from wdp_lib.evaluation.rounds import in_area, select
from wdp_lib.plan import Plan, load_plan
from wdp_lib.publish.charts.fonts import lend_font
from wdp_lib.publish.context import Context, context_of
from wdp_lib.publish.text.facts import scope_text
from wdp_lib.study.editions import edition_of, explained
from wdp_lib.study.explore import Explore
from wdp_lib.study.rounds import Rounds
from wdp_lib.study.shown import chart, say, show
from wdp_lib.study.store import Store, known_data, known_files, shared_store


@dataclass(frozen=True)
class Study(Explore, Rounds):
    """Everything known of one round of a plan: tables computed once, on demand, and shown in words.

    Parameters
    ----------
    plan, data : Plan, Dataset
        The plan, and the data as known at the cut-off.
    as_of, stage : str
        Cut-off ``YYYY-MM-DD`` and round.
    through : int
        Last year forecast.
    language : {"zh", "en"}
        Language of everything shown.
    seed : int
        Seed of every draw.
    year : int
        The year reported on.
    scheme : Scheme
        Every threshold.
    home, folder : Path
        The project, and where tables are written (``None``: nowhere).
    earlier_round : str
        Archived round that this one looks back on; ``""``: none.
    whole : Study or None
        The study of the whole plan where this one is of a part.
    scope : str
        What part it is of, in words.
    edition : str
        ``internal``, ``public``, or the responsible unit whose edition it is.
    internal : Study or None
        The study that shows all, of an edition that does not.
    closed, touched : frozenset of str
        Indicators of whose target figures, or of which any figure, the edition hides some.
    """

    plan: Plan
    data: Dataset
    as_of: str
    through: int
    stage: str
    language: str
    seed: int
    year: int
    scheme: Scheme
    home: Path
    folder: Path | None
    store: Store
    earlier_round: str = ""
    whole: Study | None = None
    scope: str = ""
    edition: str = INTERNAL
    internal: Study | None = field(default=None, repr=False, compare=False)
    closed: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    results: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        names = ", ".join([self.plan.id, self.data.name, self.as_of, self.stage])
        return f"<Study {names}>"

    def select(
        self, *, domain: str = "", project: str = "", goals: str = "", unit: str = ""
    ) -> Study:
        """Return the study of a part of the plan; its tables are rows of those of the whole.

        Parameters
        ----------
        domain, project, unit : str
            A domain, a project, a unit that leads indicators, by identifier or name; together they
            narrow.
        goals : str
            Identifiers or titles joined by ``;``.
        """
        domain = self.plan.domain(domain).id if domain else ""
        project = self.plan.project(project).id if project else ""
        unit = self.plan.unit(unit).id if unit else ""
        named = tuple(self.plan.goal(goal).id for goal in goals.split(";") if goal)
        part = select(self.plan, domain=domain, project=project, goals=named, unit=unit)
        chosen = {"domain": domain, "project": project, "goals": ";".join(named), "unit": unit}
        scope = scope_text(part, self.context, **chosen)
        return replace(self, plan=part, whole=self, scope=scope, results={})

    @property
    def settings(self) -> dict[str, Any]:
        """What the study was opened with, as it is frozen with the scheme."""
        settings = {"plan": self.plan.id, "dataset": self.data.name, "as_of": self.as_of}
        return settings | {"stage": self.stage, "through": self.through, "seed": self.seed}

    def in_language(self, language: str) -> Study:
        """Return the same study in another language; its tables are not computed again."""
        return replace(self, language=language)

    def on(self, as_of: str) -> Study:
        """Return the same study as it would have been on an earlier day.

        What this edition hides, that of the earlier day hides as well.
        """
        then = open_study(
            self.plan,
            self.data.name,
            as_of=as_of,
            through=self.through,
            stage=self.stage,
            language=self.language,
            seed=self.seed,
            home=self.home,
            edition=self.edition,
        )
        if not self.internal:
            return then
        closed, touched = then.closed | self.closed, then.touched | self.touched
        return replace(then, closed=closed, touched=touched)

    @property
    def edition_kind(self) -> str:
        """``internal``, ``public``, or ``exchange`` for the edition of a unit."""
        return self.edition if self.edition in (INTERNAL, PUBLIC) else "exchange"

    @property
    def edition_name(self) -> str:
        """The edition in words; of a unit its name."""
        if self.edition_kind == "exchange":
            return self.context.text(self.plan.unit(self.edition).name)
        return self.context.word("edition", self.edition)

    def explained(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table that says ``suppressed`` of what the edition hides."""
        return explained(self, table)

    @cached_property
    def context(self) -> Context:
        """All that words need besides the figures: plan, language, names and levels of areas."""
        words = {"language": self.language, "as_of": self.as_of, "stage": self.stage}
        return context_of(self.plan, self.data, **words)

    def show(self, name: str, rows: pd.DataFrame | None = None) -> Any:
        """Return a table in words; see `wdp_lib.study.shown` for the names.

        Parameters
        ----------
        name : str
            Name of the view.
        rows : pandas.DataFrame, optional
            Some rows of the table, instead of all.
        """
        return show(self, name, rows)

    def identifier(self, indicator: str) -> str:
        """Return the identifier of an indicator named in any way.

        Raises
        ------
        ParameterError
            When the plan has no such indicator; near names are told.
        """
        return self.plan.indicator(indicator).id

    def say(self, key: str) -> Any:
        """Return a sentence with its figures, e.g. ``study.say("30.finding")``."""
        return say(self, key)

    def chart(self, name: str, *chosen: Any, **settings: Any) -> Any:
        """Return a chart as picture and text, e.g. ``study.chart("outlook", "孕产妇死亡率")``."""
        return chart(self, name, *chosen, **settings)

    def keep(self, *names: str) -> None:
        """Write tables as ``tables/<name>.csv`` into the report folder, if there is one."""
        for name in names:
            frame = getattr(self, name)
            if frame is not None:
                self._write(frame, Path("tables") / f"{name}.csv")

    def keep_rejected(self) -> None:
        """Write the rows that could not be used, with the reasons, as ``rejected.csv``."""
        self._write(self.rejected, Path("rejected.csv"))

    def _write(self, frame: pd.DataFrame, name: Path) -> None:
        if self.folder is not None:
            mark = self.data.metadata.mark
            simulated = self.data.metadata.simulated
            marked = frame.assign(mark=f"{mark.zh} {mark.en}") if simulated else frame
            write_table(marked, self.folder / name)


def open_study(
    plan: str | Plan,
    dataset: str,
    *,
    as_of: str,
    through: int | None = None,
    stage: str = "midterm",
    language: str = "zh",
    seed: int = 0,
    area: str = "",
    year: int = 0,
    earlier_round: str = "",
    report_folder: str = "",
    home: Path | str | None = None,
    edition: str = INTERNAL,
) -> Study:
    """Open a study: a plan, and a data set as known on a day.

    Parameters
    ----------
    plan : str or Plan
        Folder of ``data/plans``, or a plan.
    dataset : str
        Folder of ``data/observations``.
    as_of : str
        Cut-off ``YYYY-MM-DD``: what became known later is left out.
    through : int, optional
        Last year forecast; the plan's last year by default.
    stage : {"annual", "midterm", "final", "hindcast"}
        The round.
    language : {"zh", "en"}
        Language of everything shown.
    seed : int
        Seed of every draw.
    area : str
        Area judged by the plan; the plan's own by default.
    year : int
        Year reported on; by default the one before the cut-off.
    earlier_round : str
        Folder of ``data/archive`` that the study looks back on.
    report_folder : str
        Where tables are written, seen from the project; ``""``: nowhere.
    edition : str
        ``internal`` shows all; ``public`` hides small counts of people and what would give them
        away (``data/schemes/disclosure.yaml``); the name of a responsible unit hides the same but
        for the indicators that it leads.

    Raises
    ------
    ParameterError
        When a setting is not known.
    PlanError, DataError
        When plan or data cannot be read.
    """
    if language not in LANGUAGES:
        raise ParameterError.of(
            f"语言 {language!r} 不支持，请用 zh 或 en。",
            f"Language {language!r} is not known; use zh or en.",
        )
    lend_font()
    home = Path(home or find_home())
    the_plan = plan if isinstance(plan, Plan) else load_plan(plan, home=home)
    through = through or the_plan.last_year
    judged = area or the_plan.area  # a plan given may be one for another area already
    settings = {"as_of": as_of, "stage": stage, "seed": seed, "area": judged, "through": through}
    settings |= {"plan": the_plan.id, "dataset": str(dataset), "earlier": earlier_round}
    settings |= server_mark(dataset, home)
    files = known_files(home, the_plan.id, dataset, earlier_round)
    store = shared_store(settings, files)
    data = known_data(store, dataset, the_plan, as_of=as_of, area=judged, home=home)
    whole = Study(
        in_area(the_plan, area, data.areas) if area else the_plan,
        data,
        as_of,
        through,
        stage,
        language,
        seed,
        year or data_year(as_of),
        load_scheme(home=home),
        home,
        report_path(report_folder, home),
        store,
        earlier_round,
    )
    return edition_of(whole, edition, settings, files)


def require(holds: object, what: str, what_zh: str) -> None:
    """Stop a notebook whose result is not fit for use.

    Raises
    ------
    WdpError
        When the condition does not hold.
    """
    if not bool(holds):
        raise WdpError.of(f"结果不可用：{what_zh}。", f"The result is not fit for use: {what}.")
