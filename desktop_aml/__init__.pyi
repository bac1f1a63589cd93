from desktop_aml.domain.errors import DesktopAMLError as DesktopAMLError
from desktop_aml.domain.metrics import RunMetrics as RunMetrics
from desktop_aml.domain.registry import Endpoint as Endpoint
from desktop_aml.domain.registry import EndpointState as EndpointState
from desktop_aml.domain.registry import ModelVersion as ModelVersion
from desktop_aml.domain.runs import RunDetail as RunDetail
from desktop_aml.domain.runs import RunQuery as RunQuery
from desktop_aml.domain.runs import RunState as RunState
from desktop_aml.domain.runs import RunSummary as RunSummary
from desktop_aml.workspace.workspace import Workspace as Workspace

__version__: str

__all__ = [
    "DesktopAMLError",
    "Endpoint",
    "EndpointState",
    "ModelVersion",
    "RunDetail",
    "RunMetrics",
    "RunQuery",
    "RunState",
    "RunSummary",
    "Workspace",
]
