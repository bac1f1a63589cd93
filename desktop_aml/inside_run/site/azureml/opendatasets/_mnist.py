"""`MNIST`: scikit-learn's 1,797 small digits, enlarged to 28 by 28 points, in the files that MNIST has."""

import gzip
import os
import struct

from azureml._service import note, refused
from azureml.data.dataset_factory import FileDatasetFactory
from azureml.opendatasets._places import made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


_SIDE = 28
_TRAINING = 1500


class MNIST(object):
    """Four gzip files in IDX format, as in Azure, with far fewer and coarser digits."""

    @staticmethod
    def get_file_dataset(enable_telemetry: bool = True) -> "Any":
        """Return the files."""
        note(
            "the open data set MNIST is a stand-in: scikit-learn's 1,797 digits of 8 by 8 points, enlarged to 28 by 28."
        )
        return FileDatasetFactory.from_files(made("mnist", _write))

    @staticmethod
    def get_tabular_dataset(*args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("MNIST.get_tabular_dataset()", "Use MNIST.get_file_dataset().")


def _write(folder: str) -> None:
    import numpy
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    small = (images.reshape(-1, 8, 8) * 255 / 16).astype(numpy.uint8)
    large = numpy.pad(small.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)), "constant")
    for name, part in (("train", slice(None, _TRAINING)), ("t10k", slice(_TRAINING, None))):
        chosen = large[part]
        head = struct.pack(">IIII", 2051, len(chosen), _SIDE, _SIDE)
        _pack(folder, name + "-images-idx3-ubyte.gz", head + chosen.tobytes())
        body = labels[part].astype(numpy.uint8).tobytes()
        _pack(folder, name + "-labels-idx1-ubyte.gz", struct.pack(">II", 2049, len(body)) + body)


def _pack(folder: str, name: str, data: bytes) -> None:
    with gzip.open(os.path.join(folder, name), "wb") as out:
        out.write(data)
