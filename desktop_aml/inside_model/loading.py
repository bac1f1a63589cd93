"""Find the model file, check its hash on the open descriptor, and unpickle it. Python 3.6 or newer.

It must not load anything whose sha256 is not the recorded one.
"""

import hashlib
import importlib
import importlib.util
import inspect
import os
import pickle
import sys
import traceback
import types
import warnings
from typing import IO, Any, Callable, Dict, Iterable, Iterator, List, Tuple

MODEL_SUFFIXES = (".joblib", ".pkl", ".pickle", ".dill", ".cloudpickle", ".sav", ".model", ".p", ".skops")
SAVED_WITH = "Saved with scikit-learn "
MLFLOW = (
    "It is a model of MLflow: serve it with a scoring script whose init() gives the folder of its MLmodel file, below "
    "AZUREML_MODEL_DIR, to mlflow.pyfunc.load_model (--entry-script)."
)
Failure = Tuple[str, Exception, str]

sent: Dict[str, str] = {}
"""What the front sent besides the order: texts of modules, by name."""


class CannotServe(Exception):
    """The file cannot be served. The message is shown to the user; the details only on request."""

    def __init__(self, message: str, details: str = "") -> None:
        Exception.__init__(self, message)
        self.details = details


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, at most 300 characters, all of which can be encoded."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - whose words cannot be had is still an error of its kind
        return ""
    return sayable((text.strip().splitlines() or [""])[0][:300])


def sayable(text: str) -> str:
    """Return a text with halves of characters, which no encoding has, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def choose_file(files: List[Dict[str, str]]) -> Dict[str, str]:
    """Return the one file that holds the model."""
    if len(files) > 1:
        named = [entry for entry in files if entry["name"].lower().endswith(MODEL_SUFFIXES)]
        if len(named) != 1:
            is_mlflows = any(entry["name"] == "MLmodel" for entry in files)
            raise CannotServe(
                "The model has {} files and {} of them look like a model ({}). {}".format(
                    len(files),
                    len(named),
                    ", ".join(MODEL_SUFFIXES),
                    MLFLOW if is_mlflows else "Register the one file to serve.",
                )
            )
        return named[0]
    if not files:
        raise CannotServe("The model has no file.")
    return files[0]


def open_verified(entry: Dict[str, str]) -> IO[bytes]:
    """Return the open file after its sha256 was checked on that very descriptor."""
    try:
        stream = open(entry["path"], "rb")
    except OSError as error:
        raise CannotServe("The model file {} cannot be read: {}.".format(entry["name"], error.strerror)) from error
    digest = hashlib.sha256()
    for block in iter(lambda: stream.read(1 << 20), b""):
        digest.update(block)
    if digest.hexdigest() != entry["sha256"]:
        stream.close()
        raise CannotServe(
            "The model file {} changed since it was registered: its sha256 is not the recorded one. "
            "It was not loaded.".format(entry["name"]),
            "recorded {}\nfound    {}".format(entry["sha256"], digest.hexdigest()),
        )
    return stream


def loaders() -> Iterator[Tuple[str, Callable[[IO[bytes]], Any]]]:
    """Yield the name and load function of each reader that the environment has, the likeliest first."""
    for name in ("joblib", "sklearn.externals.joblib"):
        try:
            yield "joblib", importlib.import_module(name).load
            break
        except ImportError:
            continue
    yield "pickle", pickle.load
    for name in ("cloudpickle", "dill"):
        try:
            yield name, importlib.import_module(name).load
        except ImportError:
            continue


def _load_skops(stream: IO[bytes]) -> Any:
    """Load a file of skops. Whoever serves a model runs its author's code anyway, so every type in it is taken."""
    io = importlib.import_module("skops.io")
    data = stream.read()
    return io.loads(data, trusted=io.get_untrusted_types(data=data))


def load_model(entry: Dict[str, str]) -> Tuple[Any, List[Any]]:
    """Return the unpickled model and the warnings that loading gave."""
    failures: List[Failure] = []
    with open_verified(entry) as stream:
        # Other readers could only tell what it is not.
        is_skops = entry["name"].lower().endswith(".skops")
        for name, load in [("skops", _load_skops)] if is_skops else loaders():
            stream.seek(0)
            try:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    model = load(stream)
                    _give_probabilities_as_trained()
                    return model, caught
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - unpickling runs code of the file, which may raise anything
                failures.append((name, error, traceback.format_exc()))
    raise why_not_loaded(entry, failures)


def _give_probabilities_as_trained() -> None:
    """Have models that liblinear trained for several classes, one against the rest, tell probabilities so too.

    scikit-learn 1.8 trains no such models any more and takes every one of several classes for a multinomial one.
    """
    owner = getattr(sys.modules.get("sklearn.linear_model"), "LogisticRegression", None)
    if owner is None or "multi_class" in inspect.signature(owner.__init__).parameters:
        return
    multinomial = owner.predict_proba

    def predict_proba(self: Any, X: Any) -> Any:  # noqa: N803 - callers name it so
        if self.solver == "liblinear" and len(self.classes_) > 2:
            return self._predict_proba_lr(X)
        return multinomial(self, X)

    owner.predict_proba = predict_proba


def origin_path() -> str:
    """Return where the module lies that tells what wrote a file; scripts in runs use the same."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.join(package, "inside_run", "site", "desktop_aml_run", "model_origin.py")


def model_origin() -> Any:
    """Return that module: in a container it is not there, and the front sends its text."""
    text = sent.get("model_origin")
    if not text:
        with open(origin_path(), encoding="utf-8") as stream:
            text = stream.read()
    module = types.ModuleType("model_origin")
    exec(compile(text, "model_origin.py", "exec"), module.__dict__)  # noqa: S102 - our own module
    return module


def why_of_another_version(entry: Dict[str, str], errors: Iterable[BaseException]) -> str:
    """Return that other versions wrote the file, when that may be what went wrong; else nothing."""
    origin = model_origin()
    if not all(origin.may_explain(error) for error in errors):
        return ""
    return str(origin.words(entry["path"], "The model " + entry["name"]))


def why_not_loaded(entry: Dict[str, str], failures: List[Failure]) -> CannotServe:
    """Return the error that tells best why no reader could read the file."""
    name = entry["name"]
    details = "\n".join(text for _, _, text in failures)
    words = why_of_another_version(entry, [error for _, error, _ in failures])
    if words:
        return CannotServe(words, details)
    for _, error, _ in failures:
        if isinstance(error, ImportError):
            return CannotServe(
                "The model {} needs “{}”, which its environment ({}) does not have. Register the model with the "
                "environment it was trained in; a module of your own comes along with a scoring script, from its "
                "folder (--entry-script, --source).".format(
                    name, getattr(error, "name", None) or error, sys.executable
                ),
                details,
            )
        if isinstance(error, AttributeError) and "__main__" in str(error):
            return CannotServe(
                "The model {} uses a class or function defined in the training script itself, which cannot be found "
                "here: {}. Move it into a module beside the script, and train and register again.".format(name, error),
                details,
            )
    for _, error, _ in failures:
        if isinstance(error, AttributeError):
            return CannotServe(
                "The model {} was saved with other library versions than its environment has: {}.".format(name, error),
                details,
            )
    tried = "; ".join("{}: {}: {}".format(reader, type(e).__name__, first_line(e)) for reader, e, _ in failures)
    return CannotServe(
        "{} is not a model file: it cannot be read as {}.".format(name, " or ".join(r for r, _, _ in failures)),
        tried + "\n" + details,
    )


def check_libraries(that_they_work: bool = False) -> None:
    """Refuse an environment in which no model can be served.

    Parameters
    ----------
    that_they_work : bool
        Whether scikit-learn is loaded, and not only looked for: that takes a second, and many a model needs it not.

    Raises
    ------
    CannotServe
        It names the library that is missing or broken.
    """
    try:
        importlib.import_module("numpy")
        if that_they_work or importlib.util.find_spec("sklearn") is None:
            importlib.import_module("sklearn")
    except ImportError as error:
        raise CannotServe(
            "The environment {} has no working “{}”, which serving a scikit-learn model needs.".format(
                sys.executable, getattr(error, "name", None) or error
            ),
            traceback.format_exc(),
        ) from error


def scikit_learns_version() -> str:
    """Return the version of the environment's scikit-learn, which a model that does without it need not load."""
    loaded = sys.modules.get("sklearn")
    if loaded is None:
        try:
            return str(importlib.import_module("importlib.metadata").version("scikit-learn"))
        except ImportError:  # an older Python, or files that no installer wrote down
            loaded = importlib.import_module("sklearn")
    return str(loaded.__version__)


def version_notes(caught: List[Any]) -> List[str]:
    """Return what loading warned of, one sentence each; a version mismatch in our words."""
    notes: List[str] = []
    for warning in caught:
        text = str(warning.message)
        saved = getattr(warning.message, "original_sklearn_version", None)
        if saved or "Trying to unpickle estimator" in text:
            saved = saved or text.partition("from version ")[2].partition(" ")[0]
            text = SAVED_WITH + "{}, served with {}: predictions may differ.".format(saved, scikit_learns_version())
        if text not in notes:
            notes.append(text)
    return notes[:20]
