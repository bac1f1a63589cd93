"""Print what is new in a run's folder: ``python -I -S news.py RUN_DIRECTORY ATTEMPT SECONDS WORD``.

For containers whose folders nobody outside can see. WORD is JSON: `known` holds the size of each file that grows, and
the names of the others, that the asker has already; `arrived` holds files that were sent here with ``.part`` behind
their names. When there is no news, it waits for some, SECONDS at most. Each piece of news is
a line of JSON (name, offset, size) and as many bytes; the last line names all files there are, so that the asker can
tell what went. Standard library only, Python 3.6 or newer.
"""

import contextlib
import io
import json
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

PIECE_BYTES = 4 << 20
"""The most that is told of one file at a time, so that a flood in one does not hold up the others."""

ALL_BYTES = 32 << 20
"""The most that is told at a time: all of it is in memory before the first byte goes out."""

LOOK_S = 0.1
"""Seconds between two looks for news: what a script prints is shown no later, and looking costs next to nothing."""
REQUEST_BYTES = (1 << 20) + 1
"""Of a request, what is enough to see that it is too large."""


def growing(run_directory: str) -> "list[str]":
    """Return the names of the files that only ever grow."""
    journals = ["journal/" + name for name in _names(run_directory, "journal") if name.endswith(".jsonl")]
    return [name for name in ["logs/std_log.txt", *sorted(journals)] if _size(run_directory, name) is not None]


def whole(run_directory: str, attempt: str) -> "list[str]":
    """Return the names of the small files that appear in one piece."""
    marks = ["attempts/{}/{}.json".format(attempt, name) for name in ("claim", "process")]
    requests = ["requests/" + name for name in _names(run_directory, "requests") if name.endswith(".json")]
    return [name for name in [*marks, *sorted(requests)] if _size(run_directory, name) is not None]


def tell(run_directory: str, attempt: str, known: "dict[str, Any]", out: "BinaryIO") -> bool:
    """Write all news; return whether there was any."""
    there = whole(run_directory, attempt)
    new = [(name, 0, REQUEST_BYTES) for name in there if name not in known]
    # A claim first and a request last: whoever reads a request has all that was logged before it.
    marks = [item for item in new if item[0].startswith("attempts/")]
    rest = [item for item in new if item not in marks]
    grown = [(name, int(known.get(name, 0)), PIECE_BYTES) for name in growing(run_directory)]
    left, found = ALL_BYTES, False
    for name, offset, most in [*marks, *grown, *rest]:
        size = _size(run_directory, name) or 0
        if left <= 0 or (size <= offset and name in known):
            continue
        try:
            with open(os.path.join(run_directory, name), "rb") as stream:
                stream.seek(offset)
                data = stream.read(min(most, left))
        except OSError:
            continue
        left -= len(data)
        if data:
            found = True
            out.write(json.dumps({"name": name, "offset": offset, "size": len(data)}).encode() + b"\n" + data)
    gone = [name for name in known if name.startswith("requests/") and name not in there]
    out.write(json.dumps({"there": there}).encode() + b"\n")
    return found or bool(gone)


def _names(run_directory: str, folder: str) -> "list[str]":
    try:
        return os.listdir(os.path.join(run_directory, folder))
    except OSError:
        return []


def _size(run_directory: str, name: str) -> "int | None":
    try:
        return os.lstat(os.path.join(run_directory, name)).st_size
    except OSError:
        return None


def main(run_directory: str, attempt: str, seconds: float, word: "dict[str, Any]") -> None:
    """Let appear what arrived, then look until there is news or the time is up."""
    for name in word["arrived"]:
        path = os.path.join(run_directory, name)
        # Done before, by one whose answer was lost.
        with contextlib.suppress(FileNotFoundError):
            os.rename(path + ".part", path)
    known = word["known"]
    until = time.monotonic() + seconds
    while True:
        told = io.BytesIO()
        if tell(run_directory, attempt, known, told) or time.monotonic() >= until:
            break
        time.sleep(LOOK_S)
    sys.stdout.buffer.write(told.getvalue())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), json.loads(sys.argv[4]))
