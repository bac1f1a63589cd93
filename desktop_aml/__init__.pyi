from desktop_aml.domain.errors import DesktopAMLError as DesktopAMLError
from desktop_aml.domain.metrics import RunMetrics as RunMetrics
from desktop_aml.domain.registry import Endpoint as Endpoint
from desktop_aml.domain.registry import EndpointState as EndpointState
from desktop_aml.domain.registry import ModelVersion as ModelVersion
from desktop_aml.domain.runs import RunDetail as RunDetail
from desktop_aml.domain.runs import RunQuery as RunQuery
from desktop_aml.domain.runs import RunState as RunState
from desktop_aml.domain.runs import RunSummary as RunSummary
from desktop_aml.domain.summaries.goals import Goal as Goal
from desktop_aml.domain.sweeps.expressions import parse as parse
from desktop_aml.domain.sweeps.records import SweepSpec as SweepSpec
from desktop_aml.domain.sweeps.space import Search as Search
from desktop_aml.domain.sweeps.space import new_seed as new_seed
from desktop_aml.domain.sweeps.space import space_of as space_of
from desktop_aml.workspace.workspace import Workspace as Workspace

__version__: str

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
