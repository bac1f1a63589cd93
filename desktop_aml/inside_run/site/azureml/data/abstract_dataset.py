"""What tabular and file datasets share: a definition, a registration, and how a run uses them."""

import json
import re

from azureml._objects import public
from azureml._service import call, labels, note
from azureml.data._sources import Sources
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any, NoReturn, TypeVar

    from azureml._objects import WorkspaceLike
    from azureml.data._sources import File

    Own = TypeVar("Own", bound="AbstractDataset")


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_INPUT_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class AbstractDataset(object):
    """A definition of data: where the files lie, how to read them, what to keep. Nothing is read before it is needed.

    Made by `Dataset.Tabular` and `Dataset.File`, or found by `Dataset.get_by_name`.
    """

    _kind = ""
    _definition: "dict[str, Any]"
    _sources: Sources
    _registration: "dict[str, Any]"
    _told: bool
    """Whether it was said that the files have changed."""

    def __init__(self) -> None:
        raise UserErrorException(
            "A dataset is made by Dataset.Tabular.from_delimited_files(...) or Dataset.File.from_files(...)."
        )

    @classmethod
    def _of(
        cls,
        definition: "dict[str, Any]",
        workspace: "WorkspaceLike | None" = None,
        registration: "dict[str, Any] | None" = None,
    ) -> "Any":
        dataset = object.__new__(_class_of(definition["kind"]))
        dataset._definition = definition
        dataset._sources = Sources(definition["paths"], workspace)
        dataset._registration = registration or {}
        dataset._told = False
        return dataset

    @classmethod
    def _found(cls, workspace: "WorkspaceLike | None", answer: "dict[str, Any]") -> "Any":
        return cls._of(answer["definition"], workspace, answer)

    # Who it is.

    @property
    def id(self) -> "str | None":
        """Identifier, once the workspace knows the dataset, else None."""
        return self._registration.get("id")

    @property
    def name(self) -> "str | None":
        """Name that it is registered with, or None."""
        return self._registration.get("name") or None

    @property
    def version(self) -> "int | None":
        """Version of the name, from 1, or None."""
        return self._registration.get("version") or None

    @property
    def description(self) -> "str | None":
        """What is written about it, or None."""
        return self._registration.get("description") or None

    @property
    def tags(self) -> "dict[str, str] | None":
        """Tags of the version, or None when it is not registered."""
        return dict(self._registration["tags"]) if self._registration else None

    @property
    def data_changed_time(self) -> "datetime":
        """Time of the last change of its files."""
        import os
        from datetime import datetime, timezone

        newest = max(os.path.getmtime(file.path) for file in self._sources.files())
        return datetime.fromtimestamp(newest, timezone.utc)

    def __repr__(self) -> str:
        words: "dict[str, Any]" = {"source": self._sources.texts(), "definition": [self._definition["format"]]}
        words["definition"] += [step[0] for step in self._definition["steps"]]
        if self._registration:
            words["registration"] = {
                key: self._registration[key] for key in ("id", "name", "version") if self._registration[key]
            }
        return "{}\n{}".format(type(self).__name__, json.dumps(words, indent=2))

    # Versions.

    @staticmethod
    def get_by_name(workspace: "WorkspaceLike | None", name: str, version: "Any" = "latest", **kwargs: "Any") -> "Any":
        """Return a registered dataset.

        Raises
        ------
        UserErrorException
            When the workspace has no such dataset or version.
        """
        number = 0 if version in (None, "latest") else int(version)
        return AbstractDataset._found(workspace, call("datasets.get", workspace, name=name, version=number))

    @staticmethod
    def get_by_id(workspace: "WorkspaceLike | None", id: str, **kwargs: "Any") -> "Any":
        """Return a dataset by its identifier."""
        return AbstractDataset._found(workspace, call("datasets.get_by_id", workspace, id=id))

    @staticmethod
    def get_all(workspace: "WorkspaceLike | None") -> "dict[str, Any]":
        """Return the newest version of each registered dataset by name."""
        return {one["name"]: AbstractDataset._found(workspace, one) for one in call("datasets.list", workspace)}

    def register(
        self,
        workspace: "WorkspaceLike",
        name: str,
        description: "str | None" = None,
        tags: "dict[str, Any] | None" = None,
        create_new_version: bool = False,
    ) -> "Any":
        """Register the dataset and return the registered one.

        The same definition over the same bytes as the newest version is that version.

        Raises
        ------
        UserErrorException
            When the name means another dataset and `create_new_version` is false.
        """
        answer = self._registered(
            workspace,
            name=name,
            description=description,
            tags=labels("tags", tags),
            create_new_version=create_new_version,
        )
        return self._of(self._definition, workspace, answer)

    def _registered(self, workspace: "WorkspaceLike", **words: "Any") -> "dict[str, Any]":
        self._sources.workspace = self._sources.workspace or workspace
        found: "dict[str, Any]" = call(
            "datasets.register",
            workspace,
            kind=self._kind,
            definition=json.dumps(self._definition, sort_keys=True),
            files=[file.path for file in self._sources.files()],
            **words,
        )
        return found

    def _saved(self, workspace: "WorkspaceLike") -> str:
        """Return the dataset's id in the workspace, which learns of it now if it did not know it."""
        if not self.id:
            self._registration = self._registered(workspace)
        identifier: str = self._registration["id"]
        return identifier

    def unregister_all_versions(self) -> None:
        """Forget the name in the workspace. The files stay."""
        if self.name:
            call("datasets.unregister", self._sources.workspace, name=self.name)
            self._registration = {}

    def update(self, description: "str | None" = None, tags: "dict[str, Any] | None" = None) -> None:
        """Change what is written about this version; `tags` replace the ones that are there."""
        self._change(description=description, tags=None if tags is None else labels("tags", tags))

    def add_tags(self, tags: "dict[str, Any] | None" = None) -> "dict[str, str] | None":
        """Add or change tags of this version."""
        self._change(tags=dict(self.tags or {}, **labels("tags", tags)))
        return self.tags

    def remove_tags(self, tags: "Collection[str] | None" = None) -> "dict[str, str] | None":
        """Remove tags of this version by their names."""
        self._change(tags={key: value for key, value in (self.tags or {}).items() if key not in (tags or ())})
        return self.tags

    def _change(self, **words: "Any") -> None:
        if not self.name:
            raise UserErrorException("The dataset is not registered: call register(ws, name) first.")
        workspace = self._sources.workspace
        self._registration = call("datasets.update", workspace, name=self.name, version=self.version, **words)

    # Use.

    def as_named_input(self, name: str) -> "Any":
        """Return the dataset as the input `name` of a run: ``run.input_datasets[name]``."""
        from azureml.data.dataset_consumption_config import DatasetConsumptionConfig

        if not _INPUT_NAME.fullmatch(name):
            raise UserErrorException("The name of an input has letters, digits and _: {!r}.".format(name))
        return DatasetConsumptionConfig(name, self)

    def _for_run(self, workspace: "WorkspaceLike") -> "NoReturn":
        raise UserErrorException(
            "A dataset cannot be an argument by itself. Say how the run gets it: dataset.as_named_input('name'), and "
            "for files .as_mount() or .as_download() after it."
        )

    def _files(self) -> "list[File]":
        """Return the dataset's files, and say once when they are no longer what was registered."""
        files = self._sources.files()
        if self.name and not self._told:
            self._told = True
            changed = call("datasets.changed", self._sources.workspace, id=self.id)
            if changed:
                note(
                    "files of the dataset '{}' version {} have changed since it was registered: {}.".format(
                        self.name, self.version, ", ".join(changed[:3]) + (", …" if len(changed) > 3 else "")
                    )
                )
        return files

    def _with(self: "Own", *step: "Any") -> "Own":
        definition = dict(self._definition, steps=self._definition["steps"] + [list(step)])
        made: "Own" = self._of(definition, self._sources.workspace)
        return made


def _class_of(kind: str) -> "Any":
    tabular = public("TabularDataset")
    return tabular if kind == tabular._kind else public("FileDataset")
