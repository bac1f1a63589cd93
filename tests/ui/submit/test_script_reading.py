"""What a script declares is read with the modules that lie beside it, and these are watched with it."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.ui.submit.script_reading import read_script

OPTIONS = """
import argparse
def get_args():
    p = argparse.ArgumentParser()
    p.add_argument('--lr')
    return p.parse_args()
"""


def test_a_module_beside_the_script_or_at_the_top_of_its_source_gives_the_form(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    script = tmp_path / "steps" / "train.py"
    script.write_text("import os\nfrom options import get_args\nargs = get_args()\n")
    assert read_script(script, tmp_path).arguments.arguments == ()
    for module in (tmp_path / "options.py", tmp_path / "steps" / "options.py"):
        module.write_text(OPTIONS)
        found = read_script(script, tmp_path)
        assert [one.key for one in found.arguments.arguments] == ["--lr"]
        assert found.modules == (module,)


def test_a_script_with_a_form_of_its_own_looks_through_no_module(tmp_path: Path) -> None:
    (tmp_path / "options.py").write_text(OPTIONS)
    script = tmp_path / "train.py"
    script.write_text("import options\n" + OPTIONS + "get_args()\n")
    assert read_script(script).modules == ()
