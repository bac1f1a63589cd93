"""`Experiment`: runs that belong together."""

import re

from azureml._service import call, has_labels, labels, refused
from azureml.core._submit import submission as _submission
from azureml.core.script_run_config import ScriptRunConfig
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, List, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_NAME = re.compile(r"^[a-zA-Z0-9][\w\-]{0,254}$")


class ViewType(object):
    """Which experiments `Experiment.list` returns."""

    ActiveOnly = "ActiveOnly"
    All = "All"
    ArchivedOnly = "ArchivedOnly"


class Experiment(object):
    """An experiment of a workspace; naming one that does not exist makes it.

    Raises
    ------
    UserErrorException
        When the name breaks the rule.
    """

    def __init__(
        self,
        workspace: "WorkspaceLike",
        name: str,
        _skip_name_validation: bool = False,
        _id: "str | None" = None,
        **kwargs: "Any",
    ) -> None:
        if not _skip_name_validation and not (isinstance(name, str) and _NAME.match(name)):
            raise UserErrorException(
                "'{}' cannot be the name of an experiment: it starts with a letter or digit, then has letters, digits, "
                "- and _, at most 255 in all.".format(name)
            )
        self._workspace = workspace
        self._take(call("experiments.get", workspace, name=name))

    def _take(self, found: "dict[str, Any]") -> None:
        self._found = found

    @classmethod
    def _of(cls, workspace: "WorkspaceLike", found: "dict[str, Any]") -> "Experiment":
        experiment = cls.__new__(cls)
        experiment._workspace = workspace
        experiment._take(found)
        return experiment

    @property
    def name(self) -> str:
        """Name of the experiment."""
        found: str = self._found["name"]
        return found

    @property
    def id(self) -> str:
        """Identifier of the experiment."""
        found: str = self._found["id"]
        return found

    @property
    def workspace(self) -> "Any":
        """The workspace that the experiment belongs to."""
        return self._workspace

    @property
    def workspace_object(self) -> "Any":
        """An older name of `workspace`."""
        return self._workspace

    @property
    def tags(self) -> "dict[str, str]":
        """Tags of the experiment."""
        return dict(self._found["tags"])

    @property
    def archived_time(self) -> "float | None":
        """When the experiment was archived (Unix seconds), or None."""
        found: "float | None" = self._found["archived_at"]
        return found

    # Runs.

    def submit(self, config: "Any", tags: "dict[str, Any] | None" = None, **kwargs: "Any") -> "Any":
        """Queue a run and return it.

        Parameters
        ----------
        config : ScriptRunConfig
            What to run. Anything that can submit itself (estimators, sweeps) is asked to.
        show_output : bool, optional
            Whether to follow the run to its end at once.
        """
        show_output, parent = kwargs.pop("show_output", False), kwargs.pop("_parent_run_id", "")
        if hasattr(config, "_submit_to"):
            run = config._submit_to(self, tags=tags, _parent_run_id=parent, **kwargs)
        elif isinstance(config, ScriptRunConfig):
            run = self._run(_submission.submit(self, config, tags, parent))
        else:
            raise UserErrorException("Experiment.submit takes a ScriptRunConfig, not {}.".format(type(config).__name__))
        if show_output:
            run.wait_for_completion(show_output=True)
            run._was_shown = True
        return run

    def _run(self, run_id: str) -> "Any":
        from azureml.core.run import get_run

        return get_run(self, run_id)

    def start_logging(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Begin a run of the code that calls this, and return it: already running."""
        from azureml.core.run import Run

        return Run._start_logging(self, *args, **kwargs)

    def get_runs(
        self, type: "str | None" = None, tags: "Any" = None, properties: "Any" = None, include_children: bool = False
    ) -> "Iterator[Any]":
        """Return a generator over the runs of this experiment, newest first.

        Parameters
        ----------
        tags, properties : str or dict, optional
            Only runs that have this key, or these values.
        """
        from azureml.core.run import Run

        return Run.list(self, type, tags, properties, include_children=include_children)

    def remove_runs(self, runs: object) -> "NoReturn":
        """Refuse: a run belongs to one experiment."""
        raise refused("Experiment.remove_runs()", "Delete runs with `desktop-aml run delete RUN`.")

    # Tags and life.

    def tag(self, key: str, value: "Any" = None) -> None:
        """Set one tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: "dict[str, Any]") -> None:
        """Set several tags; others stay."""
        self._take(call("experiments.update", self._workspace, name=self.name, tags=labels("tags", tags)))

    def remove_tags(self, tags: "str | Iterable[str]") -> None:
        """Remove tags by name."""
        names = [tags] if isinstance(tags, str) else list(tags)
        self._take(call("experiments.update", self._workspace, name=self.name, remove_tags=names))

    def archive(self) -> None:
        """Leave this experiment out of the usual lists; its runs stay."""
        import time

        self._take(call("experiments.update", self._workspace, name=self.name, archived_at=time.time()))

    def reactivate(self, new_name: "str | None" = None) -> None:
        """Take an archived experiment back into the lists."""
        if new_name is not None:
            raise UserErrorException("An experiment keeps its name: call reactivate() without one.")
        self._take(call("experiments.update", self._workspace, name=self.name, archived_at=None))

    def refresh(self) -> None:
        """Read again what other code may have changed."""
        self._take(call("experiments.get", self._workspace, name=self.name))

    @staticmethod
    def list(
        workspace: "WorkspaceLike",
        experiment_name: "str | None" = None,
        view_type: str = ViewType.ActiveOnly,
        tags: "Any" = None,
    ) -> "List[Experiment]":
        """Return the experiments of a workspace."""
        found = [Experiment._of(workspace, one) for one in call("experiments.list", workspace)]
        return [
            one
            for one in found
            if experiment_name in (None, one.name)
            and (view_type == ViewType.All or (view_type == ViewType.ArchivedOnly) == (one.archived_time is not None))
            and has_labels(one.tags, tags, "tags")
        ]

    @staticmethod
    def delete(workspace: "WorkspaceLike", experiment_id: str) -> None:
        """Forget an experiment that has no runs."""
        call("experiments.delete", workspace, id=experiment_id)

    def get_portal_url(self) -> str:
        """Return where to look at this experiment: the workspace's folder, which the window opens."""
        return "desktop-aml://{}#experiment={}".format(self._workspace._path, self.name)

    def get_docs_url(self) -> str:
        """Return the page about Azure ML code in Desktop AML."""
        from azureml._missing import COVERAGE_PAGE

        return COVERAGE_PAGE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Experiment) and (other.name, other._workspace) == (self.name, self._workspace)

    def __hash__(self) -> int:
        return hash((self.name, self._workspace))

    def __repr__(self) -> str:
        return "Experiment(Name: {},\nWorkspace: {})".format(self.name, self._workspace.name)
