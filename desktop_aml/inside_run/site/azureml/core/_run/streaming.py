"""`wait_for_completion` with ``show_output``: a run's log as it grows, in Azure ML's layout."""

import base64
import codecs
import re
import sys
import time

from azureml.core._run.access import TERMINAL
from azureml.core._run.waiting import error_text, pauses_s
from azureml.exceptions import ExperimentExecutionException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from azureml._objects import RunLike


_LOGS = re.compile(r"^azureml-logs/(\d\d.*|hyperdrive)\.txt$")
_RULE_LENGTH = 17


def follow(run: "RunLike", raise_on_error: bool, stream: "TextIO | None" = None) -> None:
    """Print the logs of a run until it has ended.

    Raises
    ------
    ExperimentExecutionException
        When Ctrl+C ends the printing; the run goes on.
    """
    out = stream or sys.stdout
    address = run.get_portal_url()
    _say(out, "RunId: {}".format(run.id))
    _say(out, "Web View: {}".format(address))
    try:
        _print_logs(run, out)
    except KeyboardInterrupt:
        raise ExperimentExecutionException(
            "The output of the run '{}' is not printed any more; the run goes on. Cancel it with run.cancel().".format(
                run.id
            )
        ) from None
    _print_summary(run, out, address, raise_on_error)


def _print_logs(run: "RunLike", out: "TextIO") -> None:
    log, pauses = None, pauses_s()
    while True:
        status = run.get_status()  # before the look at the log, so that nothing after it is missed
        newest = _newest_log(run)
        if newest is not None and (log is None or newest != log.name):
            if log is not None:
                log.print_rest(out)
            log = _Log(run, newest)
            _say(out, "")
            _say(out, "Streaming {}".format(newest))
            _say(out, "=" * (len(newest) + len("Streaming ")))
            _say(out, "")
            pauses = pauses_s()
        if log is not None and log.print_rest(out):
            pauses = pauses_s()
        if status in TERMINAL:
            return
        time.sleep(next(pauses))


def _newest_log(run: "RunLike") -> "str | None":
    names = [name for name in run.get_file_names() if _LOGS.match(name)]
    return max(names) if names else None


class _Log(object):
    """One log file, printed up to a position."""

    def __init__(self, run: "RunLike", name: str) -> None:
        self.name = name
        self._run = run
        self._position = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def print_rest(self, out: "TextIO") -> bool:
        """Print what is new; return whether there was anything."""
        printed = False
        while True:
            try:
                part = self._run._ask("runs.read_log", path=self.name, offset=self._position)
            except UserErrorException:  # between the run's folder and the store
                return printed
            data = base64.b64decode(part["data"])
            if not data:
                return printed
            self._position = part["next"]
            out.write(self._decoder.decode(data))
            out.flush()
            printed = True


def _print_summary(run: "RunLike", out: "TextIO", address: str, raise_on_error: bool) -> None:
    details = run.get_details()
    _say(out, "")
    _say(out, "Execution Summary")
    _say(out, "=" * _RULE_LENGTH)
    _say(out, "RunId: {}".format(run.id))
    _say(out, "Web View: {}".format(address))
    for warning in details.get("warnings") or ():
        _say(out, "Warning: {}".format(warning))
    if details["status"] == "Failed" and not raise_on_error:
        _say(out, "")
        _say(out, "Error:")
        _say(out, error_text(details))
    _say(out, "")


def _say(out: "TextIO", text: str) -> None:
    out.write(text + "\n")
    out.flush()
