"""Which commit the source comes from, as Azure ML names it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_TIMEOUT_S = 5.0
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


_OVERRIDABLE = ("repository_uri", "branch", "commit", "dirty", "build_id", "build_uri")
_MLFLOW_NAMES = {"repository_uri": "repoURL", "branch": "branch", "commit": "commit"}


def properties(source: Path, env_vars: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the git properties of a source directory; empty outside a repository or without git.

    Parameters
    ----------
    env_vars : mapping of str to str, optional
        Variables such as ``AZUREML_GIT_COMMIT`` win over what git says. Default: those of this process.
    """
    given = os.environ if env_vars is None else env_vars
    found = _asked(source)
    for name in _OVERRIDABLE:
        found[name] = given.get(f"AZUREML_GIT_{name.upper()}") or found.get(name, "")
    azure = {f"azureml.git.{name}": value for name, value in found.items() if value}
    mlflow = {f"mlflow.source.git.{name}": found[key] for key, name in _MLFLOW_NAMES.items() if found[key]}
    return {**azure, **mlflow}


def _asked(source: Path) -> dict[str, str]:
    if not any((folder / ".git").exists() for folder in (source, *source.parents)):
        return {}
    try:
        address = _git(source, "ls-remote", "--get-url")
        return {
            "repository_uri": _CREDENTIALS.sub("", address) if address != "origin" else "",
            "branch": _git(source, "symbolic-ref", "--short", "HEAD"),
            "commit": _git(source, "rev-parse", "HEAD"),
            "dirty": "True" if _git(source, *_without_programs(source), "status", "--porcelain", ".") else "",
        }
    except (OSError, subprocess.TimeoutExpired):
        # No git, or a clone in which it hangs: asked once more it would hang again.
        return {}


def _without_programs(source: Path) -> list[str]:
    """Return the options with which looking at a clone starts no program that the clone itself names.

    A clone from elsewhere comes with its own configuration, and its run may be one that is kept apart in a container.
    """
    own = _git(
        source, "config", "--local", "--name-only", "--get-regexp", r"^filter\..*\.(clean|smudge|process|required)$"
    )
    options = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    for name in sorted(set(own.splitlines())):
        options += ["-c", f"{name}={'false' if name.endswith('required') else ''}"]
    return options


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *words],  # noqa: S607
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
