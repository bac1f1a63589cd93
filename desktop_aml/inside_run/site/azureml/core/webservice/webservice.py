"""`Webservice`: a served model of a workspace, whatever kind of service the code asked for."""

import json
import time
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from azureml._objects import public
from azureml._service import call, has_labels, labels, moment, refused
from azureml.exceptions import UserErrorException, WebserviceException

KIND = "azureml.compute_type"
"""Property that keeps which kind of service the code asked for."""

_OWN = ("azureml.compute_type", "azureml.token_auth")
_ERRORS = {"*": WebserviceException}
_PAUSE_S = (0.05, 1.0)
_WAIT_S = 1800
_KINDS = {}


class Webservice(object):
    """A web service of a workspace by name, as an object of its own kind.

    Raises
    ------
    WebserviceException
        When there is none; the text begins with WebserviceNotFound.
    """

    compute_type = None
    _shows_dots = True

    def __new__(cls, workspace=None, name=None, **kwargs):
        """Return the service as an object of its own kind."""
        if cls is Webservice and workspace is not None and name:
            return cls._of(workspace, _get(workspace, name))
        return object.__new__(cls)

    def __init__(self, workspace, name, **kwargs):
        if not hasattr(self, "_found"):
            self.workspace = workspace
            self._found = _get(workspace, name)

    @classmethod
    def _of(cls, workspace, found):
        kind = _KINDS.get(found["properties"].get(KIND, "ACI"))
        service = object.__new__(kind)
        service.workspace, service._found = workspace, found
        return service

    @staticmethod
    def list(
        workspace,
        compute_type=None,
        image_name=None,
        image_id=None,
        model_name=None,
        model_id=None,
        tags=None,
        properties=None,
        image_digest=None,
    ):
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
        workspace, name, model_paths, image_config, deployment_config=None, deployment_target=None, overwrite=False
    ):
        """Register model files under their own names and serve them; `Model.deploy` is the newer form."""
        models = public("registered")(workspace, model_paths)
        return public("deploy_image")(
            workspace, name, models, image_config, deployment_config, deployment_target, overwrite
        )

    @staticmethod
    def deploy_from_model(
        workspace, name, models, image_config, deployment_config=None, deployment_target=None, overwrite=False
    ):
        """Begin to serve models with what an image configuration names; `Model.deploy` is the newer form."""
        return public("deploy_image")(
            workspace, name, models, image_config, deployment_config, deployment_target, overwrite
        )

    @staticmethod
    def deploy_from_image(workspace, name, image, deployment_config=None, deployment_target=None, overwrite=False):
        """Begin to serve what an image holds; `Model.deploy` is the newer form."""
        return public("deploy_image")(
            workspace, name, image.models, image._config, deployment_config, deployment_target, overwrite
        )

    # Who it is.

    name = property(lambda self: self._found["name"], doc="Name of the service.")
    tags = property(lambda self: dict(self._found["tags"]), doc="Tags of the service.")
    description = property(lambda self: self._found["description"], doc="Description of the service.")
    created_time = property(lambda self: moment(self._found["created_at"]), doc="When it was deployed.")
    auth_enabled = property(lambda self: self._found["auth_enabled"], doc="Whether a key is needed.")
    scoring_uri = property(lambda self: self._fresh()["scoring_uri"] or None, doc="Where to send data.")
    swagger_uri = property(lambda self: self._fresh()["swagger_uri"] or None, doc="Where its description is.")
    state = property(lambda self: self._state(self._fresh()), doc="State of the service.")
    token_auth_enabled = False
    image = None
    image_id = None

    @property
    def properties(self):
        """Properties of the service."""
        return {key: value for key, value in self._found["properties"].items() if not key.startswith(_OWN)}

    @property
    def error(self):
        """Why the service does not serve, as a dict; None when it does."""
        found = self._fresh()
        return {"code": "DeploymentFailed", "message": found["error"]} if found["error"] else None

    @property
    def models(self):
        """The models that are served."""
        from azureml.core.model import Model

        return [Model(self.workspace, id=model_id) for model_id in self._model_ids]

    @property
    def _model_ids(self):
        one = "{}:{}".format(self._found["model_name"], self._found["model_version"])
        return self._found["models"] or ([one] if self._found["model_name"] else [])

    @property
    def compute_name(self):
        """Name of the place: always this computer."""
        return "local"

    def _state(self, found):
        return found["state"]

    def _fresh(self):
        self._found = _get(self.workspace, self.name)
        return self._found

    def update_deployment_state(self):
        """Read again how the service stands."""
        self._fresh()

    # Life.

    def wait_for_deployment(self, show_output=False, timeout_sec=None):
        """Wait until the service answers.

        Raises
        ------
        WebserviceException
            When it cannot serve: the message says why and ends with the last lines of its log.
        """
        started = time.monotonic()
        deadline, pause_s, dots = started + (timeout_sec or _WAIT_S), _PAUSE_S[0], 0
        if show_output:
            self._tell_beginning()
        while self._fresh()["state"] == "Transitioning":
            if time.monotonic() > deadline:
                raise WebserviceException("The service {} is not ready after {:g} s.".format(self.name, timeout_sec))
            if show_output and self._shows_dots and time.monotonic() - started > dots:
                dots += 1
                print(".", end="", flush=True)
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _PAUSE_S[1])
        if self._found["state"] != "Healthy":
            raise WebserviceException(self._failure())
        self._tell_end(show_output)

    def _tell_beginning(self):
        print("Tips: get_logs() shows what the service says; it is served by this computer.")
        print("Running", end="", flush=True)

    def _tell_end(self, show_output):
        if show_output:
            print("\nSucceeded")
        print('{} service creation operation finished, operation "Succeeded"'.format(self.compute_type))

    def _failure(self):
        error = {"code": "{}DeploymentFailed".format(self.compute_type.title()), "message": self._found["error"]}
        return (
            "Service deployment polling reached non-successful terminal state, current service state: {}\n"
            "More information can be found using '.get_logs()'\nError:\n{}\nLast lines of the log:\n{}".format(
                self._found["state"], json.dumps(error, indent=2), "\n".join(self.get_logs().splitlines()[-15:])
            )
        )

    def get_logs(self, num_lines=5000, init=False):
        """Return the end of the log of the service."""
        text = call("endpoints.log", self.workspace, _ERRORS, name=self.name)
        return "\n".join(text.splitlines()[-num_lines:])

    def update(self, *args):
        """Refuse: each kind of web service has its own."""
        raise refused("Webservice.update()", "Use the service of its own kind: Webservice(workspace, name).update().")

    def add_tags(self, tags):
        """Add or change tags."""
        self._write(tags=dict(self.tags, **labels("tags", tags, WebserviceException)))

    def remove_tags(self, tags):
        """Remove tags by name."""
        gone = [tags] if isinstance(tags, str) else list(tags)
        self._write(tags={key: value for key, value in self.tags.items() if key not in gone})

    def add_properties(self, properties):
        """Add properties."""
        self._write(properties=labels("properties", properties, WebserviceException))

    def _write(self, **changes):
        self._found = call("endpoints.update", self.workspace, _ERRORS, name=self.name, **changes)

    def delete(self):
        """Stop serving and forget the service; one that is gone already is no fault."""
        try:
            call(
                "endpoints.delete", self.workspace, {"NotFound": LookupError, "*": WebserviceException}, name=self.name
            )
        except LookupError:
            pass

    # Keys and data.

    def get_keys(self):
        """Return the primary and the secondary key."""
        return tuple(call("endpoints.keys", self.workspace, _ERRORS, name=self.name))

    def regen_key(self, key, set_key=None):
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

    def _wait_until_settled(self):
        pause_s = _PAUSE_S[0]
        while self._fresh()["state"] == "Transitioning":
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _PAUSE_S[1])

    def get_token(self):
        """Refuse: services here are opened by keys."""
        raise NotImplementedError("Tokens are for AKS services only; get_keys() returns the keys.")

    get_access_token = get_token

    def run(self, input_data):
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
        return _post(found["scoring_uri"], input_data, headers)

    def serialize(self):
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

    def __repr__(self):
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

    def __init__(self, kind, **values):
        self._kind = kind
        for name, value in values.items():
            setattr(self, name, value)

    def validate_configuration(self):
        """Check the numbers."""
        for name in ("cpu_cores", "memory_gb"):
            value = getattr(self, name, None)
            if value is not None and value <= 0:
                raise WebserviceException("{} must be above 0, and is {!r}.".format(name, value))

    def __repr__(self):
        values = ", ".join("{}={!r}".format(name, value) for name, value in self.__dict__.items() if name[0] != "_")
        return "{}({})".format(self._kind, values)


def _get(workspace, name):
    errors = {"NotFound": LookupError, "*": WebserviceException}
    try:
        return call("endpoints.get", workspace, errors, name=name)
    except LookupError:
        raise WebserviceException(
            "WebserviceNotFound: Webservice with name {} not found in provided workspace".format(name), 404
        ) from None


def _wanted(labels_or_none):
    """Return filters as a list: Azure ML takes ``['key', ['key', 'value']]``; a dict is taken too."""
    if labels_or_none is None:
        return []
    if isinstance(labels_or_none, dict):
        return [labels_or_none]
    if isinstance(labels_or_none, str):
        raise UserErrorException("tags and properties must be a list such as ['key', ['key', 'value']].")
    return [one if isinstance(one, str) else {one[0]: one[1]} for one in labels_or_none]


def _post(uri, data, headers):
    payload = data.encode() if isinstance(data, str) else data
    if not isinstance(payload, (bytes, bytearray)):
        payload = json.dumps(data).encode()
    # The address is the one that Desktop AML gave for its own service of this computer.
    request = Request(uri, payload, headers)  # noqa: S310
    try:
        # A proxy of the user's network does not know this computer's services.
        with build_opener(ProxyHandler({})).open(request) as answer:
            text = answer.read().decode()
    except HTTPError as error:
        body = error.read().decode(errors="replace")
        raise WebserviceException(
            "Received bad response from service:\nResponse Code: {}\nHeaders: {}\nContent: {}".format(
                error.code, dict(error.headers), body
            ),
            error.code,
        ) from None
    except URLError as error:
        raise WebserviceException("The service at {} cannot be reached: {}.".format(uri, error.reason)) from None
    try:
        return json.loads(text)
    except ValueError:
        return text
