"""Files that the runs of the seeded workspace left, byte by byte."""

from __future__ import annotations

import struct
import zlib
from typing import Final

PAPER: Final = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 /MediaBox [0 0 400 560] >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1
/BaseFont /Helvetica >> >> >> >> endobj
4 0 obj << /Length 46 >> stream
BT /F 24 Tf 40 480 Td (Customers who leave) Tj ET
endstream endobj
trailer << /Root 1 0 R >>
%%EOF
"""
"""Two pages, as a report has them; who reads it finds its objects without a table of them."""


def picture(width: int, height: int) -> bytes:
    """Return a PNG with a gradient."""
    rows = b"".join(
        b"\x00" + b"".join(bytes((x * 255 // width, y * 255 // height, 160)) for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
