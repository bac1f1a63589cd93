"""The part of a run that logs metrics: scalars, lists, tables, images and charts."""

import io
import json
import os
import time

from desktop_aml_run import values
from desktop_aml_run.artifacts import image_kind

from azureml.exceptions import UserErrorException


class RunMetrics(object):
    """Appends metrics to the journal of this process."""

    def log(self, name, value, description="", step=None):  # noqa: ARG002 - Azure ML's signature
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

    def log_list(self, name, value, description=""):  # noqa: ARG002
        """Log an iterable of values, shape ``(n,)``. An empty one leaves nothing."""
        cells = values.cells(name, value)
        if cells:
            self._journal.append("list", name=str(name), v=cells)

    def log_row(self, name, description=None, **kwargs):  # noqa: ARG002
        """Log one row of a table: ``log_row("scores", fold=1, accuracy=0.9)``."""
        if not kwargs:
            raise UserErrorException("log_row('{}') needs at least one column=value.".format(name))
        row = {column: values.cell(name, value) for column, value in kwargs.items()}
        self._journal.append("row", name=str(name), v=row)

    def log_table(self, name, value, description=""):  # noqa: ARG002
        """Log a table: a dict of column name to values, all of the same length."""
        self._journal.append("table", name=str(name), v=values.columns(name, value))

    def log_image(self, name, path=None, plot=None, description=""):  # noqa: ARG002
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
        drawn = os.path.join(self._directory, "requests", "plot-{}.png".format(os.urandom(8).hex()))
        try:
            plot.savefig(drawn)
            self._keep_record("image", name, "{}_{}.png".format(name, int(time.time())), drawn)
        finally:
            if os.path.exists(drawn):
                os.unlink(drawn)

    def log_confusion_matrix(self, name, value, description=""):  # noqa: ARG002
        """Log a confusion matrix in Azure ML's JSON form, a dict or its text."""
        self._log_chart("confusion_matrix", name, value)

    def log_accuracy_table(self, name, value, description=""):  # noqa: ARG002
        """Log an accuracy table in Azure ML's JSON form, a dict or its text."""
        self._log_chart("accuracy_table", name, value)

    def log_residuals(self, name, value, description=""):  # noqa: ARG002
        """Log residuals in Azure ML's JSON form, a dict or its text."""
        self._log_chart("residuals", name, value)

    def log_predictions(self, name, value, description=""):  # noqa: ARG002
        """Log predictions in Azure ML's JSON form, a dict or its text."""
        self._log_chart("predictions", name, value)

    def _log_chart(self, kind, name, value):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise UserErrorException("log_{}('{}'): the text is not JSON: {}.".format(kind, name, error)) from None
        if not isinstance(value, dict):
            raise UserErrorException("log_{}('{}') takes a dict or its JSON text.".format(kind, name))
        text = json.dumps(value, default=values.plain).encode()
        self._keep_record(kind, name, name, io.BytesIO(text))

    def _keep_record(self, kind, name, path, source):
        path, size = self._artifacts.add_next_free(path, source)
        self._journal.append("file", path=path, size=size)
        self._journal.append(kind, name=str(name), v={"path": path})
