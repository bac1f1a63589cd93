"""The engine in a played world: see `tests.simulation`. ``make campaign ONLY=simulation`` plays many more."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.faults import FAULTS
from tests.simulation.history import play, template

SEEDS = range(1, 1001)
AT_ONCE = 50
FOUND_WITHIN = 60


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """What every history begins with; in memory, where there is such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        yield template(Path(place))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of faults are meant to happen."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_no_history_loses_or_doubles_anything_or_ends_in_a_wrong_state(first: int, made: Path) -> None:
    seeds = range(first, first + AT_ONCE)
    found = {seed: words for seed in seeds if (words := play(seed, made, made / "history")[0])}
    assert found == {}, "Play one again: python -m tests.simulation SEED"


def test_a_seed_is_always_the_same_history(made: Path) -> None:
    assert play(7, made, made / "once") == play(7, made, made / "again")


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_that_was_mended_is_found_when_it_is_back(
    name: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FAULTS[name](monkeypatch)
    assert any(play(seed, made, made / "fault")[0] for seed in range(1, FOUND_WITHIN))
