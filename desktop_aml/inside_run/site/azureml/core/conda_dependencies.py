"""`CondaDependencies`: the packages of an environment, as a conda specification."""

import copy
import os
import re

from azureml._service import refused
from azureml.core import _yaml_text
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, NoReturn


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

PYTHON_DEFAULT_VERSION = "3.10.18"
"""What Azure ML takes when nobody asked for a version. Here it then means: the Python that Desktop AML prefers."""

CONDA_FILE_NAME = "conda_dependencies.yml"
DEFAULT_SDK_ORIGIN = "https://pypi.python.org/simple"

_NOT_ASKED_FOR = "# No version of Python was asked for.\n"
"""First line of a text whose version of Python is only Azure's default: read again, it is no wish either."""
_DEFAULT_PYTHONS = ("3.8.13", PYTHON_DEFAULT_VERSION)

_SDK_VERSION = "1.61.0"
_TOP_KEYS = ("name", "channels", "dependencies", "prefix", "variables")
_DEFAULT: "dict[str, Any]" = {
    "name": "project_environment",
    "dependencies": ["python=" + _DEFAULT_PYTHONS[0], {"pip": ["azureml-defaults"]}],
    "channels": ["anaconda", "conda-forge"],
}


class CondaDependencies(object):
    """Packages from conda and from pip, and the version of Python.

    Parameters
    ----------
    conda_dependencies_file_path : str, optional
        A conda specification to begin with; its text is kept as it is until something is changed.
    """

    DEFAULT_PACKAGES: "list[str]" = ["azureml-defaults"]

    def __init__(
        self, conda_dependencies_file_path: "str | None" = None, _underlying_structure: "dict[str, Any] | None" = None
    ) -> None:
        self._text: "str | None" = None
        self._open_text: "str | None" = None
        self._python_was_asked_for = True
        if conda_dependencies_file_path:
            if not os.path.isfile(conda_dependencies_file_path):
                raise FileNotFoundError("There is no file '{}'.".format(conda_dependencies_file_path))
            self._conda, text = _yaml_text.read_file(conda_dependencies_file_path)
            self._text = text
            self._check(conda_dependencies_file_path)
            left_open = text.startswith(_NOT_ASKED_FOR) and self.get_python_version() in _DEFAULT_PYTHONS
            self._python_was_asked_for = not left_open
        elif _underlying_structure is not None:
            self._conda = copy.deepcopy(_underlying_structure)
        else:
            self._conda = copy.deepcopy(_DEFAULT)
            self._python_was_asked_for = False

    def _check(self, path: str) -> None:
        if not isinstance(self._conda, dict):
            raise UserErrorException("'{}' is no conda specification: it holds no names with values.".format(path))
        unknown = sorted(set(self._conda) - set(_TOP_KEYS))
        if unknown:
            raise UserErrorException(
                "'{}' has keys that a conda specification does not know: {}. It knows: {}.".format(
                    path, ", ".join(unknown), ", ".join(_TOP_KEYS)
                )
            )

    @staticmethod
    def create(
        pip_indexurl: "str | None" = None,
        pip_packages: "Iterable[str] | None" = None,
        conda_packages: "Iterable[str] | None" = None,
        python_version: "str | None" = PYTHON_DEFAULT_VERSION,
        pin_sdk_version: bool = True,
    ) -> "CondaDependencies":
        """Return the given packages; without `pip_packages` there is ``azureml-defaults``."""
        made = CondaDependencies()
        made.set_python_version(python_version or PYTHON_DEFAULT_VERSION)
        made._python_was_asked_for = python_version not in (None, PYTHON_DEFAULT_VERSION)
        made._set_pip(_pinned(["azureml-defaults"] if pip_packages is None else _list(pip_packages), pin_sdk_version))
        for package in _list(conda_packages):
            made.add_conda_package(package)
        if pip_indexurl:
            made.set_pip_index_url(pip_indexurl)
        return made

    @staticmethod
    def merge_requirements(requirements: "Iterable[str]") -> "list[str]":
        """Return requirements with one entry for each package: those of the same name are joined by commas."""
        merged: "dict[str, tuple[str, list[str]]]" = {}
        for requirement in requirements:
            name = _name(requirement)
            head = re.match(r"[^=<>!~;\s]+", requirement)
            rest = requirement[head.end() :].strip() if head else ""
            known = merged.setdefault(name, (head.group(0) if head else requirement, []))
            if rest and rest not in known[1]:
                known[1].append(rest)
        return [head + ",".join(rests) for head, rests in merged.values()]

    # What is in it.

    @property
    def _entries(self) -> "list[Any]":
        found: "list[Any] | None" = self._conda.get("dependencies")
        if found is None:
            found = self._conda["dependencies"] = []
        return found

    @property
    def _pip(self) -> "list[str]":
        for entry in self._entries:
            if isinstance(entry, dict) and "pip" in entry:
                return entry["pip"] if entry["pip"] is not None else []
        return []

    @property
    def conda_packages(self) -> "Iterator[str]":
        """Iterator over the conda packages, Python included."""
        return iter([entry for entry in self._entries if isinstance(entry, str)])

    @property
    def conda_channels(self) -> "Iterator[str]":
        """Iterator over the channels."""
        return iter(list(self._conda.get("channels") or []))

    @property
    def pip_packages(self) -> "Iterator[str]":
        """Iterator over the pip packages."""
        return iter([entry for entry in self._pip if not entry.startswith("-")])

    @property
    def pip_options(self) -> "Iterator[str]":
        """Iterator over the options of pip."""
        return iter([entry for entry in self._pip if entry.startswith("-")])

    def get_python_version(self) -> "str | None":
        """Return the version of Python, or None when it is left open."""
        for entry in self.conda_packages:
            if _name(entry) == "python":
                return re.sub(r"^python\s*=*\s*", "", entry.strip(), flags=re.IGNORECASE) or None
        return None

    def get_default_number_of_packages(self) -> int:
        """Return how many pip packages there are when none is named."""
        return len(self.DEFAULT_PACKAGES)

    def as_dict(self) -> "dict[str, Any]":
        """Return the specification as a dict."""
        return copy.deepcopy(self._conda)

    # Changing it.

    def _changed(self) -> None:
        self._text = self._open_text = None

    def set_python_version(self, version: str) -> None:
        """Ask for a version of Python, such as ``"3.8"``."""
        self._changed()
        self._python_was_asked_for = True
        wanted = "python={}".format(version)
        for number, entry in enumerate(self._entries):
            if isinstance(entry, str) and _name(entry) == "python":
                self._entries[number] = wanted
                return
        self._entries.insert(0, wanted)

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package; one of the same name is replaced."""
        if _name(conda_package) == "python":
            self.set_python_version(re.sub(r"^python\s*=*\s*", "", conda_package, flags=re.IGNORECASE))
            return
        self.remove_conda_package(conda_package)
        places = [number for number, entry in enumerate(self._entries) if isinstance(entry, dict)]
        self._entries.insert(places[0] if places else len(self._entries), conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Remove a conda package by name."""
        self._changed()
        name = _name(conda_package)
        self._entries[:] = [one for one in self._entries if isinstance(one, dict) or _name(one) != name]

    def add_channel(self, channel: str) -> None:
        """Add a channel."""
        self._changed()
        channels = self._conda.get("channels") or []
        if channel not in channels:
            self._conda["channels"] = [*channels, channel]

    def remove_channel(self, channel: str) -> None:
        """Remove a channel."""
        self._changed()
        self._conda["channels"] = [one for one in self._conda.get("channels") or [] if one != channel]

    def add_pip_package(self, pip_package: str) -> None:
        """Add a pip package; one of the same name is replaced.

        Raises
        ------
        UserErrorException
            When it is an option of pip.
        """
        if pip_package.strip().startswith("-"):
            raise UserErrorException("'{}' is an option of pip: use set_pip_option.".format(pip_package))
        self.remove_pip_package(pip_package)
        self._set_pip([*self._pip, pip_package])

    def remove_pip_package(self, pip_package: str) -> None:
        """Remove a pip package by name."""
        name = _name(pip_package)
        self._set_pip([one for one in self._pip if one.startswith("-") or _name(one) != name])

    def set_pip_requirements(self, pip_requirements: "Iterable[str]") -> None:
        """Replace the pip packages; the options of pip stay."""
        self._set_pip([*self.pip_options, *pip_requirements])

    def set_pip_option(self, pip_option: str) -> None:
        """Add an option of pip, such as ``--pre``; one of the same name is replaced."""
        name = pip_option.split()[0]
        others = [one for one in self._pip if not one.startswith("-") or one.split()[0] != name]
        self._set_pip([pip_option, *others])

    def remove_pip_option(self, pip_option: str) -> None:
        """Remove an option of pip by name."""
        name = pip_option.split()[0]
        self._set_pip([one for one in self._pip if not one.startswith("-") or one.split()[0] != name])

    def set_pip_index_url(self, index_url: str) -> None:
        """Take pip packages from this index: its address, or the whole option as Azure ML wants it."""
        address = index_url.split()[-1]
        self.set_pip_option("--index-url {}".format(address))

    def _set_pip(self, packages: "Iterable[str]") -> None:
        self._changed()
        for entry in self._entries:
            if isinstance(entry, dict) and "pip" in entry:
                entry["pip"] = list(packages)
                return
        self._entries.append({"pip": list(packages)})

    def add_tensorflow_conda_package(self, core_type: str = "cpu", version: "str | None" = None) -> None:
        """Add TensorFlow from conda."""
        name = "tensorflow" if core_type == "cpu" else "tensorflow-gpu"
        self.add_conda_package(name + ("={}".format(version) if version else ""))

    def add_tensorflow_pip_package(self, core_type: str = "cpu", version: "str | None" = None) -> None:
        """Add TensorFlow from PyPI."""
        self.add_pip_package("tensorflow" + ("=={}".format(version) if version else ""))

    def add_cntk_package(self, core_type: str = "cpu") -> "NoReturn":
        """Refuse: CNTK has no packages for a Python of today."""
        raise refused("CondaDependencies.add_cntk_package()", "Name the packages you need.")

    # Writing it.

    def serialize_to_string(self) -> str:
        """Return the specification as YAML."""
        if self._text is not None:
            return self._text
        return ("" if self._python_was_asked_for else _NOT_ASKED_FOR) + _yaml_text.dump(self._conda)

    def save(self, path: "str | None" = None) -> str:
        """Write the specification to a file (in a folder: ``conda_dependencies.yml``) and return where."""
        target = path or CONDA_FILE_NAME
        if os.path.isdir(target):
            target = os.path.join(target, CONDA_FILE_NAME)
        with open(target, "w", encoding="utf-8") as stream:
            stream.write(self.serialize_to_string())
        return target

    def save_to_file(self, base_directory: str, conda_file_path: "str | None" = None) -> str:
        """Write the specification below `base_directory` and return the path relative to it."""
        name = conda_file_path or CONDA_FILE_NAME
        target = os.path.join(base_directory, name)
        folder = os.path.dirname(target)
        if folder:
            os.makedirs(folder, exist_ok=True)
        self.save(target)
        return name

    def _with_default_python(self) -> None:
        """Name the version of Python that Azure ML takes when a specification has none; it stays open here."""
        if self.get_python_version() is None:
            text = self._text
            self.set_python_version(PYTHON_DEFAULT_VERSION)
            self._python_was_asked_for = False
            self._open_text = text

    def _for_desktop_aml(self) -> str:
        """Return the YAML to build from: a version of Python that nobody asked for is left open."""
        if self._python_was_asked_for:
            return self.serialize_to_string()
        if self._open_text is not None:
            return self._open_text
        open_choice = self.as_dict()
        open_choice["dependencies"] = [
            one for one in open_choice["dependencies"] if isinstance(one, dict) or _name(one) != "python"
        ]
        return _NOT_ASKED_FOR + _yaml_text.dump(open_choice)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CondaDependencies) and other._conda == self._conda

    def __hash__(self) -> int:
        return hash(self.serialize_to_string())


def _list(packages: "Iterable[str] | None") -> "list[str]":
    if packages is None:
        return []
    if isinstance(packages, str):
        raise UserErrorException("Packages are given as a list, not as one text: ['{}'].".format(packages))
    return list(packages)


def _pinned(packages: "list[str]", pin: bool) -> "list[str]":
    if not pin:
        return packages
    return [
        "{}~={}".format(one, _SDK_VERSION) if re.match(r"azureml-[A-Za-z0-9-]+(\[[^\]]*\])?\Z", one) else one
        for one in packages
    ]


def _name(requirement: str) -> str:
    """Return the normalised name of a package, without version, extras, channel and marker."""
    text = requirement.split("::")[-1]
    return re.split(r"[\[=<>!~;@\s]", text.strip(), maxsplit=1)[0].lower().replace("_", "-")
