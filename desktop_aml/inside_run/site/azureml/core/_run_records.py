"""The part of a run that says who it is, and keeps tags, properties and files."""

import json
import os
import warnings

from desktop_aml_run.journal import read

from azureml.exceptions import UserErrorException


class RunExperiment(object):
    """The experiment that a run belongs to."""

    def __init__(self, name):
        self.name = name
        self.id = os.environ.get("AZUREML_EXPERIMENT_ID", name)

    def __getattr__(self, name):
        raise AttributeError(
            "Inside a run Desktop AML's experiment has 'name' and 'id', and not '{}' yet.".format(name)
        )

    def __repr__(self):
        return "Experiment(Name: {})".format(self.name)


class RunRecords(object):
    """Reads the run's manifest, and appends what changes to the journal of this process."""

    type = "azureml.scriptrun"
    parent = None

    @property
    def id(self):
        """Identifier of the run."""
        return self._id

    @property
    def name(self):
        """Display name of the run."""
        return self.display_name

    @property
    def display_name(self):
        """Display name of the run; may be set."""
        named = read(self._journal.folder, ("name",))
        return named[-1]["v"] if named else self._manifest().get("display_name") or "run_" + self._id

    @display_name.setter
    def display_name(self, text):
        self._journal.append("name", v=str(text))

    @property
    def number(self):
        """Number of the run within its experiment."""
        return int(self._manifest().get("number") or 0)

    @property
    def experiment(self):
        """The experiment that the run belongs to."""
        return RunExperiment(os.environ.get("AZUREML_ARM_PROJECT_NAME") or self._manifest().get("experiment", ""))

    @property
    def status(self):
        """State of the run, seen from inside."""
        return "Running"

    def get_status(self):
        """Return the state of the run, seen from inside."""
        return self.status

    @property
    def tags(self):
        """Tags of the run, see `get_tags`."""
        return self.get_tags()

    @property
    def properties(self):
        """Properties of the run, see `get_properties`."""
        return self.get_properties()

    def tag(self, key, value=None):
        """Set one tag; without a value it is a mere mark."""
        self._journal.append("tag", key=str(key), v=None if value is None else str(value))

    def set_tags(self, tags):
        """Set several tags; others stay."""
        for key, value in _pairs("set_tags", tags):
            self.tag(key, value)

    def remove_tags(self, tag_keys):
        """Remove tags by name."""
        for key in [tag_keys] if isinstance(tag_keys, str) else tag_keys:
            self._journal.append("untag", key=str(key))

    def get_tags(self):
        """Return the tags that were given at submission and set by the script."""
        tags = dict(self._manifest().get("tags") or {})
        for record in read(self._journal.folder, ("tag", "untag")):
            if record["k"] == "tag":
                tags[record["key"]] = record["v"]
            else:
                tags.pop(record["key"], None)
        return tags

    def add_properties(self, properties):
        """Add properties; one that exists cannot get another value."""
        known = self.get_properties()
        added = {str(key): str(value) for key, value in _pairs("add_properties", properties)}
        for key, value in added.items():
            if known.get(key, value) != value:
                raise UserErrorException(
                    "The property '{}' is {!r} and cannot be changed to {!r}.".format(key, known[key], value)
                )
        for key, value in added.items():
            if key not in known:
                self._journal.append("prop", key=key, v=value)

    def get_properties(self):
        """Return the properties of the run."""
        properties = dict(self._manifest().get("properties") or {})
        for record in read(self._journal.folder, ("prop",)):
            properties.setdefault(record["key"], record["v"])
        return properties

    def upload_file(self, name, path_or_stream, datastore_name=None):  # noqa: ARG002
        """Keep a file (its path, or a binary stream) as the artifact `name`."""
        path, size = self._artifacts.add(name, path_or_stream)
        self._journal.append("file", path=path, size=size)

    def upload_files(self, names, paths, return_artifacts=False, timeout_seconds=None):  # noqa: ARG002
        """Keep several files, ``paths[i]`` as the artifact ``names[i]``."""
        if len(names) != len(paths):
            raise TypeError("upload_files needs as many names as paths: {} and {}.".format(len(names), len(paths)))
        for name, path in zip(names, paths):
            self.upload_file(name, path)

    def upload_folder(self, name, path, datastore_name=None):  # noqa: ARG002
        """Keep all files below the folder `path` as artifacts below `name`."""
        if not os.path.isdir(path):
            raise UserErrorException("There is no folder {!r} to upload.".format(str(path)))
        for parent, folders, files in os.walk(str(path)):
            folders.sort()
            for file in sorted(files):
                full = os.path.join(parent, file)
                self.upload_file("{}/{}".format(name, os.path.relpath(full, str(path))), full)

    def get_file_names(self):
        """Return the paths of the run's artifacts so far."""
        return self._artifacts.names()

    def flush(self, timeout_seconds=300):  # noqa: ARG002
        """Make everything logged by this process survive a power loss."""
        self._journal.flush()

    def complete(self, _set_status=True):
        """Flush. The state of the run changes when its script ends."""
        self.flush()

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Record why the script failed. The state of the run changes when the script ends."""
        if isinstance(error_details, BaseException):
            text = "User program failed with {}: {}".format(type(error_details).__name__, error_details)
        elif error_details is None or isinstance(error_details, str):
            text = error_details or ""
        else:
            raise TypeError("error_details must be text or an exception, not {}.".format(type(error_details).__name__))
        self._journal.append("fail", message=text, code=str(error_code or "UserError"))
        self.flush()

    def cancel(self):
        """Warn: a script cannot cancel its own run; use the window or ``desktop-aml run cancel``."""
        warnings.warn("A script cannot cancel its own run; end the script instead.", stacklevel=2)

    def _manifest(self):
        try:
            with open(os.path.join(self._directory, "run.json"), "rb") as stream:
                return json.loads(stream.read().decode())
        except (FileNotFoundError, ValueError):
            return {}


def _pairs(method, values):
    if not isinstance(values, dict):
        raise UserErrorException("{}() takes a dict, not {}.".format(method, type(values).__name__))
    return values.items()
