"""The kinds of environments for people: their names, what a new one starts from, how their text is coloured."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.environments import EnvironmentKind

_TEMPLATES: Final = {
    EnvironmentKind.CONDA: """# What the script needs; exact versions are locked when it is built.
dependencies:
  - python=3.11
  - scikit-learn
  - numpy
  - pip:
    - joblib
""",
    EnvironmentKind.PIP: """# What the script needs; exact versions are locked when it is built.
scikit-learn
numpy
joblib
""",
    EnvironmentKind.DOCKERFILE: """FROM python:3.11-slim
RUN pip install --no-cache-dir scikit-learn numpy joblib
""",
    EnvironmentKind.IMAGE: "python:3.11-slim\n",
    EnvironmentKind.EXISTING: f"{sys.executable}\n",
}

_FILES: Final = {
    EnvironmentKind.CONDA: "environment.yml",
    EnvironmentKind.PIP: "requirements.txt",
    EnvironmentKind.DOCKERFILE: "Dockerfile",
}


TOLD_BY_TEXT: Final = frozenset({EnvironmentKind.CONDA, EnvironmentKind.PIP})
"""Kinds that are told from each other by what is written, so that either may be pasted over the other."""


def template_of(kind: object) -> str:
    """Return what a new environment of a kind starts from."""
    return _TEMPLATES[EnvironmentKind(str(kind))]


def is_template(text: str) -> bool:
    """Whether nobody has changed the text that a new environment starts from."""
    return text in _TEMPLATES.values()


def file_name_of(kind: object) -> str:
    """Return a file name whose ending tells how the text of a kind is coloured."""
    return _FILES.get(EnvironmentKind(str(kind)), "environment.txt") if kind else _FILES[EnvironmentKind.CONDA]


def word_of(kind: EnvironmentKind) -> str:
    """Return the name of a kind."""
    words = {
        EnvironmentKind.CONDA: _tr("conda YAML"),
        EnvironmentKind.PIP: _tr("requirements"),
        EnvironmentKind.EXISTING: _tr("existing Python"),
        EnvironmentKind.DOCKERFILE: _tr("Dockerfile"),
        EnvironmentKind.IMAGE: _tr("Docker image"),
    }
    return words[kind]


def hint_of(kind: object) -> str:
    """Return what to write for a kind, in one sentence."""
    words = {
        EnvironmentKind.CONDA: _tr("Packages of conda and PyPI, as Azure ML's environment files have them."),
        EnvironmentKind.PIP: _tr("One requirement a line, as pip reads them."),
        EnvironmentKind.EXISTING: _tr("The path of an interpreter, or of a conda prefix; it is used as it is."),
        EnvironmentKind.DOCKERFILE: _tr(
            "Built with Docker and what it copies from its folder. Runs need the target Docker."
        ),
        EnvironmentKind.IMAGE: _tr("The name of an image with Python in it. Runs need the target Docker."),
    }
    return words[EnvironmentKind(str(kind))]


def _tr(text: str) -> str:
    return QCoreApplication.translate("environment_kinds", text)
