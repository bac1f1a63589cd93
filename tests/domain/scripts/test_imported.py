"""A form comes from a module beside the script where the script has its arguments from there, and from none else."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from desktop_aml.domain.scripts.imported import describe_with_imports, places_of

OPTIONS = """
import argparse

def make():
    parser = argparse.ArgumentParser()
    parser.add_argument('--lr', type=float, default=0.1)
    return parser

def get_args():
    return make().parse_args()

class Options:
    def parse(self):
        return make().parse_args()

def load():
    return []

def main():
    own = argparse.ArgumentParser()
    own.add_argument('--own')
    own.parse_args()

if __name__ == '__main__':
    main()
"""
AT_IMPORT = """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--lr', type=float)
args = p.parse_args()
"""
ODD = r"""
import argparse
def get():
    p = argparse.ArgumentParser()
    p.add_argument('--a', help='\d')
    p.add_argument(x)
    return p.parse_args()
"""


def keys(script: str, **modules: str) -> list[str]:
    found = describe_with_imports(script, lambda name: modules.get(name.replace(".", "_"), ""))
    return [one.key for one in found.arguments]


@pytest.mark.parametrize(
    "script",
    [
        "from options import get_args\nargs = get_args()\n",
        "from options import get_args as read\nargs = read()\n",
        "from .options import get_args\nargs = get_args()\n",
        "import options\nargs = options.get_args()\n",
        "import options as o\nargs = o.get_args()\n",
        "from options import Options\nargs = Options().parse()\n",
        "from options import *\nargs = get_args()\n",
        "import argparse\nfrom options import make\nargs = make().parse_args()\n",
    ],
)
def test_what_the_script_calls_of_a_module_beside_it_makes_the_form(script: str) -> None:
    assert keys(script, options=OPTIONS) == ["--lr"]


def test_a_module_of_a_package_and_one_that_parses_at_its_import_count() -> None:
    assert keys("from tool.options import get_args\nget_args()\n", tool_options=OPTIONS) == ["--lr"]
    assert keys("from tool import options\noptions.get_args()\n", tool_options=OPTIONS) == ["--lr"]
    assert keys("from settings import args\nprint(args.lr)\n", settings=AT_IMPORT) == ["--lr"]


@pytest.mark.parametrize(
    "script",
    ["from options import load\nload()\n", "import options\noptions.load()\n", "from options import *\nload()\n"],
)
def test_a_parser_that_the_script_does_not_reach_is_none_of_its_own(script: str) -> None:
    assert keys(script, options=OPTIONS) == []


def test_the_scripts_own_parser_goes_first_and_odd_modules_are_passed_over() -> None:
    own = "import argparse, options\np = argparse.ArgumentParser()\np.add_argument('--mine')\np.parse_args()\n"
    assert keys(own + "options.get_args()\n", options=OPTIONS) == ["--mine"]
    assert keys("from bad import x\nfrom options import get_args\nget_args()\n", bad="(", options=OPTIONS) == ["--lr"]
    assert keys("from none import x\n") == []


def test_what_cannot_be_read_of_it_names_the_module() -> None:
    found = describe_with_imports("from options import get\nget()\n", lambda name: {"options": ODD}.get(name, ""))
    assert [one.key for one in found.arguments] == ["--a"]
    assert found.problems
    assert found.problems[0].startswith("options: Line 6")


def test_a_module_is_looked_for_in_each_folder_once_as_a_file_and_as_a_package() -> None:
    beside, top = PurePosixPath("steps"), PurePosixPath()
    assert list(map(str, places_of("a.b", (beside, top, beside)))) == [
        "steps/a/b.py", "steps/a/b/__init__.py", "a/b.py", "a/b/__init__.py",
    ]  # fmt: skip
