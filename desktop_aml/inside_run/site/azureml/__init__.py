"""The part of the Azure ML SDK v1 that scripts use inside a run, on this computer and without Azure.

Written from the SDK's documented behaviour. A regular package on purpose: it comes first on the path, so that an
installed Azure SDK, which shares the name, is never mixed with it.
"""

import sys as _sys

from azureml._lazy import provide as _provide
from azureml._missing import MissingFinder as _MissingFinder

if not any(isinstance(_finder, _MissingFinder) for _finder in _sys.meta_path):
    _sys.meta_path.append(_MissingFinder())

_provide(__name__, {})
