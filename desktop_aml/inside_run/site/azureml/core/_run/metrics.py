"""The part of a run that logs metrics (scalars, lists, tables, images and charts), and gives them back."""

import io
import json
import os
import time

from desktop_aml_run import metric_shapes, values
from desktop_aml_run.artifacts import image_kind
from desktop_aml_run.journal import read

from azureml.core._run.files import RunFiles
from azureml.core._run.records import warn_the_script
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any


NAMES_LIMIT = 50
COLUMNS_LIMIT = 15
LENGTH_LIMIT = 255
ROWS_LIMIT = 250
"""What Azure allows: names in a run, columns of a table, characters of a name or text, rows at once; here a warning."""

_KINDS = ("m", "list", "row", "table", *sorted(metric_shapes.ARTIFACT_KINDS))


class RunMetrics(RunFiles):
    """Appends metrics to the journal of this process."""

    _names_logged: "Collection[str]" = ()

    def log(self, name: str, value: "Any", description: str = "", step: "Any" = None) -> None:
        """Log one value of a metric; the values of one name are a curve.

        Parameters
        ----------
        value : float, int, str, bool, None or a NumPy scalar
            Anything else is stored as its ``repr``, as Azure ML does.
        step : int, optional
            Position on the x axis; without it the order of logging counts.

        Raises
        ------
        UserErrorException
            When `value` is a list, a range or a generator.
        """
        if type(value) is not float:
            value = values.scalar_to_log(name, value)
        if step is not None and type(step) is not int:
            step = values.step_number(step)
        self._journal.scalar(name if type(name) is str else str(name), value, step)
        if name not in self._names_logged:
            self._note_name(name)
        if type(value) is str:
            self._note_length("value of '{}'".format(str(name)[:40]), value)
        if not self._own:
            self._recorded()

    def log_list(self, name: str, value: "Any", description: str = "") -> None:
        """Log an iterable of values, shape ``(n,)``. An empty one leaves nothing."""
        cells = values.cells(name, value)
        if cells:
            self._log_record("list", name, cells)
        self._note_rows(name, len(cells))

    def log_row(self, name: str, description: "str | None" = None, **kwargs: "Any") -> None:
        """Log one row of a table: ``log_row("scores", fold=1, accuracy=0.9)``."""
        if not kwargs:
            raise UserErrorException("log_row('{}') needs at least one column=value.".format(name))
        row = {column: values.cell(name, value) for column, value in kwargs.items()}
        self._log_record("row", name, row)
        self._note_columns(name, row)

    def log_table(self, name: str, value: "Any", description: str = "") -> None:
        """Log a table: a dict of column name to values, all of the same length."""
        columns = values.columns(name, value)
        self._log_record("table", name, columns)
        self._note_columns(name, columns)
        self._note_rows(name, max([len(cells) for cells in columns.values()] or [0]))

    def log_image(self, name: str, path: "str | None" = None, plot: "Any" = None, description: str = "") -> None:
        """Log an image: a file (`path`), or anything with ``savefig`` (`plot`); exactly one of them."""
        if (path is None) == (plot is None):
            raise UserErrorException("log_image('{}') takes either path or plot.".format(name))
        if path is not None:
            if not os.path.isfile(path):
                raise UserErrorException("There is no image file {!r}.".format(str(path)))
            if image_kind(path) is None:
                raise UserErrorException("{!r} is not a PNG, JPEG, GIF, BMP, TIFF or WebP image.".format(str(path)))
            self._keep_record("image", name, path, path)
            return
        if not hasattr(plot, "savefig"):
            raise UserErrorException("log_image('{}'): plot has no savefig.".format(name))
        drawn = os.path.join(self._artifacts.unfinished, "plot-{}.png".format(os.urandom(8).hex()))
        try:
            plot.savefig(drawn)
            self._keep_record("image", name, "{}_{}.png".format(name, int(time.time())), drawn)
        finally:
            if os.path.exists(drawn):
                os.unlink(drawn)

    def log_confusion_matrix(self, name: str, value: "Any", description: str = "") -> None:
        """Log a confusion matrix in Azure ML's JSON form, a dict or its text."""
        self._log_chart("confusion_matrix", name, value)

    def log_accuracy_table(self, name: str, value: "Any", description: str = "") -> None:
        """Log an accuracy table in Azure ML's JSON form, a dict or its text."""
        self._log_chart("accuracy_table", name, value)

    def log_residuals(self, name: str, value: "Any", description: str = "") -> None:
        """Log residuals in Azure ML's JSON form, a dict or its text."""
        self._log_chart("residuals", name, value)

    def log_predictions(self, name: str, value: "Any", description: str = "") -> None:
        """Log predictions in Azure ML's JSON form, a dict or its text."""
        self._log_chart("predictions", name, value)

    def get_metrics(
        self, name: "str | None" = None, recursive: bool = False, run_type: "str | None" = None, populate: bool = False
    ) -> "dict[str, Any]":
        """Return what was logged: a dict of metric name to value.

        One value is itself, several are a list; rows and tables are a dict of columns; images and charts are the
        address of their file.

        Parameters
        ----------
        name : str, optional
            Only this metric; empty when there is none.
        recursive : bool
            Return a dict of run id to metrics instead, with the descendants of the run.
        run_type : str, optional
            With `recursive`: only runs of this type.
        populate : bool
            Give the content of charts in place of their address.
        """
        if not self._own or recursive or run_type is not None:
            self.flush()
            found: "dict[str, Any]" = self._ask(
                "runs.metrics", name=name or "", recursive=bool(recursive), run_type=run_type or "", populate=populate
            )
            return found

        def artifact(kind: str, path: str) -> object:
            if populate and kind != "image":
                with open(self._artifacts.path_of(path), "rb") as stream:
                    return json.loads(stream.read().decode())
            return metric_shapes.artifact_uri(self._id, path)

        records = read(self._journal.folder, _KINDS)
        entries = [
            (record["name"], "scalar" if record["k"] == "m" else record["k"], record["v"])
            for record in records
            if name is None or record["name"] == name
        ]
        return metric_shapes.shaped(entries, artifact)

    def _log_chart(self, kind: str, name: str, value: "Any") -> None:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise UserErrorException("log_{}('{}'): the text is not JSON: {}.".format(kind, name, error)) from None
        if not isinstance(value, dict):
            raise UserErrorException("log_{}('{}') takes a dict or its JSON text.".format(kind, name))
        text = json.dumps(value, default=values.plain).encode()
        self._keep_record(kind, name, name, io.BytesIO(text))

    def _keep_record(self, kind: str, name: str, path: str, source: "Any") -> None:
        path, size = self._artifacts.add_next_free(path, source)
        self._journal.append("file", path=path, size=size)
        self._log_record(kind, name, {"path": path})

    def _log_record(self, kind: str, name: str, value: "Any") -> None:
        self._journal.append(kind, name=str(name), v=value)
        if name not in self._names_logged:
            self._note_name(name)
        if not self._own:
            self._recorded()

    # Azure's limits, told behind what may refuse the record: what is said to be kept is kept.

    def _note_name(self, name: str) -> None:
        known = self._names_logged if isinstance(self._names_logged, set) else set()
        known.add(name)
        self._names_logged = known
        self._note_length("name of a metric", str(name))
        if len(self._names_logged) == NAMES_LIMIT + 1:
            _warn("Azure keeps {} metrics of a run at most".format(NAMES_LIMIT))

    def _note_columns(self, name: str, columns: "Mapping[str, Any]") -> None:
        shown = str(name)[:40]
        if len(columns) > COLUMNS_LIMIT:
            _warn("Azure keeps {} columns of a table at most, '{}' has {}".format(COLUMNS_LIMIT, shown, len(columns)))
        for column in columns:
            self._note_length("name of a column of '{}'".format(shown), str(column))

    def _note_rows(self, name: str, count: int) -> None:
        if count > ROWS_LIMIT:
            _warn("Azure takes {} values at once, '{}' has {}".format(ROWS_LIMIT, str(name)[:40], count))

    def _note_length(self, what: str, text: str) -> None:
        if len(text) > LENGTH_LIMIT:
            _warn("Azure keeps {} characters of the {}".format(LENGTH_LIMIT, what))


def _warn(limit: str) -> None:
    warn_the_script("{}. Desktop AML keeps all of it.".format(limit))
