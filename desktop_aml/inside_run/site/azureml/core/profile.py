"""`ModelProfile`: how quickly a scoring script answers, measured on this computer."""

import os
import time

from azureml._service import moment, note
from azureml.exceptions import UserErrorException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_PERCENTILES = ((50, "50"), (90, "90"), (95, "95"), (99, "99"), (99.9, "999"))


class ModelProfile(object):
    """A measurement: the models are served for as long as it takes to send them every row of a dataset.

    Parameters
    ----------
    make : callable
        Begins to serve the models and returns the web service.
    requests : list of str
        Bodies of the requests.
    """

    def __init__(
        self,
        workspace: "WorkspaceLike",
        name: str,
        make: "Callable[[], Any]",
        requests: "list[str]",
        asked: "tuple[float, float]",
    ) -> None:
        self.workspace = workspace
        self.name = name
        self.state = "NotStarted"
        self.error: "str | None" = None
        self.created_time = moment(time.time())
        self._make = make
        self._requests = requests
        self._found: "dict[str, Any]" = {"name": name, "createdTime": self.created_time, "requestedCpu": asked[0]}
        self._found["requestedMemoryInGB"] = asked[1]

    def wait_for_completion(self, show_output: bool = False) -> None:
        """Measure.

        Raises
        ------
        WebserviceException
            When the models cannot be served.
        """
        if self.state in ("Succeeded", "Failed"):
            return
        self.state = "Running"
        service = self._make()
        try:
            service.wait_for_deployment(show_output=show_output)
            self._found.update(_measured(service, self._requests))
            self.state = "Succeeded"
        except WebserviceException as error:
            self.state, self.error = "Failed", str(error)
            raise
        finally:
            service.delete()
        if show_output:
            print("Model profiling operation finished, state: {}".format(self.state))

    def get_details(self) -> "dict[str, Any]":
        """Return what was measured, times in milliseconds, as a dict."""
        self.wait_for_completion()
        return dict(self._found, state=self.state)

    serialize = get_details


def profile(
    workspace: "WorkspaceLike",
    name: str,
    models: "Any",
    inference_config: "Any",
    input_dataset: "Any",
    cpu: "float | None",
    memory_in_gb: "float | None",
) -> "ModelProfile":
    """Return a measurement that is still to be made, see `Model.profile`."""
    from azureml.core.webservice import LocalWebservice, _deployment

    if inference_config is None or not hasattr(input_dataset, "to_pandas_dataframe"):
        raise UserErrorException("Model.profile needs an InferenceConfig, and a tabular dataset with requests in it.")
    table = input_dataset.to_pandas_dataframe()
    if not len(table):
        raise UserErrorException("The dataset of Model.profile has no rows to send.")
    note("Model.profile measures this computer: cpu and memory_in_gb are kept, and choose nothing.")

    def make() -> "Any":
        place = "profile-" + os.urandom(8).hex()
        here = LocalWebservice.deploy_configuration()
        return _deployment.deploy(workspace, place, models, inference_config, here, None, False, False)

    asked = (3.5 if cpu is None else cpu, 15.0 if memory_in_gb is None else memory_in_gb)
    return ModelProfile(workspace, name, make, [str(value) for value in table[table.columns[0]]], asked)


def _measured(service: "Any", requests: "list[str]") -> "dict[str, Any]":
    times, failed = [], 0
    begun = time.time()
    for body in requests:
        at = time.time()
        try:
            service.run(body)
        except WebserviceException:
            failed += 1
        times.append((time.time() - at) * 1000)
    seconds = max(time.time() - begun, 1e-9)
    times.sort()
    found: "dict[str, Any]" = {
        "totalQueries": len(times),
        "successQueries": len(times) - failed,
        "successRate": 100.0 * (len(times) - failed) / len(times),
        "averageLatencyInMs": sum(times) / len(times),
        "measuredQueriesPerSecond": len(times) / seconds,
    }
    for percent, label in _PERCENTILES:
        found["latencyPercentile{}InMs".format(label)] = times[min(len(times) - 1, int(len(times) * percent / 100.0))]
    return found
