"""The model's process: verify, load, describe, predict; or the same with a scoring script in the model's place.

It runs in the model's own environment: standard library, numpy and scikit-learn, Python 3.6 or newer. Its parent is the
HTTP front, which speaks to it in frames over two pipes::

    frame    := length:u32 kind:u8 body                   length counts kind and body; network byte order
    'L' load      front -> worker   JSON: what to load, and the limits
    'D' describe  worker -> front   JSON: what was loaded, or {"error", "details"}
    'R' requests  front -> worker   items: id:u32 method:u8 kind:u8 rows:u32 columns:u32 size:u32 payload
    'A' answers   worker -> front   items: id:u32 status:u8 seconds:f64 size:u32 payload

A frame carries as many items as the front has at hand. A payload is a block of float64 or int64 in the machine's order,
or JSON. An answer is a JSON list, or ``{"type", "message"}`` when the status is not `OK`. With a scoring script items
are whole requests and answers, see ``calling.py``. The load frame says all that the process needs to know.

It must not: use the network, write files, answer anything but frames, or outlive the front.
"""

import gc
import importlib
import json
import os
import struct
import sys
import traceback
import types
import warnings
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

LENGTH = struct.Struct("!I")
REQUEST = struct.Struct("!IBBIII")
Loaded = Tuple[Any, Dict[str, Any]]
"""What answers requests, or None; its description, or what kept it from being loaded."""


def import_neighbours(*names: str) -> List[Any]:
    """Return modules beside this file, without importing the application, which needs a newer Python."""
    here = os.path.dirname(os.path.abspath(__file__))
    stand_in = types.ModuleType("desktop_aml")
    stand_in.__path__ = [os.path.dirname(here)]
    sys.modules["desktop_aml"] = stand_in
    try:
        return [importlib.import_module("desktop_aml.inside_model." + name) for name in names]
    finally:
        # A model may have been trained with the real package: it must find that one.
        del sys.modules["desktop_aml"]


def take_pipes() -> Tuple[int, int]:
    """Move the frame pipes away from descriptors 0 and 1, so that a model's own prints go to the log."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    # What a model prints must not fail for want of a letter.
    sys.stdout = open(1, "w", 1, encoding="utf-8", errors="backslashreplace")
    return source, sink


def read_exactly(source: int, size: int) -> Optional[bytes]:
    """Return `size` bytes, or None when the front is gone."""
    block = os.read(source, min(size, 1 << 20)) if size else b""
    if len(block) == size:
        return block
    blocks, missing = [block], size - len(block)
    while missing:
        if not blocks[-1]:
            return None
        blocks.append(os.read(source, min(missing, 1 << 20)))
        missing -= len(blocks[-1])
    return b"".join(blocks)


def read_frame(source: int) -> Optional[Tuple[bytes, bytes]]:
    """Return the kind (one byte) and the body of the next frame, or None when the front is gone."""
    head = read_exactly(source, 4)
    if head is None:
        return None
    frame = read_exactly(source, LENGTH.unpack(head)[0])
    return None if frame is None else (frame[:1], frame[1:])


def write_frame(sink: int, kind: bytes, body: bytes) -> None:
    """Write one frame completely."""
    rest = memoryview(LENGTH.pack(len(body) + 1) + kind + body)
    while rest:
        rest = rest[os.write(sink, rest) :]


def split_requests(body: bytes, methods: Tuple[str, ...]) -> List[Any]:
    """Return the items of a frame of requests as tuples ``(id, method, kind, rows, columns, payload)``."""
    items, at = [], 0
    while at < len(body):
        number, method, kind, rows, columns, size = REQUEST.unpack_from(body, at)
        at += REQUEST.size
        items.append((number, methods[method], kind, rows, columns, body[at : at + size]))
        at += size
    return items


def confine(load: Dict[str, Any]) -> None:
    """Leave the network, die with the front, gain no rights, dump no core, keep the limits of memory and cores."""
    if load.get("offline"):
        load["open_network"] = "only Linux can"
        if sys.platform == "linux":
            (network,) = import_neighbours("network")
            load["open_network"] = network.shut_off()
    if sys.platform.startswith("linux"):
        import ctypes

        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
        prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        if os.getppid() != load["parent_pid"]:
            os._exit(3)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if load.get("memory_bytes"):
            # Private writable memory. RLIMIT_AS would also count the libraries that numpy maps and never touches.
            resource.setrlimit(resource.RLIMIT_DATA, (load["memory_bytes"], load["memory_bytes"]))
    elif load.get("memory_bytes"):
        raise OSError("a limit of memory is not written for this operating system yet")
    if sys.platform == "linux" and load.get("cores"):
        mine = sorted(os.sched_getaffinity(0))
        first = load["parent_pid"] % len(mine)
        os.sched_setaffinity(0, [mine[(first + i) % len(mine)] for i in range(min(load["cores"], len(mine)))])


def columns_for(description: Dict[str, Any]) -> Optional[List[str]]:
    """Return the column names when the model must be given a data frame and the environment can make one."""
    if not (description["by_column"] and description["feature_names"] and has_pandas()):
        return None
    return list(description["feature_names"])


def has_pandas() -> bool:
    """Whether the environment can make a data frame."""
    try:
        importlib.import_module("pandas")
    except ImportError:
        return False
    return True


def prepare(load: Dict[str, Any], loading: Any, describing: Any) -> Tuple[Any, Dict[str, Any], Any]:
    """Return the loaded model, its description, and what is known of its columns."""
    entry = loading.choose_file(load["files"])
    loading.check_libraries()
    try:
        model, caught = loading.load_model(entry)
    except loading.CannotServe as error:
        if "sklearn" in error.details:
            loading.check_libraries(that_they_work=True)
        raise
    try:
        describing.check_is_model(model, entry["name"])
        description, known = describing.describe(model, loading.version_notes(caught), load.get("sample") or ((), ()))
    except Exception as error:
        words = "" if isinstance(error, loading.CannotServe) else loading.why_of_another_version(entry, [error])
        if not words:
            raise
        raise loading.CannotServe(words, traceback.format_exc()) from error
    description["open_names"] = description["open_names"] and has_pandas()
    return model, description, known


def load_or_explain(load: Dict[str, Any], act: Callable[[], Loaded], loading: Any) -> Loaded:
    """Return what answers requests and its description, or None and what kept it from being loaded."""
    loading.sent["model_origin"] = load.get("model_origin") or ""
    try:
        confine(load)
        return act()
    except loading.CannotServe as error:
        return None, {"error": str(error), "details": error.details}
    except MemoryError:
        limit = (load.get("memory_bytes") or 0) / float(1 << 30)
        return None, {"error": "The model needs more memory than its limit of {:g} GB.".format(limit), "details": ""}
    except Exception as error:  # noqa: BLE001 - loading runs code of the file, which may raise anything
        words = "The model could not be loaded: {}: {}".format(type(error).__name__, loading.first_line(error))
        return None, {"error": words, "details": traceback.format_exc()}


def find_modules(folders: Sequence[str]) -> None:
    """Find what lay beside the training script, after all that is installed, and leave no byte code there."""
    if folders:
        sys.dont_write_bytecode = True
        sys.path.extend(folders)


def load_model(load: Dict[str, Any]) -> Loaded:
    """Return what predicts with the model, and the model's description."""
    loading, describing, predicting = import_neighbours("loading", "describing", "predicting")

    def act() -> Loaded:
        find_modules(load.get("modules") or ())
        model, description, known = prepare(load, loading, describing)
        return predicting.Predictor(model, columns_for(description), known), description

    found = load_or_explain(load, act, loading)
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    return found


def load_script(load: Dict[str, Any]) -> Loaded:
    """Return what asks the scoring script, and the script's description."""
    loading, scripting, calling = import_neighbours("loading", "scripting", "calling")
    here = os.path.dirname(os.path.abspath(__file__))
    site_folders = os.path.join(os.path.dirname(here), "inside_run", "site"), os.path.join(here, "site")

    def act() -> Loaded:
        script = scripting.prepare(load, site_folders)
        return calling.Caller(script), script.describe()

    return load_or_explain(load, act, loading)


def serve(source: int, sink: int, answering: Any) -> None:
    """Answer frames until the front closes the pipe."""
    while True:
        frame = read_frame(source)
        if frame is None:
            return
        write_frame(sink, b"A", answering.answer_all(split_requests(frame[1], answering.methods)))


def main() -> int:
    """Load what the front says, describe it, then answer."""
    source, sink = take_pipes()
    frame = read_frame(source)
    if frame is None:
        return 0
    load = json.loads(frame[1].decode("utf-8"))
    answering, reply = load_script(load) if load.get("script") else load_model(load)
    reply = dict(reply, open_network=load.get("open_network", ""))
    # Names of columns and words of errors may hold halves of characters, which the front could not read.
    described = json.dumps(reply, ensure_ascii=False, default=str).encode("utf-8", "replace")
    if answering is None:
        write_frame(sink, b"D", described)
        return 3
    # Full collections over scikit-learn's modules cost 50 ms at the worst moment.
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()
    write_frame(sink, b"D", described)
    serve(source, sink, answering)
    return 0


if __name__ == "__main__":
    sys.exit(main())
