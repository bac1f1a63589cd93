"""What the calls that keep files give back: where each file is kept."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class KeptFile(object):
    """One file of a run: the run that has it, and its path there."""

    origin = "ExperimentRun"

    def __init__(self, run_id: str, path: str) -> None:
        self.container = "dcid." + run_id
        self.path = path
        self.artifact_id = "{}/{}/{}".format(self.origin, self.container, path)

    def serialize(self, keep_readonly: bool = False, **kwargs: "Any") -> "dict[str, str]":
        """Return it as values for JSON, with the names that the service uses."""
        return {
            "artifactId": self.artifact_id,
            "origin": self.origin,
            "container": self.container,
            "path": self.path,
        }

    as_dict = serialize


class KeptFiles(object):
    """The files that one call kept, by their paths."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self.artifacts: "dict[str, KeptFile]" = {}

    def add(self, path: str) -> None:
        """Name one more file."""
        self.artifacts[path] = KeptFile(self._run_id, path)

    def serialize(self, keep_readonly: bool = False, **kwargs: "Any") -> "dict[str, Any]":
        """Return them as values for JSON, with the names that the service uses."""
        return {"artifacts": {path: kept.serialize() for path, kept in self.artifacts.items()}}

    as_dict = serialize
