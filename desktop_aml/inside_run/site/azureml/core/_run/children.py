"""The part of a run that starts other runs as its children, and finds them."""

from azureml._objects import public
from azureml._service import call, has_labels
from azureml.core._run.details import RunDetails
from azureml.core._run.status import check_label_filter
from azureml.exceptions import UserErrorException

CHILDREN_LIMIT = 100
_BATCH_TAG = "azureml.batch_child_number"
_PAGE = 50


class RunChildren(RunDetails):
    """Runs that belong to a run."""

    def child_run(self, name=None, run_id=None, outputs=None):
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

    def create_children(self, count=None, tag_key=None, tag_values=None):
        """Start several children: `count` of them, or one for each of `tag_values`, which it gets as its tag `tag_key`.

        Raises
        ------
        UserErrorException
            When both forms or neither is asked for, or more than 100 children.
        """
        by_tag = tag_key is not None or tag_values is not None
        if by_tag == (count is not None) or (by_tag and (tag_key is None or not tag_values)):
            raise UserErrorException("create_children() takes either count, or tag_key and tag_values.")
        key, labels = (tag_key, list(tag_values)) if by_tag else (_BATCH_TAG, [str(number) for number in range(count)])
        if not 0 < len(labels) <= CHILDREN_LIMIT:
            raise UserErrorException("create_children() makes 1 to {} children.".format(CHILDREN_LIMIT))
        children = []
        for label in labels:
            child = self.child_run()
            child.tag(key, label)
            children.append(child)
        return children

    def submit_child(self, config, tags=None, **kwargs):
        """Submit a configuration as a child of this run and return the child."""
        return self.experiment.submit(config, tags=tags, _parent_run_id=self._id, **kwargs)

    def get_children(self, recursive=False, tags=None, properties=None, type=None, status=None, _rehydrate_runs=True):
        """Yield the children of the run, newest first; with `recursive`, theirs too."""
        matches = matcher(tags, properties, type, status)
        return self._children(recursive, matches)

    def _children(self, recursive, matches):
        for details in pages(self._workspace, parent=self._id):
            child = public("run_from")(self.experiment, details)
            if matches(details):
                yield child
            if recursive:
                for grandchild in child._children(True, matches):
                    yield grandchild


def pages(workspace, **wanted):
    """Yield the details of runs, newest first, as long as somebody asks for more."""
    offset = 0
    while True:
        page = call("runs.list", workspace, offset=offset, limit=_PAGE, **wanted)
        for details in page:
            yield details
        if len(page) < _PAGE:
            return
        offset += _PAGE


def matcher(tags, properties, type, status):
    """Return what says whether a run, by its details, is one of those asked for."""
    check_label_filter("tags", tags)
    check_label_filter("properties", properties)

    def matches(details):
        return (
            (type is None or details["type"] == type)
            and (status is None or details["status"] == status)
            and has_labels(details["tags"], tags, "tags")
            and has_labels(details["properties"], properties, "properties")
        )

    return matches
