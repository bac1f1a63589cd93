"""What a warm interpreter and the engine that begins it have in common. Standard library only; Python 3.6 to 3.14."""

CONTROL = "DESKTOP_AML_WARM_CONTROL"
"""Variable with the descriptor of the socket, and the mark of this interpreter, which its stand-ins for a run bear."""

_ENOUGH_BYTES = 512 << 20
_ENOUGH_PART = 0.06


def is_memory_short() -> bool:
    """Whether so little memory is free that none should be kept for runs that may come."""
    found = {}
    with open("/proc/meminfo") as stream:
        for line in stream:
            name, _, rest = line.partition(":")
            if name in ("MemTotal", "MemAvailable"):
                found[name] = int(rest.split()[0]) << 10
    return found.get("MemAvailable", 1 << 60) < max(_ENOUGH_BYTES, _ENOUGH_PART * found.get("MemTotal", 0))
