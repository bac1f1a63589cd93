"""Deploy models as a web service, and change one that exists."""

import os
import re

from azureml._service import call, labels, note, refused
from azureml.core.model import Model
from azureml.core.webservice.webservice import KIND, Webservice, WebserviceDeploymentConfiguration
from azureml.exceptions import UserErrorException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from azureml._objects import WorkspaceLike


_NAME = re.compile(r"^[a-z]([a-z0-9-]{1,30})[a-z0-9]$")
_ERRORS = {"*": WebserviceException}


def deploy(
    workspace: "WorkspaceLike",
    name: str,
    models: "Any",
    inference_config: "Any",
    deployment_config: "WebserviceDeploymentConfiguration | None",
    target: "Any",
    overwrite: bool,
    show_output: bool,
) -> "Webservice":
    """Begin to serve models and return the web service, see `Model.deploy`."""
    if not isinstance(name, str) or not _NAME.match(name):
        raise WebserviceException(
            "'{}' cannot be the name of a web service: 3 to 32 lower-case letters, digits and -, beginning with a "
            "letter and ending with a letter or digit.".format(name)
        )
    if deployment_config is not None and not isinstance(deployment_config, WebserviceDeploymentConfiguration):
        raise WebserviceException("deployment_config comes from deploy_configuration() of a kind of web service.")
    served = [_model(workspace, one) for one in _several(models or [])]
    _check(served, inference_config)
    config = deployment_config or WebserviceDeploymentConfiguration(_kind_of(target))
    kind = config._kind
    if kind != "Local":
        note("the {} web service '{}' is served by this computer.".format(kind, name))
    keys = [getattr(config, "primary_key", None) or "", getattr(config, "secondary_key", None) or ""]
    found = call(
        "endpoints.deploy",
        workspace,
        _ERRORS,
        name=name,
        model_name=served[0].name if served else "",
        model_version=served[0].version if served else 0,
        port=getattr(config, "port", None) or 0,
        auth_enabled=bool(getattr(config, "auth_enabled", False)),
        overwrite=bool(overwrite),
        description=getattr(config, "description", None) or "",
        tags=labels("tags", getattr(config, "tags", None), WebserviceException),
        properties=_properties(config),
        keys=keys if any(keys) else [],
        scoring_timeout_ms=getattr(config, "scoring_timeout_ms", None) or 0,
        **_script(workspace, inference_config, served),
    )
    for text in found.get("notes", ()):
        note(text)
    service = Webservice._of(workspace, found)
    if show_output:
        service.wait_for_deployment(show_output=True)
    return service


def deploy_image(
    workspace: "WorkspaceLike",
    name: str,
    models: "Any",
    image_config: "Any",
    deployment_config: "WebserviceDeploymentConfiguration | None",
    target: "Any",
    overwrite: bool,
) -> "Webservice":
    """Begin to serve models with what an image configuration names, see `Webservice.deploy_from_model`."""
    script = image_config._inference_config() if image_config is not None else None
    return deploy(workspace, name, models, script, deployment_config, target, overwrite, show_output=False)


def registered(workspace: "WorkspaceLike", model_paths: "Iterable[str]") -> "list[Model]":
    """Return models registered from paths, each under the name of its file."""
    return [Model.register(workspace, path, os.path.basename(os.path.normpath(path))) for path in model_paths]


def _check(served: "list[Model]", inference_config: "Any") -> None:
    if inference_config is not None:
        return
    if len(served) != 1:
        raise UserErrorException(
            "Without an InferenceConfig exactly one model can be deployed, and there are {}.".format(len(served))
        )
    if served[0].model_framework not in Model._SUPPORTED_FRAMEWORKS_FOR_NO_CODE_DEPLOY:
        raise UserErrorException(
            "The model {} is of the framework {}, which is not served without an InferenceConfig. Register it with "
            "model_framework=Model.Framework.SCIKITLEARN, or give an InferenceConfig.".format(
                served[0].id, served[0].model_framework
            )
        )


def _script(workspace: "WorkspaceLike", inference_config: "Any", served: "list[Model]") -> "dict[str, Any]":
    if inference_config is None:
        return {}
    return dict(inference_config._request(workspace), more_models=[model.id for model in served[1:]])


def _several(models: "Any") -> "list[Any]":
    return list(models) if isinstance(models, (list, tuple)) else [models]


def _model(workspace: "WorkspaceLike", one: "Any") -> "Model":
    if isinstance(one, Model):
        return one
    if isinstance(one, str) and os.path.exists(one):
        return Model.register(workspace, one, re.sub(r"[^\w.-]", "-", os.path.basename(os.path.normpath(one))))
    if isinstance(one, str):
        return Model(workspace, id=one)
    if hasattr(one, "id") and ":" in str(one.id):
        return Model(workspace, id=one.id)
    raise WebserviceException("A model is a Model, its id or a path, not {}.".format(type(one).__name__))


def _kind_of(target: object) -> str:
    return "AKS" if getattr(target, "type", "") == "AKS" else "ACI"


def _properties(config: "WebserviceDeploymentConfiguration") -> "dict[str, str]":
    found = labels("properties", getattr(config, "properties", None), WebserviceException)
    for name in ("cpu_cores", "memory_gb"):
        value = getattr(config, name, None)
        if value is not None:
            found[name] = str(value)
    return dict(found, **{KIND: config._kind})


def update(
    service: "Webservice",
    image: "Any" = None,
    tags: "dict[str, Any] | None" = None,
    properties: "dict[str, Any] | None" = None,
    description: "str | None" = None,
    auth_enabled: "bool | None" = None,
    models: "Any" = None,
    inference_config: "Any" = None,
    port: "int | None" = None,
    wait: bool = False,
) -> None:
    """Change what is written about a web service; another model or script takes the place of what is served."""
    if image is not None:
        raise refused("update(image=…)", "Give models.")
    if tags is not None or description is not None or properties is not None:
        service._write(
            tags=None if tags is None else labels("tags", tags, WebserviceException),
            description=description,
            properties=labels("properties", properties, WebserviceException),
        )
    if models is None and inference_config is None and auth_enabled is None and port is None:
        return
    served = [_model(service.workspace, one) for one in _several(models)] if models is not None else service.models
    if models is not None:
        _check(served, inference_config)
    call(
        "endpoints.redeploy",
        service.workspace,
        _ERRORS,
        name=service.name,
        model_name=served[0].name if served else "",
        model_version=served[0].version if served else 0,
        auth_enabled=auth_enabled,
        port=port or 0,
        **_script(service.workspace, inference_config, served),
    )
    service._fresh()
    if wait:
        service.wait_for_deployment(True)
