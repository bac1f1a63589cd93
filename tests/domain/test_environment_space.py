"""What builds take of the disk, and what of it may go."""

from __future__ import annotations

from desktop_aml.domain.environment_space import BuildUse, CleanUp, EnvironmentSpace

NEEDED = BuildUse("a", 100, ("iris:1", "iris:2"), ("the run r1",))
FREE = BuildUse("b", 20, ("old:1",))
IMAGE = BuildUse("c", 3, ("iris:1", "shown:1"), is_image=True)
SPACE = EnvironmentSpace("/builds", (NEEDED, FREE, IMAGE))


def test_only_what_nobody_needs_may_go():
    assert SPACE.removable == (FREE, IMAGE)
    assert (SPACE.total_bytes, SPACE.removable_bytes) == (123, 23)


def test_the_size_of_an_environment_is_that_of_its_build_on_this_computer():
    assert (SPACE.size_of("iris:2"), SPACE.size_of("iris:1")) == (100, 100)
    assert SPACE.size_of("shown:1") is None, "an image lies on the Docker engine"
    assert SPACE.size_of("nowhere:1") is None


def test_a_clean_up_says_what_it_freed():
    assert CleanUp((FREE, IMAGE), (NEEDED,)).freed_bytes == 23
    assert CleanUp().freed_bytes == 0
