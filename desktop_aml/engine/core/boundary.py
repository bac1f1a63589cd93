"""The boundary of one thing: what goes wrong with it stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_aml.domain.errors import CONCERNS_ALL, FULL, disk_full


@contextmanager
def boundary(root: Path, take_in: Callable[[Exception], None]) -> Iterator[None]:
    """Hand whatever goes wrong inside to `take_in`.

    Parameters
    ----------
    root : Path
        The workspace, for words about its disk.

    Raises
    ------
    DiskFull, DatabaseUnusable
        What is wrong with the disk or the database concerns everything.
    """
    try:
        yield
    except CONCERNS_ALL:
        raise
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(root, error) from error
        take_in(error)
    except Exception as error:  # noqa: BLE001 - one of the engine's boundaries
        take_in(error)
