"""Which version is built: the one that Git's last tag says, for `[tool.hatch.version]` and `packaging/build_hook.py`.

Standard library only, and nothing is fetched. Without a tag, without Git and in an archive of the forge it still works.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
TAGS = "v[0-9]*"

_DESCRIBED = re.compile(r"v(?P<tag>\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:-(?P<count>\d+)-g(?P<hash>[0-9a-f]+))?")


def version(root: Path = ROOT) -> str:
    """Return the version of a source tree.

    A commit with the tag ``v1.2.0`` is 1.2.0, and the third one after it 1.2.1.dev3+g0123abc. Where there is no tag it
    is what ``desktop_aml/__init__.py`` says.
    """
    written = WRITTEN.search((root / "desktop_aml/__init__.py").read_text(encoding="utf-8"))
    assert written, "desktop_aml/__init__.py says no version"
    return _of_a_source_archive(root) or _of_description(_described(root)) or written.group(1)


def _of_a_source_archive(root: Path) -> str:
    """Return what an unpacked source archive (sdist) says it is; empty for anything else."""
    facts = root / "PKG-INFO"
    if (root / ".git").exists() or not facts.is_file():
        return ""
    said = re.search(r"^Version: (\S+)$", facts.read_text(encoding="utf-8"), re.MULTILINE)
    return said.group(1) if said else ""


def _described(root: Path) -> str:
    """Return Git's description of the commit; in an archive that Git made, the one that it wrote there."""
    if (root / ".git").exists():
        words = ["git", "-C", str(root), "describe", "--tags", "--long", "--match", TAGS]
        try:
            found = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError:
            return ""
        if found.returncode and "dubious ownership" in found.stderr:
            print(f"The version cannot be asked for: {found.stderr.strip()}", file=sys.stderr)  # noqa: T201
        return found.stdout.strip()
    note = root / "packaging/archived-commit.txt"
    return note.read_text(encoding="utf-8").strip() if note.is_file() else ""


def _of_description(described: str) -> str:
    found = _DESCRIBED.fullmatch(described)
    if not found:
        return ""
    if not int(found["count"] or 0):
        return found["tag"]
    last = re.search(r"\d+$", found["tag"])
    assert last
    return f"{found['tag'][: last.start()]}{int(last.group()) + 1}.dev{found['count']}+g{found['hash']}"
