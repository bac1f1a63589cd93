"""The part of a run that keeps files, gives them back, and knows the code it was started from."""

import os
import shutil
import tempfile

from desktop_aml_run import backend, belonging

from azureml._service import note
from azureml.core._run.kept_files import KeptFiles
from azureml.core._run.records import RunRecords
from azureml.exceptions import SnapshotException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class RunFiles(RunRecords):
    """Files of a run by their path."""

    def upload_file(self, name: str, path_or_stream: "Any", datastore_name: "str | None" = None) -> "KeptFiles":
        """Keep a file (its path, or a binary stream) as the artifact `name`."""
        return self._keep_all([(name, path_or_stream)])

    def upload_files(
        self,
        names: "Sequence[str]",
        paths: "Sequence[str]",
        return_artifacts: bool = False,
        timeout_seconds: "float | None" = None,
        datastore_name: "str | None" = None,
    ) -> "KeptFiles":
        """Keep several files, ``paths[i]`` as the artifact ``names[i]``."""
        if len(names) != len(paths):
            raise TypeError("upload_files needs as many names as paths: {} and {}.".format(len(names), len(paths)))
        return self._keep_all(list(zip(names, paths)))

    def upload_folder(self, name: str, path: "Any", datastore_name: "str | None" = None) -> "KeptFiles":
        """Keep all files below the folder `path` as artifacts below `name`."""
        if not os.path.isdir(path):
            raise UserErrorException("There is no folder {!r} to upload.".format(str(path)))
        return self._keep_all([("{}/{}".format(name, inside), full) for inside, full in files_below(str(path))])

    def _keep_all(self, sources: "Sequence[tuple[str, Any]]") -> "KeptFiles":
        kept = KeptFiles(self._id)
        for name, source in sources:
            path, size = self._artifacts.add(name, source)
            self._journal.append("file", path=path, size=size)
            kept.add(path)
        if not self._own:
            self._recorded()
        return kept

    def get_file_names(self) -> "list[str]":
        """Return the paths of the run's files so far."""
        return self._artifacts.names() if self._own else self._ask("runs.files")

    def download_file(self, name: str, output_file_path: "str | None" = None, _validate_checksum: bool = False) -> None:
        """Copy one file of the run; by default under its own name into the current folder.

        Parameters
        ----------
        output_file_path : str, optional
            A file, or a folder, which then gets a file of the same name.
        """
        name = artifact_path(name)
        target = output_file_path or os.path.basename(name)
        if os.path.isdir(target) or str(target).endswith(("/", os.sep)):
            target = os.path.join(target, os.path.basename(name))
        self._copy_out([name], [target])

    def download_files(
        self,
        prefix: "str | None" = None,
        output_directory: "str | None" = None,
        output_paths: "Any" = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: "float | None" = None,
    ) -> None:
        """Copy the files of the run, or those in the folder `prefix`, to where their paths say below a folder.

        Parameters
        ----------
        output_paths : list of str, optional
            Where each file goes, instead.
        append_prefix : bool
            Whether the copies keep `prefix` in their paths.
        """
        prefix = artifact_path(prefix or "")
        names = [
            name for name in self.get_file_names() if not prefix or name == prefix or name.startswith(prefix + "/")
        ]
        if output_paths is not None:
            targets = [output_paths] if isinstance(output_paths, str) else list(output_paths)
            if len(targets) != len(names):
                raise UserErrorException("output_paths has {} paths for {} files.".format(len(targets), len(names)))
        else:
            inside = [name if append_prefix or not prefix else name[len(prefix) :].lstrip("/") for name in names]
            inside = [path or os.path.basename(name) for path, name in zip(inside, names)]
            targets = [os.path.join(output_directory or ".", *path.split("/")) for path in inside]
        if prefix and not names:
            raise UserErrorException("The run '{}' has no file below '{}'.".format(self._id, prefix))
        self._copy_out(names, targets)

    def _copy_out(self, names: "Sequence[str]", targets: "Sequence[str]") -> None:
        targets = [os.path.abspath(os.path.expanduser(str(target))) for target in targets]
        if self._own:
            known = self._artifacts.names()
            for name, target in zip(names, targets):
                if name not in known:
                    raise UserErrorException(
                        "The run '{}' has no file '{}'. It has: {}.".format(self._id, name, ", ".join(known) or "none")
                    )
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(self._artifacts.path_of(name), target)
        elif backend.inside_run():
            self._copy_through_own_folder(names, targets)
        else:
            self._ask("runs.download", paths=list(names), targets=targets)

    def _copy_through_own_folder(self, names: "Sequence[str]", targets: "list[str]") -> None:
        """Have the engine put the files where a container sees them, too, then move them."""
        staging = tempfile.mkdtemp(prefix="download-", dir=os.path.join(str(belonging.run_directory()), "requests"))
        try:
            staged = [os.path.join(staging, str(number)) for number, _ in enumerate(names)]
            self._ask("runs.download", paths=list(names), targets=staged)
            for source, target in zip(staged, targets):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.move(source, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def get_all_logs(self, destination: "str | None" = None) -> "list[str]":
        """Copy every log of the run into a folder (default ``assets/<run id>``) and return the paths of the copies."""
        folder = os.path.abspath(destination or os.path.join("assets", self._id))
        names = [name for name in self.get_file_names() if is_log(name)]
        targets = [os.path.join(folder, *name.split("/")) for name in names]
        self._copy_out(names, targets)
        return targets

    # The code that the run was started from.

    def get_snapshot_id(self) -> "str | None":
        """Return the identifier of the code that is kept with the run, or None."""
        return self.get_properties().get("ContentSnapshotId")

    def restore_snapshot(self, snapshot_id: "str | None" = None, path: "str | None" = None) -> str:
        """Write the code of the run as a zip file and return its path.

        Parameters
        ----------
        path : str, optional
            A folder for ``<snapshot id>.zip``, or the file itself. Default: the current folder.
        """
        own = self.get_snapshot_id()
        if snapshot_id is not None and snapshot_id != own:
            raise SnapshotException(
                "The run '{}' has the snapshot {}, not {}. Ask the run that it belongs to.".format(
                    self._id, own, snapshot_id
                )
            )
        target = os.path.abspath(os.path.expanduser(path or "."))
        if not target.endswith(".zip"):
            target = os.path.join(target, "{}.zip".format(own or self._id))
        self._ask("runs.restore_snapshot", errors={"*": SnapshotException}, to=target)
        return target

    def take_snapshot(self, file_or_folder_path: "Any") -> str:
        """Keep a file or folder as the code of a run, and return the snapshot's identifier.

        An interactive run of `start_logging` has its code already, unless it was told to take none: then that stays,
        and a message says so. Samples of Azure's early days call this all the same.

        Raises
        ------
        SnapshotException
            When code is kept with a submitted run already, or there is nothing at the path.
        """
        path = os.path.abspath(os.path.expanduser(str(file_or_folder_path)))
        kept = self.get_snapshot_id() if self.type is None and os.path.exists(path) else None
        if kept is not None:
            note("the code was kept when the run began; take_snapshot keeps no second copy.")
            return kept
        found: str = self._ask("runs.take_snapshot", errors={"*": SnapshotException}, path=path)
        return found


def artifact_path(text: object) -> str:
    """Return a path as the run keeps it: ``outputs/m.pkl`` for ``/outputs/m.pkl`` and ``./outputs/m.pkl``."""
    return "/".join(part for part in str(text).replace(os.sep, "/").split("/") if part not in ("", "."))


def is_log(name: str) -> bool:
    """Whether a file of a run counts as a log of it."""
    return name.startswith(("azureml-logs/", "user_logs/", "system_logs/", "logs/"))


def files_below(folder: str) -> "list[tuple[str, str]]":
    """Return ``(path inside, full path)`` of every file below a folder, in order; links are passed over."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            full = os.path.join(parent, name)
            if not os.path.islink(full):
                found.append((os.path.relpath(full, folder).replace(os.sep, "/"), full))
    return found
