"""What the script of a run takes on its command line, read from the code that is kept with the run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.scripts.command_lines import CommandLine
from desktop_aml.run_folder import snapshot
from desktop_aml.store.blobs import BlobStore
from desktop_aml.system.files import open_regular

if TYPE_CHECKING:
    from desktop_aml.domain.scripts.arguments import ScriptArguments

_MOST_BYTES: Final = 4 << 20


def command_line(run_directory: Path, blobs: BlobStore, script: str) -> CommandLine:
    """Return which words a script takes; nothing where its code does not tell."""
    from desktop_aml.domain.scripts.command_line_reading import command_line_of

    return command_line_of(*_texts(run_directory, blobs, script))


def described(run_directory: Path, blobs: BlobStore, script: str) -> ScriptArguments:
    """Return what a script says about its arguments, itself or through a module beside it."""
    from desktop_aml.domain.scripts.imported import describe_with_imports

    return describe_with_imports(*_texts(run_directory, blobs, script))


def _texts(run_directory: Path, blobs: BlobStore, script: str) -> tuple[str, Callable[[str], str]]:
    """Return the text of the script, and what gives that of a module of its own folders."""
    from desktop_aml.domain.scripts.imported import places_of

    hashes = {one.path: one.sha256 for one in snapshot.manifest(run_directory)}
    folders = (PurePosixPath(script).parent, PurePosixPath())

    def text(path: str) -> str:
        # A notebook is no source text.
        if path in hashes and not path.lower().endswith(".ipynb"):
            with suppress(OSError), open_regular(blobs.path_of(hashes[path])) as stream:
                return stream.read(_MOST_BYTES).decode("utf-8-sig", "replace")
        return ""

    def text_of(module: str) -> str:
        return next((text(path) for path in map(str, places_of(module, folders)) if path in hashes), "")

    return text(script), text_of
