"""``imghdr.what``; the module is gone since Python 3.13."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def what(file: "Any", h: "bytes | None" = None) -> "str | None":
    """Return the kind of an image from its first bytes, or None."""
    if h is None:
        if hasattr(file, "read"):
            place = file.tell()
            h = file.read(32)
            file.seek(place)
        else:
            with open(file, "rb") as stream:
                h = stream.read(32)
    starts = (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"BM", "bmp"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
    )
    if h[:4] == b"RIFF" and h[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in starts if h.startswith(start)), None)
