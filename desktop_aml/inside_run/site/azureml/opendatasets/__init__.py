"""Two of Azure's open data sets, as small stand-ins that come with scikit-learn: nothing is fetched."""

from azureml._lazy import provide as _provide

_provide(__name__, {"Diabetes": "azureml.opendatasets._diabetes", "MNIST": "azureml.opendatasets._mnist"})
