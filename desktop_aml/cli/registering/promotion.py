"""Commands that give versions of models aliases and stages, and keep the rules before them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml.cli.opened import opened, split_label, workspace_option
from desktop_aml.cli.output import json_option, moment, show_json, show_table
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.summaries.promotion import STAGE

if TYPE_CHECKING:
    from desktop_aml.workspace.tracking.model_records import PromotionCheck


@click.command()
@click.argument("label", metavar="MODEL")
@click.option("--to", "target", required=True, metavar="ALIAS", help="An alias, such as champion, or stage:Production.")
@click.option("--despite-rule", "force", is_flag=True, help="Also where the version does not keep the rule before it.")
@click.option("--off", is_flag=True, help="Take the alias away; a version leaves its stage with --to stage:None.")
@workspace_option
@json_option
def promote(label: str, target: str, workspace_path: Path | None, *, force: bool, off: bool, as_json: bool) -> None:
    """Let an alias mean a version, or put it into a stage; a rule that stands before it is checked first.

    Example: desktop-aml model promote iris:3 --to champion
    """
    name, version = split_label(label)
    if off:
        _take_away(name, version, target, workspace_path, as_json=as_json)
        return
    with opened(workspace_path, acting=True) as workspace:
        version = workspace.models.get(name, version).version
        if target.lower().startswith(STAGE):
            workspace.models.set_stage(name, version, target[len(STAGE) :], force=force)
        else:
            workspace.models.set_aliases(name, {target: version}, force=force)
        newest = next(iter(workspace.models.rules.checks(name)), None)
    is_checked = newest is not None and (newest.version, newest.target.lower()) == (version, target.lower())
    if as_json:
        show_json({"name": name, "version": version, "target": target, "check": newest if is_checked else None})
    else:
        click.echo(f"{name}:{version} is {target} now")
        if newest is not None and is_checked:
            _show(newest)


def _take_away(name: str, version: int, alias: str, workspace_path: Path | None, *, as_json: bool) -> None:
    with opened(workspace_path, acting=True) as workspace:
        workspace.models.get(name)
        meant = workspace.models.aliases(name).get(name, {}).get(alias)
        if meant is None or version not in (0, meant):
            words = f"{name} has no alias “{alias}”." if meant is None else f"“{alias}” is {name}:{meant}."
            raise NotFound(words, f"See: desktop-aml model show {name}")
        workspace.models.set_aliases(name, {alias: None})
    if as_json:
        show_json({"name": name, "version": meant, "target": None, "check": None})
    else:
        click.echo(f"{name}:{meant} is {alias} no more")


@click.command()
@click.argument("name")
@click.argument("text", metavar="[RULE]", default="")
@click.option("--for", "target", default="", metavar="ALIAS", help="The alias or stage that the rule stands before.")
@click.option("--clear", is_flag=True, help="Take the rule away.")
@workspace_option
@json_option
def rule(name: str, text: str, target: str, workspace_path: Path | None, *, clear: bool, as_json: bool) -> None:
    """Set, show or clear the rule that a version must keep before it gets an alias or a stage.

    Conditions stand with commas between them: METRIC not worse than ALIAS, METRIC better than ALIAS by 0.01,
    METRIC < 0.3, signature unchanged, framework unchanged, environment unchanged, tag KEY = VALUE. In the place of
    ALIAS, current is the version that has it now.

    Example: desktop-aml model rule iris "accuracy not worse than champion, signature unchanged" --for champion
    """
    if bool(text) and clear:
        raise click.UsageError("Give a rule, or --clear.")
    if (text or clear) and not target:
        raise click.UsageError("Say what the rule stands before: --for champion")
    with opened(workspace_path, acting=bool(text or clear)) as workspace:
        rules = workspace.models.rules
        if text or clear:
            rules.set(name, target, text)
        workspace.models.get(name)
        found, checks = rules.of(name), rules.checks(name)
    if as_json:
        show_json({"rules": found, "checks": checks})
        return
    nothing = f"No rule stands before {target or 'an alias or a stage'} of {name}."
    show_table(
        ((one, words) for one, words in found.items() if target.lower() in {"", one.lower()}),
        ("before", "rule"),
        nothing,
    )
    if not (text or clear):
        for one in checks[:5]:
            click.echo(f"{moment(one.at)}  version {one.version} for {one.target}: {_verdict(one)}")


@click.command("check")
@click.argument("label", metavar="MODEL")
@click.option(
    "--for", "target", required=True, metavar="ALIAS", help="An alias, such as champion, or stage:Production."
)
@workspace_option
@json_option
@click.pass_context
def check_model(context: click.Context, label: str, target: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Check the rule before an alias or a stage against a version, and change nothing. Exits with 1 if it fails.

    Example: desktop-aml model check iris:3 --for champion
    """
    name, version = split_label(label)
    with opened(workspace_path) as workspace:
        found = workspace.models.rules.check(name, workspace.models.get(name, version).version, target)
    if as_json:
        show_json({"check": found})
    elif found is None:
        click.echo(f"No rule stands before {target} of {name}.")
    else:
        _show(found)
    if found is not None and not found.passed:
        context.exit(1)


def _show(found: PromotionCheck) -> None:
    for one in found.results:
        click.echo(f"{'yes' if one.holds else 'NO '}  {one.condition}: {one.words}")
    click.echo(f"Version {found.version} {_verdict(found)}.")


def _verdict(found: PromotionCheck) -> str:
    if found.forced:
        return "does not keep the rule, and was promoted all the same"
    return "keeps the rule" if found.passed else "does not keep the rule"


ACTS = (promote, rule, check_model)
