"""The requests that keep runs, experiments, environments and models in order."""

from __future__ import annotations

from dataclasses import field

from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiseRuns:
    """Change runs, all of them or none; what is None or empty stays as it is.

    Parameters
    ----------
    starred : bool or None
        A starred run cannot be deleted.
    archived : bool or None
        An archived run is in no list that does not ask for the archive.
    deleted : bool or None
        Into the trash, or out of it; only runs that have ended go in.
    forever : bool
        Remove the runs, which are in the trash, with all that is theirs.
    experiment : str or None
        The experiment that they are moved to; made where there is none.
    """

    run_ids: tuple[str, ...]
    starred: bool | None = None
    archived: bool | None = None
    deleted: bool | None = None
    forever: bool = False
    experiment: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiseExperiment:
    """Change an experiment and with it its runs; what is None stays as it is.

    Parameters
    ----------
    new_name : str or None
        What it is called from now on; its runs keep their numbers.
    archived, deleted : bool or None
        Its runs go with it, and come back with it: those that were there before by themselves stay there.
    forever : bool
        Remove it with all its runs; it is in the trash.
    """

    name: str
    new_name: str | None = None
    archived: bool | None = None
    deleted: bool | None = None
    forever: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiseEnvironment:
    """Rename an environment, or put versions of it into the trash, or take them out, or remove them.

    Parameters
    ----------
    versions : tuple of int
        Empty: all that are not there yet. A new name is for all versions in any case.
    new_name : str or None
        What it is called from now on. Its versions keep their numbers, and are found by their old labels, too.
    deleted : bool or None
        Into the trash, or out of it; none goes in that a run under way or an endpoint uses.
    forever : bool
        Remove those that are in the trash. Their numbers are never given again.
    """

    name: str
    versions: tuple[int, ...] = ()
    new_name: str | None = None
    deleted: bool | None = None
    forever: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFiles:
    """Remove files that an ended run left, by their artifact paths, for good."""

    run_id: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameModel:
    """Give every version of a model another name, which no model has; refused while an endpoint serves one of them."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganiseModel:
    """Put one version of a model into the trash, or take it out; none goes in that an endpoint uses.

    Its files stay; `DeleteModel` removes it for good.
    """

    name: str
    version: int
    deleted: bool


Organising = OrganiseRuns | OrganiseExperiment | OrganiseEnvironment | DeleteFiles | RenameModel | OrganiseModel
"""The requests of this module."""
