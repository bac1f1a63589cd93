"""Says what is in a file of numbers, of a model or of other files. A program of its own: ``file_facts.py FILE NAME``.

It runs in a process apart with bounds on memory and time, and prints one JSON object: ``facts``, pairs of words, and
``head`` and ``rows`` of a table. Pickles are read without their code: what they would call is only noted.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import json
import lzma
import math
import pickle
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from desktop_aml.system.limits import limit_memory, limit_processor_time

_ROWS: Final = 200
_COLUMNS: Final = 50
_WORDS: Final = 300
_ELEMENTS: Final = 20
_MOST_BYTES: Final = 512 << 20
_READ_BYTES: Final = 1 << 20
"""Arrays up to this are read for their values; of others only the shape is said."""

_MEMORY: Final = 3 << 30
_SECONDS: Final = 20
_DATABASES: Final = frozenset({".db", ".db3", ".sqlite", ".sqlite3"})
_MODELS: Final = frozenset({".joblib", ".pkl", ".pickle", ".sav"})


class Noted:
    """Stands for an object of a class that was not loaded: what it would have been made from."""

    name = ""

    def __new__(cls, *_args: object, **_more: object) -> Self:
        """Make one whatever it is called with."""
        return super().__new__(cls)

    def __init__(self, *args: object, **_more: object) -> None:
        self.args = args
        self.state: Any = None
        self.items: list[Any] = []

    def __setstate__(self, state: object) -> None:
        self.state = state

    def append(self, item: object) -> None:
        """Take an element of a subclass of list."""
        self.items.append(item)

    def extend(self, items: list[object]) -> None:
        """Take elements of a subclass of list."""
        self.items.extend(items)

    def __setitem__(self, key: object, value: object) -> None:
        self.items.append((key, value))

    def add(self, item: object) -> None:
        """Take an element of a subclass of set."""
        self.items.append(item)


def _reconstructor(kind: Any, *_rest: object) -> object:
    made = kind.__new__(kind)
    if isinstance(made, Noted):
        Noted.__init__(made)
    return made


_HARMLESS: Final = {
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "complex"): complex,
    ("builtins", "bytearray"): bytearray,
    ("builtins", "slice"): slice,
    ("collections", "OrderedDict"): dict,
    ("copyreg", "_reconstructor"): _reconstructor,
}


_Unpickler: Any = vars(pickle)["_Unpickler"]
"""The unpickler that is written in Python: what the other one does cannot be changed."""


class Reader(_Unpickler):  # type: ignore[misc]
    """Reads a pickle, joblib's too, without any code but its own."""

    dispatch = _Unpickler.dispatch.copy()

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._stream = stream

    def find_class(self, module: str, name: str) -> object:
        """Return what stands for a class: nothing is imported."""
        known = _HARMLESS.get((module, name))
        return known if known is not None else type(name, (Noted,), {"name": f"{module}.{name}"})

    def load_build(self) -> None:
        """Give an object its state; the numbers of an array of joblib follow it in the file."""
        super().load_build()
        top = self.stack[-1]
        if isinstance(top, Noted) and top.name.endswith("numpy_pickle.NumpyArrayWrapper"):
            self.stack[-1] = self._array(top.state)

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, state: dict[str, Any]) -> object:
        import numpy as np

        code = str(state["dtype"].args[0])
        if code.startswith("O"):
            return Reader(self._stream).load()
        if state.get("numpy_array_alignment_bytes") is not None:
            self._stream.read(self._stream.read(1)[0])
        kind, shape = np.dtype(code), tuple(state["shape"])
        left = size = math.prod(shape) * kind.itemsize
        data = self._stream.read(size) if size <= _READ_BYTES else b""
        while not data and left > 0:
            step = len(self._stream.read(min(left, _READ_BYTES)))
            left = left - step if step else 0
        if not data:
            return f"array of {' x '.join(map(str, shape))} {kind}"
        return np.frombuffer(data, kind).reshape(shape, order=state.get("order", "C")).tolist()


def words_of(value: Any, depth: int = 0) -> str:
    """Return a value in a few words."""
    value = _plain_array(value)
    if isinstance(value, Noted):
        inner = ", ".join(f"{key}={words_of(one, depth + 1)}" for key, one in _parameters(value) if one is not None)
        short = value.name.rpartition(".")[2]
        return f"{short}({inner})"[:_WORDS] if depth < 2 else short
    if isinstance(value, list | tuple):
        return f"[{', '.join(words_of(one, depth + 1) for one in value[:20])}{', …' if len(value) > 20 else ''}]"[
            :_WORDS
        ]
    return (repr(value) if isinstance(value, str) and depth else str(value))[:_WORDS]


def _plain_array(value: Any) -> Any:
    """Return the elements of an array that numpy pickled by itself, where they are objects."""
    if isinstance(value, Noted) and value.name.endswith("multiarray._reconstruct") and isinstance(value.state, tuple):
        _, shape, _, _, data = value.state
        return data if isinstance(data, list) else f"array of {' x '.join(map(str, shape))}"
    if isinstance(value, Noted) and value.name.endswith("multiarray.scalar"):
        return "a number"
    return value


def _state_of(value: Noted) -> dict[str, Any]:
    return value.state if isinstance(value.state, dict) else {}


def _parameters(value: Noted) -> list[tuple[str, Any]]:
    return [(key, one) for key, one in _state_of(value).items() if not key.startswith("_") and not key.endswith("_")]


def _inner_states(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the states of the steps of a pipeline: they know what the pipeline itself does not keep."""
    steps = state.get("steps")
    parts = [step[1] for step in steps if isinstance(step, tuple) and len(step) > 1] if isinstance(steps, list) else []
    return [_state_of(part) for part in parts if isinstance(part, Noted)]


def facts_of_model(stream: BinaryIO) -> list[tuple[str, str]]:
    """Return what a pickle holds: its class, parameters, feature names, steps."""
    found = Reader(stream).load()
    if not isinstance(found, Noted):
        more = f" with {', '.join(map(str, list(found)[:20]))}" if isinstance(found, dict) else ""
        length = f", {len(found)} elements" if hasattr(found, "__len__") else ""
        return [("Kind", f"{type(found).__name__}{length}{more}"), ("Content", words_of(found))]
    state = _state_of(found)
    facts = [("Class", found.name)]
    for key, words in (
        ("_sklearn_version", "scikit-learn"),
        ("n_features_in_", "Features"),
        ("feature_names_in_", "Feature names"),
        ("classes_", "Classes"),
    ):
        value = next((one[key] for one in (state, *_inner_states(state)) if one.get(key) is not None), None)
        if value is not None:
            facts.append((words, words_of(value)))
    for key, value in _parameters(found):
        steps = value if key in ("steps", "transformers", "estimators") and isinstance(value, list) else None
        if steps is None:
            facts.append((key, words_of(value)))
        facts += [
            (f"{key}: {step[0]}", words_of(step[1]))
            for step in steps or []
            if isinstance(step, tuple) and len(step) > 1
        ]
    return facts


def opened(path: Path) -> BinaryIO:
    """Return a file without its compression."""
    raw = path.open("rb")
    head = raw.peek(6)[:6]
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(raw)  # type: ignore[return-value]
    if head.startswith(b"BZh"):
        return bz2.open(raw)  # type: ignore[return-value]
    if head.startswith((b"\xfd7zXZ", b"]\x00")):
        return lzma.open(raw)  # type: ignore[return-value]
    if head[:1] == b"x":
        data = zlib.decompressobj().decompress(raw.read(_MOST_BYTES), _MOST_BYTES)
        return io.BytesIO(data)
    return raw


def table_of_array(array: Any) -> tuple[list[str], list[list[str]]]:
    """Return the first rows of an array."""
    flat = array.reshape(1, 1) if array.ndim == 0 else array.reshape(len(array), -1)
    part = flat[:_ROWS, :_COLUMNS]
    return [str(number) for number in range(part.shape[1])], [[str(cell) for cell in row] for row in part.tolist()]


def look(path: Path, name: str) -> dict[str, object]:
    """Return what is in a file."""
    ending = Path(name).suffix.lower()
    if ending in _MODELS:
        with opened(path) as stream:
            return {"facts": facts_of_model(stream)}
    if ending == ".npy":
        import numpy as np

        array = np.load(path, mmap_mode="r", allow_pickle=False)
        head, rows = table_of_array(array)
        shape = " x ".join(map(str, array.shape)) or "one number"
        return {"facts": [("Shape", shape), ("Type", str(array.dtype))], "head": head, "rows": rows}
    if ending == ".npz":
        import numpy as np

        with np.load(path, allow_pickle=False) as arrays:
            facts = [(one, f"{' x '.join(map(str, arrays[one].shape))} {arrays[one].dtype}") for one in arrays.files]
        return {"facts": facts}
    if ending == ".parquet":
        return _parquet(path)
    if ending in _DATABASES:
        return _database(path)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    rows = [[one.filename, f"{one.file_size}"] for one in entries[:_ROWS]]
    return {"facts": [("Files", str(len(entries)))], "head": ["File", "Bytes"], "rows": rows}


def _database(path: Path) -> dict[str, object]:
    from desktop_aml.workspace.finding.database_file import tables_of_file

    tables = tables_of_file(path, _COLUMNS, _ROWS)
    facts = [("Tables", str(len(tables)) if len(tables) < _COLUMNS else f"{_COLUMNS} or more")]
    for table in tables:
        many = f"more than {table.counted_at_most:,}" if table.count > table.counted_at_most else f"{table.count:,}"
        columns = ", ".join(f"{name} {kind}".strip() for name, kind in table.columns)
        facts.append((table.name, f"{many} {'row' if table.count == 1 else 'rows'}: {columns}"[:_WORDS]))
    shown = max(tables, key=lambda table: table.count, default=None)
    if shown is None or not shown.rows:
        return {"facts": facts}
    facts.append(("Below", f"the first rows of {shown.name}"))
    rows = [[_cell_of_database(cell) for cell in row[:_COLUMNS]] for row in shown.rows]
    return {"facts": facts, "head": [name for name, _ in shown.columns[:_COLUMNS]], "rows": rows}


def _cell_of_database(cell: object) -> str:
    if isinstance(cell, bytes):
        return f"{len(cell):,} bytes"
    return "" if cell is None else str(cell)[:_WORDS]


def _parquet(path: Path) -> dict[str, object]:
    parquet = importlib.import_module("pyarrow.parquet")
    file = parquet.ParquetFile(path)
    batch = next(file.iter_batches(batch_size=_ROWS), None)
    names = list(file.schema_arrow.names)[:_COLUMNS]
    columns = [[] if batch is None else batch.column(place).to_pylist() for place in range(len(names))]
    rows = [["" if cell is None else str(cell) for cell in row] for row in zip(*columns, strict=False)]
    facts = [("Rows", str(file.metadata.num_rows)), ("Columns", str(file.metadata.num_columns))]
    return {"facts": facts, "head": names, "rows": rows}


def bound_itself() -> None:
    """Give up what a damaged or hostile file would make this take."""
    limit_memory(_MEMORY)
    limit_processor_time(_SECONDS)


def main(path: str, name: str) -> None:
    """Print what is in a file."""
    bound_itself()
    try:
        found = look(Path(path), name)
    except ModuleNotFoundError as error:
        found = {"words": f"To look into this file the package {str(error.name).partition('.')[0]} is needed."}
    except Exception as error:  # noqa: BLE001 - whatever a damaged file raises is said, not shown as a fault of ours
        found = {"words": f"This file cannot be read: {type(error).__name__}: {error}"[:_WORDS]}
    sys.stdout.write(json.dumps(found, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:3])
