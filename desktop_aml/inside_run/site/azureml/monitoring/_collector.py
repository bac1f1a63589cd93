"""Write rows that an endpoint sees to CSV files in its folder, one file a day. Nothing leaves this computer."""

import csv
import datetime
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


FOLDER_VARIABLE = "DESKTOP_AML_MODEL_DATA"
_SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


class ModelDataCollector(object):
    """Keeps rows under ``<folder>/<model name>/<designation>/<year>/<month>/<day>/data.csv``.

    Outside an endpoint there is no folder: nothing is kept, and a line on standard error says so once.

    Parameters
    ----------
    model_name : str
        Name of the model.
    designation : str
        What the rows are, such as ``"inputs"`` or ``"predictions"``.
    feature_names : list of str
        Names of the columns.
    """

    def __init__(
        self,
        model_name: str,
        designation: str = "default",
        feature_names: "Iterable[object] | None" = None,
        **kwargs: "Any",
    ) -> None:  # noqa: ARG002 - cloud only
        self.model_name = model_name
        self.designation = designation
        self.feature_names = [str(name) for name in feature_names] if feature_names is not None else []
        root = os.environ.get(FOLDER_VARIABLE)
        self.folder = os.path.join(root, _as_name(model_name), _as_name(designation)) if root else ""
        if not root:
            sys.stderr.write("ModelDataCollector keeps nothing here: only an endpoint of Desktop AML has a folder.\n")

    def collect(self, input_data: "Any", user_correlation_id: str = "") -> bool:
        """Append rows: a list, a numpy array, a pandas frame or Series, or one value. Return whether they were kept."""
        if not self.folder:
            return False
        rows, names = _rows(input_data)
        now = datetime.datetime.now(datetime.timezone.utc)
        path = os.path.join(self.folder, now.strftime("%Y"), now.strftime("%m"), now.strftime("%d"), "data.csv")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        is_new = not os.path.exists(path)
        with open(path, "a", newline="") as stream:
            writer = csv.writer(stream)
            if is_new:
                width = max([len(row) for row in rows] or [0])
                columns = self.feature_names or names or ["x{}".format(i) for i in range(width)]
                writer.writerow(["timestamp", "correlation_id", *columns])
            for row in rows:
                writer.writerow([now.isoformat(), user_correlation_id, *row])
        return True


def _as_name(text: object) -> str:
    name = "".join(letter if letter in _SAFE else "-" for letter in str(text)).strip(".")
    return name or "default"


def _rows(data: "Any") -> "tuple[list[list[Any]], list[str]]":
    """Return the rows in `data`, each a list, and column names where it has them."""
    names = [str(name) for name in getattr(data, "columns", [])]
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    elif hasattr(data, "values") and not isinstance(data, dict):
        data = data.values
    if hasattr(data, "tolist"):
        data = data.tolist()
    if isinstance(data, dict):
        names = names or [str(name) for name in data]
        data = [list(data.values())]
    if not isinstance(data, (list, tuple)):
        data = [data]
    return [list(row) if isinstance(row, (list, tuple)) else [row] for row in data], names
