"""Write down whatever a script can find out about its process. Run as a script, see `test_parents`."""

import ctypes
import inspect
import json
import os
import signal
import sys
import threading

OF_THE_PROCESS = "DESKTOP_AML_SCRIPT_PID"


def read(name):
    with open("/proc/self/" + name, "rb") as stream:
        return stream.read()


def signal_that_comes_with_the_parents_death():
    found = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(found), 0, 0, 0)
    return found.value


known = [word for word in read("environ").split(b"\0") if not word.startswith(OF_THE_PROCESS.encode())]
status = read("status").decode().splitlines()
descriptors = [name for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)]
streams = (sys.stdout, sys.stderr)
found = {
    "argv": sys.argv,
    "orig_argv": sys.orig_argv,
    "flags": str(sys.flags),
    "cwd": os.getcwd(),
    "path": sys.path,
    "file": __file__,
    "name": __name__,
    "spec": repr(__spec__),
    "package": __package__,
    "is_main": sys.modules["__main__"].__dict__ is globals(),
    "globals": sorted(globals()),
    "frames": len(inspect.stack()),
    "below": repr(sys._getframe().f_back),
    "variables": {name: text for name, text in os.environ.items() if name != OF_THE_PROCESS},
    "order": [name for name in os.environ if name != OF_THE_PROCESS],
    "known_to_the_kernel": repr(known),
    "words": repr(read("cmdline")),
    "comm": repr(read("comm")),
    "descriptors": sorted(descriptors),
    "targets": [os.readlink("/proc/self/fd/" + name) for name in "012"],
    "leads_its_session": os.getsid(0) == os.getpid() == os.getpgid(0),
    "umask": oct(os.umask(0o22)),
    "signals": [repr(signal.getsignal(number)) for number in range(1, 32)],
    "mask": repr(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "status": [line for line in status if line.startswith(("SigI", "SigB", "SigC", "NoNew", "Uid", "Gid", "Threads"))],
    "threads": threading.active_count(),
    "in_the_main_thread": threading.current_thread() is threading.main_thread(),
    "streams": [repr((one.encoding, one.errors, one.line_buffering, one.write_through)) for one in streams],
    "finders": [type(one).__name__ + getattr(one, "__name__", "") for one in sys.meta_path],
    "exit": sys.exit.__name__,
    "hidden": [name for name in ("runpy", "launcher", "process_tree") if name in sys.modules],
    "traced": [repr(sys.gettrace()), repr(sys.getprofile())],
    "has_own_excepthook": sys.excepthook is not sys.__excepthook__,
    "death": signal_that_comes_with_the_parents_death(),
}
with open("state.json", "w") as stream:
    json.dump(found, stream)
