"""The files that a machine keeps, by their SHA-256, and the folders that are made of them there.

Travels with `far_porter`: standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from typing import Any

STAMP_S = 1_000_000_000
"""Time of last change of all files that are kept: one that was written to since has another."""

UNUSED_S = 30 * 24 * 3600


class Store:
    """The files that are kept, and the folders made of them. A name is a SHA-256, ``x`` after it for programs."""

    def __init__(self, root: str) -> None:
        self.root = root
        for name in ("files", "trees", "runs", "incoming"):
            os.makedirs(os.path.join(root, name), mode=0o700, exist_ok=True)
        self.incoming: tuple[str, Any, Any] | None = None
        self.faults: dict[str, str] = {}

    def path(self, name: str) -> str:
        """Return where a file is, or would be."""
        return os.path.join(self.root, "files", name[:2], name)

    def has(self, name: str) -> bool:
        """Whether a file is here as it came; notes that it was used now."""
        path = self.path(name)
        try:
            if os.lstat(path).st_mtime == STAMP_S:
                os.utime(path, (time.time(), STAMP_S))
                return True
            os.unlink(path)
        except OSError:
            return False
        return False

    def put(self, name: str, data: bytes, is_last: bool) -> None:
        """Take in a piece of a file; what keeps it from being here is told when it is wanted."""
        try:
            if name not in self.faults:
                self.take(name, data, is_last)
        except OSError as error:
            self.faults[name] = str(error)
            if self.incoming is not None:
                path, stream, _ = self.incoming
                self.incoming = None
                with contextlib.suppress(OSError):
                    os.unlink(path)
                with contextlib.suppress(OSError):
                    stream.close()

    def take(self, name: str, data: bytes, is_last: bool) -> None:
        """Take in a piece of a file; it appears when it is whole and is what its name says."""
        if self.incoming is None:
            path = os.path.join(self.root, "incoming", "%d-%s" % (os.getpid(), name))
            self.incoming = path, open(path, "wb"), hashlib.sha256()
        path, stream, digest = self.incoming
        stream.write(data)
        digest.update(data)
        if not is_last:
            return
        stream.close()
        self.incoming = None
        if digest.hexdigest() != name[:64]:
            os.unlink(path)
            raise OSError("a file was changed while it was sent")
        os.chmod(path, 0o555 if name.endswith("x") else 0o444)
        os.utime(path, (time.time(), STAMP_S))
        os.makedirs(os.path.dirname(self.path(name)), mode=0o700, exist_ok=True)
        os.replace(path, self.path(name))

    def lay(self, folder: str, entries: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
        """Fill a folder; return what each copied file looks like."""
        looks = {}
        for entry in entries:
            if entry.get("h") in self.faults:
                # Whoever tries again finds it forgotten.
                raise OSError(self.faults.pop(entry["h"]))
            path, kind = os.path.join(folder, entry["p"]), entry["k"]
            os.makedirs(path if kind == "d" else os.path.dirname(path), mode=0o700, exist_ok=True)
            if kind == "l":
                os.symlink(entry["h"], path)
            elif kind == "f":
                self.link(entry["h"], path)
            elif kind == "t":
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
                    stream.write(entry["h"])
            elif kind == "r":
                with open(self.path(entry["h"]), "rb") as source, open(path, "wb") as target:
                    text = source.read()
                    for old, new in entry["with"]:
                        text = text.replace(old.encode(), new.encode())
                    target.write(text)
                os.chmod(path, 0o755 if entry["h"].endswith("x") else 0o644)
            elif kind == "c":
                shutil.copyfile(self.path(entry["h"]), path)
                os.chmod(path, entry["m"])
                os.utime(path, (entry["t"], entry["t"]))
                found = os.lstat(path)
                looks[path] = (found.st_size, found.st_mtime_ns)
        return looks

    def link(self, name: str, path: str) -> None:
        """Have a file appear under another name; a copy where its disk has no more names for it."""
        try:
            os.link(self.path(name), path)
        except OSError:
            shutil.copy2(self.path(name), path)

    def make_tree(self, key: str, entries: list[dict[str, Any]]) -> None:
        """Make a folder that stays, at once or not at all."""
        made = os.path.join(self.root, "incoming", "%d-%s-tree" % (os.getpid(), key))
        shutil.rmtree(made, ignore_errors=True)
        os.mkdir(made, 0o700)
        self.lay(made, entries)
        try:
            os.rename(made, self.tree(key))
        except OSError:
            # Another one was quicker.
            shutil.rmtree(made, ignore_errors=True)
            if not os.path.isdir(self.tree(key)):
                raise

    def tree(self, key: str) -> str:
        """Return where such a folder is."""
        return os.path.join(self.root, "trees", key)

    def has_tree(self, key: str) -> bool:
        """Whether there is such a folder; notes that it was used now."""
        try:
            os.utime(self.tree(key))
        except OSError:
            return False
        return True

    def clean(self) -> None:
        """Remove what nobody has used for long."""
        before = time.time() - UNUSED_S
        for name in os.listdir(os.path.join(self.root, "trees")):
            with contextlib.suppress(OSError):
                if os.stat(self.tree(name)).st_mtime < before:
                    shutil.rmtree(self.tree(name))
        for root, _, names in os.walk(os.path.join(self.root, "files")):
            for name in names:
                with contextlib.suppress(OSError):
                    if os.lstat(os.path.join(root, name)).st_atime < before:
                        os.unlink(os.path.join(root, name))
