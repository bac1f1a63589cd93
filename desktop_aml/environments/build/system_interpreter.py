"""An interpreter of this computer used as it is: what is installed beside it stands for its lock.

The interpreter is started once to say where it looks for packages; the lists are read here, so that an old Python
needs no module of ours and nothing heavy is imported.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.toolchain.files import write_whole

_TIMEOUT_S: Final = 60.0
_OLDEST: Final = (3, 6)
_ASK: Final = (
    "import json, sys; print(json.dumps(['%d.%d.%d' % sys.version_info[:3], [path for path in sys.path if path]]))"
)
_NOTE: Final = "An interpreter of this computer, used as it is: a later change of its packages changes what runs do."


def existing(python: str, memory: Path | None = None) -> BuiltEnvironment:
    """Return an interpreter of this computer as it is.

    Parameters
    ----------
    memory : Path, optional
        Folder where the answer is remembered until the interpreter or its folders of packages change.

    Raises
    ------
    PreparationError
        When it does not answer, or is older than Python 3.6.
    """
    kept = memory / f"{hashlib.sha256(python.encode()).hexdigest()[:32]}.json" if memory else None
    known = _recall(kept, python)
    if known is None:
        version, folders = _ask(python)
        packages = installed_in(folders)
        known = {"stamps": _stamps(python, folders), "version": version, "packages": packages}
        if kept is not None:
            with contextlib.suppress(OSError):
                write_whole(kept, json.dumps(known))
    return _built(python, known["version"], known["packages"])


def installed_in(folders: list[str]) -> dict[str, str]:
    """Return name and version of the packages in `folders`, in the order in which Python looks."""
    # Imported here: what is remembered needs no reader of package metadata.
    from importlib import metadata

    packages: dict[str, str] = {}
    for distribution in metadata.distributions(path=folders):
        name, version = _name_and_version(
            distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
        )
        # A folder that an interrupted installer left has no name. The first one on the path is the one imported.
        if name and version:
            packages.setdefault(name, version)
    return packages


def _name_and_version(metadata: str) -> tuple[str, str]:
    """Return two headers of a package's metadata; of hundreds of packages the description need not be read."""
    found = {"name": "", "version": ""}
    for line in metadata.split("\n"):
        header, colon, text = line.partition(":")
        if not line.strip():
            break  # the headers end here
        if colon and header.lower() in found and not found[header.lower()]:
            found[header.lower()] = text.strip()
        if all(found.values()):
            break
    return found["name"], found["version"]


def _built(python: str, version: str, packages: Mapping[str, str]) -> BuiltEnvironment:
    """Return an interpreter and its packages in the form of a build."""
    named = {name.lower().replace("_", "-").replace(".", "-"): number for name, number in packages.items()}
    text = "".join(f"{name}=={number}\n" for name, number in sorted(named.items()))
    lock = EnvironmentLock(
        python_version=version,
        platform=sysconfig.get_platform(),
        builder="existing",
        packages=tuple(LockedPackage(*pair) for pair in sorted(named.items())),
        text=text,
        notes=(_NOTE,),
    )
    return BuiltEnvironment(hashlib.sha256(f"{python}\n{version}\n{text}".encode()).hexdigest(), python, lock)


def _ask(python: str) -> tuple[str, list[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [python, "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        version, folders = json.loads(done.stdout.splitlines()[-1])
        is_old = tuple(int(part) for part in version.split(".")[:2]) < _OLDEST
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise PreparationError(
            f"The interpreter “{python}” does not answer.",
            "Check that the path names a working Python.",
            details=getattr(error, "stderr", "") or str(error),
        ) from error
    if is_old:
        raise PreparationError(f"“{python}” is Python {version}.", "Choose Python 3.6 or newer.")
    return version, folders


def _stamps(python: str, folders: list[str]) -> dict[str, int]:
    stamps = {}
    for path in (python, *folders):
        with contextlib.suppress(OSError):
            stamps[path] = Path(path).stat().st_mtime_ns
    return stamps


def _recall(kept: Path | None, python: str) -> dict[str, Any] | None:
    if kept is None:
        return None
    try:
        known: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        is_current = python in known["stamps"] and _stamps(python, list(known["stamps"])) == known["stamps"]
        is_whole = isinstance(known["version"], str) and isinstance(known["packages"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known if is_current and is_whole else None
