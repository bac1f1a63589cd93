"""What goes to and comes from the process that solves and installs packages of conda. Values only."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One package as conda's solver chose it: the fields of conda's repodata, and where the file lies."""

    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    fn: str
    url: str
    channel: str = ""
    depends: list[str] = []
    constrains: list[str] = []
    noarch: str | None = None
    md5: str = ""
    sha256: str = ""
    size: int | None = None
    python_site_packages_path: str | None = None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What to do.

    Parameters
    ----------
    cache : str
        Folder for what is downloaded.
    channels, specs : list of str
        To solve: addresses of the channels, and match specifications.
    glibc : str
        To solve: version of the GNU C library of the place where it will run; empty for this computer's own.
    records, prefix, seen_as
        To install: the packages, and where; and the path that the place will have when it is used, if another one.
    """

    cache: str
    channels: list[str] = []
    specs: list[str] = []
    records: list[Record] = []
    prefix: str = ""
    glibc: str = ""
    seen_as: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the packages, or the name and the words of the error."""

    records: list[Record] = []
    error: str = ""
    message: str = ""
