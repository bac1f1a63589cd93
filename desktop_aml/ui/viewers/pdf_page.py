"""Draws a page of a PDF. A program of its own: ``pdf_page.py FILE NUMBER``, the first page being 0.

It runs in a process apart with bounds on memory and time. It prints a line of JSON, which holds either ``words`` that
say why there is nothing to see, or ``pages``, ``width``, ``height`` and ``stride``; then the rows of the picture, four
bytes a pixel: blue, green, red, nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from desktop_aml.system.files import open_regular
from desktop_aml.system.limits import limit_memory, limit_processor_time

_SIDE: Final = 1600
"""Pixels of the longer side of a page."""

_MOST_SCALE: Final = 4.0
_MOST_BYTES: Final = 256 << 20
_MEMORY: Final = 2 << 30
_SECONDS: Final = 15
_WORDS: Final = 200


def draw(path: Path, number: int) -> tuple[dict[str, object], bytes]:
    """Return what is to be said of a page, and its picture."""
    import pypdfium2

    with open_regular(path, follow_links=True) as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        return {"words": "It is too large to be looked into."}, b""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower()
        return {"words": "A password is needed to read it." if is_locked else "This file is no PDF, or damaged."}, b""
    page = document[min(max(number, 0), len(document) - 1)]
    width, height = page.get_size()
    scale = min(_SIDE / max(width, height, 1.0), _MOST_SCALE)
    bitmap = page.render(scale=scale, prefer_bgrx=True)
    if bitmap.mode != "BGRX":
        bitmap = page.render(scale=scale, force_bitmap_format=pypdfium2.raw.FPDFBitmap_BGRx)
    shape = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride}
    return {"pages": len(document), **shape}, bytes(bitmap.buffer)


def main(path: str, number: str) -> None:
    """Print a page."""
    limit_memory(_MEMORY)
    limit_processor_time(_SECONDS)
    try:
        found, picture = draw(Path(path), int(number))
    except ModuleNotFoundError as error:
        found, picture = {"words": f"To look into this file the package {error.name} is needed."}, b""
    except Exception as error:  # noqa: BLE001 - whatever a damaged file raises is said, not shown as a fault of ours
        found, picture = {"words": f"This file cannot be read: {type(error).__name__}: {error}"[:_WORDS]}, b""
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + picture)


if __name__ == "__main__":
    main(*sys.argv[1:3])
