"""The copied source of a scoring script: taken before the deployment is asked for, gone when it is refused."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_aml.domain.errors import DesktopAMLError, EngineUnavailable
from desktop_aml.domain.names import check_endpoint_name
from desktop_aml.run_folder import snapshot
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.locating import locate_script


@dataclass(frozen=True, slots=True)
class ScoringSource:
    """Where a scoring script came from and how its copy is found again. All empty: no script, serve the model."""

    entry_script: str = ""
    directory: str = ""
    mark: str = ""


@contextmanager
def taken(
    folder: WorkspaceFolder, endpoint: str, entry_script: Path | str, source_directory: Path | str | None
) -> Iterator[ScoringSource]:
    """Keep a copy of a scoring script for the deployment that is asked for inside.

    Without a source directory the script alone is copied, as Azure ML does.

    Raises
    ------
    NotFound
        When there is no such script or folder.
    InvalidInput
        When the script lies outside the source directory.
    """
    if not entry_script:
        yield ScoringSource()
        return
    check_endpoint_name(endpoint)
    source, relative = locate_script(entry_script, source_directory)
    mark = secrets.token_hex(8)
    own = folder.endpoint_source(endpoint, mark)
    try:
        snapshot.take(source, own, folder.blobs, workspace=folder.root, only="" if source_directory else relative)
        yield ScoringSource(relative, str(source), mark)
    except EngineUnavailable:
        # It may still be carried out.
        raise
    except DesktopAMLError:
        snapshot.remove_folder(own)
        raise
