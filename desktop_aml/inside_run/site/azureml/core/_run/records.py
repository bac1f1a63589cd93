"""The part of a run that says who it is, and keeps tags and properties."""

import json
import os
import sys
import warnings

from desktop_aml_run import belonging
from desktop_aml_run.journal import read

from azureml._objects import public
from azureml._service import call
from azureml.core._run.access import RunAccess
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType
    from typing import Any


LABEL_LIMITS = (50, 100, 1000)
"""What Azure allows: labels of a run, characters of a name, characters of a value. Here only a warning."""


class RunExperiment(object):
    """The experiment of the run that this process belongs to. Its name needs no engine; the rest asks for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._whole: "Any" = None

    @property
    def id(self) -> str:
        """Identifier of the experiment."""
        return belonging.variable("AZUREML_EXPERIMENT_ID") or self.name

    def _found(self) -> "Any":
        if self._whole is None:
            workspace = public("Workspace")._of(call("workspace.details"))
            self._whole = public("Experiment")(workspace, self.name)
        return self._whole

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._found(), name)

    def __repr__(self) -> str:
        return "Experiment(Name: {},\nWorkspace: {})".format(
            self.name, belonging.variable("AZUREML_ARM_WORKSPACE_NAME")
        )


class RunRecords(RunAccess):
    """Reads what is known of a run, and changes its labels."""

    @property
    def id(self) -> str:
        """Identifier of the run."""
        return self._id

    # Public code reads these two as well, though they were never documented.

    @property
    def _run_id(self) -> str:
        return self._id

    @property
    def _root_run_id(self) -> str:
        run = self
        while run.parent is not None:
            run = run.parent
        return run.id

    @property
    def name(self) -> str:
        """Name of the run, which is its display name here."""
        return self.display_name

    @property
    def display_name(self) -> str:
        """Display name of the run; may be set."""
        if not self._own:
            found: str = self._details()["display_name"]
            return found
        named = read(self._journal.folder, ("name",))
        return named[-1]["v"] if named else self._manifest()["summary"].get("display_name") or "run_" + self._id

    @display_name.setter
    def display_name(self, text: object) -> None:
        if self._own:
            self._journal.append("name", v=str(text))
        else:
            self._update(display_name=str(text))

    @property
    def description(self) -> str:
        """Description of the run; may be set."""
        found: str = self._details()["description"]
        return found

    @description.setter
    def description(self, text: object) -> None:
        self._update(description=str(text))

    @property
    def number(self) -> int:
        """Number of the run within its experiment."""
        return int(self._manifest()["summary"].get("number") or 0) if self._own else self._details()["number"]

    @property
    def type(self) -> "str | None":
        """Kind of the run: ``"azureml.scriptrun"``, or None for an interactive one."""
        found: "str | None" = self._details()["type"]
        return found

    @property
    def experiment(self) -> "Any":
        """The experiment that the run belongs to."""
        return self._experiment

    @property
    def parent(self) -> "Any":
        """The run that this one is a child of, or None."""
        parent = self._manifest()["summary"].get("parent") if self._own else self._details()["parent"]
        return public("get_run")(self.experiment, parent) if parent else None

    @property
    def tags(self) -> "dict[str, str | None]":
        """Tags of the run, see `get_tags`."""
        return self.get_tags()

    @property
    def properties(self) -> "dict[str, str]":
        """Properties of the run, see `get_properties`."""
        return self.get_properties()

    def tag(self, key: str, value: "Any" = None) -> None:
        """Set one tag; without a value it is a mere mark."""
        self.set_tags({key: value})

    def set_tags(self, tags: "dict[str, Any]") -> None:
        """Set several tags; others stay."""
        tags = {str(key): None if value is None else str(value) for key, value in _pairs("set_tags", tags)}
        if self._own:
            for key, value in tags.items():
                self._journal.append("tag", key=key, v=value)
        else:
            self._update(tags=tags)
        # Behind what may refuse them: what is said to be kept is kept.
        _warn_of_limits("tags", tags)

    def remove_tags(self, tags: "str | Iterable[str]") -> None:
        """Remove tags by name."""
        keys = [tags] if isinstance(tags, str) else [str(key) for key in tags]
        if not self._own:
            self._update(remove_tags=keys)
            return
        for key in keys:
            self._journal.append("untag", key=key)

    def get_tags(self) -> "dict[str, str | None]":
        """Return the tags of the run; a mere mark has the value None."""
        if not self._own:
            return {key: value or None for key, value in self._fresh()["tags"].items()}
        tags = {key: value or None for key, value in (self._manifest().get("tags") or {}).items()}
        for record in read(self._journal.folder, ("tag", "untag")):
            if record["k"] == "tag":
                tags[record["key"]] = record["v"]
            else:
                tags.pop(record["key"], None)
        return tags

    def add_properties(self, properties: "dict[str, Any]") -> None:
        """Add properties; one that exists cannot get another value."""
        added = {str(key): str(value) for key, value in _pairs("add_properties", properties)}
        known = self.get_properties()
        for key, value in added.items():
            if known.get(key, value) != value:
                raise UserErrorException(
                    "The property '{}' is {!r} and cannot be changed to {!r}.".format(key, known[key], value)
                )
        if self._own:
            for key, value in added.items():
                if key not in known:
                    self._journal.append("prop", key=key, v=value)
        else:
            self._update(properties=added)
        _warn_of_limits("properties", added)

    def get_properties(self) -> "dict[str, str]":
        """Return the properties of the run."""
        if not self._own:
            return dict(self._fresh()["properties"])
        properties = dict(self._manifest().get("properties") or {})
        for record in read(self._journal.folder, ("prop",)):
            properties.setdefault(record["key"], record["v"])
        return properties

    def flush(self, timeout_seconds: float = 300) -> None:
        """Make everything logged by this process survive a power loss."""
        if "_journal" in self.__dict__:
            self._journal.flush()

    def _fresh(self) -> "dict[str, Any]":
        # Tags change after the end, too.
        self._changed()
        return self._details()

    def _update(self, **changes: "Any") -> None:
        self._changed()
        self._ask("runs.update", **changes)

    def _manifest(self) -> "dict[str, Any]":
        try:
            with open(os.path.join(self._directory, "run.json"), "rb") as stream:
                manifest: "dict[str, Any]" = json.loads(stream.read().decode())
        except (FileNotFoundError, ValueError):
            return {"summary": {}}
        manifest.setdefault("summary", {})
        return manifest


def _pairs(method: str, values: "Any") -> "Iterable[tuple[Any, Any]]":
    if not isinstance(values, dict):
        raise UserErrorException("{}() takes a dict, not {}.".format(method, type(values).__name__))
    return values.items()


def _warn_of_limits(noun: str, labels: "Mapping[str, str | None]") -> None:
    most, name_length, value_length = LABEL_LIMITS
    if len(labels) > most:
        warn_the_script("Azure allows {} {} for a run. All are kept here.".format(most, noun))
    for key, value in labels.items():
        if len(key) > name_length or len(value or "") > value_length:
            warn_the_script(
                "Azure allows {} characters for the name and {} for the value of {}: '{}' is longer. It is kept "
                "here.".format(name_length, value_length, noun, key[:40])
            )


def warn_the_script(words: str) -> None:
    """Warn at the line of the script that called, through however many functions of this package."""
    frame: "FrameType | None" = sys._getframe(1)
    level = 2
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("azureml."):
        frame, level = frame.f_back, level + 1
    warnings.warn(words, stacklevel=level)
