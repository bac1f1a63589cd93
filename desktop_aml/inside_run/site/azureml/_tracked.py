"""Which workspace MLflow was told to record into: its runs say nothing of that themselves."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from azureml._objects import WorkspaceLike


_told: "list[WorkspaceLike]" = []


def remember(workspace: "WorkspaceLike") -> None:
    """Keep the workspace whose tracking address was asked for."""
    _told[:] = [workspace]


def tracked() -> "WorkspaceLike | None":
    """Return the workspace whose tracking address was asked for last in this process, or None."""
    return _told[0] if _told else None
