"""`AksWebservice`: a web service that asked for Kubernetes; served by this computer."""

from datetime import datetime, timedelta, timezone

from azureml._service import not_used, note, refused
from azureml.core.webservice.aci import _update
from azureml.core.webservice.webservice import _KINDS, Webservice, WebserviceDeploymentConfiguration
from azureml.exceptions import WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


_TOKENS = "azureml.token_auth"
"""Property of a service that is opened by tokens."""

_TOKEN_LASTS = timedelta(hours=12)


class AksWebservice(Webservice):
    """A web service that asked for a Kubernetes cluster. Keys are needed unless the code says otherwise."""

    compute_type = "AKS"

    @property
    def token_auth_enabled(self) -> bool:
        """Whether the code asked for tokens."""
        return _TOKENS in self._found["properties"]

    def get_token(self) -> "tuple[str, datetime]":
        """Return a token and when to ask for the next one; here it is the service's primary key.

        Raises
        ------
        WebserviceException
            When the service is opened by keys.
        """
        if not self.token_auth_enabled:
            raise WebserviceException("The service {} is opened by keys: use get_keys().".format(self.name))
        note("the token of the web service '{}' is its primary key; it does not expire.".format(self.name))
        return super(AksWebservice, self).get_keys()[0], datetime.now(timezone.utc) + _TOKEN_LASTS

    def get_access_token(self) -> "AksServiceAccessToken":
        """Return a token as an object with `access_token` and `refresh_after`."""
        return AksServiceAccessToken(*self.get_token())

    @staticmethod
    def deploy_configuration(
        autoscale_enabled: "Any" = None,
        autoscale_min_replicas: "Any" = None,
        autoscale_max_replicas: "Any" = None,
        autoscale_refresh_seconds: "Any" = None,
        autoscale_target_utilization: "Any" = None,
        collect_model_data: "Any" = None,
        auth_enabled: "bool | None" = None,
        cpu_cores: "float | None" = None,
        memory_gb: "float | None" = None,
        enable_app_insights: "Any" = None,
        scoring_timeout_ms: "Any" = None,
        replica_max_concurrent_requests: "Any" = None,
        max_request_wait_time: "Any" = None,
        num_replicas: "Any" = None,
        primary_key: "Any" = None,
        secondary_key: "Any" = None,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "Any" = None,
        gpu_cores: "Any" = None,
        period_seconds: "Any" = None,
        initial_delay_seconds: "Any" = None,
        timeout_seconds: "Any" = None,
        success_threshold: "Any" = None,
        failure_threshold: "Any" = None,
        namespace: "Any" = None,
        token_auth_enabled: "bool | None" = None,
        compute_target_name: "Any" = None,
        cpu_cores_limit: "Any" = None,
        memory_gb_limit: "Any" = None,
        blobfuse_enabled: "Any" = None,
    ) -> "WebserviceDeploymentConfiguration":
        """Return what a new service is to be like; what concerns the cluster has no effect."""
        if token_auth_enabled and auth_enabled:
            raise WebserviceException("A service is opened either by keys or by tokens: not both can be enabled.")
        properties = dict(properties or {}, **({_TOKENS: "true"} if token_auth_enabled else {}))
        not_used(
            "AksWebservice.deploy_configuration",
            autoscale_enabled=autoscale_enabled,
            collect_model_data=collect_model_data,
            enable_app_insights=enable_app_insights,
            replica_max_concurrent_requests=replica_max_concurrent_requests,
            num_replicas=num_replicas,
            gpu_cores=gpu_cores,
            namespace=namespace,
        )
        made = WebserviceDeploymentConfiguration(
            "AKS",
            cpu_cores=cpu_cores,
            memory_gb=memory_gb,
            tags=tags,
            properties=properties,
            description=description,
            auth_enabled=True if auth_enabled is None else bool(auth_enabled),
            primary_key=primary_key,
            secondary_key=secondary_key,
            scoring_timeout_ms=scoring_timeout_ms,
        )
        made.validate_configuration()
        return made

    def update(  # type: ignore[override]  # Azure ML's own
        self,
        image: "Any" = None,
        autoscale_enabled: "Any" = None,
        autoscale_min_replicas: "Any" = None,
        autoscale_max_replicas: "Any" = None,
        autoscale_refresh_seconds: "Any" = None,
        autoscale_target_utilization: "Any" = None,
        collect_model_data: "Any" = None,
        auth_enabled: "bool | None" = None,
        cpu_cores: "Any" = None,
        memory_gb: "Any" = None,
        enable_app_insights: "Any" = None,
        scoring_timeout_ms: "Any" = None,
        replica_max_concurrent_requests: "Any" = None,
        max_request_wait_time: "Any" = None,
        num_replicas: "Any" = None,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        models: "Any" = None,
        inference_config: "Any" = None,
        gpu_cores: "Any" = None,
        period_seconds: "Any" = None,
        initial_delay_seconds: "Any" = None,
        timeout_seconds: "Any" = None,
        success_threshold: "Any" = None,
        failure_threshold: "Any" = None,
        namespace: "Any" = None,
        token_auth_enabled: "Any" = None,
        cpu_cores_limit: "Any" = None,
        memory_gb_limit: "Any" = None,
        **kwargs: "Any",
    ) -> None:
        """Change what is written about the service, or serve other models or another script under its name."""
        not_used(
            "AksWebservice.update",
            autoscale_enabled=autoscale_enabled,
            cpu_cores=cpu_cores,
            memory_gb=memory_gb,
            enable_app_insights=enable_app_insights,
            scoring_timeout_ms=scoring_timeout_ms,
            num_replicas=num_replicas,
            token_auth_enabled=token_auth_enabled,
            **kwargs,
        )
        _update(self, image, tags, properties, description, auth_enabled, models, inference_config)


class AksServiceAccessToken(object):
    """A token, and when to ask for the next one."""

    def __init__(self, access_token: str, refresh_after: "datetime") -> None:
        self.access_token = access_token
        self.refresh_after = refresh_after
        self.expiry_on = refresh_after
        self.token_type = "Bearer"  # noqa: S105 - a scheme


class AksEndpoint(AksWebservice):
    """Several versions behind one address: not offered."""

    @staticmethod
    def deploy_configuration(*args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("AksEndpoint.deploy_configuration()", "Deploy each version under a name of its own.")


_KINDS["AKS"] = AksWebservice
