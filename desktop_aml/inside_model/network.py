"""Take the network from this process before a model runs in it; only the loopback of its own is left.

A model's file can run any code when it is loaded. What it needs is on its pipes; where the system allows it, nothing
else can be reached: no other computer, and no program that listens on this one. It costs nothing afterwards.

It must be called while the process has one thread. It may not leave the process half way: a child tries it first.
"""

import errno
import os
import socket
import struct
import sys

assert sys.platform == "linux", "this module is of Linux"

_NEW_USER = 0x10000000
_NEW_NET = 0x40000000
_GET_FLAGS = 0x8913
_SET_FLAGS = 0x8914
_UP = 0x1
_CAPABILITIES = 0x20080522
_DROP_FROM_BOUND = 24
# Rights over files of others, and to keep memory from being swapped: what root keeps.
_KEPT_BY_ROOT = sum(1 << number for number in (0, 1, 2, 3, 4, 14))


def shut_off() -> str:
    """Leave the network, and return why that could not be done: empty when it was."""
    reason = ""
    # Root needs no user of its own: there it would lose rights over files that it has without.
    for flags in (_NEW_NET, _NEW_USER | _NEW_NET) if os.geteuid() == 0 else (_NEW_USER | _NEW_NET,):
        reason = _try_in_a_child(flags)
        if not reason:
            _leave(flags)
            break
    return reason


def _try_in_a_child(flags: int) -> str:
    """Return what a child that leaves the network meets, empty when all goes well."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            _leave(flags)
        except Exception as error:  # noqa: BLE001 - whatever it is, the child ends here and the parent is told
            os.write(writing, _words(error).encode("utf-8", "replace")[:500])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        reason = told.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    return reason or ("the attempt was ended" if status else "")


def _words(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EUSERS):
        # The system's own words are of a full disk.
        return "this system allows no more namespaces (user.max_user_namespaces, user.max_net_namespaces)"
    return os.strerror(number) if number else "{}: {}".format(type(error).__name__, error)


def _leave(flags: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    _checked(ctypes, libc.unshare(flags))
    if flags & _NEW_USER:
        # The same numbers inside as outside, so that files belong to whom they did.
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/gid_map", "{0} {0} 1".format(group))
        _write("/proc/self/uid_map", "{0} {0} 1".format(user))
    _bring_up_loopback()
    # Rights in a world of its own are rights that the model has no use for. Those of the real root lead back: into the
    # network of any process, or into a process that has it.
    _keep_rights(ctypes, libc, 0 if flags & _NEW_USER else _KEPT_BY_ROOT)


def _keep_rights(ctypes: object, libc: object, kept: int) -> None:
    """Give up all capabilities but `kept`, for this process and what it starts."""
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITIES, 0))  # type: ignore[attr-defined]
    rights = ctypes.create_string_buffer(24)  # type: ignore[attr-defined]
    _checked(ctypes, libc.capget(header, rights))  # type: ignore[attr-defined]
    # Effective, permitted, inheritable; the lower halves first.
    _, low, _, _, high, _ = struct.unpack("6I", rights.raw[:24])
    for number in range(64):
        if not kept >> number & 1:
            # What this kernel does not know, or may not be dropped, was not there, or is gone with the others.
            libc.prctl(_DROP_FROM_BOUND, number, 0, 0, 0)  # type: ignore[attr-defined]
    low, high = low & kept & 0xFFFFFFFF, high & kept >> 32
    rights = ctypes.create_string_buffer(struct.pack("6I", low, low, 0, high, high, 0))  # type: ignore[attr-defined]
    _checked(ctypes, libc.capset(header, rights))  # type: ignore[attr-defined]


def _checked(ctypes: object, result: int) -> None:
    if result:
        number = ctypes.get_errno()  # type: ignore[attr-defined]
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _bring_up_loopback() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        name = struct.pack("16s16x", b"lo")
        flags = struct.unpack("16xH14x", fcntl.ioctl(asking, _GET_FLAGS, name))[0]
        fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
