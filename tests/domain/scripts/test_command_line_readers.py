"""What a script reads its command line with is named, also where its form cannot be made."""

from __future__ import annotations

import pytest

from desktop_aml.domain.scripts.reader import describe_arguments


@pytest.mark.parametrize(
    ("line", "used"),
    [
        *(
            (f"import {name}", name)
            for name in ("argparse", "click", "typer", "absl", "fire", "hydra", "optparse", "tap")
        ),
        *((f"import {name}", name) for name in ("docopt", "jsonargparse", "configargparse", "simple_parsing", "tyro")),
        ("from absl import flags", "absl"),
        ("from absl import app", "absl"),
        ("import absl.flags as flags", "absl"),
        ("from click import command", "click"),
        ("from transformers import HfArgumentParser", "HfArgumentParser"),
        ("import click\n@click.command()\ndef main(): ...", "click"),
        ("import sys\nprint(sys.argv)", "sys.argv"),
        ("from sys import argv\nprint(argv[1])", "sys.argv"),
    ],
)
def test_what_reads_the_command_line_is_named(line: str, used: str) -> None:
    assert describe_arguments(line).uses == (used,)


def test_what_reads_no_command_line_is_not_named() -> None:
    assert describe_arguments("import os, numpy\nfrom transformers import AutoModel\nprint(os.argv)").uses == ()
