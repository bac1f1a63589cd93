"""A package index in a folder, so that builds are real, quick and need no network."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path


class LocalIndex:
    """A PEP 503 index under `root`; give `uri` to uv."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    @property
    def uri(self) -> str:
        return self.root.as_uri()

    def add_wheel(
        self,
        name: str,
        version: str,
        requires: tuple[str, ...] = (),
        data: bytes = b"",
        program: str = "",
        tag: str = "py3-none-any",
    ) -> Path:
        """Publish a wheel that holds one module, `name`, with its version in it, and maybe a program of that name."""
        info = f"{name}-{version}.dist-info"
        headers = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
        headers += [f"Requires-Dist: {requirement}\n" for requirement in requires]
        files = {
            f"{name}.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": "".join(headers),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        if program:
            files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name} = {program}\n"
        files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
        buffer = io.BytesIO()
        # `data` makes it as large as a test needs.
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
            if data:
                archive.writestr(f"{name}.bin", data)
        return self._publish(name, f"{name}-{version}-{tag}.whl", buffer.getvalue())

    def add_source(self, name: str, version: str, backend: str) -> Path:
        """Publish a source distribution that `backend`, the text of a PEP 517 module, builds."""
        project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n'
        project += f'[project]\nname = "{name}"\ndynamic = ["version"]\n'
        info = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path, text in (("pyproject.toml", project), ("PKG-INFO", info), ("backend.py", backend)):
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        return self._publish(name, f"{name}-{version}.tar.gz", buffer.getvalue())

    def add_file(self, name: str, path: Path) -> None:
        """Publish a wheel that somebody else made."""
        self._publish(name, path.name, path.read_bytes())

    def yank(self, name: str, version: str) -> None:
        """Mark a version as withdrawn by its authors."""
        page = self.root / name / "index.html"
        lines = page.read_text().replace(f'href="{name}-{version}-', f'data-yanked="broken" href="{name}-{version}-')
        page.write_text(lines)

    def _publish(self, name: str, file_name: str, data: bytes) -> Path:
        folder = self.root / name.replace("_", "-")
        folder.mkdir(exist_ok=True)
        file = folder / file_name
        file.write_bytes(data)
        links = "".join(
            f'<a href="{one.name}#sha256={hashlib.sha256(one.read_bytes()).hexdigest()}">{one.name}</a>\n'
            for one in sorted(folder.iterdir())
            if one.name != "index.html"
        )
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        return file
