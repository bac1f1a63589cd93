"""Older home of compute targets; scripts import their exception from here."""

from azureml._lazy import provide
from azureml.exceptions import ComputeTargetException

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["AbstractComputeTarget", "ComputeTargetException", "LocalTarget"]


class AbstractComputeTarget(object):
    """A place where runs execute: its type and its name."""

    def __init__(self, compute_type: str, name: str) -> None:
        self.type = compute_type
        self.name = name


class LocalTarget(AbstractComputeTarget):
    """The computer that the code runs on."""

    def __init__(self) -> None:
        super(LocalTarget, self).__init__("local", "local")


provide(
    __name__,
    dict.fromkeys(("AksCompute", "AmlCompute", "ComputeInstance", "ComputeTarget"), "azureml.core.compute"),
)
