"""The interpreter of an endpoint, made again where it is gone: its build was removed, or the workspace moved here."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import msgspec

from desktop_aml.domain.environments import THIS_PYTHON, BuildPlace, BuiltEnvironment
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.registry import split_label
from desktop_aml.engine.core.builds import Builds, Chosen
from desktop_aml.engine.core.context import Desk
from desktop_aml.serving import config
from desktop_aml.store import registry

_log = logging.getLogger(__name__)


def missing(desk: Desk, builds: Builds, name: str) -> Chosen | None:
    """Return the environment that must be made ready before the endpoint can start, None when its Python is there.

    Images are left to Docker, which says in words when one is gone.
    """
    try:
        known = config.find_config(desk.folder.endpoint(name))
        if known is None or known.image or os.access(known.python, os.X_OK):
            return None
        endpoint = registry.get_endpoint(desk.db, name)
        labels = endpoint.models or ((endpoint.model_label,) if endpoint.model_name else ())
        models = [registry.get_model(desk.db, *split_label(label)) for label in labels]
        own = (model.environment for model in models if model.environment)
        return builds.choose(endpoint.environment or next(own, THIS_PYTHON))
    except DesktopAMLError as error:
        # The front tells what it cannot start.
        _log.warning("The environment of the endpoint %s cannot be made ready again: %s", name, error)
        return None


def make_ready(builds: Builds, folder: Path, chosen: Chosen, cancel: threading.Event) -> BuiltEnvironment:
    """Build the environment of the endpoint in `folder` again and return it. Slow: call it on a worker."""
    built = builds.make_ready(chosen, lambda _: None, cancel, BuildPlace.LOCAL)
    builds.finish(built, cancel)
    config.write_config(folder, msgspec.structs.replace(config.read_config(folder), python=built.python))
    return built
