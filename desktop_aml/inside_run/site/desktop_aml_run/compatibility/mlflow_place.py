"""MLflow in a run: where it writes is said when it is imported, and when the script has it write elsewhere."""

import os
import re

from desktop_aml_run import mlflow_folder, telling
from desktop_aml_run.callers import passing_on, stands_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_SECRET = re.compile("//[^/@]*@")


def patch(module: "ModuleType") -> None:
    """Say it; nothing that MLflow does is changed."""
    mlflow_folder.tell()
    own = os.environ.get(mlflow_folder.VARIABLE)
    original: "Any" = getattr(module, "set_tracking_uri", None)
    # The run's own server gave it the run to go on with.
    if original is None or not own or "MLFLOW_RUN_ID" not in os.environ:
        return
    told: "list[str]" = []

    @stands_for(original)
    def set_tracking_uri(uri: "Any") -> "Any":
        with passing_on:
            result = original(uri)
        text = str(uri or "")
        if text and text.rstrip("/") != own.rstrip("/") and text not in told:
            told.append(text)
            telling.write(
                "Desktop AML: after set_tracking_uri this script records at {}, not in this run. Without that line it "
                "records here.\n".format(_SECRET.sub("//…@", text))
            )
        return result

    module.set_tracking_uri = set_tracking_uri  # type: ignore[attr-defined]
