"""The demonstration: the whole journey on the sample, for real, told step by step."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path

import click

from desktop_aml import resources
from desktop_aml.cli.endpoints import healthy
from desktop_aml.cli.following import follow, tell_preparation
from desktop_aml.cli.opened import opened
from desktop_aml.cli.output import number, size
from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace

PROGRAM = "desktop-aml"
_ENDPOINT = "iris-service"
_MODEL = "sklearn-iris"
_ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def run_demo(path: Path, environment: str) -> int:
    """Train, register, deploy and score the sample in the workspace at `path`; return the exit code."""
    if not (path / "config.json").exists():
        Workspace.create(path, "demo", is_passing=True).close()
    with opened(path, acting=True, on_event=tell_preparation) as workspace:
        _say(1, f"Workspace {workspace.path}")
        sample = resources.path("samples", "iris")
        label = environment or workspace.environments.register_file(sample / "environment.yml").label
        _say(2, f"Run {sample / 'train.py'} in the environment {label}")
        if not environment:
            # Said before anything happens: it is what takes the time, and what needs the network.
            click.echo(f"   {fetch_words(workspace, label)}")
        run_id = workspace.runs.submit(
            sample / "train.py", experiment="train-sklearn", environment=label, arguments=("--kernel", "rbf")
        )
        code = follow(workspace, run_id)
        if code != 0:
            return code
        _tell_run(workspace, run_id)
        model = workspace.models.register(
            _MODEL,
            run_id=run_id,
            path="outputs/model.joblib",
            cpu=1,
            memory_in_gb=0.5,
            description="The sample's support vector machine.",
        )
        _say(3, f"Registered {model.label} ({model.framework} {model.framework_version}, {size(model.size_bytes)})")
        workspace.endpoints.deploy(_MODEL, version=model.version, name=_ENDPOINT, overwrite=True)
        endpoint = healthy(workspace, _ENDPOINT, 180.0)
        _say(4, f"{_ENDPOINT} serves it at {endpoint.scoring_uri}")
        payload = {"data": _ROWS, "method": "predict"}
        answer = workspace.endpoints.score(_ENDPOINT, payload)
        _say(5, f"Asked {json.dumps(payload)}")
        click.echo(click.style(f"   Prediction: {json.dumps(answer)}", bold=True))
    _tell_what_next(path)
    return 0


def _say(step: int, words: str) -> None:
    click.echo(f"{click.style(f'{step}/5', bold=True)} {words}")


def _tell_run(workspace: Workspace, run_id: str) -> None:
    summary = workspace.runs.get(run_id).summary
    assert summary.state is RunState.COMPLETED
    for name, value in summary.summary:
        click.echo(f"   {name}: {number(value)}")
    for artifact in workspace.runs.files.list(run_id):
        click.echo(f"   {artifact.path} ({size(artifact.size_bytes)})")


def _tell_what_next(path: Path) -> None:
    program, there = program_words(), shlex.quote(str(path))
    rows = shlex.quote(json.dumps({"data": _ROWS}))
    click.echo(
        "\nThe endpoint goes on serving. Look again with:\n"
        f"  {program} run show latest --workspace {there}\n"
        f"  {program} score {_ENDPOINT} --workspace {there} --data {rows}\n"
        f"Stop it with:\n  {program} endpoint delete {_ENDPOINT} --workspace {there}"
    )


def program_words() -> str:
    """Return what starts this very program in a shell: it need not be on PATH, and another one may be."""
    found, own = shutil.which(PROGRAM), Path(sys.argv[0])
    if own.name != PROGRAM or not own.is_file():
        return f"{shlex.quote(sys.executable)} -m desktop_aml"
    if found is not None and Path(found).samefile(own):
        return PROGRAM
    return shlex.quote(str(own if own.is_absolute() else Path.cwd() / own))


def fetch_words(workspace: Workspace, label: str) -> str:
    """Return what the first use of the environment `label` fetches, in a sentence."""
    name, _, version = label.partition(":")
    found = workspace.environments.fetch_size(name, int(version))
    if found.size_bytes is None:
        return f"Its packages are fetched the first time. How large they are is not known: {found.why}."
    if not found.size_bytes:
        return "Its packages are on this computer already."
    at_most = size(found.size_bytes) + (f" ({found.why})" if found.why else "")
    return f"Its packages are fetched the first time: at most {at_most}, less what this computer has already."
