"""Datasets: versions of data with the hashes of their files; and the folders that hold such files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion
from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.domain.names import check_dataset_name, check_thing_name
from desktop_aml.domain.requests import RegisterDataset, UnregisterDataset, UpdateDataset
from desktop_aml.domain.runs import Artifact
from desktop_aml.engine.registry.output_datasets import measured
from desktop_aml.store import datasets
from desktop_aml.store.blobs import digest_of
from desktop_aml.workspace.service import Service

if TYPE_CHECKING:
    from desktop_aml.workspace.dataset.differences import DatasetDifference
    from desktop_aml.workspace.dataset.profiling import TableProfile

DEFAULT_DATASTORE: Final = "workspaceblobstore"
"""The datastore that every workspace of Azure ML has from the beginning, and uses when none is named."""

_BUILT_IN: Final = (DEFAULT_DATASTORE, "workspacefilestore")

_DATASET_TIMEOUT_S: Final = 60.0


class Datasets(Service):
    r"""The datasets and datastores of a workspace.

    Examples
    --------
    >>> rows = workspace.path.parent / "rows.csv"
    >>> _ = rows.write_text("a,b\n1,2\n")
    >>> made = workspace.datasets.register("file", "{}", [rows], name="rows")
    >>> made.name, made.version, len(made.files)
    ('rows', 1, 1)
    >>> _ = rows.write_text("a,b\n1,3\n")
    >>> [Path(file.path).name for file in workspace.datasets.changed_files(made)]
    ['rows.csv']
    """

    def list(self) -> tuple[DatasetVersion, ...]:
        """Return the newest version of each dataset, by name."""
        return datasets.newest(self._db)

    def get(self, name: str, version: int = 0) -> DatasetVersion:
        """Return a version of a dataset; 0 is the newest.

        Raises
        ------
        NotFound
            When there is no such version.
        """
        return datasets.get(self._db, name, version)

    def get_by_id(self, identifier: str) -> DatasetVersion:
        """Return a dataset by its id, also one that has no name.

        Raises
        ------
        NotFound
            When there is none.
        """
        return datasets.get_by_id(self._db, identifier)

    def versions(self, name: str) -> tuple[DatasetVersion, ...]:
        """Return every version of a dataset, newest first."""
        return datasets.versions(self._db, name)

    def register(
        self,
        kind: DatasetKind | str,
        definition: str,
        files: Iterable[Path | str],
        *,
        name: str = "",
        description: str = "",
        tags: Mapping[str, str] | None = None,
        create_new_version: bool = False,
    ) -> DatasetVersion:
        """Remember a dataset with the hashes of its files; with a `name` as that name's next version.

        Parameters
        ----------
        kind : DatasetKind or str
            ``"file"`` or ``"tabular"``.
        definition : str
            JSON: how the files become the dataset; kept as it is.
        files : iterable of Path or str
            The files that it is made of.
        name : str
            Empty: it is known by its id alone.
        create_new_version : bool
            Whether `name` may mean another dataset from now on.

        Raises
        ------
        NotFound
            When one of the files is gone.
        Conflict
            When the name means another dataset and no new version is wanted.
        """
        done = self._client.ask(
            RegisterDataset(
                kind=str(kind),
                definition=definition,
                name=name,
                files=measured(list(map(Path, files))),
                description=description,
                tags=dict(tags or {}),
                create_new_version=create_new_version,
            ),
            timeout_s=_DATASET_TIMEOUT_S,
        )
        return self.get(done.name, done.version) if name else self.get_by_id(done.name)

    def register_files(
        self, paths: Iterable[Path | str], *, name: str, description: str = "", tags: Mapping[str, str] | None = None
    ) -> DatasetVersion:
        """Register files and folders as the next version of a name; Azure ML code finds it by `Dataset.get_by_name`.

        Files of one tabular kind (.csv, .tsv, .jsonl, .parquet) are a table, anything else is files. The data stays
        where it is; what is kept is the hash of each file. The same bytes as the newest version change nothing.

        Raises
        ------
        NotFound
            When there is no such path, or no file below it.
        InvalidInput
            When no path is named, or `name` breaks a rule.
        """
        from desktop_aml.workspace.dataset.definitions import of_paths

        found = of_paths([Path(path) for path in paths])
        return self.register(
            found.kind,
            found.definition,
            found.files,
            name=check_dataset_name(name),
            description=description,
            tags=tags,
            create_new_version=True,
        )

    def profile(self, dataset: DatasetVersion) -> TableProfile:
        """Return what the columns of a table hold, see `TableProfile`. Slow: it reads up to a million rows.

        Raises
        ------
        InvalidInput
            When it is no table of .csv, .tsv or .jsonl files.
        StorageError
            When a file is gone.
        """
        from desktop_aml.workspace.dataset.profiling import profile

        return profile(dataset)

    def rows(self, dataset: DatasetVersion, limit: int = 10) -> tuple[Mapping[str, Any], ...]:
        """Return the first rows of a table, each value by its column: text, or what a JSON line says.

        Raises
        ------
        InvalidInput
            When it is no table of .csv, .tsv or .jsonl files.
        StorageError
            When a file is gone.
        """
        from desktop_aml.workspace.dataset.rows import first_rows

        return first_rows(dataset, limit)

    def diff(self, before: DatasetVersion, after: DatasetVersion) -> DatasetDifference:
        """Return how two versions differ: files by hash, columns where both can still be read. Slow: it reads them."""
        from desktop_aml.workspace.dataset.differences import difference

        changed = [*self.changed_files(before), *self.changed_files(after)]
        return difference(before, after, changed)

    def used_by(self, dataset: DatasetVersion) -> tuple[str, ...]:
        """Return the runs that took a dataset in, or opened one of its files as it was registered; newest first."""
        return datasets.users(self._db, dataset)

    def update(
        self, name: str, version: int, *, description: str | None = None, tags: Mapping[str, str] | None = None
    ) -> DatasetVersion:
        """Change what is written about a version; None leaves it as it is."""
        tags = dict(tags) if tags is not None else None
        self._client.ask(UpdateDataset(name=name, version=version, description=description, tags=tags))
        return self.get(name, version)

    def unregister(self, name: str) -> None:
        """Forget every version of a dataset; its files stay."""
        self._client.ask(UnregisterDataset(name=name))

    def changed_files(self, dataset: DatasetVersion) -> tuple[Artifact, ...]:
        """Return the files that are gone or have other bytes than when the version was made. Slow: it hashes them."""
        return tuple(file for file in dataset.files if not _is_unchanged(file))

    def datastores(self) -> tuple[str, ...]:
        """Return the names of the datastores, the default one first."""
        found = {path.name for path in (self._folder.root / "datastores").glob("*") if path.is_dir()}
        return (DEFAULT_DATASTORE, *sorted(found - {DEFAULT_DATASTORE}))

    def datastore(self, name: str = DEFAULT_DATASTORE, *, make: bool = False) -> Path:
        """Return the folder that holds the files of a datastore; what Azure ML makes itself is made on first use.

        Raises
        ------
        NotFound
            When there is none of this name and `make` is false.
        """
        folder = self._folder.datastore(check_thing_name(name, "datastore"))
        if not (make or name in _BUILT_IN or folder.is_dir()):
            raise NotFound(
                f"There is no datastore “{name}” in this workspace.", f"There is: {', '.join(self.datastores())}."
            )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"The folder “{folder}” cannot be made: {error.strerror}.") from error
        return folder


def _is_unchanged(file: Artifact) -> bool:
    path = Path(file.path)
    try:
        return path.stat().st_size == file.size_bytes and digest_of(path) == file.sha256
    except OSError:
        return False
