"""Which figures are hidden gives nobody away: the published example, random tables, patterns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kit import observations

from wdp_lib.core.errors import Text, WdpError
from wdp_lib.data import Dataset
from wdp_lib.disclosure import Rule, audit, edited, hidden_figures, load_rule
from wdp_lib.disclosure.cells import counts_of, is_of_few_people
from wdp_lib.disclosure.pattern import pattern
from wdp_lib.disclosure.sums import Sums, protect, provable
from wdp_lib.plan import Indicator, Plan, Source, Target

HOME = Path(__file__).parents[1]


def table(values):
    """A table with its totals: every row and column sums to its last cell."""
    values = np.asarray(values, dtype=float)
    place = np.arange(values.size).reshape(values.shape)
    equations = []
    for line in (*place, *place.T):
        equations.append((line, np.append(np.ones(len(line) - 1), -1.0)))
    none = np.zeros(values.size, dtype=bool)
    most = np.full(values.size, np.inf)
    return Sums(values.ravel(), np.zeros(values.size), most, equations, none), place


INVESTMENT = [[20, 50, 10, 80], [8, 19, 22, 49], [17, 32, 12, 61], [45, 101, 44, 190]]


class TestThePublishedExample:
    """Fischetti and Salazar (2000), investment of enterprises by activity and region."""

    def test_of_the_hidden_22_an_attacker_proves_no_more_than_5_to_30(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[[place[1, 0], place[1, 2], place[2, 0], place[2, 2]]] = True
        low, high = provable(sums, hidden)
        assert (low[place[1, 2]], high[place[1, 2]]) == (5, 30)

    def test_hidden_alone_it_is_computed_from_its_row(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[place[1, 2]] = True
        low, high = provable(sums, hidden)
        assert low[place[1, 2]] == high[place[1, 2]] == 22

    def test_the_cells_that_lose_least_are_hidden_with_it(self):
        sums, place = table(INVESTMENT)
        hidden = np.zeros(16, dtype=bool)
        hidden[place[1, 2]] = True
        more = protect(sums, hidden, cost=sums.values, width=8)
        assert sorted(np.flatnonzero(more)) == sorted(place[[1, 1, 2, 2], [0, 2, 0, 2]])


@pytest.mark.requirement("C12")
def test_of_random_tables_no_hidden_cell_can_be_computed():
    """Proved by the audit, and without it: no hidden cell follows from the equations alone."""
    random = np.random.default_rng(7)
    for _ in range(5):
        inner = random.poisson(random.uniform(1, 9), (3, 3))
        rows = np.column_stack([inner, inner.sum(axis=1)])
        sums, _ = table(np.vstack([rows, rows.sum(axis=0)]))
        few = (sums.values >= 1) & (sums.values < 5)
        if not few.any():
            continue
        hidden = protect(sums, few, cost=1 + sums.values, width=2)
        low, high = provable(sums, hidden)
        assert (few <= hidden).all()
        assert (high - low >= 2 - 1e-6)[hidden].all()
        assert (low <= sums.values).all() and (sums.values <= high).all()
        matrix = np.zeros((len(sums.equations), len(sums.values)))
        for row, (which, signs) in enumerate(sums.equations):
            matrix[row, which] = signs
        matrix = matrix[:, hidden]
        for cell in np.eye(hidden.sum()):
            rank = np.linalg.matrix_rank
            assert rank(np.vstack([matrix, cell])) > rank(matrix)


AREAS = pd.DataFrame(
    {"area": ["county", *"abcd"], "parent": ["", *["county"] * 4], "level": ["", *["town"] * 4]}
)


def plan_of(**more):
    kinds = {"data_kind": "rare_rate", "small_numbers": "yes", "sex": "female", "multiplier": 1e5}
    deaths = Indicator(
        *("deaths", ("G",), "一", Text("死亡率", "deaths"), "per_100k_live_births"),
        *(Target("monitor_only"), "monitor_only"),
        **kinds | {"denominator": Text("活产数", "births")} | more,
    )
    births = replace(deaths, id="others", small_numbers="no", data_kind="proportion")
    head = ("p", Text("p", "p"), "county", Text("县", "county"), 2021, 2030, 2020, "stated")
    return Plan(*head, Source("p"), indicators=(deaths, births))


PROPORTION = {"data_kind": "proportion", "sex_scope": "female_only"}


def returns(text):
    rows = observations(text)
    return rows.assign(value=rows["numerator"] / rows["denominator"] * 1e5)


FIVE = """
    indicator | area   | year | value | numerator | denominator
    deaths    | county | 2024 | 0     | 8         | 1000
    deaths    | a      | 2024 | 0     | 2         | 400
    deaths    | b      | 2024 | 0     | 6         | 300
    deaths    | c      | 2024 | 0     | 0         | 200
    deaths    | d      | 2024 | 0     | 0         | 100 """

REVIEWED = """
    others    | b      | 2024 | 0     | 6         | 6 """


class TestAPattern:
    def test_a_small_count_goes_with_its_rate_and_another_so_that_the_total_tells_nothing(self):
        rows = returns(FIVE)
        hidden = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        gone = rows.loc[hidden["numerator"], "area"].tolist()
        assert "a" in gone and len(gone) >= 2 and "county" not in gone
        assert hidden["value"].equals(hidden["numerator"]) and not hidden["denominator"].any()

    def test_every_hidden_count_keeps_its_range_by_the_audit(self):
        counts = counts_of(returns(FIVE), plan_of(), AREAS, threshold=5)
        proved = audit(counts, pattern(counts, 2.0), 2.0)
        assert proved["protected"].all() and len(proved) >= 2
        assert (proved["range_width"] >= 2).all()

    def test_few_who_are_left_over_are_hidden_as_well(self):
        rows = returns(FIVE.replace("6         | 300", "297       | 300"))
        hidden = hidden_figures(rows, plan_of(**PROPORTION), AREAS, threshold=5, width=2)
        assert hidden.loc[rows["area"] == "b", "numerator"].all()

    def test_a_count_that_is_the_denominator_of_another_indicator_is_hidden_there_too(self):
        rows = returns(
            """
            indicator | area   | year | value | numerator | denominator
            deaths    | a      | 2024 | 0     | 0         | 3
            others    | a      | 2024 | 0     | 1         | 3 """
        )
        hidden = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        assert hidden["denominator"].all() and hidden["value"].all()

    def test_places_things_and_posts_are_no_people(self):
        plan = plan_of()
        deaths = plan.indicators[0]
        assert is_of_few_people(deaths) and not is_of_few_people(plan.indicators[1])
        assert not is_of_few_people(replace(deaths, data_kind="count", unit="count"))
        assert is_of_few_people(replace(deaths, data_kind="count", sex_scope="female_only"))

    def test_a_later_edition_hides_the_same_of_earlier_years(self):
        rows = returns(FIVE)
        both = pd.concat([rows, rows.assign(year=2025, numerator=rows["numerator"] + 1)])
        both = both.reset_index(drop=True)
        first = hidden_figures(rows, plan_of(), AREAS, threshold=5, width=2)
        then = hidden_figures(both, plan_of(), AREAS, threshold=5, width=2)
        assert then.head(len(first)).equals(first)

    @pytest.mark.requirement("C12")
    def test_a_unit_cannot_compute_with_figures_of_its_own_what_is_hidden_from_it(self):
        """It knows the deaths of b, whose reviews it reports: not a alone may be hidden with b."""
        plan, rows = plan_of(numerator=Text("死亡人数", "deaths")), returns(FIVE + REVIEWED)
        deaths, others = plan.indicators
        seen = Text("死亡人数", "deaths")
        plan = replace(plan, indicators=(deaths, replace(others, denominator=seen)))
        settings = {"threshold": 5, "width": 2}
        public = hidden_figures(rows, plan, AREAS, **settings)["numerator"]
        own = hidden_figures(rows, plan, AREAS, **settings, own={"others"})["numerator"]
        places = [
            set(rows.loc[one & (rows["indicator"] == "deaths"), "area"]) for one in (public, own)
        ]
        assert places[0] == {"a", "b"} and places[1] > places[0]
        counts = counts_of(rows, plan, AREAS, threshold=5)
        cells, known = counts.cells, np.array(counts.cells["area"] == "b")
        for names, safe in zip(places, (False, True), strict=True):
            dead = cells["counted"].eq("死亡人数") & cells["area"].isin(names)
            every = np.append(dead, np.zeros(len(counts.sums.values) - len(cells), dtype=bool))
            low, high = provable(counts.sums.knowing(np.resize(known, len(every)) & every), every)
            assert (high - low)[np.flatnonzero(dead & (cells["area"] == "a"))].min() >= 2 * safe
            assert safe or (high - low)[np.flatnonzero(dead & (cells["area"] == "a"))].max() == 0

    def test_nothing_goes_out_where_a_count_cannot_be_protected(self):
        sums, place = table([[1, 1], [1, 1]])
        fixed = replace(sums, lower=sums.values, upper=sums.values)
        with pytest.raises(ArithmeticError):
            protect(fixed, np.array([True, False, False, False]), cost=np.ones(4), width=2)

    def test_a_rule_that_protects_nothing_is_refused(self, tmp_path):
        (tmp_path / "data" / "schemes").mkdir(parents=True)
        (tmp_path / "data" / "schemes" / "disclosure.yaml").write_text("threshold: 5\nwidth: 9\n")
        with pytest.raises(WdpError, match="threshold"):
            load_rule(tmp_path)
        assert load_rule(HOME) == Rule(5, 2.0)


def test_an_edition_leaves_out_what_was_replaced_and_what_a_check_found_in_a_row():
    rows = returns(FIVE)
    old = rows.assign(used=False, unused_reason="revision", value=1.0)
    data = Dataset("d", None, pd.concat([rows, old], ignore_index=True), *_empty(), AREAS, *_more())
    hidden = hidden_figures(data.observations, plan_of(), AREAS, threshold=5, width=2)
    made = edited(data, plan_of(), hidden)
    assert len(made.data.observations) == len(rows) and made.touched == {"deaths"}
    assert "revision" not in set(made.data.observations["unused_reason"])


def _empty():
    return pd.DataFrame(columns=["file"]), ()


def _more():
    return pd.DataFrame(), pd.DataFrame({"indicator": []})
