"""What packages of Azure ML brought into an environment beside `azureml` itself, by version: the table and its reading.

`azureml_brings.json` holds their own metadata, written by `packaging/azureml_brings.py`; nothing here asks a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from desktop_aml.environments.spec.package_names import is_provided, normalised

_SETUPTOOLS: Final = "setuptools<82"
_MINORS: Final = tuple(f"3.{number}" for number in range(6, 15))
_TABLE: Final = Path(__file__).with_name("azureml_brings.json")
_EXTRA: Final = re.compile(r"\s*(?:\band\s+)?\bextra\s*==\s*\"([^\"]+)\"(?:\s+and\b)?\s*")
# Older tools took it for the bound itself; pip and uv read it no more.
_BOUND_WITH_STAR: Final = re.compile(r"((?:>=|<=|~=|>|<)\s*[\w.]+?)\.\*")

# What only talks to Azure, serves a server of Azure's, or installs: nothing here would use it.
_OF_THE_CLOUD: Final = re.compile(
    r"azure($|-)|msal|msrest|adal$|dotnetcore2$|fusepy$|applicationinsights$|ndg-httpsclient$|knack$|secretstorage$"
    r"|opencensus|inference-schema$|json-logging-py$|argcomplete$|backports-|isodate$|pyopenssl$|py4j$|pyspark$"
    r"|azureml-inference-server-http$|gunicorn$|pip$|flake8$"
)

# In Azure, too, tables of data sets were of no use without it; whoever asked for one of these got it by another way.
_READS_TABLES: Final = frozenset({"azureml-dataprep", "azureml-dataset-runtime", "azureml-opendatasets"})


def brought_by(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return what packages of Azure ML brought, as requirements, by name.

    Parameters
    ----------
    requirements : iterable of str
        Such as ``azureml-sdk[notebooks]~=1.8.0``; a version that is not in the table is the newest before it.
    """
    found: dict[tuple[str, str], Requirement] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    asked = list(requirements)
    # Conda had it in every environment, so that nobody named it.
    asked += [_SETUPTOOLS] if asked else []
    asked += ["pandas" for one in asked if normalised(Requirement(one).name) in _READS_TABLES]
    while asked:
        requirement = Requirement(asked.pop())
        name = normalised(requirement.name)
        if _OF_THE_CLOUD.match(name):
            continue
        if not is_provided(name):
            known = found.setdefault((name, str(requirement.marker or "")), requirement)
            known.specifier &= requirement.specifier
            known.extras |= requirement.extras
            continue
        key = (name, frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            asked += _of_version(requirement)
    return tuple(str(found[key]) for key in sorted(found))


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads(_TABLE.read_text("utf-8"))
    return read


def _of_version(requirement: Requirement) -> list[str]:
    versions = _table().get(normalised(requirement.name), {})
    if not versions:
        return []
    in_order = sorted(versions, key=Version, reverse=True)
    fit = [one for one in in_order if requirement.specifier.contains(one, prereleases=True)]
    named = _lowest_named(requirement)
    if not fit and named is not None:
        fit = [one for one in in_order if Version(one) <= named]
    chosen = fit[0] if fit else in_order[-1] if named is not None else in_order[0]
    read = (_for_extras(one, requirement.extras) for one in versions[chosen])
    return [one for one in read if one]


def _lowest_named(requirement: Requirement) -> Version | None:
    """Return the version that a requirement is about, when the table has none that satisfies it."""
    named = []
    for one in requirement.specifier:
        try:
            named.append(Version(one.version.removesuffix(".*")))
        except InvalidVersion:
            continue
    return min(named, default=None)


def _for_extras(text: str, extras: set[str]) -> str:
    """Return a requirement without its marker for extras; empty when it is for an extra that was not asked for."""
    wanted = _EXTRA.findall(text)
    if wanted and not set(wanted) & extras:
        return ""
    text = _BOUND_WITH_STAR.sub(r"\1", text)
    plain = re.sub(r";\s*$", "", _EXTRA.sub(" ", text).strip()).strip()
    try:
        requirement = Requirement(plain)
    except InvalidRequirement:
        return ""
    if requirement.marker is not None:
        # The platform is known by now; the version of Python is not.
        holds = [requirement.marker.evaluate({"python_version": minor}) for minor in _MINORS]
        if not any(holds):
            return ""
        requirement.marker = None if all(holds) else requirement.marker
    return str(requirement)
