"""Older home of compute targets; scripts import their exception from here."""

from azureml._lazy import provide
from azureml.exceptions import ComputeTargetException

__all__ = ["ComputeTargetException"]

provide(
    __name__,
    dict.fromkeys(("AksCompute", "AmlCompute", "ComputeInstance", "ComputeTarget"), "azureml.core.compute"),
)
