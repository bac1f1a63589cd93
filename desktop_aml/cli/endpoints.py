"""Commands about serving."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, moment, show_fields, show_json, show_table
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.system.whole_paths import with_home
from desktop_aml.workspace import Workspace

if TYPE_CHECKING:
    from desktop_aml.domain.summaries.endpoint_use import EndpointUse

_POLL_S = 0.2


@click.command(epilog="Example: desktop-aml deploy iris --name iris-service")
@click.argument("labels", metavar="[MODEL[:VERSION]]...", nargs=-1)
@click.option("--name", required=True, help="Name of the endpoint: lower-case letters, digits and -.")
@click.option("--port", default=0, help="Default: a free one.")
@click.option("--auth/--no-auth", default=False, help="Whether a request must carry a key. Default: no.")
@click.option("--overwrite", is_flag=True, help="Replace the endpoint of this name.")
@click.option("--entry-script", metavar="FILE", help="Scoring script with init() and run(). Default: no code.")
@click.option("--source", metavar="FOLDER", help="Folder that is copied for the scoring script. Default: it alone.")
@click.option("--environment", default="", help="A registered NAME or NAME:VERSION. Default: the model's own.")
@click.option(
    "--target",
    type=click.Choice(["local", "docker"]),
    default="local",
    show_default=True,
    help="Where the model is loaded: a process, or a Docker container with a read-only root.",
)
@click.option("--network/--no-network", default=False, help="Whether the model may use the network. Default: no.")
@click.option("--timeout", "timeout_s", default=180.0, show_default=True, help="Seconds to wait until it serves.")
@workspace_option
@json_option
def deploy(
    labels: tuple[str, ...],
    name: str,
    port: int,
    entry_script: str | None,
    source: str | None,
    environment: str,
    target: str,
    timeout_s: float,
    workspace_path: Path | None,
    *,
    auth: bool,
    network: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Serve a model on this computer only: with no code, or any number of models with a scoring script.

    It goes on when this command has ended.
    """
    if len(labels) != 1 and not entry_script:
        raise click.UsageError("Name one model; only a scoring script (--entry-script) takes none or several.")
    model, version = split_label(labels[0]) if labels else ("", 0)
    with opened(workspace_path, acting=True) as workspace:
        workspace.endpoints.deploy(
            model,
            version=version,
            name=name,
            port=port,
            auth_enabled=auth,
            overwrite=overwrite,
            entry_script=entry_script or "",
            source_directory=source,
            environment=environment,
            target=target,
            network=network,
            more_models=labels[1:],
        )
        endpoint = healthy(workspace, name, timeout_s)
        calls = workspace.endpoints.calls(name)
    if as_json:
        show_json(endpoint)
        return
    click.echo(f"{endpoint.name} serves {endpoint.model_label} at {endpoint.scoring_uri}")
    click.echo(f"Try it:\n{calls.curl}")
    _tell_of_body(calls.body_file)


def healthy(workspace: Workspace, name: str, timeout_s: float) -> Endpoint:
    """Wait for an endpoint to serve, and say why when it does not."""
    endpoint = workspace.endpoints.wait(name, timeout_s)
    if endpoint.state is not EndpointState.HEALTHY:
        raise DesktopAMLError(
            f"The endpoint “{name}” is {endpoint.state}. {endpoint.error}".strip(),
            f"Its log: desktop-aml endpoint log {name}",
        )
    return endpoint


@click.group()
def endpoint() -> None:
    """List, show, stop, start, reload and delete endpoints."""


@endpoint.command("list")
@workspace_option
@json_option
def list_endpoints(workspace_path: Path | None, *, as_json: bool) -> None:
    """List endpoints.

    Example: desktop-aml endpoint list
    """
    with opened(workspace_path) as workspace:
        found = workspace.endpoints.list()
    if as_json:
        show_json(found)
    else:
        show_table(
            ((one.name, one.state, one.model_label, one.scoring_uri) for one in found),
            ("name", "state", "model", "scoring uri"),
            "There are no endpoints. Make one with: desktop-aml deploy MODEL --name NAME",
        )


@endpoint.command()
@click.argument("name")
@workspace_option
@json_option
def show(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show an endpoint and how to call it.

    Example: desktop-aml endpoint show iris-service
    """
    with opened(workspace_path) as workspace:
        found = workspace.endpoints.get(name)
        calls = workspace.endpoints.calls(name) if found.scoring_uri else None
        use = workspace.endpoints.use(name)
    if as_json:
        show_json({"endpoint": found, "calls": calls, "use": use})
        return
    show_fields(
        (
            ("Name", found.name),
            ("State", found.state),
            ("Error", found.error),
            ("Model", found.model_label),
            ("Scoring script", found.entry_script),
            ("Environment", found.environment),
            ("Target", found.target),
            ("Scoring URI", found.scoring_uri),
            ("Swagger", found.swagger_uri),
            ("Needs a key", "yes" if found.auth_enabled else "no"),
            ("Network", _network(found)),
            ("Created", moment(found.created_at)),
            ("Requests", _use(use)),
        )
    )
    if calls is not None:
        click.echo(f"\n{calls.curl}\n\n{calls.python}")
        _tell_of_body(calls.body_file)


def _tell_of_body(file: str) -> None:
    if file:
        click.echo(f"Write into {file} the rows to ask it about: what is served does not say itself what it takes.")


def _use(use: EndpointUse | None) -> str:
    if use is None:
        return ""
    words = f"{use.answered:,} answered, {use.refused:,} refused, {use.failed:,} failed since {moment(use.since)}"
    if use.median_ms is None or use.most_ms is None:
        return words
    return f"{words}; half within {use.median_ms:.3g} ms, 95 % within {use.most_ms:.3g} ms"


def _network(endpoint: Endpoint) -> str:
    if endpoint.network:
        return "allowed"
    return f"not shut off, the system does not let it: {endpoint.open_network}" if endpoint.open_network else "none"


@endpoint.command()
@click.argument("name")
@click.option("--follow", "-f", "following", is_flag=True, help="Keep printing until Ctrl+C.")
@workspace_option
def log(name: str, workspace_path: Path | None, *, following: bool) -> None:
    """Print the log of an endpoint.

    Example: desktop-aml endpoint log iris-service
    """
    with opened(workspace_path) as workspace:
        offset = 0
        while True:
            chunk = workspace.endpoints.log(name, offset)
            sys.stdout.buffer.write(chunk.data)
            offset = chunk.next_offset if chunk.total_bytes >= offset else 0
            if not chunk.data:
                if not following:
                    return
                time.sleep(_POLL_S)


@endpoint.command()
@click.argument("name")
@workspace_option
@json_option
def keys(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Print the two keys of an endpoint; either is valid.

    Example: desktop-aml endpoint keys iris-service
    """
    with opened(workspace_path) as workspace:
        found = workspace.endpoints.keys(name)
    if as_json:
        show_json(found)
    else:
        click.echo(f"{found.primary}\n{found.secondary}")


@endpoint.command()
@click.argument("name")
@workspace_option
def stop(name: str, workspace_path: Path | None) -> None:
    """Stop serving; the endpoint stays.

    Example: desktop-aml endpoint stop iris-service
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.endpoints.stop(name)
        workspace.endpoints.wait_for_state(name, EndpointState.STOPPED)
        click.echo(f"Stopped {name}")


@endpoint.command()
@click.argument("name")
@workspace_option
def start(name: str, workspace_path: Path | None) -> None:
    """Serve again.

    Example: desktop-aml endpoint start iris-service
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.endpoints.start(name)
        click.echo(f"{name} serves at {healthy(workspace, name, 180.0).scoring_uri}")


@endpoint.command()
@click.argument("name")
@workspace_option
def reload(name: str, workspace_path: Path | None) -> None:
    """Copy the scoring script again from where it came, and serve with it.

    Example: desktop-aml endpoint reload iris-code
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.endpoints.reload(name)
        click.echo(f"{name} serves at {healthy(workspace, name, 180.0).scoring_uri}")


@endpoint.command()
@click.argument("name")
@workspace_option
def delete(name: str, workspace_path: Path | None) -> None:
    """Stop serving and forget the endpoint.

    Example: desktop-aml endpoint delete iris-service
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.endpoints.delete(name)
        workspace.endpoints.wait_for_state(name, None)
        click.echo(f"Deleted {name}")


@click.command(epilog="Example: desktop-aml score iris-service --data '{\"data\": [[5.1, 3.5, 1.4, 0.2]]}'")
@click.argument("name")
@click.option("--data", default=None, metavar="JSON|@FILE", help='Rows: [[…]] or {"data": [[…]], "method": "predict"}.')
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="A file of rows instead, its first line the names of the columns.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Of --csv: where the rows go with their answers. Default: printed.",
)
@click.option(
    "--method",
    default="",
    help="Of the model, such as predict. Default: predict_proba where it has that, else predict.",
)
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="The answer is JSON anyway.")
def score(
    name: str,
    data: str | None,
    csv_path: Path | None,
    out: Path | None,
    method: str,
    workspace_path: Path | None,
    as_json: bool,
) -> None:
    """Send rows to an endpoint and print its answer as JSON; or score a CSV file."""
    if (data is None) == (csv_path is None):
        raise InvalidInput("Name the rows: either --data or --csv.", "--data '[[5.1, 3.5]]', or --csv rows.csv")
    if csv_path is not None:
        _score_file(name, csv_path, out, method, workspace_path, as_json)
        return
    assert data is not None
    payload = _payload(data)
    if method and isinstance(payload, dict):
        payload["method"] = method
    with opened(workspace_path) as workspace:
        show_json(workspace.endpoints.score(name, payload))


def _score_file(
    name: str, csv_path: Path, out: Path | None, method: str, workspace_path: Path | None, as_json: bool
) -> None:
    if out is None and as_json:
        raise InvalidInput("With --json the answers need a file.", "Name it with --out FILE.")
    with opened(workspace_path) as workspace, tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "scored.csv" if out is None else out
        found = workspace.endpoints.score_file(name, csv_path, path, method=method)
        if as_json:
            show_json({"rows": found.rows, "columns": found.columns, "out": str(path)})
        elif out is None:
            with path.open(encoding="utf-8", newline="") as file:
                shutil.copyfileobj(file, sys.stdout)
        else:
            click.echo(f"{found.rows:,} rows scored into {path}")


def _payload(data: str) -> object:
    text = data
    if data.startswith("@"):
        try:
            text = with_home(data[1:]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NotFound(f"The file “{data[1:]}” cannot be read: {error}.", "Check the path.") from error
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The data is not JSON: {error}.", 'Write it like {"data": [[5.1, 3.5, 1.4, 0.2]]}.'
        ) from error
    return {"data": payload} if isinstance(payload, list) else payload


COMMANDS = (deploy, endpoint, score)
