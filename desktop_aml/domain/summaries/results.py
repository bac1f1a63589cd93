"""Which files of a run are its results, and which only record how it went."""

from __future__ import annotations

from typing import Final

_RECORDS: Final = ("logs/", "user_logs/", "azureml-logs/", "system_logs/", "journal/")


def is_result(path: str) -> bool:
    """Whether a file of a run is a result, and no record of how the run went."""
    return not path.startswith(_RECORDS)


def likeliest_first(path: str) -> tuple[int, str]:
    """Return what to sort the files of a run by: ``outputs/``, what lies beside it, records of how it went."""
    return 0 if path.startswith("outputs/") else 1 if is_result(path) else 2, path
