"""Say what wrote a model that `joblib.load` cannot read: its own error names a module, a number or nothing at all.

The error itself stays as it is. Nothing here imports joblib by itself.
"""

from desktop_aml_run.callers import stands_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch(owner: "Any") -> None:
    """Have a ``joblib.load`` that fails say so, when other versions wrote the file."""
    load = owner.load

    @stands_for(load)
    def load_and_tell(filename: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        try:
            return load(filename, *args, **kwargs)
        except Exception as error:
            from desktop_aml_run import model_origin, telling

            path = getattr(filename, "name", filename)
            if isinstance(path, bytes) or not (isinstance(path, str) or hasattr(path, "__fspath__")):
                raise
            words = model_origin.words(str(path), "“{}”".format(path)) if model_origin.may_explain(error) else ""
            if words:
                telling.tell(words)
            raise

    owner.load = load_and_tell
