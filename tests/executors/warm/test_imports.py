"""Only what a script certainly imports, and imports the same ahead of time, is imported ahead."""

from __future__ import annotations

import sys
from importlib.util import LazyLoader, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from desktop_aml.executors.warm.imports import imported, names_in, of_runs
from desktop_aml.inside_run.site.desktop_aml_run.warm import checks

CASES = {
    "in its order": ('"""doc"""\nimport b\nfrom a import x as y\n', ["import b", "from a import x as y"]),
    "not behind a variable that is set": ("import os\nos.environ['A'] = '1'\nimport numpy\n", ["import os"]),
    "not behind one that a function sets": (
        "import os\ndef f():\n    os.environ['A'] = '1'\nf()\nimport numpy\n",
        ["import os"],
    ),
    "behind other work": ("import a\na.work()\nimport b\n", ["import a", "import b"]),
    "within functions": ("def f():\n    import a\n    import b.c\nf()\n", ["import a", "import b.c"]),
    "not under a condition": ("import a\nif a.x:\n    import b\nelse:\n    import c\n", ["import a"]),
    "not for types only": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\n", [
        "from typing import TYPE_CHECKING"]),
    "what is tried": ("try:\n    import a\nexcept ImportError:\n    import b\nimport c\n", ["import a", "import c"]),
    "behind ignored warnings": (
        "import warnings\nwarnings.filterwarnings('ignore')\nimport a\n",
        ["import warnings", "import a"],
    ),
    "not behind warnings that are errors": ("import warnings\nwarnings.simplefilter('error')\nimport a\n", [
        "import warnings"]),
    "not behind another path": ("import sys\nsys.path.insert(0, 'x')\nimport a\n", ["import sys"]),
    "not ours": ("from azureml.core import Run\nfrom __future__ import annotations\nimport a\n", ["import a"]),
    "of its own modules": ("import helper\nimport z\n", ["import inner", "import z"]),
    "not behind an own module that sets variables": ("import a\nimport setter\nimport z\n", ["import a", "import os"]),
    "of a package": ("from pack import part\nimport z\n", ["import first", "import second", "import z"]),
    "nothing of another Python": ("print 'two'\nimport a\n", []),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(CASES))
def test_what_is_imported_ahead(what: str, tmp_path: Path) -> None:
    text, wanted = CASES[what]
    (tmp_path / "train.py").write_text(text)
    (tmp_path / "helper.py").write_text("import inner\nX = 1\ndef f(a=1):\n    return a\n")
    (tmp_path / "setter.py").write_text("import os\nos.environ['A'] = '1'\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("import first\n")
    (tmp_path / "pack" / "part.py").write_text("from . import other\nimport second\n")
    (tmp_path / "pack" / "other.py").write_text("")
    found, _ = imported(tmp_path / "train.py", [tmp_path])
    assert list(found) == wanted


def test_what_certainly_comes_first_is_counted(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import a\nimport b\na.seed(1)\nimport c\n")
    assert imported(tmp_path / "train.py", [tmp_path]) == (("import a", "import b", "import c"), 2)


def test_modules_and_packages_of_a_source_go_before_installed_ones(tmp_path: Path) -> None:
    (tmp_path / "json.py").touch()
    (tmp_path / "fast.cpython-311-x86_64-linux-gnu.so").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").touch()
    assert names_in([tmp_path, tmp_path / "missing"]) == {"json", "fast", "pack"}


@pytest.mark.parametrize(
    ("place", "number", "is_found"),
    [
        ("/x/lib/python3.11/site-packages/one.py", 5170, True),
        # Numbers begin again from below, and in a container they are small.
        ("/x/lib/python3.11/site-packages/one.py", 517, True),
        ("/x/lib/python3.11/one.py", 5170, True),
        ("/x/lib/python3.11/one.py", 517, False),
    ],
)
def test_a_module_that_remembers_its_process_is_found(
    monkeypatch: pytest.MonkeyPatch, place: str, number: int, *, is_found: bool
) -> None:
    module = ModuleType("one_that_remembers")
    module.PID, module.__file__ = number, place  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(checks.os, "getpid", lambda: number)
    told = checks._remembers("mark", set(sys.modules) - {module.__name__}, [])
    assert ("one_that_remembers.PID" in told) is is_found


def test_looking_at_a_module_that_is_imported_at_its_first_use_does_not_import_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one_that_waits.py").write_text("raise AssertionError('imported')")
    spec = spec_from_file_location("one_that_waits", tmp_path / "one_that_waits.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "one_that_waits", module)
    assert checks._remembers("mark", set(sys.modules) - {"one_that_waits"}, []) == ""


def test_of_our_own_package_what_a_script_begins_with_is_told(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import azureml.core\ntry:\n    from azureml.core.run import Run\nexcept ImportError:\n    pass\n"
        "from azureml.core import Run as R, Workspace\nfrom azureml.widgets import RunDetails\nfrom .core import x\n"
        "if len(R.__name__) > 9:\n    from azureml.core import Model\n"
    )
    assert of_runs(script) == ("from azureml.core import Run as R, Workspace", "from azureml.core.run import Run")
    assert of_runs(tmp_path / "none.py") == ()
