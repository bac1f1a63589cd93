"""Words are sorted as the standard library's parser reads them."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.scripts.quiet_parser import QuietParser
from desktop_aml.domain.scripts.word_sorting import sorted_words

_KINDS = {
    "store": {},
    "two": {"nargs": 2},
    "some": {"nargs": "+"},
    "append": {"action": "append"},
    "switch": {"action": "store_true"},
    "count": {"action": "count"},
}
_TAKEN = {
    "store": {},
    "two": {"nargs": 2},
    "some": {"nargs": "+"},
    "append": {"repeats": True},
    "switch": {"nargs": 0},
    "count": {"nargs": 0, "repeats": True},
}


@given(
    st.lists(st.sampled_from(sorted(_KINDS)), min_size=1, max_size=4),
    st.lists(st.sampled_from((None, "?", "*", 1)), max_size=2),
    st.lists(st.sampled_from(("--o0", "--o1", "--o2", "-a0", "x", "y z", "3", "-1", "--o1=v", "--")), max_size=7),
)
@settings(max_examples=150)
def test_what_the_real_parser_gives_is_what_is_said(
    options: list[str], places: list[int | str | None], words: list[str]
) -> None:
    real = QuietParser(add_help=False, argument_default=argparse.SUPPRESS)
    for number, kind in enumerate(options):
        real.add_argument(f"--o{number}", **_KINDS[kind])  # type: ignore[arg-type]
    for number, nargs in enumerate(places):
        real.add_argument(f"p{number}", nargs=nargs)
    line = CommandLine(
        (
            *(TakenArgument(name=f"o{n}", flags=(f"--o{n}",), **_TAKEN[kind]) for n, kind in enumerate(options)),  # type: ignore[arg-type]
            *(TakenArgument(name=f"p{number}", nargs=nargs) for number, nargs in enumerate(places)),
        )
    )
    try:
        expected = vars(real.parse_args(words))
    except (ValueError, argparse.ArgumentError):
        assert sorted_words(line, words) is None
        return
    texts = {name: " ".join(one) if isinstance(one, list) else str(one) for name, one in expected.items() if one != []}
    assert sorted_words(line, words) == texts


@pytest.mark.parametrize("flags", [("",), ("no dash",), ("-",)])
def test_what_no_parser_can_be_made_of_is_not_known(flags: tuple[str, ...]) -> None:
    line = CommandLine((TakenArgument(name="x", flags=flags), TakenArgument(name="y", nargs="never")))
    assert sorted_words(line, ["--x", "1"]) is None
