"""A channel of conda in a folder, so that solving and installing are real, quick and need no network."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tarfile
import threading
from pathlib import Path

from rattler.index import index_fs

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.environments.service import BuilderService

PYTHON = platform.python_version()

PLACEHOLDER = "/opt/" + "placeholder_" * 10
"""What a package writes where the path of its environment belongs."""


class LocalChannel:
    """A channel under `root`; `index` makes what was added known."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uri = root.as_uri()

    def add_python(self, version: str = PYTHON, host: Path | None = None, glibc: str = "") -> None:
        """Publish a Python that works: a link to this test's own, or to `host`, with a prefix of its own."""
        host = host or Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
        settings = f"home = {host.parent}\ninclude-system-site-packages = false\nversion = {version}\n"
        links = {"bin/python": str(host), "bin/python3": "python"}
        self._add("python", version, {"pyvenv.cfg": settings}, links, (f"__glibc >={glibc}",) if glibc else ())

    def add(self, name: str, version: str, *depends: str, data: str = "") -> None:
        """Publish a Python package that holds one module, `name`, with its version in it."""
        info = f"site-packages/{name}-{version}.dist-info"
        files = {
            f"site-packages/{name}.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        }
        if data:
            files[f"site-packages/{name}.bin"] = data
        self._add(name, version, files, {}, ("python", *depends), noarch=True)

    def _add(
        self,
        name: str,
        version: str,
        files: dict[str, str],
        links: dict[str, str],
        depends: tuple[str, ...] = (),
        *,
        noarch: bool = False,
    ) -> None:
        subdir = "noarch" if noarch else f"linux-{'64' if platform.machine() == 'x86_64' else platform.machine()}"
        index = {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": list(depends),
            "subdir": subdir,
            "timestamp": 1_600_000_000_000,
            **({"noarch": "python"} if noarch else {}),
        }
        paths: list[dict[str, object]] = [
            {
                "_path": path,
                "path_type": "hardlink",
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "size_in_bytes": len(text.encode()),
                **({"prefix_placeholder": PLACEHOLDER, "file_mode": "text"} if PLACEHOLDER in text else {}),
            }
            for path, text in files.items()
        ]
        paths += [{"_path": path, "path_type": "softlink"} for path in links]
        members = {
            "info/index.json": json.dumps(index),
            "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
            "info/files": "\n".join([*files, *links]),
            **files,
        }
        if noarch:
            members["info/link.json"] = json.dumps({"noarch": {"type": "python"}, "package_metadata_version": 1})
        folder = self.root / subdir
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / f"{name}-{version}-0.tar.bz2", "w:bz2", compresslevel=1) as archive:
            for path, text in members.items():
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(text.encode()), 0o644
                archive.addfile(member, io.BytesIO(text.encode()))
            for path, target in links.items():
                member = tarfile.TarInfo(path)
                member.type, member.linkname = tarfile.SYMTYPE, target
                archive.addfile(member)

    def index(self) -> None:
        """Write what a client reads first."""
        (self.root / "noarch").mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(self.root))

    def vanish(self) -> None:
        """Be out of reach from now on."""
        shutil.rmtree(self.root)


def python_from_conda(root: Path) -> str:
    """Return the Python of an environment that is made from a channel, below `root`."""
    channel = LocalChannel(root / "channel")
    channel.add_python()
    channel.index()
    text = f"channels:\n  - {channel.uri}\ndependencies:\n  - python\n"
    built = BuilderService(root / "builds").make_ready(
        EnvironmentKind.CONDA, text, report=lambda _: None, cancel=threading.Event(), log_path=root / "build.log"
    )
    assert built.lock.builder == "conda"
    return str(built.python)
