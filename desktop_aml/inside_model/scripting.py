"""Load a scoring script, call its ``init()`` once, and learn from its ``run`` what requests it takes.

Python 3.6 or newer, standard library only: what the script needs is the business of its environment. It must not answer
requests; `calling` does.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
import types
from typing import Any, Callable, Dict, List, Optional, Tuple

from desktop_aml.inside_model.loading import CannotServe, first_line, open_verified, why_of_another_version

REQUEST_HEADERS = "request_headers"
_GENERIC_INPUT = {"type": "object", "example": {}}
_GENERIC_OUTPUT = {"type": "object"}
_LISTED_FILES = 50


class Script:
    """A scoring script that is ready for requests.

    Parameters
    ----------
    run : callable
        Its ``run``.
    raw : bool
        Whether ``run`` takes the whole HTTP request.
    decorated : bool
        Whether ``run`` says the types of its parameters, so that it takes the named fields of a JSON object.
    parameters : list of str
        Names of what ``run`` takes, without ``request_headers``.
    required : list of str
        Those without a default.
    """

    def __init__(self, run: Callable[..., Any], name: str, app: str) -> None:
        self.run = run
        self.name = name
        self.app = app
        self.raw = bool(getattr(run, "takes_raw_http", False))
        schemas = _schemas(run)
        self.decorated = schemas is not None
        self.input_schema: Any = schemas[0] if schemas else _GENERIC_INPUT
        self.output_schema: Any = schemas[1] if schemas else _GENERIC_OUTPUT
        self.parameters, self.required, self.wants_headers = self._read_signature()

    def _read_signature(self) -> Tuple[List[str], List[str], bool]:
        parameters = list(inspect.signature(self.run).parameters.values())
        if any(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters):
            raise CannotServe("run() in {} may not have *args or **kwargs.".format(self.name))
        names = [one.name for one in parameters if one.name != REQUEST_HEADERS]
        required = [one.name for one in parameters if one.name in names and one.default is one.empty]
        if not names or (not self.decorated and len(required) > 1):
            raise CannotServe(
                "run() in {} must take one parameter, the body of a request, and takes {}. To take several fields, "
                "say their types with @input_schema.".format(self.name, ", ".join(required) or "none")
            )
        return names, required, len(names) < len(parameters)

    def describe(self) -> Dict[str, Any]:
        """Return what the front needs to know, as JSON values."""
        return {
            "script": self.name,
            "raw": self.raw,
            "decorated": self.decorated,
            "input_schema": _as_json(self.input_schema),
            "output_schema": _as_json(self.output_schema),
            "versions": {"python": "{}.{}.{}".format(*sys.version_info[:3])},
            "notes": [],
            "pid": os.getpid(),
        }


def _as_json(schema: Any) -> Any:
    # The sample in a schema may hold numbers of numpy's own kinds.
    return json.loads(json.dumps(schema, default=lambda odd: odd.tolist() if hasattr(odd, "tolist") else str(odd)))


def _schemas(run: Callable[..., Any]) -> Optional[Tuple[Any, Any]]:
    """Return the schemas of inputs and output that the decorators of inference-schema gave, or None without them."""
    if "inference_schema" not in sys.modules:
        return None
    schema_util = importlib.import_module("inference_schema.schema_util")
    if not schema_util.is_schema_decorated(run):
        return None
    return schema_util.get_input_schema(run) or _GENERIC_INPUT, schema_util.get_output_schema(run) or _GENERIC_OUTPUT


def prepare(load: Dict[str, Any], site_folders: Tuple[str, str]) -> Script:
    """Return the script once its ``init()`` has ended.

    Parameters
    ----------
    load : dict
        The order of the front: ``files`` of the models, and ``script`` as `serving.config.ScoringScript` has it.
    site_folders : tuple of str
        Packages that come before those of the environment, and packages that stand in for ones it does not have.
    """
    order = load["script"]
    for entry in load["files"]:
        open_verified(entry).close()
    app = order["app"]
    path = os.path.join(app, *order["entry_script"].split("/"))
    _set_up_process(order, os.path.dirname(path), site_folders)
    name = order["entry_script"]
    files = load["files"]
    words = "The scoring script {} failed while it was imported".format(name)
    module = _explained(lambda: _import(path), words, app, files)
    for wanted in ("init", "run"):
        if not callable(getattr(module, wanted, None)):
            raise CannotServe("The scoring script {} has no function {}().".format(name, wanted))
    script = Script(module.run, name, app)
    _explained(module.init, "init() of the scoring script failed", app, files)
    restored = sys.modules.get("desktop_aml_run.compatibility")
    if restored is not None:
        restored.tell()
    return script


def _set_up_process(order: Dict[str, Any], folder: str, site_folders: Tuple[str, str]) -> None:
    app = order["app"]
    own, stand_ins = site_folders
    sys.path[:0] = [folder, own] if folder == app else [folder, app, own]
    sys.path.append(stand_ins)
    os.environ.update(
        {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
            "AML_APP_ROOT": app,
            "AZUREML_ENTRY_SCRIPT": order["entry_script"],
            "AZUREML_MODEL_DIR": order["model_dir"],
            "DESKTOP_AML_MODEL_DATA": order["data_dir"],
            "MPLBACKEND": "Agg",
        }
    )
    os.environ.update(order["env_vars"])
    os.chdir(app)
    if os.environ.get("DESKTOP_AML_COMPATIBILITY") != "off":
        importlib.import_module("desktop_aml_run.compatibility").install()


def _import(path: str) -> Any:
    name = os.path.splitext(os.path.basename(path))[0]
    if not name.isidentifier() or name in sys.modules:
        name = "scoring_script"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _explained(act: Callable[[], Any], words: str, app: str, files: List[Dict[str, str]]) -> Any:
    """Do `act`, which is the user's own code, and tell what it raised in words.

    Parameters
    ----------
    files : list of dict
        The files of its models: other versions may have written the one that it could not load.
    """
    try:
        return act()
    except MemoryError:
        raise
    except SystemExit as error:
        raise CannotServe("{}: it ended its own process ({}).".format(words, error.code), trace(error, app)) from error
    except Exception as error:
        raise _why(error, words, app, files) from error


def _why(error: Exception, words: str, app: str, files: List[Dict[str, str]]) -> CannotServe:
    details = trace(error, app)
    loads = any("load" in (frame.line or "") for frame in traceback.extract_tb(error.__traceback__))
    for entry in files if loads else ():
        origin = why_of_another_version(entry, [error])
        if origin:
            return CannotServe("{}: {}. {}".format(words, in_words(error, app), origin), details)
    if isinstance(error, ImportError):
        missing = getattr(error, "name", None)
        return CannotServe(
            "{}: it needs “{}”, which its environment ({}) does not have. Add the package to the environment, or give "
            "the folder that holds the module as the source.".format(words, missing, sys.executable)
            if missing and missing.partition(".")[0] not in sys.modules
            else "{}: {}.".format(words, in_words(error, app)),
            details,
        )
    if isinstance(error, OSError):
        details += "\n" + _listing(os.environ["AZUREML_MODEL_DIR"])
    return CannotServe("{}: {}.".format(words, in_words(error, app)), details)


def in_words(error: BaseException, app: str) -> str:
    """Return kind, message and place of an error of the user's code, on one line."""
    text = "{}: {}".format(type(error).__name__, first_line(error)).rstrip(": .")
    if isinstance(error, SyntaxError) and error.filename:
        place: Optional[Tuple[str, Optional[int]]] = (error.filename, error.lineno)
        text = "SyntaxError: {}".format(error.msg)
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [(frame.filename, frame.lineno) for frame in frames if frame.filename.startswith(app + os.sep)]
        place = own[-1] if own else None
    if place is None:
        return text
    return "{} ({}, line {})".format(text, os.path.relpath(place[0], app), place[1])


def is_raised_in(error: BaseException, app: str) -> bool:
    """Whether the user's code was under way when an error was raised."""
    return _first_step_in(error, app) is not None


def trace(error: BaseException, app: str) -> str:
    """Return the traceback from the first line of the user's code on; all of it when that has no part in it."""
    step = _first_step_in(error, app)
    if step is None and not isinstance(error, SyntaxError):
        step = error.__traceback__
    return "".join(traceback.format_exception(type(error), error, step)).rstrip()


def _first_step_in(error: BaseException, app: str) -> Optional[types.TracebackType]:
    step = error.__traceback__
    while step is not None and not step.tb_frame.f_code.co_filename.startswith(app + os.sep):
        step = step.tb_next
    return step


def _listing(folder: str) -> str:
    """Return the files under `folder`, one a line: what a script that did not find its model needs to know."""
    found = [
        os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names
    ]
    lines = ["  " + path for path in sorted(found)[:_LISTED_FILES]] or ["  nothing"]
    return "AZUREML_MODEL_DIR is {} and holds:\n{}".format(folder, "\n".join(lines))
