"""How a script and its source come together."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.errors import NotFound
from desktop_aml.run_folder import source_imports
from desktop_aml.run_folder.source_imports import SourceImports

RELATIVE = "from .data import rows\n"


def lay(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "script", "expected"),
    [
        ({"train.py": ""}, "train.py", SourceImports("", (".",), "")),
        ({"src/a.py": "", "train.py": ""}, "train.py", SourceImports("", (".", "src"), "")),
        # Imports what lies beside it: it stays a plain script, in a package or not.
        ({"pkg/__init__.py": "", "pkg/train.py": "import data"}, "pkg/train.py", SourceImports("", (".",), "")),
        (
            {"pkg/__init__.py": "", "pkg/train.py": RELATIVE},
            "pkg/train.py",
            SourceImports("pkg.train", (".", "pkg"), ""),
        ),
        (
            {"src/tool/__init__.py": "", "src/tool/a/__init__.py": "", "src/tool/a/b.py": RELATIVE},
            "src/tool/a/b.py",
            SourceImports("tool.a.b", (".", "src", "src/tool/a"), ""),
        ),
        (
            {"lib/tool/__init__.py": "", "lib/tool/b.py": RELATIVE},
            "lib/tool/b.py",
            SourceImports("tool.b", (".", "lib", "lib/tool"), ""),
        ),
        # Of an older Python than this one.
        (
            {"pkg/__init__.py": "", "pkg/b.py": f"{RELATIVE}print 'old'\n"},
            "pkg/b.py",
            SourceImports("pkg.b", (".", "pkg"), ""),
        ),
        ({"pkg/b.py": RELATIVE}, "pkg/b.py", SourceImports("", (".",), "")),
        ({"a-b/__init__.py": "", "a-b/c.py": RELATIVE}, "a-b/c.py", SourceImports("", (".",), "")),
    ],
)
def test_a_script_that_imports_relatively_is_a_module_of_its_package(
    tmp_path: Path, files: dict[str, str], script: str, expected: SourceImports
) -> None:
    assert source_imports.of(lay(tmp_path, files), script, module="", name="proj") == expected


def test_a_source_that_is_a_package_itself_has_the_name_of_its_folder(tmp_path: Path) -> None:
    source = lay(tmp_path, {"__init__.py": "", "train.py": RELATIVE, "sub/__init__.py": "", "sub/a.py": RELATIVE})
    assert source_imports.of(source, "train.py", module="", name="pkg") == SourceImports("pkg.train", (".",), "pkg")
    assert source_imports.of(source, "sub/a.py", module="", name="pkg").module == "pkg.sub.a"
    assert source_imports.of(source, "train.py", module="", name="no-name") == SourceImports("", (".",), "")


def test_a_module_is_found_as_python_finds_it(tmp_path: Path) -> None:
    lay(tmp_path, {"pkg/train.py": "", "pkg/__main__.py": "", "src/tool/run.py": ""})
    assert source_imports.locate_module("pkg.train", tmp_path) == "pkg/train.py"
    assert source_imports.locate_module("pkg", tmp_path) == "pkg/__main__.py"
    assert source_imports.locate_module("tool.run", tmp_path) == "src/tool/run.py"
    for wrong in ("pkg.nosuch", "pkg/train", "..x", "", "pkg.train.py"):
        with pytest.raises(NotFound, match="There is no module"):
            source_imports.locate_module(wrong, tmp_path)
    with pytest.raises(NotFound, match=r"There is no folder “.*/gone”"):
        source_imports.locate_module("pkg.train", tmp_path / "gone")
