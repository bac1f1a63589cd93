"""A space is searched in an order that its seed alone decides."""

from __future__ import annotations

from itertools import islice, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import Expression, parse
from desktop_aml.domain.sweeps.space import (
    Search,
    Variation,
    arguments_of,
    at,
    check_search,
    check_values,
    columns_of,
    describe,
    new_seed,
    next_repeat,
    overridden,
    proposals,
    size_of,
    space_of,
)

COUNTED = st.lists(
    st.one_of(
        st.integers(1, 5).map(lambda n: Expression("randint", (n,))),
        st.integers(1, 4).map(lambda n: Expression("choice", tuple("abcd"[:n]))),
    ),
    min_size=1,
    max_size=4,
).map(lambda found: space_of({f"p{n}": one for n, one in enumerate(found)}))

MIXED = space_of({"--C": parse("loguniform(0.01, 100)"), "--kernel": parse("linear, rbf")})


@given(COUNTED)
def test_a_grid_is_the_product_in_order(space):
    plain = list(product(*([one.expression.value_at(n) for n in range(one.expression.size)] for one in space)))
    assert [tuple(value for _, value in values) for values in proposals(Search.GRID, space, 0)] == plain
    assert size_of(space) == len(plain)


@given(COUNTED, st.integers())
def test_a_countable_space_is_drawn_without_replacement_until_all_is_tried(space, seed):
    drawn = list(proposals(Search.RANDOM, space, seed))
    assert sorted(map(repr, drawn)) == sorted(repr(at(space, n)) for n in range(size_of(space)))


@given(st.one_of(COUNTED, st.just(MIXED)), st.integers(), st.integers(0, 20))
def test_the_same_seed_gives_the_same_trials_from_any_place_on(space, seed, start):
    whole = list(islice(proposals(Search.RANDOM, space, seed), start + 10))
    assert list(islice(proposals(Search.RANDOM, space, seed, start=start), 10)) == whole[start:]


def test_every_order_of_a_small_space_is_as_likely():
    space = space_of({"k": parse("a, b, c")})
    orders = [tuple(dict(v)["--k"] for v in proposals(Search.RANDOM, space, seed)) for seed in range(3000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert all(400 < count < 600 for count in counts)


def test_other_seeds_give_other_trials_and_a_huge_space_costs_no_memory():
    assert next(proposals(Search.RANDOM, MIXED, 1)) != next(proposals(Search.RANDOM, MIXED, 2))
    huge = space_of({f"p{n}": Expression("randint", (1000,)) for n in range(3)})
    assert len(set(islice(proposals(Search.RANDOM, huge, 0), 1000))) == 1000
    more = space_of({f"p{n}": Expression("randint", (10_000,)) for n in range(9)})
    assert len(list(islice(proposals(Search.RANDOM, more, 0), 10))) == 10


def test_one_more_argument_does_not_change_what_the_others_get():
    wider = space_of({"--C": parse("loguniform(0.01, 100)"), "--g": parse("uniform(0, 1)"), "--kernel": parse("a, b")})
    first = dict(next(proposals(Search.RANDOM, MIXED, 5)))
    assert dict(next(proposals(Search.RANDOM, wider, 5)))["--C"] == first["--C"]


@pytest.mark.parametrize("names", [["--C", "C"], ["-C", "--C"], ["--a b"], ["--"], [""], ["--1x"]])
def test_names_that_mean_the_same_or_nothing_are_refused(names):
    with pytest.raises(InvalidInput):
        space_of({name: parse("1, 2") for name in names})


def test_a_grid_of_what_cannot_be_counted_is_refused():
    with pytest.raises(InvalidInput, match="--C"):
        next(proposals(Search.GRID, MIXED, 0))


def test_values_follow_the_fixed_arguments_and_replace_theirs():
    values = (("--C", 0.5), ("--kernel", "rbf"))
    fixed = ["data.csv", "--kernel", "linear", "--n", "-3", "-C=2", "--flag", "--", "--C", "7"]
    assert arguments_of(fixed, values) == (
        *("data.csv", "--n", "-3", "--flag", "--", "--C", "7"),
        *("--C", "0.5", "--kernel", "rbf"),
    )
    assert overridden(fixed, MIXED) == ("--kernel", "-C")
    assert arguments_of(["--kernel"], values)[-2:] == ("--kernel", "rbf")


def test_each_way_to_search_is_said_in_words():
    counted, endless = (
        space_of({"k": parse("1, 2"), "n": parse("integers(1, 5)")}),
        space_of({"C": parse("uniform(0, 1)")}),
    )
    assert describe(Search.GRID, counted) == "Every one of the 10 combinations, in order."
    assert "without repeating one, among 10 combinations" in describe(Search.RANDOM, counted)
    assert "with replacement" in describe(Search.RANDOM, endless)
    assert "TPE of Optuna" in describe(Search.TPE, endless)


def test_tpe_draws_no_normal_values():
    check_search(Search.TPE, space_of({"C": parse("loguniform(0.01, 100)")}))
    with pytest.raises(InvalidInput, match="cannot draw --C=normal"):
        check_search(Search.TPE, space_of({"--C": parse("normal(0, 1)")}))


def test_sweeps_that_name_no_seed_differ():
    assert len({new_seed() for _ in range(20)}) > 1


@given(st.one_of(COUNTED, st.just(MIXED)), st.integers(), st.integers(0, 300))
def test_a_point_of_a_quasi_random_search_follows_from_its_place_alone(space, seed, start):
    whole = list(islice(proposals(Search.QUASI, space, seed), start + 3))
    assert list(islice(proposals(Search.QUASI, space, seed, start=start), 3)) == whole[start:]


@pytest.mark.parametrize("dimensions", [1, 2, 6, 12])
def test_quasi_random_trials_are_spread_more_evenly_than_chance(dimensions):
    space = space_of({f"p{n}": parse("uniform(0, 1)") for n in range(dimensions)})

    def worst(search: Search, seed: int) -> float:
        """Return how far a quarter of any argument's range is from holding its share of 256 trials."""
        drawn = [[value for _, value in one] for one in islice(proposals(search, space, seed), 256)]
        shares = [sum(low <= one[n] < low + 0.25 for one in drawn) for n in range(dimensions) for low in (0, 0.25, 0.5)]
        return max(abs(share - 64) for share in shares)

    quasi, chance = (sum(worst(one, seed) for seed in range(5)) for one in (Search.QUASI, Search.RANDOM))
    assert quasi < chance / 2


@pytest.mark.parametrize("how", ["normal(3, 2)", "lognormal(0, 1)", "loguniform(0.01, 100)", "quniform(0, 10, 2)"])
def test_quasi_random_draws_have_the_distribution_that_is_asked_for(how):
    space, expression = space_of({"--x": parse(how)}), parse(how)
    plain = sorted(expression.draw(Random(n)) for n in range(4000))
    quasi = sorted(values[0][1] for values in islice(proposals(Search.QUASI, space, 3), 4000))
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        bound = quasi[int(share * 4000)]
        below = [sum(value <= bound for value in one) / 4000 for one in (plain, quasi)]
        assert below[0] == pytest.approx(below[1], abs=0.03)


@pytest.mark.parametrize("search", [Search.RANDOM, Search.QUASI, Search.GRID])
def test_each_setting_is_tried_with_all_its_seeds(search):
    kind = "choice(1, 2)" if search is Search.GRID else "uniform(0, 1)"
    space = space_of({"--seed": parse("seeds(3)"), "--x": parse(kind)})
    drawn = list(islice(proposals(search, space, 7), 6))
    assert [dict(one)["--seed"] for one in drawn] == [0, 1, 2, 0, 1, 2]
    assert len({dict(one)["--x"] for one in drawn[:3]}) == len({dict(one)["--x"] for one in drawn[3:]}) == 1
    assert [name for name, _ in drawn[0]] == ["--seed", "--x"]
    assert list(islice(proposals(search, space, 7, start=4), 2)) == drawn[4:]
    without = proposals(search, space_of({"--x": parse(kind)}), 7)
    assert [dict(next(without))["--x"] for _ in range(2)] == [dict(drawn[0])["--x"], dict(drawn[3])["--x"]]
    assert "3 seeds" in describe(search, space)


def test_a_setting_that_lacks_a_seed_gets_it_before_another_is_chosen():
    space = space_of({"--x": parse("uniform(0, 1)"), "--seed": parse("seeds(2)")})
    first = (("--x", 0.5), ("--seed", 0))
    assert next_repeat(space, ()) is None
    assert next_repeat(space, (first,)) == (("--x", 0.5), ("--seed", 1))
    assert next_repeat(space, (first, (("--x", 0.5), ("--seed", 1)))) is None
    assert next_repeat(MIXED, ((("--C", 1.0), ("--kernel", "rbf")),)) is None


BRANCHED = space_of(
    {"--a": parse("1, 2"), "svm --C": parse("3, 4"), "forest --trees": parse("5, 6, 7"), "forest --C": parse("8")}
)


def test_what_a_subcommand_takes_is_given_with_it_alone():
    drawn = list(proposals(Search.GRID, BRANCHED, 0))
    assert size_of(BRANCHED) == len(drawn) == 2 * 2 + 2 * 3
    assert drawn[0] == (("--a", 1), ("command", "svm"), ("--C", 3))
    assert drawn[-1] == (("--a", 2), ("command", "forest"), ("--trees", 7), ("--C", 8))
    assert len(set(drawn)) == len(drawn)
    assert sorted(map(repr, proposals(Search.RANDOM, BRANCHED, 3))) == sorted(map(repr, drawn))
    assert arguments_of(("data", "--a", "9"), drawn[-1]) == ("data", "--a", "2", "forest", "--trees", "7", "--C", "8")


def test_subcommands_are_drawn_evenly_from_a_space_that_cannot_be_counted_and_seeds_repeat_them():
    space = space_of(
        {"svm --C": parse("uniform(0, 1)"), "forest --C": parse("uniform(5, 6)"), "--seed": parse("seeds(2)")}
    )
    drawn = [dict(one) for one in islice(proposals(Search.RANDOM, space, 1), 400)]
    chosen = [one["command"] for one in drawn]
    assert 60 < chosen[::2].count("svm") < 140
    assert all((one["--C"] < 1) is (one["command"] == "svm") for one in drawn)
    assert drawn[0] | {"--seed": 1} == drawn[1]
    assert list(drawn[0]) == ["--seed", "command", "--C"]
    assert [dict(one) for one in islice(proposals(Search.RANDOM, space, 1, start=100), 3)] == drawn[100:103]


@pytest.mark.parametrize(
    "varied", [["--C", "svm --C"], ["svm --C", "svm -C"], ["-x --C"], ["a b --C"], ["svm --seed=s"]]
)
def test_what_cannot_be_of_a_subcommand_is_refused(varied):
    with pytest.raises(InvalidInput):
        space_of({name.partition("=")[0]: parse("seeds(2)" if "=" in name else "1, 2") for name in varied})


def test_a_search_that_knows_no_subcommands_says_so():
    with pytest.raises(InvalidInput, match="subcommands"):
        check_search(Search.QUASI, BRANCHED)
    check_search(Search.TPE, BRANCHED)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "Nothing varies"),
        ({"": "1,2"}, "cannot be an argument"),
        ({"a b c": "1,2"}, "cannot be a subcommand"),
        ({"svm --seed": "seeds(3)"}, "Seeds belong to all trials"),
        ({"--C": "1,2", "-C": "1"}, "varies twice"),
        ({"--C": "1,2", "svm --C": "1"}, "for all trials and for a subcommand"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused_in_words(space: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        space_of({name: parse(text) for name, text in space.items()})


def test_an_argument_of_two_subcommands_is_one_column() -> None:
    space = space_of({name: parse("1,2") for name in ("--seed", "svm --C", "forest --C", "forest --depth")})
    assert columns_of(space) == ("--seed", "command", "--C", "--depth")
    assert [one.key for one in space] == ["--seed", "svm --C", "forest --C", "forest --depth"]


@pytest.mark.parametrize("search", Search)
def test_each_search_is_told_in_words_of_its_own(search: Search) -> None:
    space = space_of({"--C": parse("1,2,3")})
    assert describe(search, space).endswith(".")
    assert "Each of them is tried with 2 seeds." in describe(search, (*space, *space_of({"--seed": parse("seeds(2)")})))


def test_values_are_given_by_name_and_never_none() -> None:
    check_values((("command", "svm"), ("--C", 1)))
    with pytest.raises(InvalidInput, match="given nothing"):
        check_values(())
    with pytest.raises(InvalidInput, match="varies twice"):
        check_values((("--C", 1), ("--C", 2)))


def test_a_space_of_seeds_alone_has_nothing_to_choose_among() -> None:
    space = [Variation("--seed", parse("seeds(3)"))]
    for search in Search:
        if search.learns:
            with pytest.raises(InvalidInput, match="Nothing but seeds"):
                check_search(search, space)
