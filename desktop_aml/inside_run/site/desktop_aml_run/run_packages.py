"""Packages that a script installs itself: they go into a folder of its run, and no other run sees them.

The environment of a run is a build that other runs share. So a pip of that build is continued in an environment of the
run's own that lies over it: pip finds what the build has, installs beside it, and takes nothing of it away. The
script's processes look into that folder first. Standard library only, Python 3.6 to 3.14.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    PipWords = tuple[list[str], list[str]]


FOLDER = "DESKTOP_AML_RUN_PACKAGES"
"""Variable with the folder; not set where a run has an environment to itself, as in a container."""

PYTHON = "DESKTOP_AML_RUN_PYTHON"
"""Variable with the interpreter of the build."""

_PREFIX = "PIP_PREFIX"
_PIPS_PYTHON = "PIP_PYTHON"
"""Which interpreter pip changes, since 22.3: it hears it even where an isolated Python does not load this module."""
_ABOVE = "_environment_below.pth"
_CONFIGURATION = "pyvenv.cfg"
_UV = "UV_PYTHON"
_SETTINGS = (_PREFIX, _PIPS_PYTHON, "PIP_TARGET", "PIP_USER")


def install(words: "PipWords | None") -> None:
    """Prepare a process of a run; `words` are its `pip_words`."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    place = site_packages(folder)
    if _is_at(folder):
        _forget_prefix(folder)
        if words is not None and words[1][:1] == ["install"]:
            _tell_afterwards(place)
    elif not _is_of_build():
        if _is_made_by_run(folder):
            # An environment that the script made for itself.
            _forget_prefix(folder)
        elif words is not None and words[1][:1] in (["install"], ["uninstall"]):
            _refuse(words[1][0])
    elif words is not None and _has_pip():
        _continue_above(folder, place, *words)
    else:
        _look_into(folder, place)


def site_packages(folder: str) -> str:
    """Return where modules of this Python lie in an environment at `folder`."""
    return os.path.join(folder, "lib", "python{}.{}".format(*sys.version_info[:2]), "site-packages")


def installed(place: str) -> "dict[str, str]":
    """Return what lies in a folder of packages, as ``{name: version}``."""
    found: "dict[str, str]" = {}
    try:
        names = os.listdir(place)
    except OSError:
        return found
    for name in names:
        stem, kind = os.path.splitext(name)
        if kind in (".dist-info", ".egg-info") and "-" in stem:
            parts = stem.split("-")
            found[parts[0].replace("_", "-")] = parts[1]
    return found


def words_about(packages: "dict[str, str]") -> str:
    """Return what to say of packages that a script installed, ``{name: version}``."""
    named = ["{}=={}".format(name, packages[name]) for name in sorted(packages)]
    return (
        "The script installed {} for this run alone: the environment stays as it was built, and no other run has it. "
        "To have it in every run, add to the environment's file, below `pip:`, the line{} {}".format(
            ", ".join(named), "s" if len(named) > 1 else "", ", ".join("`- {}`".format(one) for one in named)
        )
    )


def pip_words() -> "PipWords | None":
    """Return the interpreter's options and pip's own arguments when this process is pip, else None.

    The interpreter itself does not know its words yet.
    """
    try:
        with open("/proc/self/cmdline", "rb") as stream:
            words = [os.fsdecode(one) for one in stream.read().split(b"\0")[1:-1]]
    except OSError:
        return None
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at].startswith("-m"):
            named, after = (words[at][2:], at + 1) if len(words[at]) > 2 else ("".join(words[at + 1 : at + 2]), at + 2)
            return (words[:at], words[after:]) if named in ("pip", "pip.__main__") else None
        if words[at].startswith(("-c", "-i")):
            return None
        at += 2 if words[at] in ("-W", "-X", "--check-hash-based-pycs") else 1
    script = words[at] if at < len(words) else ""
    name = os.path.basename(script)
    is_pip = name.startswith("pip") and not name[3:].strip("0123456789.")
    return (words[:at], words[at + 1 :]) if is_pip else None


def _is_at(prefix: str) -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(prefix)


def _is_of_build() -> bool:
    python = os.environ.get(PYTHON, "")
    return bool(python) and _is_at(os.path.dirname(os.path.dirname(python)))


def _is_made_by_run(folder: str) -> bool:
    """Whether the present environment is newer than the run, or lies in its folder."""
    run_directory = os.path.realpath(os.path.dirname(folder))
    if os.path.realpath(sys.prefix).startswith(run_directory + os.sep):
        return True
    begun = _modified(os.path.join(folder, _CONFIGURATION))
    marks = (_CONFIGURATION, os.path.join("conda-meta", "history"))
    return begun is not None and any((_modified(os.path.join(sys.prefix, one)) or 0) >= begun for one in marks)


def _modified(path: str) -> "float | None":
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def _refuse(act: str) -> "NoReturn":
    sys.stderr.write(
        "Desktop AML: {} is not the Python of this run, and is left as it is: a run may {} nothing there. Name what "
        "the script needs in the environment of the run, or call pip as `python -m pip`.\n".format(sys.executable, act)
    )
    sys.stderr.flush()
    os._exit(1)


def _has_pip() -> bool:
    return any(os.path.isdir(os.path.join(place, "pip")) for place in _package_places())


def _package_places() -> "list[str]":
    return [one for one in sys.path if os.path.basename(one) in ("site-packages", "dist-packages")]


def _look_into(folder: str, place: str) -> None:
    """Have this process find what the run's own pip installs, before what the build has."""
    try:
        # It must be there already: an import system that met no folder does not look again.
        _make(folder, place, os.path.join(folder, "bin", "python"))
    except OSError:
        return
    import site

    before, packages = list(sys.path), _package_places()
    site.addsitedir(place)
    new = [one for one in sys.path if one not in before]
    at = before.index(packages[0]) if packages else len(before)
    sys.path[:] = before[:at] + new + before[at:]
    if not any(name in os.environ for name in _SETTINGS):
        # For a script that calls pip in its own process.
        os.environ[_PREFIX] = folder
        os.environ.setdefault(_PIPS_PYTHON, os.path.join(folder, "bin", "python"))
    if _UV not in os.environ:
        # uv would change the environment that VIRTUAL_ENV names, or the system's.
        os.environ[_UV] = os.path.join(folder, "bin", "python")
        os.environ.pop("UV_SYSTEM_PYTHON", None)


def _forget_prefix(folder: str) -> None:
    if os.environ.get(_PREFIX) == folder:
        del os.environ[_PREFIX]
    let_pip_work_here()


def let_pip_work_here() -> None:
    """Have a pip of this process and of its children change the interpreter that it is of."""
    if os.environ.get(_PIPS_PYTHON) == os.path.join(os.environ.get(FOLDER, ""), "bin", "python"):
        del os.environ[_PIPS_PYTHON]


def _continue_above(folder: str, place: str, options: "list[str]", arguments: "list[str]") -> "NoReturn":
    """Let the interpreter of the run's own environment take the place of this process."""
    python = os.path.join(folder, "bin", "python")
    try:
        _make(folder, place, python)
    except OSError as error:
        sys.stderr.write(
            "Desktop AML: the run's own folder for packages, {}, cannot be made: {}. The environment of the run is not "
            "changed.\n".format(folder, error.strerror)
        )
        os._exit(1)
    _forget_prefix(folder)
    # The folder of the run stands for the user's own, too, which an environment does not look into.
    arguments = [one for one in arguments if one != "--user"]
    os.execv(python, [python] + options + ["-m", "pip"] + arguments)  # noqa: S606, RUF005 - no shell; Python 3.6


def _make(folder: str, place: str, python: str) -> None:
    """Make an environment above the present one; several processes may do it at once."""
    os.makedirs(place, mode=0o700, exist_ok=True)
    if os.path.lexists(python):
        return
    os.makedirs(os.path.dirname(python), mode=0o700, exist_ok=True)
    real = os.path.realpath(sys.executable)
    version = ".".join(str(one) for one in sys.version_info[:3])
    _write(
        os.path.join(folder, _CONFIGURATION),
        "home = {}\ninclude-system-site-packages = false\nversion = {}\n".format(os.path.dirname(real), version),
    )
    # Only for the interpreter of this folder: the script's own has read what lies in the build.
    line = "import os, site, sys; os.path.realpath(sys.prefix) == {!r} and site.addsitedir({!r})\n"
    below = [line.format(os.path.realpath(folder), one) for one in _package_places() if one != place]
    _write(os.path.join(place, _ABOVE), "".join(below))
    try:
        os.symlink(real, python)
    except FileExistsError:
        # Another process of the run was first.
        return


def _write(path: str, text: str) -> None:
    temporary = "{}.{}".format(path, os.getpid())
    with open(temporary, "w") as stream:
        stream.write(text)
    os.rename(temporary, path)


def _tell_afterwards(place: str) -> None:
    import atexit

    # Now: pip of today refuses every import once it has installed something.
    from desktop_aml_run.telling import tell

    before = installed(place)

    def tell_new() -> None:
        new = {name: version for name, version in installed(place).items() if before.get(name) != version}
        if new:
            tell(words_about(new))

    atexit.register(tell_new)
