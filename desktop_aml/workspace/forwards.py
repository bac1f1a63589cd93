"""The old names of a workspace's acts, each a forward to the service that has it now.

Gone once nobody says them; hidden from type checkers, which find who does.
"""

from __future__ import annotations

import operator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

_NEW_NAMES: Final = MappingProxyType(
    {
        "count_runs": "runs.count",
        "state_counts": "runs.state_counts",
        "active_runs": "runs.active",
        "run_view": "runs.view",
        "children": "runs.children",
        "reported_failure": "runs.reported_failure",
        "find_run": "runs.find",
        "run": "runs.get",
        "run_state": "runs.state",
        "metrics": "runs.metrics",
        "run_lock": "runs.lock",
        "run_datasets": "runs.datasets",
        "submit": "runs.submit",
        "rerun": "runs.rerun",
        "cancel_run": "runs.cancel",
        "fail_run": "runs.fail",
        "update_run": "runs.update",
        "delete_run": "runs.delete",
        "space_of_runs": "runs.space",
        "compare_runs": "runs.compare",
        "artifacts": "runs.files.list",
        "artifact_path": "runs.files.path",
        "read_run_file": "runs.files.read",
        "download": "runs.files.download",
        "download_file": "runs.files.copy",
        "log_path": "runs.files.log_path",
        "read_log": "runs.files.read_log",
        "preview_snapshot": "runs.code.preview",
        "snapshot_files": "runs.code.list",
        "snapshot_path": "runs.code.path",
        "zip_snapshot": "runs.code.zip",
        "compare_code": "runs.code.compare",
        "take_snapshot": "runs.code.take",
        "files_read": "runs.data.list",
        "has_read_more": "runs.data.has_more",
        "changed_data": "runs.data.changed",
        "data_differences": "runs.data.differences",
        "start_external_run": "runs.external.start",
        "take_in_run": "runs.external.take_in",
        "experiment_record": "experiments.get",
        "write_experiment": "experiments.put",
        "experiment_names": "experiments.names",
        "experiment_id": "experiments.id_of",
        "delete_experiment": "experiments.delete",
        "environment": "environments.get",
        "environment_versions": "environments.versions",
        "environment_summary": "environments.summary",
        "environment_lock": "environments.lock",
        "build_log": "environments.build_log",
        "check_environment": "environments.check",
        "register_environment_file": "environments.register_file",
        "register_environment": "environments.register",
        "clone_environment": "environments.clone",
        "build_environment": "environments.build",
        "cancel_build": "environments.cancel_build",
        "compare_environments": "environments.compare",
        "preview_environment": "environments.preview",
        "expected_builder": "environments.expected_builder",
        "export_environment": "environments.export",
        "environment_space": "environments.builds.space",
        "environment_images": "environments.builds.images",
        "clean_environments": "environments.builds.clean",
        "model_versions": "models.versions",
        "model": "models.get",
        "download_model": "models.download",
        "register_model": "models.register",
        "update_model": "models.update",
        "delete_model": "models.delete",
        "endpoint": "endpoints.get",
        "endpoint_keys": "endpoints.keys",
        "endpoint_schema": "endpoints.schema",
        "endpoint_example": "endpoints.example",
        "endpoint_calls": "endpoints.calls",
        "endpoint_log": "endpoints.log",
        "deploy": "endpoints.deploy",
        "reload_endpoint": "endpoints.reload",
        "update_endpoint": "endpoints.update",
        "set_endpoint_key": "endpoints.set_key",
        "wait_for_endpoint": "endpoints.wait",
        "wait_for_state": "endpoints.wait_for_state",
        "stop_endpoint": "endpoints.stop",
        "start_endpoint": "endpoints.start",
        "delete_endpoint": "endpoints.delete",
        "score": "endpoints.score",
        "dataset": "datasets.get",
        "dataset_by_id": "datasets.get_by_id",
        "dataset_versions": "datasets.versions",
        "register_dataset": "datasets.register",
        "update_dataset": "datasets.update",
        "unregister_dataset": "datasets.unregister",
        "changed_files": "datasets.changed_files",
        "datastores": "datasets.datastores",
        "datastore": "datasets.datastore",
        "compute": "computes.get",
        "put_compute": "computes.put",
        "map_compute": "computes.map",
        "delete_compute": "computes.delete",
        "place_of": "computes.place_of",
        "targets": "computes.targets",
        "set_secret": "secrets.set",
        "secret": "secrets.get",
        "secret_names": "secrets.names",
        "delete_secret": "secrets.delete",
    }
)


class Forwards:
    """What answers to the old names."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name not in _NEW_NAMES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return operator.attrgetter(_NEW_NAMES[name])(self)


class CallableAsList:
    """What answers to ``workspace.runs()`` and the like."""

    if not TYPE_CHECKING:

        def __call__(self, *args: Any, **named: Any) -> Any:
            """List, as `list` of the service does."""
            return self.list(*args, **named)
