"""Tell from a model's file what wrote it, when that is not what reads it. Standard library only, Python 3.6 and newer.

Nothing is unpickled: the file is searched for the marks that scikit-learn, NumPy and joblib leave in it.
"""

import bz2
import gzip
import lzma
import re
import sys
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase


CURATED: "dict[tuple[int, ...], str]" = {
    (0, 20): "sklearn-0.20",
    (0, 22): "sklearn-0.22",
    (0, 24): "sklearn-0.24",
    (1, 0): "sklearn-1.0",
    (1, 1): "sklearn-1.1",
    (1, 2): "sklearn-1.2",
    (1, 5): "sklearn-1.5",
    (1, 9): "sklearn-1.9",
}
"""The curated environment that holds a version of scikit-learn."""

_BLOCK = 1 << 20
_LONGEST_MARK = 256
_MOST_BYTES = 2 << 30
_VERSION = re.compile(
    # A name, perhaps where it is remembered, and a text with its length; or, in the protocol of letters, a line.
    rb"_sklearn_version(?:\x94|q.|r.{4})?(?:\x8c(?P<short>.)|X(?P<long>.{4}))(?P<rest>[0-9][0-9A-Za-z.+]*)"
    rb"|_sklearn_version\np\d+\nV(?P<line>[0-9][0-9A-Za-z.+]*)",
    re.DOTALL,
)
_MODULES_OF = ("sklearn", "numpy", "joblib", "scipy", "pandas", "_loss", "copy_reg", "copyreg")


class Origin(object):
    """What the marks in a file tell.

    Parameters
    ----------
    scikit_learn : str
        Version of scikit-learn that wrote the first estimator; empty when there is none.
    protocol : int
        Pickle's, as the file begins with it; 0 when it does not.
    is_numpy_2 : bool
        Whether it names modules that NumPy has since 2.0.
    is_aligned : bool
        Whether its arrays are laid out as joblib does since 1.2.
    """

    def __init__(
        self, scikit_learn: str = "", protocol: int = 0, is_numpy_2: bool = False, is_aligned: bool = False
    ) -> None:
        self.scikit_learn = scikit_learn
        self.protocol = protocol
        self.is_numpy_2 = is_numpy_2
        self.is_aligned = is_aligned


def read(path: str) -> "Origin":
    """Return the `Origin` of the model in a file, compressed or not; what cannot be read tells nothing."""
    found = Origin()
    try:
        before = b""
        for block in _blocks(path):
            data = before + block
            if not before and data[:1] == b"\x80" and len(data) > 1:
                found.protocol = data[1]
            version = None if found.scikit_learn else _VERSION.search(data)
            if version is not None:
                found.scikit_learn = _text(version)
            found.is_numpy_2 = found.is_numpy_2 or b"numpy._core" in data
            found.is_aligned = found.is_aligned or b"numpy_array_alignment_bytes" in data
            before = data[-_LONGEST_MARK:]
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        pass
    return found


def _text(version: "re.Match[bytes]") -> str:
    if version.group("line"):
        return version.group("line").decode("ascii")
    size = version.group("short") or version.group("long")
    return version.group("rest")[: int.from_bytes(size, "little")].decode("ascii")


def _blocks(path: str) -> "Iterator[bytes]":
    with open(path, "rb") as plain:
        head = plain.read(6)
        plain.seek(0)
        stream: "BufferedIOBase"
        if head[:2] == b"\x1f\x8b":
            stream = gzip.GzipFile(fileobj=plain)
        elif head[:3] == b"BZh":
            stream = bz2.BZ2File(plain)
        elif head[:6] == b"\xfd7zXZ\x00" or head[:2] == b"]\x00":
            stream = lzma.LZMAFile(plain)
        else:
            stream = plain
        unpack = zlib.decompressobj() if stream is plain and head[:1] == b"\x78" else None
        read_bytes = 0
        while read_bytes < _MOST_BYTES:
            block = stream.read(_BLOCK)
            if not block:
                return
            read_bytes += len(block)
            yield unpack.decompress(block) if unpack else block


def words(path: str, name: str) -> str:
    """Return what to tell whoever could not read the model in a file; empty when nothing here is older or newer.

    Parameters
    ----------
    name : str
        What the reader of the words calls the file.
    """
    origin = read(path)
    wrote, here = [], []
    own = _version_of("sklearn")
    if origin.scikit_learn and _minor(origin.scikit_learn) != _minor(own):
        wrote.append("scikit-learn {}".format(origin.scikit_learn))
        here.append("scikit-learn {}".format(own) if own else "no scikit-learn")
    if origin.protocol > 4 and sys.version_info < (3, 8):
        wrote.append("Python 3.8 or newer")
        here.append("Python {}.{}.{}".format(*sys.version_info[:3]))
    if origin.is_numpy_2 and _minor(_version_of("numpy") or "0")[0] < 2:
        wrote.append("NumPy 2")
        here.append("NumPy {}".format(_version_of("numpy") or "missing"))
    if origin.is_aligned and _minor(_version_of("joblib") or "0") < (1, 2):
        wrote.append("joblib 1.2 or newer")
        here.append("joblib {}".format(_version_of("joblib") or "missing"))
    if not wrote:
        return ""
    return "{} was written with {}; here there is {} (Python {}.{}). {}".format(
        name, _listed(wrote), _listed(here), sys.version_info[0], sys.version_info[1], _cure(origin)
    )


def _cure(origin: "Origin") -> str:
    if not origin.scikit_learn:
        return "Use the environment that it was trained in, or train it again in this one."
    curated = CURATED.get(_minor(origin.scikit_learn))
    return "Use an environment with scikit-learn=={}{}, or train it again in this one.".format(
        origin.scikit_learn, ", such as the curated “{}”".format(curated) if curated else ""
    )


def _listed(words_: "list[str]") -> str:
    return " and ".join([", ".join(words_[:-1]), words_[-1]] if len(words_) > 1 else words_)


def _minor(version: str) -> "tuple[int, ...]":
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _version_of(module: str) -> str:
    try:
        return getattr(sys.modules.get(module) or __import__(module), "__version__", "")
    except Exception:  # noqa: BLE001 - a library that cannot be imported has no version that counts
        return ""


def may_explain(error: BaseException) -> bool:
    """Whether an error may come from a file of another version: not when a file or a module of one's own is missing."""
    if isinstance(error, ImportError):
        return (getattr(error, "name", None) or "").partition(".")[0] in _MODULES_OF
    return isinstance(error, Exception) and not isinstance(error, (OSError, MemoryError))
