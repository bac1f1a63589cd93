"""`AciWebservice`: the web service that most code asks for; served by this computer."""

from azureml._service import not_used
from azureml.core.webservice.webservice import _KINDS, Webservice, WebserviceDeploymentConfiguration


class AciWebservice(Webservice):
    """A web service that asked for a container instance."""

    compute_type = "ACI"

    @staticmethod
    def deploy_configuration(
        cpu_cores=None,
        memory_gb=None,
        tags=None,
        properties=None,
        description=None,
        location=None,
        auth_enabled=None,
        ssl_enabled=None,
        enable_app_insights=None,
        ssl_cert_pem_file=None,
        ssl_key_pem_file=None,
        ssl_cname=None,
        dns_name_label=None,
        primary_key=None,
        secondary_key=None,
        collect_model_data=None,
        cmk_vault_base_url=None,
        cmk_key_name=None,
        cmk_key_version=None,
        vnet_name=None,
        subnet_name=None,
    ):
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
        image=None,
        tags=None,
        properties=None,
        description=None,
        auth_enabled=None,
        ssl_enabled=None,
        ssl_cert_pem_file=None,
        ssl_key_pem_file=None,
        ssl_cname=None,
        enable_app_insights=None,
        models=None,
        inference_config=None,
    ):
        """Change what is written about the service, or serve other models or another script under its name."""
        not_used("AciWebservice.update", ssl_enabled=ssl_enabled, enable_app_insights=enable_app_insights)
        _update(self, image, tags, properties, description, auth_enabled, models, inference_config)


def _update(*values):
    from azureml.core.webservice import _deployment

    _deployment.update(*values)


_KINDS["ACI"] = AciWebservice
