"""Import what a script imports, as it would, and find out whether anything of it stands against forking.

Whatever an import does that a cold start would do again for each run, or that two processes must not share, is found
here by looking at this process: text that was printed, threads, open files, processes, locks, and what a module
remembers of the run that this interpreter only pretends to be. Standard library only; Python 3.6 to 3.14.
"""

import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


assert sys.platform != "win32", "this module is of POSIX systems"

_Module = types.ModuleType
_OWN_MODULES = ("os", "posix", "sys", "__main__", "sitecustomize", "multiprocessing.process", "tempfile")
_PATHS = ("PosixPath", "PurePosixPath")
_MOST_ENTRIES = 200
_SMALLEST_TELLING_PID = 1000
"""Smaller numbers are constants of the standard library; what is installed beside it is asked for any number."""


def import_all(statements: "list[str]", first: int, script: str, token: str) -> "dict[str, Any]":
    """Carry out import statements.

    Parameters
    ----------
    statements : list of str
        Each is carried out as if it stood at the top of the script.
    first : int
        How many of them certainly come before anything else: a script cannot have seeded a generator before.
    script : str
        What the frames of the statements give as their file.
    token : str
        A mark that no run bears: whatever holds it afterwards remembers this process.

    Returns
    -------
    dict
        ``places``, what modules remember of the working folder, as [module, name]; or ``cold``, why nothing may be
        forked from this process; or ``skip``, the number of a statement that another process must leave to the scripts
        themselves, and ``why``; ``ends`` says whether it must leave them all that follows, too.
    """
    words = _of_interpreter()
    if words:
        return {"cold": words}
    descriptors, threads = set(os.listdir("/proc/self/fd")), _native_threads()
    seen: "set[str]" = set()
    places: "list[list[str]]" = []
    for number, statement in enumerate(statements):
        words, ends = _carry_out(statement, script, draws=number < first)
        words = words or _marks_of(descriptors, threads) or _remembers(token, seen, places)
        if words:
            return {"skip": number, "ends": ends, "why": "“{}” {}".format(statement, words)}
    return {"places": places}


def _of_interpreter() -> str:
    """Return what makes this interpreter one that nothing can be forked from."""
    if sys.implementation.name != "cpython":
        return "the interpreter is not CPython"
    for name in ("sitecustomize", "usercustomize"):
        module = sys.modules.get(name)
        if module is not None and not _is_ours(getattr(module, "__file__", "") or ""):
            return "there is a {} of the user's own".format(name)
    if sys.gettrace() is not None or sys.getprofile() is not None or _is_monitored():
        return "a debugger or coverage is at work"
    return ""


def _is_monitored() -> bool:
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and any(monitoring.get_tool(number) for number in range(6))


def _is_ours(path: str) -> bool:
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.path.dirname(os.path.abspath(path)) == here


def _carry_out(statement: str, script: str, draws: bool) -> "tuple[str, bool]":
    """Return why it should not have been done, and whether what follows it depends on how it went."""
    import builtins

    said, drawn = _printed(), {} if draws else _random_states()
    place = _place_of(statement)
    if place:
        return place, True
    namespace = {"__name__": "__main__", "__builtins__": builtins, "__file__": script}
    try:
        exec(compile(statement, script, "exec", dont_inherit=True), namespace)  # noqa: S102 - as the script will
    except BaseException as error:  # noqa: BLE001 - the script shall meet it itself
        return "ends with {}".format(type(error).__name__), True
    if _printed() != said:
        return "prints something", False
    drawn_now = _random_states()
    changed = [name for name in drawn if drawn_now.get(name) != drawn[name]]
    return "draws random numbers of {}".format(changed[0]) if changed else "", False


def _random_states() -> "dict[str, Any]":
    """Return the states of the generators that all code of a process shares."""
    found: "dict[str, Any]" = {}
    if "random" in sys.modules:
        found["random"] = sys.modules["random"].getstate()
    if "numpy.random" in sys.modules:
        state = sys.modules["numpy.random"].get_state()
        found["numpy.random"] = (state[1].tobytes(), state[2:])
    return found


def _place_of(statement: str) -> str:
    """Return why a module is left alone: only what belongs to Python or is installed beside it is imported here."""
    import ast
    from importlib.util import find_spec

    node = ast.parse(statement).body[0]
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    for name in names:
        top = name.partition(".")[0]
        if top in sys.modules or top in sys.builtin_module_names:
            continue
        try:
            spec = find_spec(top)
        except (ImportError, ValueError, AttributeError):
            spec = None
        if spec is None:
            return "finds no such module"
        places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
        if not all(place in ("built-in", "frozen") or _is_installed(place) for place in places):
            return "is of the user's own"
    return ""


def _is_installed(path: str) -> bool:
    real = os.path.realpath(path)
    library = os.path.realpath(os.path.dirname(os.__file__)) + os.sep
    packages = [os.path.realpath(one) + os.sep for one in sys.path if os.path.basename(one) in _PACKAGES]
    within = tuple(os.path.realpath(one) + os.sep for one in {sys.prefix, sys.base_prefix, sys.exec_prefix})
    return real.startswith(library) or any(real.startswith(one) and one.startswith(within) for one in packages)


_PACKAGES = ("site-packages", "dist-packages")


def _printed() -> int:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue
    return os.fstat(1).st_size + os.fstat(2).st_size


def _marks_of(descriptors: "set[str]", threads: int) -> str:
    import _thread

    if _thread._count() > 0:  # noqa: SLF001 - `threading` knows only its own
        return "starts threads of Python"
    if _native_threads() - threads > _threads_of_openblas():
        return "starts threads of its own"
    if {one for one in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + one)} - descriptors:
        return "leaves a file open"
    if _has_children():
        return "starts processes"
    if sys.gettrace() is not None or sys.getprofile() is not None or _is_monitored():
        return "traces what is run"
    return _shares_lock()


def _native_threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _threads_of_openblas() -> int:
    """Return how many threads the loaded copies of OpenBLAS may have: it ends and renews them around a fork."""
    with open("/proc/self/maps") as stream:
        copies = {line.split(None, 5)[-1].strip() for line in stream if "openblas" in line}
    return len(copies) * max(0, (os.cpu_count() or 1) - 1)


def _has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _shares_lock() -> str:
    synchronize = sys.modules.get("multiprocessing.synchronize")
    if synchronize is None:
        return ""
    import gc

    shared = any(isinstance(one, synchronize.SemLock) for one in gc.get_objects())
    return "makes a lock that all runs would share" if shared else ""


def _remembers(token: str, seen: "set[str]", places: "list[list[str]]") -> str:
    """Return which module holds the mark or the number of this process; those in `seen` were looked at before.

    A name that is the working folder and nothing else can be given another one: it goes into `places`.
    """
    pid, place = os.getpid(), os.getcwd()
    new = [(name, module) for name, module in list(sys.modules.items()) if name not in seen]
    seen.update(name for name, _ in new)
    for name, module in new:
        if name in _OWN_MODULES or name.startswith("desktop_aml_run") or not isinstance(module, _Module):
            continue
        # Not `vars`: a module that is imported at its first use would be imported by it.
        for key, value in list(object.__getattribute__(module, "__dict__").items()):
            if type(value) is str and value == place:
                places.append([name, key])
            elif _holds(value, token):
                return "remembers where it was started ({}.{})".format(name, key)
            if type(value) is int and value == pid and (pid >= _SMALLEST_TELLING_PID or _is_beside(module)):
                return "remembers the process in which it was started ({}.{})".format(name, key)
    return ""


def _is_beside(module: "types.ModuleType") -> bool:
    """Whether a module is installed beside the standard library."""
    place = object.__getattribute__(module, "__dict__").get("__file__") or ""
    return any(os.sep + name + os.sep in place for name in _PACKAGES)


def _holds(value: "Any", token: str) -> bool:
    kind = type(value)
    if kind is str:
        return token in value
    if kind is bytes:
        return token.encode() in value
    if kind in (list, tuple, set, frozenset) and len(value) <= _MOST_ENTRIES:
        return any(type(one) is str and token in one for one in list(value))
    if kind is dict and len(value) <= _MOST_ENTRIES:
        return any(type(one) is str and token in one for one in list(value.values()))
    return kind.__name__ in _PATHS and token in str(value)
