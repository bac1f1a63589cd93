"""The hidden command behind Azure ML code that runs outside a run: questions come in, answers go out, a line each.

It is the engine of a workspace when nobody else is, so that what such code submits begins at once; an open window keeps
its engine and shows all of it live.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import click

from desktop_aml import settings
from desktop_aml.domain import replies
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.sdk import answers_of, calls
from desktop_aml.sdk.workspaces import answer_without_workspace
from desktop_aml.system.private_log import log_to
from desktop_aml.workspace import Workspace, remembered

_log = logging.getLogger(__name__)


class OpenWorkspaces:
    """The workspaces that the other side has named so far, each with an engine standing by."""

    def __init__(self) -> None:
        self._open: dict[str, Workspace] = {}

    def answer(self, method: str, path: str, body: Mapping[str, Any]) -> object:
        """Carry out one call; `path` is empty for those that find or make a workspace."""
        if not path:
            return answer_without_workspace(method, body)
        workspace = self._open.get(path)
        if workspace is None:
            workspace = self._open[path] = Workspace.open(Path(path))
            settings.save(remembered(settings.load(), workspace.path))
            if workspace.verdict().is_trusted:
                workspace.start_engine(answer=answers_of(workspace))
        return calls.answer(workspace, method, body)

    def close(self) -> None:
        """Leave what is under way to others, see `Workspace.close`."""
        for workspace in self._open.values():
            workspace.close()


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until `questions` ends."""
    workspaces = OpenWorkspaces()
    # One thread: what a call reads goes through that thread's own connection. Its Future keeps unexpected errors.
    with ThreadPoolExecutor(1, thread_name_prefix="call") as caller:
        for line in questions:
            question = json.loads(line)
            future = caller.submit(workspaces.answer, question["method"], question["workspace"], question["body"])
            error = future.exception()
            if error is not None and not isinstance(error, DesktopAMLError):
                _log.error("The call %s failed unexpectedly.", question["method"], exc_info=error)
            reply = replies.failure(error) if error is not None else replies.success(future.result())
            try:
                answers.write(reply.encode() + b"\n")
                answers.flush()
            except BrokenPipeError:
                break
    workspaces.close()


@click.command("sdk-bridge", hidden=True)
def sdk_bridge() -> None:
    """Answer Azure ML code over standard input and output; for the azureml package alone."""
    log_to(settings.user_directories().log / "engine.log", settings.load().app_log_limit_bytes)
    # Whatever else writes to standard output must not stand between the answers.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)


COMMANDS = (sdk_bridge,)
