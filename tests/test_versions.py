"""The version that is built is the one of Git's tags, wherever the source came from."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import desktop_aml

CHECKOUT = Path(__file__).parent.parent


def version_of(root: Path) -> str:
    spec = importlib.util.spec_from_file_location("packaging_version", CHECKOUT / "packaging/built_version.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.version(root))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    for name in ("desktop_aml/__init__.py", "packaging/archived-commit.txt", ".gitattributes"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes((CHECKOUT / name).read_bytes())
    return made


@pytest.fixture
def git(tree: Path) -> Callable[..., bytes]:
    def ask(*words: str) -> bytes:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *who, *words], cwd=tree, check=True, capture_output=True).stdout

    ask("init", "-q")
    ask("add", ".")
    ask("commit", "-qm", "one")
    return ask


def test_a_tree_without_tags_has_the_version_that_is_written_down(tree: Path, git: Callable[..., bytes]) -> None:
    assert version_of(tree) == desktop_aml.__version__
    git("tag", "nightly")
    assert version_of(tree) == desktop_aml.__version__


def test_a_tree_without_git_has_the_version_that_is_written_down(tree: Path) -> None:
    assert version_of(tree) == desktop_aml.__version__
    subprocess.run(["git", "init", "-q"], cwd=tree.parent, check=True)
    assert version_of(tree) == desktop_aml.__version__


@pytest.mark.parametrize(("tag", "after"), [("1.2.0", "1.2.1.dev2+g"), ("2.0.0rc1", "2.0.0rc2.dev2+g")])
def test_a_tag_is_the_version_and_commits_after_it_are_on_the_way_to_the_next(
    tree: Path, git: Callable[..., bytes], tag: str, after: str
) -> None:
    git("tag", f"v{tag}")
    assert version_of(tree) == tag
    for name in ("two", "three"):
        git("commit", "-qm", name, "--allow-empty")
    short = git("rev-parse", "--short", "HEAD").decode().strip()
    assert version_of(tree).startswith(after)
    assert version_of(tree).endswith(short)


def test_an_archive_that_git_made_knows_its_tag(tree: Path, git: Callable[..., bytes], tmp_path: Path) -> None:
    git("tag", "v1.2.0")
    with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD"))) as archive:
        archive.extractall(tmp_path / "archive", filter="data")
    assert version_of(tmp_path / "archive") == "1.2.0"


def test_a_source_archive_says_what_it_is(tree: Path) -> None:
    (tree / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: desktop-aml\nVersion: 3.1.4\n\nVersion: 9\n")
    assert version_of(tree) == "3.1.4"


def test_the_changelog_begins_with_the_version_that_is_made() -> None:
    headings = [line for line in (CHECKOUT / "docs/changelog.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0].split()[1] == desktop_aml.__version__
