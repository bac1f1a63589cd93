"""What an image is built from: packages installed on this computer for the image's Python, and a Dockerfile.

The packages are put in place here, not by a step of the image: uv's cache, the user's package index, proxy and
certificates serve images as they serve local environments, and the steps of the image need no network.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.spec.kept_files import KeptFile

PLACE: Final = "/opt/environment"
"""Where the environment lies in an image."""

PYTHON: Final = f"{PLACE}/bin/python"

# Files of one time make one image: whatever was packed when, its content is what counts.
_TIME: Final = 315_532_800
# As the user of a run may write nothing in the image, byte code is made now or never.
_COMPILE: Final = f"import compileall; compileall.compile_dir('{PLACE}/lib', quiet=2, workers=0)"


def dockerfile(base: str, labels: dict[str, str]) -> str:
    """Return the steps that make the image of an environment from a base image."""
    return "".join(
        f"{line}\n"
        for line in (
            f"FROM {base}",
            f"LABEL {_pairs(labels)}",
            f"COPY environment {PLACE}",
            f"ENV PATH={PLACE}/bin:$PATH VIRTUAL_ENV={PLACE}",
            f'RUN ["{PYTHON}", "-c", "{_COMPILE}"]',
        )
    )


def labelled(text: str, labels: dict[str, str]) -> str:
    """Return a user's Dockerfile with labels on each of its stages, so that what a torn build leaves is found."""
    lines: list[str] = []
    goes_on = False
    for line in text.splitlines():
        stripped = line.strip()
        is_comment = stripped.startswith("#")
        begins = not goes_on and re.match(r"(?i)from\s", stripped) is not None
        lines.append(line)
        if not is_comment:
            goes_on = stripped.endswith("\\")
        if begins and not goes_on:
            lines.append(f"LABEL {_pairs(labels)}")
    return "".join(f"{line}\n" for line in lines)


def _pairs(labels: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in labels.items())


def site_packages(folder: Path, python: ImagePython) -> Path:
    """Return where packages lie in an environment in `folder`."""
    return folder / "lib" / f"python{python.minor}" / "site-packages"


def lay_out(folder: Path, python: ImagePython) -> None:
    """Write a virtual environment into `folder` for an interpreter that is only in the image."""
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "python3", f"python{python.minor}"):
        (folder / "bin" / name).symlink_to(python.path)
    home = python.path.rpartition("/")[0]
    (folder / "pyvenv.cfg").write_text(
        f"home = {home}\ninclude-system-site-packages = false\nversion = {python.version}\n", "utf-8"
    )
    site_packages(folder, python).mkdir(parents=True)


def adopt_scripts(folder: Path, python: ImagePython, installer: str) -> None:
    """Move the programs of packages to ``bin``, and have them start the image's Python instead of `installer`'s."""
    made = site_packages(folder, python) / "bin"
    if not made.is_dir():
        return
    for script in sorted(made.iterdir()):
        moved = folder / "bin" / script.name
        if script.is_file() and not moved.exists():
            # Written anew, never in place: the file may be the very one in uv's cache.
            moved.write_bytes(script.read_bytes().replace(installer.encode(), PYTHON.encode()))
            moved.chmod(0o755)
        script.unlink()
    made.rmdir()


def pack(
    steps: str, folder: Path | None, into: IO[bytes], go_on: Callable[[], None], files: Sequence[KeptFile] = ()
) -> None:
    """Write a build context: a Dockerfile and, when there is one, the environment in `folder`.

    Parameters
    ----------
    files : sequence of KeptFile
        What a user's Dockerfile copies; one that is called Dockerfile, too, gives way to the steps.
    go_on : callable
        Called for each file; raises to stop.
    """

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        go_on()
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = _TIME
        # Readable by every user: a run in the image is not root.
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with tarfile.open(fileobj=into, mode="w") as archive:
        if folder is not None:
            archive.add(folder, "environment", filter=plain)
        for file in files:
            _add(archive, file.name, file.data, 0o755 if file.is_executable else 0o644)
        _add(archive, "Dockerfile", steps.encode())
    into.seek(0)


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mtime = _TIME
    member.mode = mode
    archive.addfile(member, io.BytesIO(data))
