"""The seeds that code sets are found in what it calls."""

from __future__ import annotations

import pytest

from desktop_aml.domain.scripts.seeds import seeds


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("np.random.seed(12)", ["np.random.seed(12)"]),
        ("numpy.random.seed(args.seed)", ["numpy.random.seed(args.seed)"]),
        ("rng = default_rng(7)", ["default_rng(7)"]),
        ("rng = np.random.default_rng(seed=7)", ["np.random.default_rng(seed=7)"]),
        ("rng = np.random.default_rng()", []),
        ("pl.seed_everything(1, workers=True)", ["pl.seed_everything(1, workers=True)"]),
        ("seed_everything(1, workers=True)", ["seed_everything(1, workers=True)"]),
        ("split(X, y, random_state=0).fit(SVC(random_state=RandomState(1)))", ["random_state=0", "RandomState(1)"]),
        ("split(X, random_state=None)", []),
        ("split(X, random_state=seed)", []),
        ("split(X, random_state=1); forest(random_state=1)", ["random_state=1"]),
        ("f()(seed='a')", ["seed='a'"]),
        ("# np.random.seed(1)", []),
        ("'np.random.seed(1)'", []),
        ("this is no code", []),
        ("\0", []),
        ("(" * 5000, []),
    ],
)
def test_what_a_line_seeds(line: str, found: list[str]) -> None:
    assert [words for words, _ in seeds(line)] == found


def test_a_seed_is_told_with_the_first_line_that_sets_it_and_in_their_order() -> None:
    assert seeds("a(seed=1)\nrandom.seed(2)\na(seed=1)\n") == (("seed=1", 1), ("random.seed(2)", 2))
