"""Properties of a study that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from wdp_lib.evaluation import selected


class computed:  # noqa: N801, used like functools.cached_property
    """A property computed when first asked for, and once a study.

    A table handed out is a copy that costs nothing until it is changed: no reader can change it for
    the others. A study of a part of a plan has the rows of its part of what the whole gives.
    """

    def __init__(self, make: Callable[[Any], Any]):
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, study: Any, value: Any) -> None:
        raise AttributeError(f"{self._name} is computed and cannot be set")

    def __get__(self, study: Any, owner: type | None = None) -> Any:
        if study is None:
            return self
        if self._name not in study.results:
            study.results[self._name] = self._part(study) if study.whole else self._result(study)
        value = study.results[self._name]
        return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value

    def _result(self, study: Any) -> Any:
        return self._make(study)

    def _part(self, study: Any) -> Any:
        value = getattr(study.whole, self._name)
        ours = isinstance(value, pd.DataFrame) and {"indicator", "goal"} & set(value.columns)
        return selected(value, study.plan) if ours else value


class stored(computed):  # noqa: N801
    """A computed table that the notebooks of one batch share."""

    def _result(self, study: Any) -> pd.DataFrame:
        return study.store.frames(self._name, lambda: {"table": self._make(study)})["table"]
