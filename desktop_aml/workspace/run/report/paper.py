"""A report as a PDF, laid out by the window's library in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import StorageError

SUFFIX: Final = ".pdf"

_LAYOUT: Final = "desktop_aml.ui.viewers.report_pdf"
_LONGEST_S: Final = 600.0
_KEPT: Final = re.compile(rb"<pdf:Keywords>(.*?)</pdf:Keywords>", re.DOTALL)


def printed(html: str) -> bytes:
    """Return a page as a PDF.

    Raises
    ------
    StorageError
        When it cannot be laid out, as where the window's libraries do not load.
    """
    with tempfile.TemporaryDirectory(prefix="desktop-aml-") as folder:
        place = Path(folder) / "report.pdf"
        done = subprocess.run(
            [sys.executable, "-P", "-m", _LAYOUT, str(place)],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
        if done.returncode or not place.is_file():
            raise StorageError(
                "The report cannot be laid out as a PDF: the libraries of the window do not work here.",
                "Write it as a web page, and print that: --to report.html",
                details=done.stderr.decode("utf-8", "replace")[-2000:],
            )
        return place.read_bytes()


def kept_in(data: bytes) -> str:
    """Return what a PDF of ours keeps of its page in the metadata; empty for any other file."""
    found = _KEPT.search(data) if data.startswith(b"%PDF-") else None
    return unescape(found[1].decode("utf-8", "replace")) if found is not None else ""
