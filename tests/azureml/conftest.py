"""Azure ML code in this very process, answered by a real workspace: quick, and the same calls as over the bridge."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.sdk import calls
from desktop_aml.sdk.workspaces import answer_without_workspace
from desktop_aml.workspace import Workspace
from tests.inside_run.conftest import SITE

sys.path.insert(0, str(SITE))

from desktop_aml.domain import replies
from desktop_aml.domain.errors import DesktopAMLError


class InProcess:
    """The other side of Azure ML code: as `sdk-bridge`, with one workspace that is open already."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.others: dict[str, Workspace] = {}

    def __call__(self, method: str, path: str, body: dict[str, Any]) -> object:
        from desktop_aml_run.backend import Refused

        # Through JSON and back, so that nothing passes here that would not pass over a pipe.
        body = json.loads(json.dumps(body))
        try:
            answer = calls.answer(self._open(path), method, body) if path else answer_without_workspace(method, body)
        except DesktopAMLError as error:
            reply = json.loads(replies.failure(error))
            raise Refused(reply["error"], reply["message"], reply["hint"]) from None
        return json.loads(replies.success(answer))["body"]

    def _open(self, path: str) -> Workspace:
        if path == str(self.workspace.path):
            return self.workspace
        if path not in self.others:
            self.others[path] = Workspace.open(path)
        return self.others[path]


@pytest.fixture
def azure(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Return `azureml.core.Workspace` of a real workspace; the current folder is the user's project."""
    from azureml import _service
    from desktop_aml_run import backend

    side = InProcess(workspace)
    monkeypatch.setattr(backend, "_chosen", [side])
    monkeypatch.setattr(_service, "_told", set())
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)

    from azureml.core import Workspace as AzureWorkspace

    yield AzureWorkspace.from_config(str(workspace.path / "config.json"))
    for other in side.others.values():
        other.close()


@pytest.fixture
def project(azure: object) -> Path:
    """Return the user's folder, which is the current one."""
    return Path.cwd()


@pytest.fixture
def notes(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what reads the notes that were told so far."""
    return lambda: capsys.readouterr().err
