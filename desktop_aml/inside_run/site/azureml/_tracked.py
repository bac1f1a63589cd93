"""Which workspace MLflow was told to record into: its runs say nothing of that themselves."""

_told = []


def remember(workspace):
    """Keep the workspace whose tracking address was asked for."""
    _told[:] = [workspace]


def tracked():
    """Return the workspace whose tracking address was asked for last in this process, or None."""
    return _told[0] if _told else None
