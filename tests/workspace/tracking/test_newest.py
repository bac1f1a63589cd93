"""What the tracking server remembers is bounded, and what it forgot it reads again."""

from __future__ import annotations

from desktop_aml.workspace.tracking.newest import Newest


def test_those_that_were_asked_for_last_are_kept() -> None:
    made: list[str] = []

    def of(key: str) -> str:
        return newest.of(key, lambda: made.append(key) or key.upper())

    newest = Newest[str, str](2)
    assert [of(key) for key in "abab"] == ["A", "B", "A", "B"]
    of("c")
    of("b")
    assert made == ["a", "b", "c"]
    of("a")
    assert made == ["a", "b", "c", "a"]


def test_what_is_forgotten_is_made_again() -> None:
    newest = Newest[str, list[int]](2)
    newest.of("a", list).append(1)
    assert newest.of("a", list) == [1]
    newest.forget("a")
    newest.forget("never there")
    assert newest.of("a", list) == []
