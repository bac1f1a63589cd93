"""`ScriptRun`: the run of a submitted script, seen from where it was submitted."""

from azureml.core.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class ScriptRun(Run):
    """A submitted run of a script.

    Parameters
    ----------
    experiment : Experiment
        The experiment that it belongs to.
    run_id : str
        Its identifier.
    """

    RUN_TYPE = "azureml.scriptrun"

    def __init__(
        self, experiment: "Any", run_id: str, directory: "str | None" = None, _run_config: "Any" = None, **kwargs: "Any"
    ) -> None:
        super(ScriptRun, self).__init__(experiment, run_id, **kwargs)
