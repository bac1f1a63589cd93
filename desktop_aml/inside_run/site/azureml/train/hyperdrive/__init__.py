"""HyperDrive: tuning the arguments of a script. What is configured here is carried out by a sweep of the workspace."""

from azureml._lazy import provide as _provide

_PARTS = {
    "azureml.train.hyperdrive.parameter_expressions": (
        "choice",
        "lognormal",
        "loguniform",
        "normal",
        "qlognormal",
        "qloguniform",
        "qnormal",
        "quniform",
        "randint",
        "uniform",
    ),
    "azureml.train.hyperdrive.sampling": (
        "BayesianParameterSampling",
        "GridParameterSampling",
        "HyperParameterSampling",
        "RandomParameterSampling",
    ),
    "azureml.train.hyperdrive.policy": (
        "BanditPolicy",
        "EarlyTerminationPolicy",
        "MedianStoppingPolicy",
        "NoTerminationPolicy",
        "TruncationSelectionPolicy",
    ),
    "azureml.train.hyperdrive.runconfig": ("HyperDriveConfig", "HyperDriveRunConfig", "PrimaryMetricGoal"),
    "azureml.train.hyperdrive.run": ("HyperDriveRun",),
    "azureml.train.hyperdrive.exceptions": (
        "HyperDriveConfigException",
        "HyperDriveNotImplementedException",
        "HyperDriveRehydrateException",
        "HyperDriveScenarioNotSupportedException",
    ),
}

__all__ = sorted(name for names in _PARTS.values() for name in names)

_provide(__name__, {name: module for module, names in _PARTS.items() for name in names})
