"""Choices that the methods of datasets take."""

from enum import Enum

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class PromoteHeadersBehavior(Enum):
    """Which files begin with a line of column names."""

    NO_HEADERS = 0
    ONLY_FIRST_FILE_HAS_HEADERS = 1
    COMBINE_ALL_FILES_HEADERS = 2
    ALL_FILES_HAVE_SAME_HEADERS = 3
