"""Which commit the source comes from, as Azure ML names it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_TIMEOUT_S = 5.0
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def properties(source: Path) -> dict[str, str]:
    """Return the git properties of a source directory; empty outside a repository or without git."""
    if not any((folder / ".git").exists() for folder in (source, *source.parents)):
        return {}
    commit = _git(source, "rev-parse", "HEAD")
    found = {
        "azureml.git.repository_uri": _CREDENTIALS.sub("", _git(source, "ls-remote", "--get-url")),
        "azureml.git.branch": _git(source, "symbolic-ref", "--short", "HEAD"),
        "azureml.git.commit": commit,
        "azureml.git.dirty": "True" if _git(source, "status", "--porcelain", ".") else "",
        "mlflow.source.git.branch": _git(source, "symbolic-ref", "--short", "HEAD"),
        "mlflow.source.git.commit": commit,
    }
    return {key: value for key, value in found.items() if value and value != "origin"}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],  # noqa: S607
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
