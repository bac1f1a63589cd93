"""What built environments take of the disk, and which of them may go."""

from __future__ import annotations

from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class BuildUse:
    """One build. Builds are shared by all workspaces of the user.

    Parameters
    ----------
    environments : tuple of str
        Labels of the versions that resolved to it, in the workspaces of this user that are known.
    needed_by : tuple of str
        Why it must stay, in words; empty when it may go.
    last_used_at : float or None
        Unix time; None for a torn build, which nobody can use. For an image the time when it was made.
    is_image : bool
        Whether it is an image of Docker. Its size is its own part, without the base image.
    """

    key: str
    size_bytes: int
    environments: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    last_used_at: float | None = None
    is_image: bool = False

    @property
    def may_go(self) -> bool:
        """Whether nobody needs it."""
        return not self.needed_by


@dataclass(frozen=True, slots=True)
class FetchSize:
    """What is fetched before an environment can be used.

    Parameters
    ----------
    size_bytes : int or None
        At most; 0 when everything is on this computer, None when it is not known.
    packages : int
        How many packages there are, as far as is known.
    why : str
        Why the size is not known, or what it holds for, as the part of a sentence.
    """

    size_bytes: int | None
    packages: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentSpace:
    """All builds of this user, the largest first; each counts once, however many environments share it.

    Parameters
    ----------
    folder : str
        Where they lie.
    unread : tuple of str
        Workspaces that could not be read. What they need is not known, so nothing that works may go meanwhile.
    images_note : str
        Why images that were built here are not among the builds, in words; empty when they are, or there are none.
    """

    folder: str
    builds: tuple[BuildUse, ...] = ()
    unread: tuple[str, ...] = ()
    images_note: str = ""

    @property
    def total_bytes(self) -> int:
        """What all builds take."""
        return sum(one.size_bytes for one in self.builds)

    @property
    def removable(self) -> tuple[BuildUse, ...]:
        """The builds that a clean-up would remove."""
        return tuple(one for one in self.builds if one.may_go)

    @property
    def removable_bytes(self) -> int:
        """What a clean-up would free."""
        return sum(one.size_bytes for one in self.removable)

    def size_of(self, label: str) -> int | None:
        """Return what the build of ``name:version`` on this computer takes, or None when it has none."""
        found = (one.size_bytes for one in self.builds if label in one.environments and not one.is_image)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a clean-up did."""

    removed: tuple[BuildUse, ...] = ()
    kept: tuple[BuildUse, ...] = ()

    @property
    def freed_bytes(self) -> int:
        """How much of the disk is free again."""
        return sum(one.size_bytes for one in self.removed)
