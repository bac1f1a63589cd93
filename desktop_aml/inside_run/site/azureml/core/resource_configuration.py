"""`ResourceConfiguration`: how much of the computer a served model may use."""

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class ResourceConfiguration(object):
    """Cores, gigabytes of memory and graphics cards; None is no limit."""

    def __init__(
        self, cpu: "float | None" = None, memory_in_gb: "float | None" = None, gpu: "int | None" = None
    ) -> None:
        for name, value in (("cpu", cpu), ("memory_in_gb", memory_in_gb), ("gpu", gpu)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0):
                raise UserErrorException("{} must be a number above 0, and is {!r}.".format(name, value))
        self.cpu = cpu
        self.memory_in_gb = memory_in_gb
        self.gpu = gpu

    def serialize(self) -> "dict[str, Any]":
        """Return the limits as a dict."""
        return {"cpu": self.cpu, "memoryInGB": self.memory_in_gb, "gpu": self.gpu}

    @staticmethod
    def deserialize(payload_obj: "dict[str, Any] | None") -> "ResourceConfiguration | None":
        """Return the limits in a dict."""
        if not payload_obj:
            return None
        return ResourceConfiguration(payload_obj.get("cpu"), payload_obj.get("memoryInGB"), payload_obj.get("gpu"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceConfiguration) and other.serialize() == self.serialize()

    def __hash__(self) -> int:
        return hash((self.cpu, self.memory_in_gb, self.gpu))

    def __repr__(self) -> str:
        return "ResourceConfiguration(cpu={}, memory_in_gb={}, gpu={})".format(self.cpu, self.memory_in_gb, self.gpu)
