"""The part of a run that says how it stands, waits for its end, and ends it."""

import os
import time

from azureml._service import note
from azureml.core._run import streaming as _run_streaming
from azureml.core._run.access import TERMINAL
from azureml.core._run.metrics import RunMetrics
from azureml.core._run.waiting import error_text, pauses_s
from azureml.exceptions import ActivityFailedException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class RunStatus(RunMetrics):
    """Follows a run through its states."""

    @property
    def status(self) -> str:
        """State of the run when it was last looked at."""
        found: str = self._details()["status"] if self._last_details is None else self._last_details["status"]
        return found

    def get_status(self) -> str:
        """Return the state of the run now."""
        status: str
        if self._last_details is not None and self._last_details["status"] in TERMINAL:
            status = self._last_details["status"]
            return status
        status = self._ask("runs.state")
        if status in TERMINAL:
            self._changed()
        if self._last_details is not None:
            self._last_details["status"] = status
        return status

    def get_detailed_status(self) -> "dict[str, str]":
        """Return a dict with ``status``, and with ``details``: words about it."""
        known = self._details()
        return {"status": known["status"], "details": known["state_note"] or known["status"]}

    _was_shown = False
    """Whether `Experiment.submit` has printed the log to its end; asked for once more, it is not printed again."""

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> "dict[str, Any]":
        """Wait for the end of the run and return `get_details`.

        Parameters
        ----------
        show_output : bool
            Print the run's log while it grows, as Azure ML does.
        wait_post_processing : bool
            Without effect: files are collected within moments here, so that is always waited for.
        raise_on_error : bool
            Raise when the run failed; a cancelled run never raises.

        Raises
        ------
        ActivityFailedException
            When the run failed.
        """
        if show_output and not self._was_shown:
            _run_streaming.follow(self, raise_on_error)
        else:
            self._wait_until_over()
        details: "dict[str, Any]" = self.get_details()
        if raise_on_error and details["status"] == "Failed":
            raise ActivityFailedException(error_text(details))
        return details

    def get_portal_url(self) -> str:
        """Return an address of the run; ``desktop-aml run show <id>`` shows it in a terminal."""
        directory = os.path.dirname(os.path.dirname(self._details()["directory"]))
        return "desktop-aml://{}/runs/{}".format(directory.replace(" ", "%20"), self._id)

    def cancel(self) -> None:
        """Ask for the end of the run. One that has ended stays as it is."""
        if self.get_status() in TERMINAL:
            return
        self._changed()
        self._ask("runs.cancel")

    def complete(self, _set_status: bool = True) -> None:
        """End an interactive run as Completed. A submitted run ends when its script does."""
        self._end(0, "", _set_status)

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None, _set_status: bool = True) -> None:
        """Record why a run failed, and end an interactive run as Failed.

        The run of this script keeps the end that the script comes to. Another run that goes on is stopped, and Failed.

        Parameters
        ----------
        error_details : str or Exception, optional
            What went wrong.
        error_code : str, optional
            Default ``UserError``.
        """
        record = failure_record(error_details, error_code)
        self._journal.append("fail", **record)
        if not self._own:
            self._recorded()
        self._end(1, record["message"], _set_status)
        if _set_status and not self._own and self.get_status() not in TERMINAL:
            note("run.fail() stops the script of the submitted run {}.".format(self._id))
            self._changed()
            self._ask("runs.fail", message=record["message"])
            self._wait_until_over()

    def _end(self, exit_code: int, message: str, set_status: bool) -> None:
        """Let an interactive run of another process end; nothing else can be ended from here."""
        from desktop_aml_run.attempt import OwnAttempt

        known = self._details()
        if set_status and known["type"] is None and known["status"] not in TERMINAL:
            OwnAttempt(known["directory"]).end(exit_code, message)
            self._wait_until_over()

    def _wait_until_over(self) -> None:
        pauses = pauses_s()
        while self.get_status() not in TERMINAL:
            time.sleep(next(pauses))

    def clean(self) -> None:
        """Do nothing: a run's temporary files are removed at its end."""


def failure_record(error_details: "Any", error_code: "str | None") -> "dict[str, str]":
    """Return what `Run.fail` records of an error: text, an exception, or nothing."""
    record = {"code": str(error_code or "UserError")}
    if isinstance(error_details, BaseException):
        import traceback

        kind, words = type(error_details).__name__, str(error_details)
        trace = "".join(traceback.format_exception(type(error_details), error_details, error_details.__traceback__))
        record["message"] = "User program failed with {}: {}".format(kind, words)
        record["type"], record["trace"] = kind, trace[-20000:]
    elif error_details is None or isinstance(error_details, str):
        record["message"] = error_details or ""
    else:
        raise TypeError("error_details must be text or an exception, not {}.".format(type(error_details).__name__))
    return record


def check_label_filter(noun: str, wanted: object) -> None:
    """Refuse what `get_children` and `list` cannot filter by."""
    if wanted is not None and not isinstance(wanted, (str, dict)):
        raise UserErrorException("{} must be a text or a dict, not {}.".format(noun, type(wanted).__name__))
