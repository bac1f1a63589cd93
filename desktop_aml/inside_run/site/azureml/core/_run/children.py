"""The part of a run that starts other runs as its children, and finds them."""

from azureml._objects import public
from azureml._service import call, has_labels
from azureml.core._run.details import RunDetails
from azureml.core._run.status import check_label_filter
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from azureml._objects import WorkspaceLike

    Labels = str | Mapping[str, Any] | None


CHILDREN_LIMIT = 100
_BATCH_TAG = "azureml.batch_child_number"
_PAGE = 50


class RunChildren(RunDetails):
    """Runs that belong to a run."""

    def child_run(self, name: "str | None" = None, run_id: "str | None" = None, outputs: "Any" = None) -> "Any":
        """Start an interactive run as a child of this one and return it; it is Running.

        Parameters
        ----------
        name : str, optional
            Display name; ``<parent>_<name>``.
        outputs : str or list of str, optional
            Folders whose files are kept when the child is complete.
        """
        named = "" if name is None else "{}_{}".format(self.display_name, name)
        return public("start")(
            self.experiment, display_name=named, run_id=run_id, parent=self._id, outputs=outputs or False
        )

    def create_children(
        self, count: "int | None" = None, tag_key: "str | None" = None, tag_values: "Iterable[str] | None" = None
    ) -> "list[Any]":
        """Start several children: `count` of them, or one for each of `tag_values`, which it gets as its tag `tag_key`.

        Raises
        ------
        UserErrorException
            When both forms or neither is asked for, or more than 100 children.
        """
        if count is not None and tag_key is None and tag_values is None:
            key, labels = _BATCH_TAG, [str(number) for number in range(count)]
        elif count is None and tag_key is not None and tag_values:
            key, labels = tag_key, list(tag_values)
        else:
            raise UserErrorException("create_children() takes either count, or tag_key and tag_values.")
        if not 0 < len(labels) <= CHILDREN_LIMIT:
            raise UserErrorException("create_children() makes 1 to {} children.".format(CHILDREN_LIMIT))
        children = []
        for label in labels:
            child = self.child_run()
            child.tag(key, label)
            children.append(child)
        return children

    def submit_child(self, config: "Any", tags: "dict[str, Any] | None" = None, **kwargs: "Any") -> "Any":
        """Submit a configuration as a child of this run and return the child."""
        return self.experiment.submit(config, tags=tags, _parent_run_id=self._id, **kwargs)

    def get_children(
        self,
        recursive: bool = False,
        tags: "Labels" = None,
        properties: "Labels" = None,
        type: "str | None" = None,
        status: "str | None" = None,
        _rehydrate_runs: bool = True,
    ) -> "Iterator[Any]":
        """Yield the children of the run, newest first; with `recursive`, theirs too."""
        matches = matcher(tags, properties, type, status)
        return self._children(recursive, matches)

    def _children(self, recursive: bool, matches: "Callable[[dict[str, Any]], bool]") -> "Iterator[Any]":
        for details in pages(self._workspace, parent=self._id):
            child = public("run_from")(self.experiment, details)
            if matches(details):
                yield child
            if recursive:
                for grandchild in child._children(True, matches):
                    yield grandchild


def pages(workspace: "WorkspaceLike | None", **wanted: "Any") -> "Iterator[dict[str, Any]]":
    """Yield the details of runs, newest first, as long as somebody asks for more."""
    offset = 0
    while True:
        page = call("runs.list", workspace, offset=offset, limit=_PAGE, **wanted)
        for details in page:
            yield details
        if len(page) < _PAGE:
            return
        offset += _PAGE


def matcher(
    tags: "Labels", properties: "Labels", type: "str | None", status: "str | None"
) -> "Callable[[dict[str, Any]], bool]":
    """Return what says whether a run, by its details, is one of those asked for."""
    check_label_filter("tags", tags)
    check_label_filter("properties", properties)

    def matches(details: "dict[str, Any]") -> bool:
        return (
            (type is None or details["type"] == type)
            and (status is None or details["status"] == status)
            and has_labels(details["tags"], tags, "tags")
            and has_labels(details["properties"], properties, "properties")
        )

    return matches
