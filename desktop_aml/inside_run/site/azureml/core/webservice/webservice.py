"""`Webservice`: a served model of a workspace, whatever kind of service the code asked for."""

import json
import time

from azureml._objects import public
from azureml._service import call, has_labels, labels, moment, refused
from azureml.core.webservice._scoring import post
from azureml.exceptions import UserErrorException, WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, List

    from azureml._objects import WorkspaceLike


KIND = "azureml.compute_type"
"""Property that keeps which kind of service the code asked for."""

_OWN = ("azureml.compute_type", "azureml.token_auth")
_ERRORS: "dict[str, type[Exception]]" = {"*": WebserviceException}
_PAUSE_S = (0.05, 1.0)
_WAIT_S = 1800
_KINDS: "dict[str, type[Webservice]]" = {}


class Webservice(object):
    """A web service of a workspace by name, as an object of its own kind.

    Raises
    ------
    WebserviceException
        When there is none; the text begins with WebserviceNotFound.
    """

    compute_type: "str | None" = None
    _shows_dots = True

    def __new__(
        cls, workspace: "WorkspaceLike | None" = None, name: "str | None" = None, **kwargs: "Any"
    ) -> "Webservice":
        """Return the service as an object of its own kind."""
        if cls is Webservice and workspace is not None and name:
            return cls._of(workspace, _get(workspace, name))
        return object.__new__(cls)

    def __init__(self, workspace: "WorkspaceLike", name: str, **kwargs: "Any") -> None:
        if not hasattr(self, "_found"):
            self.workspace = workspace
            self._found = _get(workspace, name)

    @classmethod
    def _of(cls, workspace: "WorkspaceLike", found: "dict[str, Any]") -> "Webservice":
        # Anybody may write another word there; it is served all the same.
        kind = _KINDS.get(found["properties"].get(KIND, "ACI"), _KINDS["ACI"])
        service = object.__new__(kind)
        service.workspace, service._found = workspace, found
        return service

    @staticmethod
    def list(
        workspace: "WorkspaceLike",
        compute_type: "Any" = None,
        image_name: "str | None" = None,
        image_id: "str | None" = None,
        model_name: "str | None" = None,
        model_id: "str | None" = None,
        tags: "Any" = None,
        properties: "Any" = None,
        image_digest: "str | None" = None,
    ) -> "List[Webservice]":
        """Return the web services that fit."""
        found = [Webservice._of(workspace, one) for one in call("endpoints.list", workspace, _ERRORS)]
        return [
            one
            for one in found
            if compute_type in (None, one.compute_type, type(one))
            and (model_name is None or any(known.startswith(model_name + ":") for known in one._model_ids))
            and (model_id is None or model_id in one._model_ids)
            and all(has_labels(one.tags, wanted, "tags") for wanted in _wanted(tags))
            and all(has_labels(one.properties, wanted, "properties") for wanted in _wanted(properties))
        ]

    @staticmethod
    def deploy(
        workspace: "WorkspaceLike",
        name: str,
        model_paths: "Iterable[str]",
        image_config: "Any",
        deployment_config: "Any" = None,
        deployment_target: "Any" = None,
        overwrite: bool = False,
    ) -> "Webservice":
        """Register model files under their own names and serve them; `Model.deploy` is the newer form."""
        models = public("registered")(workspace, model_paths)
        found: "Webservice" = public("deploy_image")(
            workspace, name, models, image_config, deployment_config, deployment_target, overwrite
        )
        return found

    @staticmethod
    def deploy_from_model(
        workspace: "WorkspaceLike",
        name: str,
        models: "Any",
        image_config: "Any",
        deployment_config: "Any" = None,
        deployment_target: "Any" = None,
        overwrite: bool = False,
    ) -> "Webservice":
        """Begin to serve models with what an image configuration names; `Model.deploy` is the newer form."""
        found: "Webservice" = public("deploy_image")(
            workspace, name, models, image_config, deployment_config, deployment_target, overwrite
        )
        return found

    @staticmethod
    def deploy_from_image(
        workspace: "WorkspaceLike",
        name: str,
        image: "Any",
        deployment_config: "Any" = None,
        deployment_target: "Any" = None,
        overwrite: bool = False,
    ) -> "Webservice":
        """Begin to serve what an image holds; `Model.deploy` is the newer form."""
        found: "Webservice" = public("deploy_image")(
            workspace, name, image.models, image._config, deployment_config, deployment_target, overwrite
        )
        return found

    # Who it is.

    name = property(lambda self: self._found["name"], doc="Name of the service.")
    tags = property(lambda self: dict(self._found["tags"]), doc="Tags of the service.")
    description = property(lambda self: self._found["description"], doc="Description of the service.")
    created_time = property(lambda self: moment(self._found["created_at"]), doc="When it was deployed.")
    auth_enabled = property(lambda self: self._found["auth_enabled"], doc="Whether a key is needed.")
    scoring_uri = property(lambda self: self._fresh()["scoring_uri"] or None, doc="Where to send data.")
    swagger_uri = property(lambda self: self._fresh()["swagger_uri"] or None, doc="Where its description is.")
    state = property(lambda self: self._state(self._fresh()), doc="State of the service.")
    token_auth_enabled = property(lambda self: False, doc="Whether tokens open it.")
    image: "Any" = None
    image_id: "str | None" = None

    @property
    def properties(self) -> "dict[str, str]":
        """Properties of the service."""
        return {key: value for key, value in self._found["properties"].items() if not key.startswith(_OWN)}

    @property
    def error(self) -> "dict[str, str] | None":
        """Why the service does not serve, as a dict; None when it does."""
        found = self._fresh()
        return {"code": "DeploymentFailed", "message": found["error"]} if found["error"] else None

    @property
    def models(self) -> "List[Any]":
        """The models that are served."""
        from azureml.core.model import Model

        return [Model(self.workspace, id=model_id) for model_id in self._model_ids]

    @property
    def _model_ids(self) -> "List[str]":
        one = "{}:{}".format(self._found["model_name"], self._found["model_version"])
        return self._found["models"] or ([one] if self._found["model_name"] else [])

    @property
    def compute_name(self) -> str:
        """Name of the place: always this computer."""
        return "local"

    def _state(self, found: "dict[str, Any]") -> str:
        answer: str = found["state"]
        return answer

    def _fresh(self) -> "dict[str, Any]":
        self._found = _get(self.workspace, self.name)
        return self._found

    def update_deployment_state(self) -> None:
        """Read again how the service stands."""
        self._fresh()

    # Life.

    def wait_for_deployment(self, show_output: bool = False, timeout_sec: "float | None" = None) -> None:
        """Wait until the service answers.

        Raises
        ------
        WebserviceException
            When it cannot serve: the message says why and ends with the last lines of its log.
        """
        started, wait_s = time.monotonic(), timeout_sec or _WAIT_S
        deadline, pause_s, dots = started + wait_s, _PAUSE_S[0], 0
        if show_output:
            self._tell_beginning()
        while self._fresh()["state"] == "Transitioning":
            if time.monotonic() > deadline:
                raise WebserviceException("The service {} is not ready after {:g} s.".format(self.name, wait_s))
            if show_output and self._shows_dots and time.monotonic() - started > dots:
                dots += 1
                print(".", end="", flush=True)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _PAUSE_S[1])
        if self._found["state"] != "Healthy":
            raise WebserviceException(self._failure())
        self._tell_end(show_output)

    def _tell_beginning(self) -> None:
        print("Tips: get_logs() shows what the service says; it is served by this computer.")
        print("Running", end="", flush=True)

    def _tell_end(self, show_output: bool) -> None:
        if show_output:
            print("\nSucceeded")
        print('{} service creation operation finished, operation "Succeeded"'.format(self.compute_type))

    def _failure(self) -> str:
        error = {"code": "{}DeploymentFailed".format(str(self.compute_type).title()), "message": self._found["error"]}
        return (
            "Service deployment polling reached non-successful terminal state, current service state: {}\n"
            "More information can be found using '.get_logs()'\nError:\n{}\nLast lines of the log:\n{}".format(
                self._found["state"], json.dumps(error, indent=2), "\n".join(self.get_logs().splitlines()[-15:])
            )
        )

    def get_logs(self, num_lines: int = 5000, init: bool = False) -> str:
        """Return the end of the log of the service."""
        text = call("endpoints.log", self.workspace, _ERRORS, name=self.name)
        return "\n".join(text.splitlines()[-num_lines:])

    def update(self, *args: "Any") -> None:
        """Refuse: each kind of web service has its own."""
        raise refused("Webservice.update()", "Use the service of its own kind: Webservice(workspace, name).update().")

    def add_tags(self, tags: "dict[str, Any]") -> None:
        """Add or change tags."""
        self._write(tags=dict(self.tags, **labels("tags", tags, WebserviceException)))

    def remove_tags(self, tags: "str | Iterable[str]") -> None:
        """Remove tags by name."""
        gone = [tags] if isinstance(tags, str) else list(tags)
        self._write(tags={key: value for key, value in self.tags.items() if key not in gone})

    def add_properties(self, properties: "dict[str, Any]") -> None:
        """Add properties."""
        self._write(properties=labels("properties", properties, WebserviceException))

    def _write(self, **changes: "Any") -> None:
        self._found = call("endpoints.update", self.workspace, _ERRORS, name=self.name, **changes)

    def delete(self) -> None:
        """Stop serving and forget the service; one that is gone already is no fault."""
        try:
            call(
                "endpoints.delete", self.workspace, {"NotFound": LookupError, "*": WebserviceException}, name=self.name
            )
        except LookupError:
            pass

    # Keys and data.

    def get_keys(self) -> "tuple[str, str]":
        """Return the primary and the secondary key."""
        return tuple(call("endpoints.keys", self.workspace, _ERRORS, name=self.name))

    def regen_key(self, key: str, set_key: "str | None" = None) -> None:
        """Replace the ``"Primary"`` or the ``"Secondary"`` key; the service starts again with it."""
        if str(key).lower() not in ("primary", "secondary"):
            raise WebserviceException("The key is 'Primary' or 'Secondary', not {!r}.".format(key))
        call(
            "endpoints.set_key",
            self.workspace,
            _ERRORS,
            name=self.name,
            primary=str(key).lower() == "primary",
            key=set_key or "",
        )
        self._wait_until_settled()

    def _wait_until_settled(self) -> None:
        pause_s = _PAUSE_S[0]
        while self._fresh()["state"] == "Transitioning":
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _PAUSE_S[1])

    def get_token(self) -> "Any":
        """Refuse: services here are opened by keys."""
        raise NotImplementedError("Tokens are for AKS services only; get_keys() returns the keys.")

    get_access_token = get_token

    def run(self, input_data: "Any") -> "Any":
        """Send data (JSON text, or bytes) to the service and return its answer.

        Raises
        ------
        WebserviceException
            When it refuses or fails; the message is the service's own.
        """
        found = self._fresh()
        if found["state"] == "Transitioning":
            self._wait_until_settled()
            found = self._found
        if found["state"] != "Healthy":
            raise WebserviceException(
                "Cannot call run() when service is {}. {}".format(found["state"].lower(), found["error"]).strip()
            )
        headers = {"Content-Type": "application/json"}
        if found["auth_enabled"]:
            headers["Authorization"] = "Bearer {}".format(self.get_keys()[0])
        return post(found["scoring_uri"], input_data, headers)

    def serialize(self) -> "dict[str, Any]":
        """Return what is known of the service as a dict."""
        found = self._fresh()
        return {
            "name": self.name,
            "computeType": self.compute_type,
            "createdTime": self.created_time,
            "description": self.description,
            "tags": self.tags,
            "properties": self.properties,
            "state": self._state(found),
            "error": {"message": found["error"]} if found["error"] else None,
            "scoringUri": found["scoring_uri"] or None,
            "swaggerUri": found["swagger_uri"] or None,
            "authEnabled": found["auth_enabled"],
            "models": self._model_ids,
        }

    def __repr__(self) -> str:
        return (
            "{}(workspace={!r}, name={}, image_id=None, image_digest=None, compute_type={}, state={}, scoring_uri={}, "
            "tags={}, properties={}, created_by=None)".format(
                type(self).__name__,
                self.workspace,
                self.name,
                self.compute_type,
                self._state(self._found),
                self._found["scoring_uri"] or None,
                self.tags,
                self.properties,
            )
        )


class WebserviceDeploymentConfiguration(object):
    """What a new web service is to be like; each kind has its own values."""

    def __init__(self, kind: str, **values: "Any") -> None:
        self._kind = kind
        for name, value in values.items():
            setattr(self, name, value)

    def validate_configuration(self) -> None:
        """Check the numbers."""
        for name in ("cpu_cores", "memory_gb"):
            value = getattr(self, name, None)
            if value is not None and value <= 0:
                raise WebserviceException("{} must be above 0, and is {!r}.".format(name, value))

    def __repr__(self) -> str:
        values = ", ".join("{}={!r}".format(name, value) for name, value in self.__dict__.items() if name[0] != "_")
        return "{}({})".format(self._kind, values)


def _get(workspace: "WorkspaceLike", name: str) -> "dict[str, Any]":
    errors = {"NotFound": LookupError, "*": WebserviceException}
    try:
        found: "dict[str, Any]" = call("endpoints.get", workspace, errors, name=name)
    except LookupError:
        raise WebserviceException(
            "WebserviceNotFound: Webservice with name {} not found in provided workspace".format(name), 404
        ) from None
    return found


def _wanted(labels_or_none: "Any") -> "list[Any]":
    """Return filters as a list: Azure ML takes ``['key', ['key', 'value']]``; a dict is taken too."""
    if labels_or_none is None:
        return []
    if isinstance(labels_or_none, dict):
        return [labels_or_none]
    if isinstance(labels_or_none, str):
        raise UserErrorException("tags and properties must be a list such as ['key', ['key', 'value']].")
    return [one if isinstance(one, str) else {one[0]: one[1]} for one in labels_or_none]
