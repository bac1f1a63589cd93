"""`TabularDataset`: rows and columns, read into pandas when asked for."""

import os

from azureml._service import refused
from azureml.data import _expressions, _steps, _table
from azureml.data.abstract_dataset import AbstractDataset
from azureml.exceptions import DatasetTimestampMissingError, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta
    from typing import Any, NoReturn


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class TabularDataset(AbstractDataset):
    """A table over delimited, JSON lines or Parquet files. Every method but `to_pandas_dataframe` only describes."""

    _kind = "tabular"

    def __getitem__(self, name: str) -> "_expressions.Condition":
        return _expressions.column(name)

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> "Any":
        """Return the table, shape ``(n_rows, n_columns)``, read by this interpreter's pandas.

        Parameters
        ----------
        on_error : str
            ``"null"`` or ``"fail"``: what becomes of values that are not of their column's type.

        Raises
        ------
        UserErrorException
            When pandas is missing, or a file cannot be read.
        """
        for word, value in (("on_error", on_error), ("out_of_range_datetime", out_of_range_datetime)):
            if value not in ("null", "fail"):
                raise UserErrorException("{} is 'null' or 'fail', not {!r}.".format(word, value))
        return _steps.carry_out(_table.read(self._definition, self._files(), on_error), self._definition["steps"])

    def take(self, count: int) -> "TabularDataset":
        """Return the first `count` rows."""
        return self._with("take", _steps.whole("count", count))

    def skip(self, count: int) -> "TabularDataset":
        """Return all but the first `count` rows."""
        return self._with("skip", _steps.whole("count", count))

    def take_sample(self, probability: float, seed: "int | None" = None) -> "TabularDataset":
        """Return each row with a probability, from 0 to 1."""
        return self._with("split", _steps.share("probability", probability), _steps.seeded(seed), True)

    def random_split(self, percentage: float, seed: "int | None" = None) -> "tuple[TabularDataset, TabularDataset]":
        """Return two datasets: about `percentage` (0 to 1) of the rows, and the others."""
        words = ("split", _steps.share("percentage", percentage), _steps.seeded(seed))
        return self._with(*words, True), self._with(*words, False)

    def keep_columns(self, columns: "str | Iterable[object]", validate: bool = False) -> "TabularDataset":
        """Return the table with these columns alone."""
        return self._validated(self._with("keep_columns", _steps.columns(columns)), validate)

    def drop_columns(self, columns: "str | Iterable[object]") -> "TabularDataset":
        """Return the table without these columns."""
        return self._with("drop_columns", _steps.columns(columns))

    def filter(self, expression: "_expressions.Condition") -> "TabularDataset":
        """Return the rows for which a condition holds: ``dataset.filter(dataset["age"] > 30)``."""
        if not isinstance(expression, _expressions.Condition):
            raise UserErrorException("filter() takes a condition such as dataset['age'] > 30.")
        return self._with("filter", expression.words)

    # Time.

    @property
    def timestamp_columns(self) -> "tuple[str | None, str | None]":
        """Names of the columns that say when a row was made: (fine, coarse)."""
        return tuple(self._definition.get("timestamps") or (None, None))

    def with_timestamp_columns(
        self,
        timestamp: "str | None" = None,
        partition_timestamp: "str | None" = None,
        validate: bool = False,
        **kwargs: "Any",
    ) -> "TabularDataset":
        """Return the table with the columns that say when a row was made."""
        timestamp = timestamp or kwargs.get("fine_grain_timestamp")
        partition_timestamp = partition_timestamp or kwargs.get("coarse_grain_timestamp")
        dataset = self._of(dict(self._definition, timestamps=[timestamp, partition_timestamp]), self._sources.workspace)
        return self._validated(dataset, validate)

    def time_after(
        self, start_time: "datetime", include_boundary: bool = True, validate: bool = True
    ) -> "TabularDataset":
        """Return the rows from a time on."""
        when = self._timestamp()
        return self.filter(when >= start_time if include_boundary else when > start_time)

    def time_before(
        self, end_time: "datetime", include_boundary: bool = True, validate: bool = True
    ) -> "TabularDataset":
        """Return the rows up to a time."""
        when = self._timestamp()
        return self.filter(when <= end_time if include_boundary else when < end_time)

    def time_between(
        self, start_time: "datetime", end_time: "datetime", include_boundary: bool = True, validate: bool = True
    ) -> "TabularDataset":
        """Return the rows between two times."""
        return self.time_after(start_time, include_boundary, validate).time_before(end_time, include_boundary, validate)

    def time_recent(
        self, time_delta: "timedelta", include_boundary: bool = True, validate: bool = True
    ) -> "TabularDataset":
        """Return the rows of the last `time_delta` before now."""
        from datetime import datetime

        # The columns know no time zone, as Azure reads them: now is by the same clock that wrote them, UTC.
        now = datetime.utcnow()  # noqa: DTZ003
        return self.time_between(now - time_delta, now, include_boundary, validate)

    def _timestamp(self) -> "_expressions.Condition":
        name = self.timestamp_columns[0] or self.timestamp_columns[1]
        if not name:
            raise DatasetTimestampMissingError(
                "The dataset has no timestamp column. Name it with with_timestamp_columns('column')."
            )
        return self[name]

    @staticmethod
    def _validated(dataset: "TabularDataset", validate: bool) -> "TabularDataset":
        if validate:
            dataset.take(1).to_pandas_dataframe()
        return dataset

    # What only makes sense in Azure.

    def to_dask_dataframe(self, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("TabularDataset.to_dask_dataframe()", "Use to_pandas_dataframe().")

    def to_spark_dataframe(self) -> "NoReturn":
        """Refuse."""
        raise refused("TabularDataset.to_spark_dataframe()", "Use to_pandas_dataframe().")

    def to_csv_files(self, separator: str = ",") -> "Any":
        """Write the table to the default datastore and return the file as a dataset."""
        return self._written("csv", lambda frame, path: frame.to_csv(path, sep=separator, index=False))

    def to_parquet_files(self) -> "Any":
        """Write the table to the default datastore and return the file as a dataset; needs pyarrow."""
        return self._written("parquet", lambda frame, path: frame.to_parquet(path, index=False))

    def _written(self, ending: str, write: "Callable[[Any, str], object]") -> "Any":
        from azureml.core.datastore import Datastore
        from azureml.data._workspace import current_workspace
        from azureml.data.dataset_factory import FileDatasetFactory

        datastore = Datastore(self._sources.workspace or current_workspace())
        relative = "managed-dataset/{}/part-00000.{}".format(os.urandom(16).hex(), ending)
        place = os.path.join(datastore._folder, *relative.split("/"))
        os.makedirs(os.path.dirname(place))
        write(self.to_pandas_dataframe(), place)
        return FileDatasetFactory.from_files((datastore, os.path.dirname(relative) + "/**"))

    def partition_by(self, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("TabularDataset.partition_by()", "Use to_pandas_dataframe().groupby(columns).")

    def get_profile(self, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("TabularDataset.get_profile()", "Use to_pandas_dataframe().describe().")

    def submit_profile_run(self, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("TabularDataset.submit_profile_run()", "Use to_pandas_dataframe().describe().")
