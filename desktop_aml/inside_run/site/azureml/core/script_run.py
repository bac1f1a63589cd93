"""`ScriptRun`: the run of a submitted script, seen from where it was submitted."""

from azureml.core.run import Run

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so


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

    def __init__(self, experiment, run_id, directory=None, _run_config=None, **kwargs):
        super(ScriptRun, self).__init__(experiment, run_id, **kwargs)
