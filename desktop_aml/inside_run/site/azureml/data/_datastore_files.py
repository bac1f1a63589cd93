"""Files of a datastore's folder: listed, kept inside it, copied whole."""

import os
import shutil

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def files_below(folder: object) -> "Iterator[str]":
    """Return the files below a folder, in the order of their names."""
    for parent, folders, files in os.walk(str(folder)):
        folders.sort()
        for name in sorted(files):
            yield os.path.join(parent, name)


def inside(folder: str, relative: str) -> str:
    """Return a path below `folder`.

    Raises
    ------
    UserErrorException
        When `relative` leads out of it.
    """
    path = os.path.normpath(os.path.join(folder, relative))
    if os.path.relpath(path, folder).split(os.sep)[0] == os.pardir:
        raise UserErrorException("{!r} leads out of the datastore.".format(relative))
    return path


def copy_file(source: str, target: str) -> None:
    """Copy a file, complete or not at all."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = "{}.{}.tmp".format(target, os.urandom(4).hex())
    try:
        shutil.copyfile(source, temporary)
        os.replace(temporary, target)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
