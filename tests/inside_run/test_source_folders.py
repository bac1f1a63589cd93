"""A script imports what lies at the top of its source, in every Python, and nothing there breaks an interpreter."""

from __future__ import annotations

import subprocess

from tests.inside_run.run_folder import RunFolder

STEP = """
import sys, types, random, re, pkg, tool.data, beside
assert "snapshot" not in types.__file__ + random.__file__ + re.__file__
assert random.random() < 1
folders = [one.rpartition("snapshot")[2] for one in sys.path if "snapshot" in one]
print(folders, beside.PLACE, pkg.PLACE)
"""


def test_the_top_and_src_come_after_the_scripts_own_folder_and_pythons_modules(
    run_folder: RunFolder, python: str
) -> None:
    snapshot = run_folder.path / "snapshot"
    for name, text in {
        "steps/step.py": STEP,
        "steps/beside.py": "PLACE = 'steps'",
        "beside.py": "PLACE = 'top'",
        "pkg/__init__.py": "PLACE = 'top'",
        "src/tool/__init__.py": "",
        "src/tool/data.py": "",
        # What a beginner calls a file: it must not stop an interpreter.
        **dict.fromkeys(("types.py", "random.py", "re.py", "enum.py", "codecs.py"), "raise SystemExit('taken')"),
    }.items():
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).write_text(text)
    ended = subprocess.run(
        [python, "steps/step.py"],
        cwd=snapshot,
        env={**run_folder.env_vars, "DESKTOP_AML_IMPORT_FROM": ".\nsrc\nnosuch"},
        capture_output=True,
        text=True,
    )
    assert ended.stderr == ""
    assert ended.stdout.split(" steps ")[0] == "['/steps', '', '/src']"


def test_a_source_that_is_a_package_is_found_by_its_name(run_folder: RunFolder, python: str) -> None:
    snapshot = run_folder.path / "snapshot"
    (snapshot / "__init__.py").write_text("")
    (snapshot / "data.py").write_text("ROWS = 3\n")
    (snapshot / "train.py").write_text("from .data import ROWS\nfrom own.data import ROWS as same\nprint(ROWS, same)\n")
    ended = subprocess.run(
        [python, "-m", "own.train"],
        cwd=snapshot,
        env={**run_folder.env_vars, "DESKTOP_AML_IMPORT_FROM": ".", "DESKTOP_AML_OWN_PACKAGE": "own"},
        capture_output=True,
        text=True,
    )
    assert (ended.stdout, ended.stderr) == ("3 3\n", "")
