"""`ImageBuildDetails`: follows the build of an environment."""

import time

from azureml._service import call
from azureml.exceptions import ActivityFailedException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike


_STATUS = {
    # A build that was asked for is "Building" until it ends; one that found no Python, index or engine leaves no mark.
    "Not built": "Failed",
    "Built as image": "Succeeded",
    "Building": "Running",
    "Ready": "Succeeded",
    "Failed": "Failed",
    "Canceled": "Canceled",
}
_PAUSE_S = (0.05, 1.0)


class ImageBuildDetails(object):
    """The build of one version of an environment."""

    def __init__(self, workspace: "WorkspaceLike", environment: "Any") -> None:
        self._workspace = workspace
        self.environment = environment

    def _ask(self, offset: int = 0) -> "dict[str, Any]":
        found: "dict[str, Any]" = call(
            "environments.build_state",
            self._workspace,
            name=self.environment.name,
            version=int(self.environment.version),
            offset=offset,
        )
        return found

    @property
    def status(self) -> str:
        """``"Queued"``, ``"Running"``, ``"Succeeded"``, ``"Failed"`` or ``"Canceled"``."""
        return _STATUS[self._ask()["state"]]

    def get_log(self) -> str:
        """Return the log of the build."""
        found: str = self._ask()["log"]
        return found

    def wait_for_completion(self, show_output: bool = True) -> None:
        """Wait until the environment is ready.

        Raises
        ------
        ActivityFailedException
            When it cannot be built; the message ends with the last lines of the log.
        """
        shown, pause_s = 0, _PAUSE_S[0]
        while True:
            now = self._ask(shown)
            if show_output and now["log"]:
                print(now["log"], end="")
            shown += len(now["log"])
            status = _STATUS[now["state"]]
            if status not in ("Queued", "Running"):
                break
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _PAUSE_S[1])
        if status != "Succeeded":
            tail = "\n".join(self.get_log().splitlines()[-20:])
            raise ActivityFailedException(
                "The environment {}:{} could not be built: {}.\n{}".format(
                    self.environment.name, self.environment.version, status, tail
                )
            )
