"""`LocalWebservice`: a web service for trying out, on a port that the code chooses."""

from azureml._service import call, refused
from azureml.core.webservice.webservice import (
    _ERRORS,
    _KINDS,
    Webservice,
    WebserviceDeploymentConfiguration,
)
from azureml.exceptions import WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn

    from azureml._objects import WorkspaceLike


_STATES = {
    "Transitioning": "deploying",
    "Healthy": "running",
    "Unhealthy": "failed",
    "Failed": "failed",
    "Stopped": "unknown",
}


class LocalWebservice(Webservice):
    """A web service without keys."""

    compute_type = "Local"
    _shows_dots = False

    @staticmethod
    def deploy_configuration(port: "int | None" = None) -> "WebserviceDeploymentConfiguration":
        """Return what a new service is to be like; no `port` takes a free one."""
        if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536):
            raise WebserviceException("The port is a number from 1 to 65535, not {!r}.".format(port))
        return WebserviceDeploymentConfiguration("Local", port=port)

    @property
    def port(self) -> "int | None":
        """The port that it listens on."""
        return self._fresh()["port"] or None

    @property
    def scoring_uri(self) -> "str | None":
        """Where to send data, by the name that Azure ML gives to this computer."""
        found = super(LocalWebservice, self).scoring_uri
        answer: "str | None" = found and found.replace("//127.0.0.1:", "//localhost:")
        return answer

    @property
    def swagger_uri(self) -> "str | None":
        """Where the service describes itself."""
        found = super(LocalWebservice, self).swagger_uri
        answer: "str | None" = found and found.replace("//127.0.0.1:", "//localhost:")
        return answer

    def _state(self, found: "dict[str, Any]") -> str:
        return _STATES.get(found["state"], "unknown")

    def update_deployment_state(self, must_exist: bool = False) -> None:
        """Read again how the service stands."""
        try:
            self._fresh()
        except WebserviceException:
            if must_exist:
                raise
            self._found = dict(self._found, state="Deleted", scoring_uri="")

    def _tell_beginning(self) -> None:
        print("Checking container health...")

    def _tell_end(self, show_output: bool) -> None:
        if show_output:
            print("Local webservice is running at http://localhost:{}".format(self._found["port"]))

    def get_logs(self, num_lines: int = 5000, raw: bool = False) -> str:
        """Return the end of the log of the service."""
        return super(LocalWebservice, self).get_logs(num_lines)

    @staticmethod
    def list(  # type: ignore[override]  # Azure ML's own
        workspace: "WorkspaceLike",
        model_name: "str | None" = None,
        model_id: "str | None" = None,
        all: "bool | None" = None,
    ) -> "List[Webservice]":
        """Return the local services that fit."""
        return Webservice.list(workspace, compute_type="Local", model_name=model_name, model_id=model_id)

    def update(
        self,
        models: "Any" = None,
        image_config: "Any" = None,
        deployment_config: "Any" = None,
        wait: bool = False,
        inference_config: "Any" = None,
    ) -> None:
        """Serve other models, with another script or on another port, under the same name."""
        from azureml.core.webservice import _deployment

        if image_config is not None:
            raise refused("LocalWebservice.update(image_config=…)", "Give an inference_config.")
        port = getattr(deployment_config, "port", None)
        _deployment.update(self, models=models, inference_config=inference_config, port=port, wait=wait)

    def reload(self, wait: bool = False) -> None:
        """Start the service again, with the scoring script as it is now."""
        self._found = call("endpoints.reload", self.workspace, _ERRORS, name=self.name)
        if wait:
            self.wait_for_deployment(True)

    def delete(self, delete_cache: bool = True, delete_image: bool = False, delete_volume: bool = True) -> None:
        """Stop serving and forget the service."""
        super(LocalWebservice, self).delete()

    def get_keys(self) -> "NoReturn":
        """Refuse: a local service has no keys."""
        raise NotImplementedError("A LocalWebservice has no keys; use AciWebservice with auth_enabled=True.")

    def regen_key(self, key: str, set_key: "str | None" = None) -> "NoReturn":
        """Refuse: a local service has no keys."""
        self.get_keys()

    get_token = get_access_token = get_keys

    def deploy_to_cloud(
        self, name: "Any" = None, deployment_config: "Any" = None, deployment_target: "Any" = None
    ) -> "NoReturn":
        """Refuse: there is no cloud."""
        raise refused("LocalWebservice.deploy_to_cloud()", "Use Model.deploy with another deployment configuration.")


_KINDS["Local"] = LocalWebservice
