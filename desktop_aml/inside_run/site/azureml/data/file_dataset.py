"""`FileDataset`: files by where they lie, for scripts that read them by themselves."""

import os
import shutil
import tempfile

from azureml._service import refused
from azureml.data import _steps
from azureml.data.abstract_dataset import AbstractDataset
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from azureml.data._sources import File


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class FileDataset(AbstractDataset):
    """Files of a datastore or of this computer."""

    _kind = "file"

    def to_path(self) -> "list[str]":
        """Return the files' paths below the dataset's own place, each with a leading ``/``."""
        return ["/" + file.relative.replace(os.sep, "/") for file in self._chosen()]

    def download(
        self, target_path: "str | None" = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> "list[str]":
        """Copy the files below `target_path` (default: a new temporary folder), and return their paths there.

        Raises
        ------
        UserErrorException
            When a file is there already and `overwrite` is false.
        """
        from azureml.data._datastore_files import copy_file

        target = os.path.abspath(target_path) if target_path else tempfile.mkdtemp(prefix="dataset-")
        files = self._chosen()
        places = [os.path.join(target, file.relative) for file in files]
        existing = [place for place in places if os.path.exists(place)]
        if existing and not overwrite:
            raise UserErrorException("{} exists already. Use overwrite=True.".format(existing[0]))
        for file, place in zip(files, places):
            copy_file(file.path, place)
        return places

    def mount(self, mount_point: "str | None" = None, **kwargs: "Any") -> "MountContext":
        """Return what makes the files visible below a folder: ``with dataset.mount() as m: m.mount_point``."""
        return MountContext(self._chosen(), None if self._definition["steps"] else self._sources.folder(), mount_point)

    def as_mount(self, path_on_compute: "str | None" = None) -> "Any":
        """Return the files as an input of a run, which gets the path of a folder that shows them."""
        return self._unnamed().as_mount(path_on_compute)

    def as_download(self, path_on_compute: "str | None" = None) -> "Any":
        """Return the files as an input of a run, which gets the path of a folder with copies of them."""
        return self._unnamed().as_download(path_on_compute)

    def as_hdfs(self) -> "NoReturn":
        """Refuse."""
        raise refused("FileDataset.as_hdfs()", "Use as_mount() or as_download().")

    def take(self, count: int) -> "FileDataset":
        """Return the first `count` files."""
        return self._with("take", _steps.whole("count", count))

    def skip(self, count: int) -> "FileDataset":
        """Return all but the first `count` files."""
        return self._with("skip", _steps.whole("count", count))

    def take_sample(self, probability: float, seed: "int | None" = None) -> "FileDataset":
        """Return each file with a probability, from 0 to 1."""
        return self._with("split", _steps.share("probability", probability), _steps.seeded(seed), True)

    def random_split(self, percentage: float, seed: "int | None" = None) -> "tuple[FileDataset, FileDataset]":
        """Return two datasets: about `percentage` (0 to 1) of the files, and the others."""
        words = ("split", _steps.share("percentage", percentage), _steps.seeded(seed))
        return self._with(*words, True), self._with(*words, False)

    def _unnamed(self) -> "Any":
        return self.as_named_input("input_" + os.urandom(4).hex())

    def _chosen(self) -> "list[File]":
        return _steps.carry_out_on_list(self._files(), self._definition["steps"])


class MountContext(object):
    """Files under a folder, as long as they are mounted. The folder shows the files themselves: do not write there."""

    def __init__(self, files: "list[File]", folder: "str | None", mount_point: "str | None") -> None:
        self._files = files
        self._folder = folder if mount_point is None else None
        self._made = not self._folder and mount_point is None
        self.mount_point = (
            self._folder or mount_point or os.path.join(tempfile.gettempdir(), "dataset-mount-" + os.urandom(4).hex())
        )

    def start(self) -> None:
        """Make the files visible."""
        if not self._folder:
            for file in self._files:
                place = os.path.join(self.mount_point, file.relative)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                if not os.path.lexists(place):
                    os.symlink(file.path, place)

    def stop(self) -> None:
        """Take the files away again."""
        if self._made:
            shutil.rmtree(self.mount_point, ignore_errors=True)
        elif not self._folder:
            for file in self._files:
                place = os.path.join(self.mount_point, file.relative)
                if os.path.islink(place):
                    os.unlink(place)

    def __enter__(self) -> "MountContext":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
