"""Fetch the file at an address that a script names, once: the saved copy is what every later run reads."""

import os
import shutil
from urllib.error import URLError
from urllib.request import urlopen

from azureml._service import note
from azureml.exceptions import UserErrorException

_TIMEOUT_S = 60


def fetch(url: str, path: str) -> None:
    """Save the file at an ``http`` or ``https`` address as `path`.

    Raises
    ------
    UserErrorException
        When it cannot be had; the text says where to put a copy by hand.
    """
    unfinished = "{}.{}".format(path, os.urandom(4).hex())
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # The scheme was looked at when the dataset was made.
        with urlopen(url, timeout=_TIMEOUT_S) as answer, open(unfinished, "wb") as stream:  # noqa: S310
            shutil.copyfileobj(answer, stream)
        os.replace(unfinished, path)
    except (URLError, OSError, ValueError) as error:
        raise UserErrorException(
            "{} cannot be fetched: {}. Save it as {} and run this again.".format(url, error, path)
        ) from None
    finally:
        if os.path.exists(unfinished):
            os.unlink(unfinished)
    note("{} was fetched once and is read from {} from now on.".format(url, path))
