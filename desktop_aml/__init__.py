"""Desktop AML: local machine-learning experiments in one window.

The names below are its public Python API, see the page *Python API* of the documentation. Each is loaded at its first
use: ``import desktop_aml`` by itself loads nothing.
"""

__version__ = "0.1.0"
"""Written here: what is installed would have to be searched for, and `--version` should answer at once. What is built
at or after a tag of Git says that one's version in this place, see `packaging/built_version.py`."""

# Type checkers read `__init__.pyi`: a name that is imported here would be an arrow from the ground to the roof.
__all__ = [
    "DesktopAMLError",
    "Endpoint",
    "EndpointState",
    "Goal",
    "ModelVersion",
    "RunDetail",
    "RunMetrics",
    "RunQuery",
    "RunState",
    "RunSummary",
    "Search",
    "SweepSpec",
    "Workspace",
    "new_seed",
    "parse",
    "space_of",
]

_MODULES = {
    "DesktopAMLError": "desktop_aml.domain.errors",
    "Endpoint": "desktop_aml.domain.registry",
    "EndpointState": "desktop_aml.domain.registry",
    "Goal": "desktop_aml.domain.summaries.goals",
    "ModelVersion": "desktop_aml.domain.registry",
    "RunDetail": "desktop_aml.domain.runs",
    "RunMetrics": "desktop_aml.domain.metrics",
    "RunQuery": "desktop_aml.domain.runs",
    "RunState": "desktop_aml.domain.runs",
    "RunSummary": "desktop_aml.domain.runs",
    "Search": "desktop_aml.domain.sweeps.space",
    "SweepSpec": "desktop_aml.domain.sweeps.records",
    "Workspace": "desktop_aml.workspace.workspace",
    "new_seed": "desktop_aml.domain.sweeps.space",
    "parse": "desktop_aml.domain.sweeps.expressions",
    "space_of": "desktop_aml.domain.sweeps.space",
}


def __getattr__(name: str) -> object:
    """Load a public name at its first use."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(module), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
