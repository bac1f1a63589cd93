"""Where the stand-ins are written, once for all."""

import os
import shutil
import tempfile

from desktop_aml_run.bridge import data_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def made(name: str, write: "Callable[[str], object]") -> str:
    """Return the folder `name` of stand-ins; when it is not there yet, ``write(folder)`` fills it."""
    for root in (os.path.join(data_folder(), "opendatasets"), os.path.join(tempfile.gettempdir(), "opendatasets")):
        folder = os.path.join(root, name)
        if os.path.isdir(folder):
            return folder
        try:
            os.makedirs(root, exist_ok=True)
            unfinished = tempfile.mkdtemp(dir=root)
        except OSError:
            continue  # as in a container, where the user's data is not seen
        try:
            write(unfinished)
            os.rename(unfinished, folder)
        except OSError:
            if not os.path.isdir(folder):  # else another process was quicker
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return folder
    raise OSError("There is no folder to write to, neither in {} nor for temporary files.".format(data_folder()))
