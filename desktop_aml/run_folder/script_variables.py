"""The variables that a run brings along from whoever submitted it, kept in the run's folder.

``variables.json`` holds what a run again uses once more. What looks like a secret is in ``secrets.json`` alone, which
is there from the submission until the script runs; only its names stay. Both are for the user's eyes only.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.secret_words import is_secret_variable
from desktop_aml.domain.values import dataclass
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import INPUTS, OUTPUTS
from desktop_aml.run_folder import script_env
from desktop_aml.system.files import open_regular, write_durably

_log = logging.getLogger(__name__)
_VARIABLES: Final = "variables.json"
_SECRETS: Final = "secrets.json"
_SEARCHED: Final = "PYTHONPATH"
_OUR_PREFIXES: Final = ("AZUREML_", "DESKTOP_AML_")


@dataclass(frozen=True, slots=True)
class Brought:
    """The variables that a run brings along.

    Parameters
    ----------
    inherited : dict of str
        Those of the submitter's own process, of use on this computer only.
    given : dict of str
        Secrets among those that were named for this run; the others are in the run's record.
    secret_names : tuple of str
        Which of both are secrets, and so are not kept beyond the start.
    """

    inherited: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()


def keep(
    run_directory: Path, given: Mapping[str, str], submitters: Mapping[str, str] | None, source: Path | None = None
) -> dict[str, str]:
    """Keep what a run brings along, and return what of `given` is no secret: for the run's record.

    Parameters
    ----------
    submitters : mapping of str, optional
        All variables of the submitter's process; none for a run that finds those of a container.
    source : Path, optional
        The folder that was copied: folders in it that ``PYTHONPATH`` names mean those of the copy.
    """
    inherited = {k: v for k, v in script_env.of_the_user(submitters or {}).items() if k not in given}
    if source is not None and _SEARCHED in inherited:
        inherited[_SEARCHED] = _search_path(inherited[_SEARCHED], source)
    ours = _names_of_data(given)
    secret = {
        name
        for part in (inherited, given)
        for name, value in part.items()
        if is_secret_variable(name, value) and name not in ours and not name.startswith(_OUR_PREFIXES)
    }
    plain = {name: value for name, value in inherited.items() if name not in secret}
    hidden = Brought(
        {name: value for name, value in inherited.items() if name in secret},
        {name: value for name, value in given.items() if name in secret},
    )
    _write(run_directory / _VARIABLES, Brought(plain, {}, tuple(sorted(secret))))
    if secret:
        _write(run_directory / _SECRETS, hidden)
    return {name: value for name, value in given.items() if name not in secret}


def missing_again(old_run: Path, given: Mapping[str, str], here: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets of a run that its run again would lack: not kept, and neither given nor among `here`."""
    old = brought(old_run)
    return tuple(name for name in old.secret_names if name not in here and name not in given) if old else ()


def keep_again(
    run_directory: Path, old_run: Path, given: Mapping[str, str], submitters: Mapping[str, str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keep for a run again what its first run brought along; return `given` without secrets, and names now missing.

    Secrets were not kept: those that the submitter has now are taken, the others are missing.
    """
    old = brought(old_run)
    if old is None or (submitters is not None and not old.inherited):
        return keep(run_directory, given, submitters), ()
    here = os.environ if submitters is None else submitters
    secrets = {name: here[name] for name in old.secret_names if name in here}
    missing = missing_again(old_run, given, here)
    if submitters is None:
        return keep(run_directory, {**secrets, **given}, None), missing
    return keep(run_directory, given, {**old.inherited, **secrets}), missing


def hand_on(run_directory: Path, from_run: Path) -> None:
    """Give a run what another one brought along, secrets included: it is part of it, as a trial is of a sweep."""
    for name in (_VARIABLES, _SECRETS):
        try:
            with open_regular(from_run / name) as stream:
                text = stream.read()
        except FileNotFoundError:
            continue
        write_durably(run_directory / name, text)


def renew_secrets(run_directory: Path, here: Mapping[str, str]) -> None:
    """Keep the secrets of a run that goes on again, as far as the submitter has them now."""
    old = brought(run_directory)
    found = {name: here[name] for name in old.secret_names if name in here} if old is not None else {}
    if found:
        _write(run_directory / _SECRETS, Brought({}, found))


def brought(run_directory: Path) -> Brought | None:
    """Return what a run brings along; None for a run of an earlier version, which brought nothing."""
    known, hidden = _read(run_directory / _VARIABLES), _read(run_directory / _SECRETS)
    if known is None:
        return None
    secrets = hidden or Brought()
    inherited = {**known.inherited, **secrets.inherited}
    if _SEARCHED in inherited:
        copy = run_directory / "snapshot"
        inherited[_SEARCHED] = os.pathsep.join(str(copy / one) for one in inherited[_SEARCHED].split(os.pathsep))
    return Brought(inherited, secrets.given, known.secret_names)


def forget_secrets(run_directory: Path) -> None:
    """Remove the secrets of a run whose script runs by now, or never will."""
    try:
        (run_directory / _SECRETS).unlink(missing_ok=True)
    except OSError as error:
        _log.warning("The secrets of the run in %s stay: %s", run_directory, error)


def _names_of_data(given: Mapping[str, str]) -> set[str]:
    """Return the variables that stand for datasets of the run, whatever the user called them."""
    lists = (given.get(INPUTS, ""), given.get(OUTPUTS, ""))
    return {entry.partition(":")[0] for entries in lists for entry in entries.split(",")}


def _search_path(given: str, source: Path) -> str:
    """Return ``PYTHONPATH`` with whole paths, but those in the source relative to it."""
    folders = [Path(os.path.normpath(Path.cwd() / one)) for one in given.split(os.pathsep) if one]
    return os.pathsep.join(
        str(folder.relative_to(source)) if folder.is_relative_to(source) else str(folder) for folder in folders
    )


def _write(path: Path, value: Brought) -> None:
    values = msgspec.to_builtins(value)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not msgspec's JSON: variables may hold bytes that are no UTF-8, which Python keeps as lone surrogates.
    write_durably(path, json.dumps(values).encode())


def _read(path: Path) -> Brought | None:
    # The script could write there, too: what makes no sense is as good as absent.
    try:
        with open_regular(path) as stream:
            return msgspec.convert(json.loads(stream.read()), Brought)
    except (OSError, ValueError):
        return None
