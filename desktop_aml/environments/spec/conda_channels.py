"""Channels of conda: which a specification names, where they are, and whether they can be reached just now."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from desktop_aml.environments.spec import yaml_tree
from desktop_aml.environments.spec.parse_result import Findings

DEFAULT: Final = ("conda-forge",)
"""Taken when conda is chosen for a specification that names no channel."""

LIMIT_S: Final = 2.0
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.\-]*(?:/[\w.\-]+)*")
_HOST: Final = "https://conda.anaconda.org"
# conda's own meaning of the word.
_DEFAULTS: Final = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_MOST: Final = 16


def read(key: yaml_tree.Scalar, node: yaml_tree.Node, found: Findings) -> None:
    """Read the ``channels`` of a conda file into `found`."""
    if isinstance(node, yaml_tree.Scalar) and node.is_empty:
        return
    if not isinstance(node, yaml_tree.Sequence):
        found.error("`channels` must be a list.", "Write one `- channel` per line.", at=(key.line, key.column))
        return
    if len(node.items) > _MOST:
        found.error(f"More than {_MOST} channels.", "Name the ones that are needed.", at=(key.line, key.column))
        return
    for item in node.items:
        if isinstance(item, yaml_tree.Scalar) and item.text.strip():
            _read_channel(item.text.strip(), found, at=(item.line, item.column))
        else:
            found.error("A channel is one word.", "Write `- conda-forge`.", at=(item.line, item.column))


def _read_channel(text: str, found: Findings, *, at: tuple[int, int]) -> None:
    if text == "nodefaults":
        return
    if _NAME.fullmatch(text):
        found.channels.append(text)
        return
    parts = urlsplit(text) if re.fullmatch(r"[!-~]+", text) else None
    if parts is None or parts.scheme not in {"https", "http", "file"}:
        found.error(f"{text[:80]!r} is not a channel.", "Write its name, such as conda-forge.", at=at)
    elif "@" in parts.netloc or re.search(r"/t/[^/]+/", parts.path):
        found.error(
            "The address of a channel holds a password or a token, which would be stored with the environment.",
            "Remove it; conda's own file of credentials is read.",
            at=at,
        )
    elif parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost"}:
        found.error(f"{text[:80]} is not encrypted.", "Write https.", at=at)
    else:
        found.channels.append(text)
        found.note(f"Packages, which are programs, come from {text[:200]}.", at=at)


def addresses(channels: tuple[str, ...]) -> tuple[str, ...]:
    """Return where channels lie, in their order."""
    found: list[str] = []
    for channel in channels:
        if channel == "defaults":
            found += _DEFAULTS
        else:
            found.append(channel.rstrip("/") if ":" in channel else f"{_HOST}/{channel}")
    return tuple(dict.fromkeys(found))


def why_unreachable(channels: tuple[str, ...], limit_s: float = LIMIT_S) -> str:
    """Return why the first channel out of reach is so, in a few words; empty when all can be reached.

    All are asked at once, for the smallest thing that every channel has, and none may take longer than `limit_s`.
    """
    urls = addresses(channels)
    answers: dict[str, str] = {}
    threads = [
        threading.Thread(target=lambda url=url: answers.update({url: _ask(url, limit_s)}), daemon=True) for url in urls
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        # The name of a host can take longer to find than any limit of the connection.
        thread.join(limit_s)
    for url in urls:
        why = answers.get(url, f"no answer within {limit_s:g} s")
        if why:
            return f"{url} cannot be reached ({why})"
    return ""


def _ask(url: str, limit_s: float) -> str:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "" if (Path(unquote(parts.path)) / "noarch").is_dir() else "there is no such folder"
    # Imported here: it is slow to load, and reading a specification asks nobody.
    import urllib.error
    import urllib.request

    request = urllib.request.Request(f"{url}/noarch/repodata.json", method="HEAD")  # noqa: S310 - https, or loopback
    try:
        with urllib.request.urlopen(request, timeout=limit_s):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        error.close()
        return f"{error.code} {error.reason}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
