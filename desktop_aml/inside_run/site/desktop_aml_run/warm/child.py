"""Turn a process that was forked from a warm interpreter into the one that a script would have had from the start.

What the kernel tells of it (words and variables in ``/proc``), what Python tells (`sys.argv`, `os.environ`), the hooks
of the run, random numbers. Then the interpreter goes on to its main program, in whose place the script is run by the
same function of CPython that runs every script. Standard library only; Python 3.6 to 3.14.
"""

import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


assert sys.platform != "win32", "this module is of POSIX systems"

_PR_SET_MM = 35
_PR_SET_MM_MAP = 14
_FIELDS = (26, 27, 45, 46, 47)
"""Of proc_pid_stat(5): start_code, end_code, start_data, end_data, start_brk."""
_START_STACK = 28
_NO_FILE = 0xFFFFFFFF
_kept: "list[Any]" = []
"""Memory that the kernel reads; and what must not be let go of, see `become`."""


def become(begun: "Any", changed: "dict[bytes, bytes | None]", places: "Sequence[Sequence[str]]") -> None:
    """Make this process the script's; the script runs when the interpreter's start goes on.

    Parameters
    ----------
    begun : supervision.ScriptBegins
        Job, variables, and the descriptor that tells the launcher.
    changed : dict
        What imports did to the variables.
    places : list of (str, str)
        Module and name of what is the working folder at the time of the import.
    """
    report = begun.report
    # Its frames hold sockets and files of the launcher, and stand in a circle with it. Collected some day, these would
    # close their descriptors: by then numbers that pipes of the script have.
    _kept.append(begun)
    try:
        os.closerange(3, report)
        os.closerange(report + 1, 256)
        words = begun.job.command()
        show_to_kernel(words, begun.env_vars)
        _set_variables(begun.env_vars, changed)
        _begin_hooks(os.fsdecode(begun.job.run_directory))
        _renew(places)
        sys.argv[:] = [os.fsdecode(word) for word in words[1:]]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = [os.fsdecode(word) for word in words]
        sys.modules["runpy"] = _MainProgram(sys.argv[0], report, sys.modules.get("runpy"))
    except BaseException as error:  # noqa: BLE001 - the launcher shall know
        number = getattr(error, "errno", None) or 0
        os.write(report, "setup {}".format(number).encode())
        import traceback

        traceback.print_exc()
        os._exit(127)


def show_to_kernel(words: "list[bytes]", env_vars: "dict[bytes, bytes]") -> None:
    """Have ``/proc/PID/cmdline`` and ``environ`` say what they would say after an exec: the run is found by them."""
    import ctypes
    import struct

    with open("/proc/self/stat", "rb") as stream:
        fields = stream.read().rpartition(b")")[2].split()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    told = b"".join(word + b"\0" for word in words)
    known = b"".join(name + b"=" + text + b"\0" for name, text in env_vars.items())
    memory = ctypes.create_string_buffer(told + known, len(told) + len(known))
    start = ctypes.addressof(memory)
    middle = start + len(told)
    numbers = [int(fields[number - 3]) for number in _FIELDS]
    numbers += [libc.sbrk(0), int(fields[_START_STACK - 3]), start, middle, middle, middle + len(known), 0]
    packed = struct.pack("=12QII", *(numbers + [0, _NO_FILE]))  # noqa: RUF005 - Python 3.6
    described = ctypes.create_string_buffer(packed, len(packed))
    place, size = ctypes.c_void_p(ctypes.addressof(described)), ctypes.c_ulong(len(packed))
    if libc.prctl(_PR_SET_MM, ctypes.c_ulong(_PR_SET_MM_MAP), place, size, ctypes.c_ulong(0)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _kept.append(memory)


def _set_variables(env_vars: "dict[bytes, bytes]", changed: "dict[bytes, bytes | None]") -> None:
    os.environb.clear()
    os.environb.update(env_vars)
    for name, text in changed.items():
        if text is None:
            os.environb.pop(name, None)
        else:
            os.environb[name] = text


def _begin_hooks(run_directory: str) -> None:
    """Do what `sitecustomize` does for a run that is known from the start."""
    from desktop_aml_run import capture, files_read, run_packages, script_end, source_imports, stacks

    stacks.install()
    run_packages.install(None)
    script_end.install(run_directory)
    source_imports.install(run_directory)
    if os.environ.get("DESKTOP_AML_FILES_READ") != "off":
        files_read.install(run_directory)
    capture.begin(run_directory)
    figures = sys.modules.get("desktop_aml_run.compatibility.figures")
    if figures is not None:
        figures.PLACE.begin()


def _renew(places: "Sequence[Sequence[str]]") -> None:
    """Give this process what each one has of its own: random numbers, keys, the moment of its start."""
    if sys.version_info < (3, 7) and "random" in sys.modules:
        sys.modules["random"].seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    process: "Any" = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.ORIGINAL_DIR = os.path.abspath(os.getcwd())
        process.current_process().authkey = os.urandom(32)
    for module, name in places:
        setattr(sys.modules[module], name, os.getcwd())
    logging: "Any" = sys.modules.get("logging")
    if logging is not None:
        import time

        logging._startTime = time.time_ns() if sys.version_info >= (3, 13) else time.time()  # noqa: SLF001


class _MainProgram(types.ModuleType):
    """Stands where the interpreter looks for `runpy`, to which it wants to hand its main program."""

    def __init__(self, script: str, report: int, before: "types.ModuleType | None") -> None:
        types.ModuleType.__init__(self, "runpy")
        self._script = script
        self._report = report
        self._before = before

    def __getattr__(self, name: str) -> "Callable[..., Any]":
        if name != "_run_module_as_main":
            raise AttributeError(name)
        if self._before is None:
            del sys.modules["runpy"]
        else:
            sys.modules["runpy"] = self._before
        script = os.path.join(os.getcwd(), self._script) if sys.version_info >= (3, 9) else self._script
        if not getattr(sys.flags, "safe_path", False):
            sys.path[0] = os.path.dirname(os.path.realpath(self._script))
        run = _runner(script)
        os.close(self._report)
        return run


def _runner(script: str) -> "Callable[..., Any]":
    """Return what runs the script when called, whatever it is given: no frame of Python's is below the script's."""
    import ctypes
    from functools import partial

    name = os.fsencode(script)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fopen.restype = ctypes.c_void_p
    stream = libc.fopen(name, b"rb")
    if not stream:
        number = ctypes.get_errno()
        words = "{}: can't open file '{}': [Errno {}] {}\n"
        sys.stderr.write(words.format(sys.executable, script, number, os.strerror(number)))
        os._exit(2)
    function = ctypes.PyDLL(None)["PyRun_SimpleFileExFlags"]
    function.restype = _ended
    return partial(function, ctypes.c_void_p(stream), ctypes.c_char_p(name), ctypes.c_int(1), ctypes.c_void_p(None))


def _ended(result: int) -> int:
    if result:
        # The error is printed already, and its words are where they belong.
        raise SystemExit(1)
    return 0
