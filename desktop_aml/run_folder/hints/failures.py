"""What to do about an error of a script, read from the error's last line. Knows words, no files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from desktop_aml.domain.environments import LEFT_OUT, WITHOUT_NETWORK
from desktop_aml.run_folder.hints import pins

_PIP: Final = re.compile(
    r"'-m', 'pip', 'install', (?P<words>[^\]]+)\]|No module named '?pip'?$|'pip', 'install', (?P<more>[^\]]+)\]"
)
_NO_MODULE: Final = re.compile(r"(?:No module named|name(?= 'pkg_resources')) '([^']+)'")

_NO_MEMORY: Final = re.compile(r"(?:[\w.]*\.)?_?(?:Array)?MemoryError\b")
# Libraries import what only some of their functions need when they are called, and word the error themselves.
_FOR_A_FUNCTION: Final = re.compile(
    r"Missing optional dependency '([\w.-]+)'|`Import ([\w.-]+)` failed"
    r"|Unable to find a usable engine; tried using: '([\w.-]+)'|You can install ([\w.-]+) with `pip install"
    r"|^ImportError: .*?(?:(?:[Yy]ou must|[Pp]lease|need to) install ([\w-]+)|([\w-]+) needs to be installed"
    r"|pip3? install (?:-U |--upgrade )?([\w-]+))"
)
_NO_TRACKING_SERVER: Final = re.compile(
    r"API request to (\w+://[^/\s]+)\S* failed with exception|host='([^']+)', port=(\d+)\).*/api/2\.0/mlflow"
)
_HALF_IMPORTED: Final = re.compile(r"partially initialized module '(\w+)'")
_OF_OWN_FILE: Final = re.compile(r"cannot import name '\w+' from '(\w+)' \([^()\n]*/snapshot/(?:[^()\n]+/)?\1\.py\)")
_NO_DATASET: Final = re.compile(r"There is no dataset “([^”]+?)(?::\d+)?” in this workspace")
_NOT_FETCHED: Final = re.compile(r" cannot be fetched: .* Save it as ")
_SHARED_MEMORY: Final = re.compile(r"killed by signal: Bus error|insufficient shared memory")

_PACKAGES: Final = MappingProxyType(
    {
        "attr": "attrs",
        "Bio": "biopython",
        "bs4": "beautifulsoup4",
        "Crypto": "pycryptodome",
        "cv2": "opencv-python-headless",
        "dateutil": "python-dateutil",
        "docx": "python-docx",
        "pptx": "python-pptx",
        "dotenv": "python-dotenv",
        "fitz": "pymupdf",
        "git": "gitpython",
        "imblearn": "imbalanced-learn",
        "jwt": "pyjwt",
        "magic": "python-magic",
        "MySQLdb": "mysqlclient",
        "PIL": "pillow",
        "pkg_resources": "setuptools<82",
        "psycopg2": "psycopg2-binary",
        "pythonjsonlogger": "python-json-logger",
        "pywt": "pywavelets",
        "scikitplot": "scikit-plot",
        "serial": "pyserial",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
        "sklearn_pandas": "sklearn-pandas",
        "sksurv": "scikit-survival",
        "skopt": "scikit-optimize",
        "slugify": "python-slugify",
        "umap": "umap-learn",
        "yaml": "pyyaml",
    }
)
"""The package that holds a module, where the two have different names."""


_SHARED_NAMES: Final = frozenset(
    {"azure", "backports", "google", "jaraco", "mpl_toolkits", "nvidia", "opentelemetry", "ruamel", "zope"}
)
"""Names below which packages of many projects lie; a package that is called so is another matter."""


def hint_for(error: str, *, is_image: bool = False, environment_file: str = "") -> str:
    """Return what the user can do about the last line of an error; empty text gets a general answer.

    Parameters
    ----------
    is_image : bool
        Whether the environment is an image or a Dockerfile of the user's: packages are no lines of it.
    environment_file : str
        One that lies in the source folder or around it.
    """
    pin = pins.hint_for(error)
    if pin:
        return pins.for_image(pin) if is_image else pin
    installing = _PIP.search(error)
    if installing is not None:
        return _instead_of_pip(installing["words"] or installing["more"] or "")
    missing = _NO_MODULE.search(error)
    if missing is not None and missing[0] + "; " in error:
        whole = missing[1].partition(".")[0]
        return (
            f"What is found as “{whole}” is one file, no package. A {whole}.py of your own hides the package of that "
            "name: give it another name."
        )
    function = _FOR_A_FUNCTION.search(error)
    module = missing[1] if missing is not None else next(filter(None, function.groups())) if function else ""
    if module:
        return _add_to_image(module) if is_image else _add(module, environment_file)
    own = _HALF_IMPORTED.search(error) or _OF_OWN_FILE.search(error)
    if own is not None:
        return (
            f"If the package “{own[1]}” is meant, a {own[1]}.py of your own hides it: give that file another name. If"
            " your own file is meant, it lacks the name, or it and another one import each other."
        )
    server = _NO_TRACKING_SERVER.search(error)
    if server is not None:
        return (
            f"The script has MLflow send to {server[1] or f'{server[2]}:{server[3]}'}, which does not answer. Take"
            " set_tracking_uri out of it: a run has a tracking server of its own. Or start that one first."
        )
    dataset = _NO_DATASET.search(error)
    if dataset is not None:
        name = shlex.quote(dataset[1])
        return f"Add the data with: desktop-aml dataset register FILES --name {name}; then run it again."
    if _NOT_FETCHED.search(error):
        return "Save the data where the error says, or connect; then run it again."
    if _SHARED_MEMORY.search(error):
        return (
            "The worker processes of a data loader share /dev/shm, which is full. In Docker, ask for more with "
            "DockerConfiguration(shm_size='8g'); or use fewer workers."
        )
    if _NO_MEMORY.match(error):
        return (
            "More memory was asked for than there was: a run may have a limit of its own (--memory, see run show), and "
            "the computer has one. Give it more, or work on less at a time."
        )
    if error.startswith("A notebook needs "):
        return "Curated environments will do: --environment sklearn-1.9, or choose one in the window."
    if error.startswith("FileNotFoundError"):
        return "Paths count from the run's copy of the source folder; files elsewhere need their full path."
    if error.startswith("EOFError: EOF when reading a line"):
        return "Nobody can answer input() while a run goes on: have the script take an argument (argparse) instead."
    if "Missing parentheses in call to 'print'" in error or "Missing parentheses in call to 'exec'" in error:
        return "The script is written for Python 2. Convert it to Python 3 first, for example with 2to3."
    return "Look at the log; fix the script and run it again."


def not_added(error: str, notes: Iterable[str]) -> str:
    """Return what to do about a missing module whose package was to come along with what the environment names.

    Parameters
    ----------
    notes : iterable of str
        Those of the environment's lock; one that ends in a list of packages tells of what was left out.
    """
    missing = _NO_MODULE.search(error)
    if missing is None:
        return ""
    package = re.split(r"[<=>]", _PACKAGES.get(missing[1], missing[1]))[0].lower().replace("_", "-")
    for note in notes:
        told, _, names = note.rstrip(".").rpartition(": ")
        if package not in names.split(", "):
            continue
        if told.startswith(WITHOUT_NETWORK):
            return (
                f"“{package}” comes along with what the environment names, but could not be fetched without network."
                " Connect, then run it again: it is added by itself."
            )
        if told.startswith(LEFT_OUT):
            return (
                f"“{package}” was left out of the environment, as no ready-made file of it fits beside the rest. Name"
                f" it in the environment, in a version that fits, or with another Python; then run it again."
            )
    return ""


def _instead_of_pip(words: str) -> str:
    packages = [word for word in re.findall(r"'([^']+)'", words) if not word.startswith("-")]
    what = " ".join(packages) or "what the script installs"
    return (
        f"An environment stays as it was built, so that runs can be repeated: pip is not in it. Add {what} to the "
        "environment of the run, and take the installation out of the script."
    )


def _add(module: str, environment_file: str = "") -> str:
    whole, dot, _ = module.partition(".")
    if whole in _SHARED_NAMES:
        return f"Find out which package holds “{module}”, add it to the environment of the run, then run it again."
    if dot:
        # Python names the outermost package that is missing: this one is there.
        return (
            f"“{whole}” is in the environment of the run, but its version there has no “{module}”. Pin a version of "
            f"{_PACKAGES.get(whole, whole)} that has it, or import what took its place."
        )
    package = _PACKAGES.get(module, module)
    # Nobody here knows whether the package of a name is the one that is meant: strangers publish under such names, too.
    what = (
        f"“{package}”, if that package is the one that holds it,"
        if package == module
        else f"“{package}”, which holds “{module}”,"
    )
    none = (
        f"choose {environment_file} as its environment."
        if environment_file
        else f"write {package} and the other packages that it needs into a requirements.txt, and choose that file as"
        " its environment."
    )
    return f"Add {what} to the environment of the run, then run it again. When it has none: {none}"


def _add_to_image(module: str) -> str:
    whole, dot, _ = module.partition(".")
    if dot or whole in _SHARED_NAMES:
        return _add(module)
    package = _PACKAGES.get(module, module)
    words = f"'{package}'" if "<" in package else package
    return (
        f"The image of the run does not hold “{module}”. Write `RUN pip install {words}` into its Dockerfile, or for an"
        f" image of somebody else's a Dockerfile that begins with FROM and its name; then run it again."
    )
