"""`ContainerRegistry`: where an image comes from, and who may fetch it."""

from azureml.core._strict import Strict

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class RegistryIdentity(Strict):
    """The managed identity that fetches images."""

    _names = {"resource_id": "resourceId", "client_id": "clientId"}

    def __init__(self) -> None:
        self.resource_id: "str | None" = None
        self.client_id: "str | None" = None


class ContainerRegistry(Strict):
    """Address and credentials of a registry of images. The password stays in this object."""

    _names = {
        "address": "address",
        "username": "username",
        "password": "password",
        "registry_identity": "registryIdentity",
    }
    _secret: "tuple[str, ...]" = ("password",)

    def __init__(self) -> None:
        self.address: "str | None" = None
        self.username: "str | None" = None
        self.password: "str | None" = None
        self.registry_identity: "RegistryIdentity | None" = None
