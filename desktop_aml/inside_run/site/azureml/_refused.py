"""Parts of the Azure ML SDK that are not here on purpose: when they come, or what to use instead."""

_LATER = "It comes in a later version of Desktop AML. Until then {}"
_NEVER = "It stays in Azure. {}"

REASONS = {
    "azureml.automl": _NEVER.format("Search with scikit-learn's GridSearchCV or HalvingRandomSearchCV in your script."),
    "azureml.accel": _NEVER.format("Models run on this computer's processors here."),
    "azureml.contrib": _NEVER.format("It was a preview, and is in no package of Desktop AML."),
    "azureml.contrib.fairness": _NEVER.format("Use fairlearn in your script, and log what it finds."),
    "azureml.contrib.notebook": _NEVER.format("Submit the .ipynb itself as the script of a ScriptRunConfig."),
    "azureml.contrib.pipeline": _LATER.format(
        "score in a script of your own, in a loop over the files of the dataset."
    ),
    "azureml.core.private_endpoint": _NEVER.format("Nothing here is reached from other computers."),
    "azureml.core.compute.BatchAiCompute": "Azure withdrew Batch AI: use AmlCompute, which took its place.",
    "azureml.core.runconfig.SparkConfiguration": _NEVER.format("Scripts run in plain Python here."),
    "azureml.dataprep": _NEVER.format("Use Dataset.Tabular and pandas."),
    "azureml.datadrift": _NEVER.format("Compare two versions of a dataset with pandas in a script of your own."),
    "azureml.explain": _NEVER.format("Use sklearn.inspection, or install interpret-community in the environment."),
    "azureml.interpret": _NEVER.format("Use sklearn.inspection, or install interpret-community in the environment."),
    "azureml.pipeline": _LATER.format(
        "submit each step with Experiment.submit and wait_for_completion, and hand files on through a Datastore."
    ),
    "azureml.tensorboard": _NEVER.format("Metrics are drawn in the window while the run goes on."),
    "azureml.train.automl": _NEVER.format(
        "Search with scikit-learn's GridSearchCV or HalvingRandomSearchCV in your script."
    ),
    "azureml.train.dnn": _NEVER.format("Use a ScriptRunConfig with an Environment that has the framework."),
}


def reason(fullname: str) -> str:
    """Return the words for a part that is not here on purpose, or an empty text."""
    for name in sorted(REASONS, key=len, reverse=True):
        if fullname == name or fullname.startswith(name + "."):
            return REASONS[name]
    return ""
