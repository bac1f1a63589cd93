"""A browser in a run: the pages that a script would open in one are kept in ``outputs/figures``.

bokeh, altair, folium, ``plotly.offline`` and whoever else shows a page writes a file, or serves it once, and has
`webbrowser` open it. The next page often takes the place of the one before, so each is kept when it is shown. Pages of
other computers are left to `webbrowser`.
"""

import os
import shutil
import threading

from desktop_aml_run.callers import stands_for
from desktop_aml_run.compatibility import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any
    from urllib.parse import SplitResult


_HERE = ("127.0.0.1", "localhost", "[::1]", "::1")
_MOST_BYTES = 64 << 20
_WAIT_S = 10

_told: "list[bool]" = []


def patch(webbrowser: "Any") -> None:
    """Have ``webbrowser.open``, its kin and what ``webbrowser.get`` returns keep pages."""
    folder = figures.folder_of_run()
    if folder is None:
        return
    webbrowser.open = _keeping(webbrowser.open, folder)
    webbrowser.open_new = _keeping(webbrowser.open_new, folder)
    webbrowser.open_new_tab = _keeping(webbrowser.open_new_tab, folder)
    webbrowser.get = _getting(webbrowser.get, webbrowser, folder)


def _keeping(show: "Callable[..., Any]", folder: str) -> "Callable[..., Any]":
    @stands_for(show)
    def open_page(url: "Any", *args: "Any", **options: "Any") -> "Any":
        return _keep(url, folder) or show(url, *args, **options)

    return open_page


def _getting(get: "Callable[..., Any]", webbrowser: "Any", folder: str) -> "Callable[..., Any]":
    @stands_for(get)
    def get_browser(using: "str | None" = None) -> "Any":
        try:
            found = get(using)
        except webbrowser.Error:
            # None is installed: pages are kept all the same.
            found = webbrowser.GenericBrowser("true")
        for name in ("open", "open_new", "open_new_tab"):
            setattr(found, name, _keeping(getattr(found, name), folder))
        return found

    return get_browser


def _keep(url: object, folder: str) -> bool:
    """Keep a page of this computer; return whether it is one."""
    try:
        path = _file(url)
        if path is not None:
            return _keep_file(path, folder)
        address = _address(url)
        if address is not None:
            # In a thread: who serves a page only once begins to do so afterwards.
            threading.Thread(target=_quietly, args=(_fetch, address, folder)).start()
            return True
    except Exception as error:  # noqa: BLE001 - a picture that nobody asked for must never be what breaks a script
        figures.tell("a page could not be kept: {}".format(error))
    return False


def _file(url: object) -> "str | None":
    from urllib.parse import unquote, urlsplit

    text = str(url)
    path = unquote(urlsplit(text).path) if text.lower().startswith("file:") else text
    return path if os.path.isfile(path) else None


def _address(url: object) -> "SplitResult | None":
    from urllib.parse import urlsplit

    parts = urlsplit(str(url))
    return parts if parts.scheme == "http" and parts.hostname in _HERE else None


def _keep_file(path: str, folder: str) -> bool:
    outputs = os.path.dirname(folder) + os.sep
    if os.path.realpath(path).startswith(os.path.realpath(outputs) + os.sep):
        return True  # where it lies, it is kept
    if os.path.getsize(path) <= _MOST_BYTES and figures.COUNT.has_room():
        shutil.copyfile(path, figures.new_file(folder, os.path.splitext(path)[1] or ".html"))
        _tell()
    return True


def _fetch(address: "SplitResult", folder: str) -> None:
    from http.client import HTTPConnection

    connection = HTTPConnection(address.hostname or "localhost", address.port or 80, timeout=_WAIT_S)
    try:
        target = (address.path or "/") + ("?" + address.query if address.query else "")
        connection.request("GET", target)
        answer = connection.getresponse()
        page = answer.read(_MOST_BYTES + 1)
        is_page = answer.status == 200 and "html" in (answer.getheader("Content-Type") or "html")
    finally:
        connection.close()
    if is_page and len(page) <= _MOST_BYTES and figures.COUNT.has_room():
        with open(figures.new_file(folder, ".html"), "wb") as stream:
            stream.write(page)
        _tell()


def _quietly(function: "Callable[..., object]", *args: "Any") -> None:
    try:
        function(*args)
    except Exception:  # noqa: BLE001 - the page of a server that is not there is no loss
        return


def _tell() -> None:
    if not _told:
        _told.append(True)
        figures.tell("what a browser would show is kept as pages in outputs/{}.".format(figures.FOLDER))
