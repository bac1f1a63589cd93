"""`AciWebservice`: the web service that most code asks for; served by this computer."""

from azureml._service import not_used
from azureml.core.webservice.webservice import _KINDS, Webservice, WebserviceDeploymentConfiguration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class AciWebservice(Webservice):
    """A web service that asked for a container instance."""

    compute_type = "ACI"

    @staticmethod
    def deploy_configuration(
        cpu_cores: "float | None" = None,
        memory_gb: "float | None" = None,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        location: "str | None" = None,
        auth_enabled: "bool | None" = None,
        ssl_enabled: "bool | None" = None,
        enable_app_insights: "bool | None" = None,
        ssl_cert_pem_file: "str | None" = None,
        ssl_key_pem_file: "str | None" = None,
        ssl_cname: "str | None" = None,
        dns_name_label: "str | None" = None,
        primary_key: "str | None" = None,
        secondary_key: "str | None" = None,
        collect_model_data: "bool | None" = None,
        cmk_vault_base_url: "str | None" = None,
        cmk_key_name: "str | None" = None,
        cmk_key_version: "str | None" = None,
        vnet_name: "str | None" = None,
        subnet_name: "str | None" = None,
    ) -> "WebserviceDeploymentConfiguration":
        """Return what a new service is to be like. Cores and memory are kept as a note, and not enforced."""
        not_used(
            "AciWebservice.deploy_configuration",
            location=location,
            ssl_enabled=ssl_enabled,
            enable_app_insights=enable_app_insights,
            ssl_cert_pem_file=ssl_cert_pem_file,
            ssl_key_pem_file=ssl_key_pem_file,
            ssl_cname=ssl_cname,
            dns_name_label=dns_name_label,
            collect_model_data=collect_model_data,
            cmk_vault_base_url=cmk_vault_base_url,
            cmk_key_name=cmk_key_name,
            cmk_key_version=cmk_key_version,
            vnet_name=vnet_name,
            subnet_name=subnet_name,
        )
        made = WebserviceDeploymentConfiguration(
            "ACI",
            cpu_cores=cpu_cores,
            memory_gb=memory_gb,
            tags=tags,
            properties=properties,
            description=description,
            auth_enabled=bool(auth_enabled),
            primary_key=primary_key,
            secondary_key=secondary_key,
        )
        made.validate_configuration()
        return made

    def update(
        self,
        image: "Any" = None,
        tags: "dict[str, Any] | None" = None,
        properties: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        auth_enabled: "bool | None" = None,
        ssl_enabled: "Any" = None,
        ssl_cert_pem_file: "Any" = None,
        ssl_key_pem_file: "Any" = None,
        ssl_cname: "Any" = None,
        enable_app_insights: "Any" = None,
        models: "Any" = None,
        inference_config: "Any" = None,
    ) -> None:
        """Change what is written about the service, or serve other models or another script under its name."""
        not_used("AciWebservice.update", ssl_enabled=ssl_enabled, enable_app_insights=enable_app_insights)
        _update(self, image, tags, properties, description, auth_enabled, models, inference_config)


def _update(*values: "Any") -> None:
    from azureml.core.webservice import _deployment

    _deployment.update(*values)


_KINDS["ACI"] = AciWebservice
