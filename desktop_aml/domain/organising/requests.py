"""The request that keeps runs in order."""

from __future__ import annotations

from dataclasses import dataclass, field


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
