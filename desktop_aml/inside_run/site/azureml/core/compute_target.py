"""Older home of compute targets; scripts import their exception from here."""

from azureml._lazy import provide
from azureml.exceptions import ComputeTargetException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["ComputeTargetException"]

provide(
    __name__,
    dict.fromkeys(("AksCompute", "AmlCompute", "ComputeInstance", "ComputeTarget"), "azureml.core.compute"),
)
