"""Images of the oldest SDK: refused, with the name of what took their place."""

from azureml._service import refused

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_INSTEAD = "Use Model.deploy with an InferenceConfig, or without one for a scikit-learn model."


class Image(object):
    """An image with models in it: not offered."""

    def __init__(self, *args, **kwargs):
        raise refused("{}()".format(type(self).__name__), _INSTEAD)

    @staticmethod
    def create(workspace, name, models, image_config):
        """Refuse."""
        raise refused("Image.create()", _INSTEAD)

    @staticmethod
    def list(workspace, **kwargs):
        """Return no images: there are none here."""
        return []


class ContainerImage(Image):
    """An image with models in it: not offered."""

    @staticmethod
    def image_configuration(*args, **kwargs):
        """Refuse."""
        raise refused("ContainerImage.image_configuration()", _INSTEAD)
