"""What a `DockerConfiguration` asks of the container: its ``shm_size``, and its ``arguments`` of ``docker run``."""

import json
import os
import re
import shlex

from azureml._service import note
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


VARIABLE = "DESKTOP_AML_CONTAINER"

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_DEFAULT_SHM = "2g"
_LEAST_MEMORY = 6 << 20
_ALWAYS_SO = ("--rm", "--init", "-i", "-t", "-it", "-ti", "--interactive", "--tty")
_SWITCHES = (
    *_ALWAYS_SO,
    *("--privileged", "--read-only", "-d", "--detach", "-P", "--publish-all", "--no-healthcheck", "-q", "--quiet"),
    *("--oom-kill-disable", "--sig-proxy", "--disable-content-trust", "--use-api-socket"),
)


def of(docker: "Any") -> "dict[str, str]":
    """Return the variables of a run that carry what a `DockerConfiguration` asks, and tell what has no effect.

    Raises
    ------
    UserErrorException
        When a value means nothing.
    """
    asked: "dict[str, Any]" = {}
    env_vars: "dict[str, str]" = {}
    unused = []
    shm = docker.shm_size
    if shm not in (None, "", _DEFAULT_SHM):
        asked["shm_bytes"] = _bytes("shm_size", shm)
    for name, value in _options(docker.arguments or []):
        if not _take(name, value, asked, env_vars):
            unused.append(name)
    if unused:
        note(
            "these arguments of DockerConfiguration have no effect here: {}. A run's container gets the run's own "
            "folders and the workspace's data; network and GPUs are set in the settings of Desktop AML "
            "(docker_network, docker_gpus).".format(", ".join(unused))
        )
    return dict(env_vars, **{VARIABLE: json.dumps(asked, sort_keys=True)}) if asked else env_vars


def asked_again(text: str) -> "tuple[str, list[str]]":
    """Return ``shm_size`` and ``arguments`` of a `DockerConfiguration` that asks what `text`, from `of`, asks."""
    asked = json.loads(text)
    arguments = []
    if "cpus" in asked:
        arguments.append("--cpus={:g}".format(asked["cpus"]))
    if "memory_bytes" in asked:
        arguments.append("--memory={}".format(_size(asked["memory_bytes"])))
    if asked.get("is_offline"):
        arguments.append("--network=none")
    for limit, numbers in sorted(asked.get("ulimits", {}).items()):
        arguments.append("--ulimit={}={}:{}".format(limit, *numbers))
    return _size(asked["shm_bytes"]) if "shm_bytes" in asked else _DEFAULT_SHM, arguments


def _size(count: int) -> str:
    """Return a number of bytes in the largest unit that divides it."""
    unit = next(name for name in "tgmkb" if count % _UNITS[name] == 0)
    return "{}{}".format(count // _UNITS[unit], unit)


def _take(name: str, value: str, asked: "dict[str, Any]", env_vars: "dict[str, str]") -> bool:
    """Take one option over; return False when it has no effect here."""
    if name in _ALWAYS_SO:
        return True
    if name == "--shm-size":
        asked["shm_bytes"] = _bytes(name, value)
    elif name in ("-m", "--memory"):
        asked["memory_bytes"] = _bytes(name, value, _LEAST_MEMORY)
    elif name == "--cpus":
        asked["cpus"] = _cpus(value)
    elif name in ("--network", "--net") and value == "none":
        asked["is_offline"] = True
    elif name == "--ulimit":
        limit, _, numbers = value.partition("=")
        asked.setdefault("ulimits", {})[limit] = _ulimit(value, numbers)
    elif name in ("-e", "--env"):
        _set_variable(value, env_vars)
    elif name == "--env-file":
        for line in _lines_of(value):
            _set_variable(line, env_vars)
    else:
        return False
    return True


def _options(arguments: "Any") -> "Iterator[tuple[str, str]]":
    """Return names and values of the options, however they are spelled: ``-m 2g``, ``-m=2g``, ``-m2g``, in one text.

    Raises
    ------
    UserErrorException
        When one lacks its value.
    """
    words = _words(arguments)
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            raise UserErrorException("{!r} in the arguments of DockerConfiguration is no option.".format(word))
        name, equals, value = word.partition("=")
        if not name.startswith("--") and len(name) > 2 and name not in _SWITCHES:
            name, equals, value = word[:2], "=", word[2:].lstrip("=")
        if name in _SWITCHES:
            if value.lower() != "false":
                yield name, ""
        elif equals:
            yield name, value
        elif not words:
            raise UserErrorException("{} in the arguments of DockerConfiguration needs a value.".format(name))
        else:
            yield name, words.pop(0)


def _words(arguments: "Any") -> "list[str]":
    if isinstance(arguments, str):
        return _split(arguments)
    words = []
    for argument in arguments:
        text = str(argument)
        # "--shm-size 8g" as one element; the value of -e NAME=two words is an element of its own.
        is_line = text.startswith("-") and re.match(r"-[\w-]+\s", text)
        words += _split(text) if is_line else [text]
    return words


def _split(line: str) -> "list[str]":
    try:
        return shlex.split(line)
    except ValueError as error:
        words = "The arguments {!r} of DockerConfiguration cannot be read: {}.".format(line, error)
        raise UserErrorException(words) from error


def _bytes(name: str, value: "Any", least: int = 1) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        size = int(value)
    else:
        found = _SIZE.fullmatch(str(value).strip())
        size = int(float(found.group(1)) * _UNITS[found.group(2).lower()]) if found else 0
    if not least <= size < 1 << 63:
        raise UserErrorException("{} of a container is a size such as '512m' or '2g', not {!r}.".format(name, value))
    return size


def _cpus(value: str) -> float:
    try:
        cpus = float(value)
    except ValueError:
        cpus = 0.0
    if not 0.01 <= cpus <= 65536:
        raise UserErrorException("--cpus of a container is a number of cores such as 1.5, not {!r}.".format(value))
    return cpus


def _ulimit(text: str, numbers: str) -> "list[int]":
    soft, _, hard = numbers.partition(":")
    try:
        return [int(soft), int(hard or soft)]
    except ValueError:
        raise UserErrorException("--ulimit of a container is like nofile=1024:2048, not {!r}.".format(text)) from None


def _set_variable(text: str, env_vars: "dict[str, str]") -> None:
    name, equals, value = text.partition("=")
    if equals:
        env_vars[name] = value
    elif name in os.environ:
        env_vars[name] = os.environ[name]


def _lines_of(path: str) -> "list[str]":
    try:
        with open(path, encoding="utf-8") as stream:
            return [line.strip() for line in stream if line.strip() and not line.lstrip().startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise UserErrorException("The --env-file of DockerConfiguration cannot be read: {}.".format(error)) from None
