"""What words need to know: plan, language, areas and their levels, day, round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from wdp_lib.core.dates import data_year
from wdp_lib.core.errors import Text
from wdp_lib.core.names import AREA, find_name
from wdp_lib.core.words import word
from wdp_lib.data import Dataset
from wdp_lib.plan import Plan
from wdp_lib.publish.text.words import LEVELS

NO_TEXT = Text("", "")
_MISSED = ("state", "not_attained")
_NOT_YET = ("problem", "not_yet")  # said instead before the year of a target is over
_DATA_SET, _NAMES = Text("数据集中", "The data set"), ["area", "name_zh", "name_en"]


@dataclass(frozen=True)
class Context:
    """All that a table, a sentence or a chart needs besides its figures."""

    plan: Plan
    language: str = "zh"
    # areas, levels, parents: name, level (``country``, ``province``, ``city``, ``county``,
    # ``township``) and parent area by area
    areas: Mapping[str, str] = field(default_factory=dict)
    # what each area may be called
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    mark: Text = NO_TEXT  # what marks simulated data; empty for real data
    as_of: str = ""
    stage: str = ""
    data_year: int = 0  # last year for which values are due by ``as_of``
    dataset_title: Text = NO_TEXT

    def text(self, text: Text) -> str:
        """Return a text in the language of the context."""
        return text.in_language(self.language)

    def pick(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in the language of the context."""
        return en if self.language == "en" else zh

    def word(self, topic: str, code: str) -> str:
        """Return the word for a code (`wdp_lib.core.words.word`); no target is missed too early."""
        early = (topic, code) == _MISSED and self.stage != "final"
        return word(*(_NOT_YET if early else (topic, code)), self.language)

    @property
    def none(self) -> str:
        """The word for an empty list."""
        return self.pick("无", "none")

    def name(self, indicator: str) -> str:
        """Return the name of an indicator."""
        return self.text(self.plan.indicator(indicator).name)

    def unit_of(self, indicator: str) -> str:
        """Return the unit code of an indicator."""
        return self.plan.indicator(indicator).unit

    def area(self, area: str) -> str:
        """Return the name of an area, its identifier where it has none."""
        own = self.text(self.plan.area_name) if area == self.plan.area else area
        return self.areas.get(area, own)

    def joined(self, names, *, clauses: bool = False) -> str:
        """Return names as a list in words; ``clauses`` separates more strongly."""
        return (self.pick("；", "; ") if clauses else self.pick("、", ", ")).join(names)

    def area_named(self, named: str) -> str:
        """Return the identifier of an area, the plan's own unless named."""
        own = {self.plan.area: (self.plan.area_name.zh, self.plan.area_name.en)}
        if not named:
            return self.plan.area
        return find_name(named, {**own, **self.called}, AREA, _DATA_SET)

    @property
    def part_level(self) -> str:
        """Level of most areas directly below the plan's area; ``""`` where there is none."""
        below = [a for a, parent in self.parents.items() if parent == self.plan.area]
        counted = Counter(self.levels[a] for a in below if self.levels.get(a))
        return counted.most_common(1)[0][0] if counted else ""

    @property
    def plan_word(self) -> str:
        """What the plan calls itself in its title, e.g. 纲要."""
        return self.pick(self.plan.called, "plan")

    @cached_property
    def facts(self) -> dict[str, object]:
        """Facts that every sentence, caption and label may name."""
        part, parts = LEVELS.get(self.part_level, LEVELS[""])
        return {
            "plan_title": self.text(self.plan.title),
            "plan_word": self.plan_word,
            "area": self.text(self.plan.area_name),
            "dataset_title": self.text(self.dataset_title),
            "as_of": self.as_of,
            "data_year": self.data_year,
            "stage": self.word("stage", self.stage),
            "missed_word": self.word(*_MISSED),
            "last_plan_year": self.plan.last_year,
            "since": self.plan.baseline_year,
            # said where the tables hold only some of the goals
            "goals_in_all": self.plan.goals_in_all
            * (len(self.plan.goals) < self.plan.goals_in_all),
            "part": self.text(part),
            "parts": self.text(parts),
        }


def context_of(
    plan: Plan, dataset: Dataset, *, language: str = "zh", as_of: str = "", stage: str = ""
) -> Context:
    """Return the context of a plan and a data set as known on a day."""
    areas: pd.DataFrame = dataset.areas
    by_area = {name: dict(zip(areas["area"], areas[name], strict=True)) for name in areas}
    names = by_area["name_en" if language == "en" else "name_zh"]
    simulated = dataset.metadata.simulated
    return Context(
        plan,
        language,
        areas=names,
        called={one: (zh, en) for one, zh, en in areas[_NAMES].itertuples(index=False)},
        levels=by_area["level"],
        parents=by_area["parent"],
        mark=dataset.metadata.mark if simulated else NO_TEXT,
        as_of=as_of,
        stage=stage,
        data_year=data_year(as_of) if as_of else 0,
        dataset_title=dataset.metadata.title,
    )
