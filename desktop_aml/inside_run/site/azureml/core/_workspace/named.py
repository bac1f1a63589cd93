"""What a workspace holds of one kind, by name: dictionaries that say more of a name that is not there than the name."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, List

    from azureml._objects import WorkspaceLike
    from azureml.core.compute import ComputeTarget

_SHOWN = 12
"""Names that a message lists; beyond, those that are like the one that was asked for."""


class Named(dict):  # type: ignore[type-arg]
    """Things by name.

    Parameters
    ----------
    found : mapping
        What there is.
    noun : str
        What one of them is called.
    remedy : str
        What makes one.
    """

    def __init__(self, found: "Mapping[str, Any]", noun: str, remedy: str) -> None:
        dict.__init__(self, found)
        self._noun = noun
        self._remedy = remedy

    def __missing__(self, name: str) -> "Any":
        words = "There is no {} '{}' in this workspace. There is: {}. {}"
        raise KeyError(words.format(self._noun, name, ", ".join(self._shown(name)) or "none yet", self._remedy))

    def _shown(self, name: str) -> "List[str]":
        if len(self) <= _SHOWN:
            return list(self)
        from difflib import get_close_matches

        alike = get_close_matches(str(name), list(self), n=3, cutoff=0.5)
        return [*alike, "{} others".format(len(self) - len(alike))]


class NamedTargets(dict):  # type: ignore[type-arg]
    """Compute targets by name; one that the code takes for granted is made, as a name on this computer.

    `in`, `get` and iteration know only those that are there: code that looks first goes on to create its own.
    """

    def __init__(self, found: "Mapping[str, ComputeTarget]", workspace: "WorkspaceLike") -> None:
        dict.__init__(self, found)
        self._workspace = workspace

    def __missing__(self, name: str) -> "ComputeTarget":
        from azureml.core.compute import AmlCompute, ComputeTarget

        # Nobody said how many nodes the cluster had: as many runs at once as the computer has cores.
        nodes = AmlCompute.provisioning_configuration(max_nodes=os.cpu_count() or 1)
        made = ComputeTarget.create(self._workspace, name, nodes)
        self[name] = made
        return made
