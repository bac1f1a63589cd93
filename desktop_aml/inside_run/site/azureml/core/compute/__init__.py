"""Compute targets: names for places. Everything runs on this computer, or where the user mapped a name to.

Creating a target keeps its name and how many runs it was made for; nothing is provisioned and nothing costs money.
"""

from azureml.core.compute.amlcompute import AmlCompute
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.kinds import AksCompute, ComputeInstance, DatabricksCompute, DsvmCompute, RemoteCompute
from azureml.exceptions import ComputeTargetException

__all__ = [
    "AksCompute",
    "AmlCompute",
    "ComputeInstance",
    "ComputeTarget",
    "ComputeTargetException",
    "DatabricksCompute",
    "DsvmCompute",
    "RemoteCompute",
]
