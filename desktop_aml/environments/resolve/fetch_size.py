"""What the packages of an environment weigh when they are fetched, asked before any of them is.

Only ready-made files are looked at, so that asking runs nobody's code.
"""

from __future__ import annotations

import re
import tempfile
import threading
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.errors import BuildCanceled
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain import failures, uv_process

_LONGEST_S: Final = 20.0
_TO_FETCH: Final = re.compile(r"^Would download (\d+) package", re.MULTILINE)


def ask(requirements: Sequence[str], target: Sequence[str], spec: Specification) -> FetchSize:
    """Return what is fetched for requirements, as far as the package index tells.

    Parameters
    ----------
    requirements : sequence of str
        Of a specification, or the exact versions that it resolved to.
    target : sequence of str
        Words for uv that say which Python it is for.
    spec : Specification
        What else it asks of the resolver.
    """
    cancel = threading.Event()
    # A server that says nothing must not keep anybody waiting for what is only good to know.
    timer = threading.Timer(_LONGEST_S, cancel.set)
    timer.daemon = True
    timer.start()
    try:
        with tempfile.TemporaryDirectory(prefix="desktop-aml-", ignore_cleanup_errors=True) as folder:
            return _ask(requirements, target, spec, Path(folder), cancel)
    except BuildCanceled:
        return FetchSize(None, why="the package index does not answer")
    finally:
        timer.cancel()


def _ask(
    requirements: Sequence[str], target: Sequence[str], spec: Specification, work: Path, cancel: threading.Event
) -> FetchSize:
    def uv(*words: str) -> tuple[int, str]:
        return uv_process.run(
            [uv_process.uv_path(), "pip", *words, *target],
            log_path=work / "uv.log",
            cancel=cancel,
            on_line=lambda _: None,
            cwd=work,
        )

    asked, answer, limits = work / "asked.in", work / "pylock.toml", work / "limits.txt"
    asked.write_text("".join(f"{one}\n" for one in requirements), "utf-8")
    limits.write_text("".join(f"{one}\n" for one in spec.constraints), "utf-8")
    words = ["--only-binary", ":all:", "--format", "pylock.toml", "--output-file", str(answer), "--quiet"]
    words += ["--constraint", str(limits), *(["--prerelease", "allow"] if spec.allow_prereleases else [])]
    code, printed = uv("compile", str(asked), *words)
    if code != 0:
        return FetchSize(None, why=_why(printed))
    packages: list[dict[str, Any]] = tomllib.loads(answer.read_text("utf-8")).get("packages", [])
    code, printed = uv("install", "--dry-run", "--no-deps", "--target", str(work / "none"), "-r", str(answer))
    to_fetch = _TO_FETCH.search(printed)
    if code == 0 and to_fetch is None:
        return FetchSize(0, len(packages))
    # Of the files that would do, one is taken: the largest is what it takes at most.
    sizes = [max((one.get("size", -1) for one in each.get("wheels", ())), default=-1) for each in packages]
    if min(sizes, default=0) < 0:
        return FetchSize(None, len(packages), "the package index does not tell")
    return FetchSize(sum(sizes), len(packages))


def _why(printed: str) -> str:
    if failures.is_network(printed):
        return "the package index cannot be reached"
    if failures.is_missing(printed):
        return "the package index lacks one of them"
    return "ready-made files alone do not do"
