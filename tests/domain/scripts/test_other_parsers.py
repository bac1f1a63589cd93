"""Parsers that take `add_argument` as argparse does, and other words, or defaults from elsewhere."""

from __future__ import annotations

import pytest

from desktop_aml.domain.scripts.reader import describe_arguments


@pytest.mark.parametrize("library", ["configargparse", "jsonargparse", "simple_parsing", "tap"])
def test_what_is_typed_is_said_where_a_file_or_a_variable_may_give_another_default(library: str) -> None:
    found = describe_arguments(
        f"import {library}\np = {library}.ArgumentParser()\n"
        "p.add_argument('--lr', type=float, default=0.1)\np.add_argument('--fast', action='store_true')\n"
    )
    lr, fast = found.arguments
    untouched = {one.key: one.starting_value for one in found.arguments}
    assert (found.to_argv(untouched), lr.default_text, fast.starting_value) == ((), "0.1", False)
    assert found.to_argv({**untouched, "--lr": 0.1}) == ("--lr", "0.1")


def test_truth_values_of_jsonargparse_are_words_of_yaml() -> None:
    found = describe_arguments(
        "from jsonargparse import ArgumentParser\np = ArgumentParser()\np.add_argument('--on', type=bool, default=True)"
    )
    assert found.to_argv({"--on": False}) == ("--on", "false")
    assert found.from_argv(("--on", "False")) == ({"--on": False}, ())
    assert found.from_argv(("--on", "0"))[0] == {}
