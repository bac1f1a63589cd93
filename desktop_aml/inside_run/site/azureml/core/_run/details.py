"""The part of a run that tells everything about it at once, with Azure ML's keys."""

import getpass
import os
import tempfile
from datetime import datetime, timezone

from azureml._objects import public
from azureml._service import call
from azureml.core._run.files import is_log
from azureml.core._run.status import RunStatus
from azureml.core._submit.container_options import asked_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


_BUILT_ENVIRONMENTS = ("this-python", "own-python")


class RunDetails(RunStatus):
    """Dicts that describe a run."""

    def get_details(self) -> "dict[str, Any]":
        """Return a dict: ``runId``, ``target``, ``status``, ``startTimeUtc``, ``runDefinition``, ``logFiles`` and more.

        ``endTimeUtc`` is there once the run has ended, ``error`` when it failed.
        """
        from azureml.data._run_data import details as datasets_of

        known = self._details()
        inputs, outputs = datasets_of(self._workspace, known["id"])
        details = {
            "runId": known["id"],
            "target": "sdk" if known["type"] is None else known["target"],
            "status": known["status"],
            "startTimeUtc": _utc(known["started_at"]),
            "services": {},
            "warnings": [],
            "properties": dict(known["properties"]),
            "inputDatasets": inputs,
            "outputDatasets": outputs,
            "runDefinition": self._definition(known),
            "logFiles": {name: self._address(known, name) for name in self.get_file_names() if is_log(name)},
            "submittedBy": _user(),
        }
        if known["ended_at"] is not None:
            details["endTimeUtc"] = _utc(known["ended_at"])
        if known["error"] is not None:
            details["error"] = _error(known)
        return details

    def get_details_with_logs(self) -> "dict[str, Any]":
        """Return `get_details` with the text of each log in ``logFiles``."""
        details = self.get_details()
        with tempfile.TemporaryDirectory() as folder:
            for name in details["logFiles"]:
                copy = os.path.join(folder, "log")
                self._copy_out([name], [copy])
                with open(copy, "rb") as stream:
                    details["logFiles"][name] = stream.read().decode("utf-8", "replace")
        return details

    def get_environment(self) -> "Any":
        """Return the environment that the run uses."""
        known = self._details()
        name = known["environment"].partition(":")[0]
        if name in _BUILT_ENVIRONMENTS:
            environment = public("Environment")(name)
            environment.python.user_managed_dependencies = True
            return environment
        workspace = self.experiment.workspace
        version = known["environment_version"]
        return public("Environment").get(workspace, name, None if version is None else str(version))

    def get_secret(self, name: str) -> "str | None":
        """Return a secret of the workspace's key vault."""
        return self.get_secrets([name])[name]

    def get_secrets(self, secrets: "Iterable[str]") -> "dict[str, str | None]":
        """Return secrets of the workspace's key vault by name."""
        keyvault = self.experiment.workspace.get_default_keyvault()
        return {name: keyvault.get_secret(name) for name in secrets}

    def _address(self, known: "dict[str, Any]", name: str) -> str:
        """Return where a log is read from on this computer, as far as it is a plain file."""
        logs = {
            "70_driver_log.txt": "std_log.txt",
            "std_log.txt": "std_log.txt",
            "60_control_log.txt": "control_log.txt",
        }
        plain = logs.get(name.rpartition("/")[2])
        if plain is not None:
            return "file://" + os.path.join(known["directory"], "logs", plain)
        return "{}/{}".format(self.get_portal_url(), name)

    def _definition(self, known: "dict[str, Any]") -> "dict[str, Any]":
        python: "dict[str, Any]" = {
            "interpreterPath": "python",
            "userManagedDependencies": known["environment"] in _BUILT_ENVIRONMENTS,
            "condaDependencies": {},
            "baseCondaEnvironment": None,
        }
        environment: "dict[str, Any]" = {
            "name": known["environment"].partition(":")[0],
            "version": None if known["environment_version"] is None else str(known["environment_version"]),
            "python": python,
            "environmentVariables": {},
            "docker": {"enabled": known["target"] == "docker", "baseImage": None, "arguments": []},
        }
        if not python["userManagedDependencies"]:
            found = call(
                "environments.get", self._workspace, name=environment["name"], version=known["environment_version"] or 0
            )
            python["condaDependencies"] = found.get("tree") or {}
        shm_size, arguments = asked_again(known["container"])
        return {
            "script": known["script"] or None,
            "command": "",
            "useAbsolutePath": False,
            "arguments": list(known["arguments"]),
            "sourceDirectoryDataStore": None,
            "framework": "Python",
            "communicator": "None",
            "target": known["target"],
            "dataReferences": {},
            "data": {},
            "outputData": {},
            "jobName": None,
            "maxRunDurationSeconds": known["timeout_s"],
            "nodeCount": 1,
            "environment": environment,
            "history": {
                "outputCollection": True,
                "directoriesToWatch": ["logs"],
                "snapshotProject": True,
            },
            "docker": {
                "useDocker": known["target"] == "docker",
                "sharedVolumes": True,
                "arguments": arguments,
                "shmSize": shm_size,
            },
            "environmentVariables": {},
        }


def _error(known: "dict[str, Any]") -> "dict[str, Any]":
    error = known["error"]
    message = error["message"] + ("\n" + error["hint"] if error["hint"] else "")
    details: "dict[str, Any]" = {
        "error": {
            "code": error["code"],
            "message": message,
            "messageFormat": "",
            "messageParameters": {},
            "details": [],
        },
        "time": _utc(known["ended_at"]),
    }
    if error["type"] or error["trace"]:
        details["error"]["debugInfo"] = {
            "type": error["type"],
            "message": error["message"],
            "stackTrace": error["trace"],
        }
    return details


def _utc(at: "float | None") -> "str | None":
    if at is None:
        return None
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may know no name for its user
        return ""
