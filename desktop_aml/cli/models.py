"""Commands about models."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from desktop_aml.cli.assignments import tags_of
from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, moment, show_fields, show_json, show_table, size
from desktop_aml.cli.paths import TypedPath
from desktop_aml.cli.registering import promotion, words
from desktop_aml.domain.errors import InvalidInput


@click.group()
def model() -> None:
    """Register, show, tag, promote, rename and delete models. MODEL is NAME or NAME:VERSION."""


@model.command()
@click.option("--run", "run_id", default="", metavar="RUN", help="The run that made it.")
@click.option("--path", default="", help="Path among the run's outputs, such as outputs/model.joblib.")
@click.option("--file", "file", type=TypedPath(), help="A model file from elsewhere.")
@click.option("--name", required=True)
@click.option(
    "--framework",
    default="",
    help="Default: as its MLmodel file says, else ScikitLearn for .joblib, .pkl and .skops files.",
)
@click.option("--framework-version", default="", help="Default: read from the lock of the run's environment.")
@click.option("--description", default="")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE")
@click.option("--cpu", type=float, help="Cores that an endpoint of it may use.")
@click.option("--memory", "memory_in_gb", type=float, help="Gigabytes of memory that an endpoint of it may use.")
@click.option("--environment", default="", help="Environment to load it in. Default: the run's, else this Python.")
@workspace_option
@json_option
def register(
    run_id: str,
    path: str,
    file: Path | None,
    name: str,
    framework: str,
    framework_version: str,
    description: str,
    tags: tuple[str, ...],
    cpu: float | None,
    memory_in_gb: float | None,
    environment: str,
    workspace_path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Register a model: from the outputs of a run, or from a file.

    Example: desktop-aml model register --run latest --path outputs/model.joblib --name iris
    """
    if bool(run_id) == bool(file):
        raise InvalidInput("Give either --run with --path, or --file.")
    with opened(workspace_path, acting=True) as workspace:
        made = workspace.models.register(
            name,
            run_id=run_id,
            path=path or "outputs",
            file=file or "",
            framework=framework,
            framework_version=framework_version,
            description=description,
            tags=tags_of(tags),
            cpu=cpu,
            memory_in_gb=memory_in_gb,
            environment=environment,
        )
    if as_json:
        show_json(made)
    else:
        click.echo(f"Registered {made.label} ({size(made.size_bytes)})")


@model.command("list")
@click.option("--trash", is_flag=True, help="Show the versions in the trash.")
@workspace_option
@json_option
def list_models(workspace_path: Path | None, *, trash: bool, as_json: bool) -> None:
    """List the newest version of each model.

    Example: desktop-aml model list
    """
    with opened(workspace_path) as workspace:
        found = workspace.models.trash() if trash else workspace.models.list()
    if as_json:
        show_json(found)
    else:
        show_table(
            (
                (
                    one.name,
                    one.version,
                    f"{one.framework} {one.framework_version}".strip(),
                    moment(one.created_at),
                    size(one.size_bytes),
                    one.run_id,
                )
                for one in found
            ),
            ("name", "version", "framework", "created", "size", "run"),
            "The trash holds no models."
            if trash
            else "There are no models. Register one with: desktop-aml model register --run latest --name NAME",
        )


@model.command()
@click.argument("label", metavar="MODEL")
@workspace_option
@json_option
def show(label: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show a model: its versions, where it came from, its files.

    Example: desktop-aml model show iris:1
    """
    name, version = split_label(label)
    with opened(workspace_path) as workspace:
        found = workspace.models.get(name, version)
        versions = [one.version for one in workspace.models.versions(name)]
        aliases = workspace.models.aliases(name).get(name, {})
        stage, rules = workspace.models.stage(name, found.version), workspace.models.rules.of(name)
    own = [alias for alias, of in aliases.items() if of == found.version]
    if as_json:
        show_json({"model": found, "versions": versions, "aliases": aliases, "stage": stage, "rules": rules})
        return
    show_fields(
        (
            ("Model", found.label),
            ("Versions", ", ".join(map(str, versions))),
            ("Aliases", ", ".join(own)),
            ("Stage", stage if stage != "None" else ""),
            *((f"Rule before {target}", rule) for target, rule in rules.items()),
            ("Framework", f"{found.framework} {found.framework_version}".strip()),
            ("Description", found.description),
            ("Created", moment(found.created_at)),
            ("Run", found.run_id),
            ("Environment", found.environment),
            ("CPU", found.resources.cpu),
            ("Memory (GB)", found.resources.memory_in_gb),
            *((f"Tag {key}", value) for key, value in found.tags.items()),
            *((file.path, f"{size(file.size_bytes)}  sha256 {file.sha256}") for file in found.files),
        )
    )


@model.command()
@click.argument("label", metavar="MODEL")
@click.option("--to", type=TypedPath(), default=Path(), help="Folder to write into. Default: this one.")
@workspace_option
@json_option
def download(label: str, to: Path, workspace_path: Path | None, *, as_json: bool) -> None:
    """Copy the verified files of a model.

    Example: desktop-aml model download iris:1 --to models
    """
    with opened(workspace_path) as workspace:
        written = workspace.models.download(*split_label(label), to)
    if as_json:
        show_json([str(path) for path in written])
    else:
        for path in written:
            click.echo(path)


@model.command()
@click.argument("label", metavar="NAME:VERSION")
@click.option("--forever", is_flag=True, help="Remove it at once, or from the trash; there is no way back.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, with --forever.")
@workspace_option
def delete(label: str, workspace_path: Path | None, *, forever: bool, yes: bool) -> None:
    """Put one version of a model into the trash; refused while an endpoint uses it. Its files stay until --forever.

    Example: desktop-aml model delete iris:1
    """
    name, version = split_label(label)
    if not version:
        raise InvalidInput("Say which version to delete.", f"Write {name}:1, for example.")
    if forever and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("To remove a model for good without being asked: --forever --yes")
        click.confirm(f"Remove {name}:{version} for good?", abort=True, err=True)
    with opened(workspace_path, acting=True) as workspace:
        workspace.models.delete(name, version, forever=forever)
        click.echo(f"{'Removed' if forever else 'Deleted'} {name}:{version}")


@model.command()
@click.argument("label", metavar="NAME:VERSION")
@workspace_option
def restore(label: str, workspace_path: Path | None) -> None:
    """Take one version of a model out of the trash.

    Example: desktop-aml model restore iris:1
    """
    name, version = split_label(label)
    if not version:
        raise InvalidInput("Say which version to restore.", "List them with: desktop-aml model list --trash")
    with opened(workspace_path, acting=True) as workspace:
        workspace.models.restore(name, version)
        click.echo(f"Restored {name}:{version}")


@model.command()
@click.argument("name")
@click.argument("new_name")
@workspace_option
def rename(name: str, new_name: str, workspace_path: Path | None) -> None:
    """Give a model another name: its versions keep numbers, tags, aliases and stages; not while one is served.

    Example: desktop-aml model rename iris flowers
    """
    with opened(workspace_path, acting=True) as workspace:
        workspace.models.rename(name, new_name)
        click.echo(f"Renamed {name} to {new_name}.")


for act in (*promotion.ACTS, *words.ACTS):
    model.add_command(act)

COMMANDS = (model,)
