"""Old packages that fail with newer ones although their own metadata allows them, and the bound that each needs.

Tables only; `resolver` sees to it that they are kept. What a user pins wins.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version

from desktop_aml.environments.spec.parse_result import SpecRequirement


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule.

    Parameters
    ----------
    package, below : str
        Versions of `package` below this one need the bound.
    dependency, limit : str
        What they need: `dependency` below `limit`.
    """

    package: str
    below: str
    dependency: str
    limit: str

    @property
    def requirement(self) -> str:
        """``numpy<1.24``."""
        return f"{self.dependency}<{self.limit}"


# The rows (but those of TensorFlow and Keras, which are from their issues alone) were found by importing or fitting
# versions on either side of the limit together with the newer dependency; the sources say why.

# NumPy 1.20 refuses np.dtype(np.generic), with which they make columns of one value: get_dummies, Series(False, index).
# LSTM layers "cannot convert a symbolic Tensor" there.
_OLDER_DTYPES: Final = (("pandas", "1.0.5"), ("tensorflow", "2.3"))

# NumPy 1.24 removed np.float, np.int, np.bool, np.object and np.MachAr: its release notes, "Expired deprecations".
_REMOVED_NAMES: Final = (
    ("scikit-learn", "0.24"),
    ("pandas", "1.1"),
    ("scipy", "1.5.3"),
    ("statsmodels", "0.13"),
    ("scikit-image", "0.18"),
    ("numba", "0.54"),
    ("shap", "0.42"),
)

# Extensions that were compiled for NumPy 1 fail in NumPy 2: its migration guide, and numpy/numpy#26191, "Ecosystem
# compatibility with numpy 2.0", for the first versions that were made for both.
_COMPILED_FOR_1: Final = (
    ("scikit-learn", "1.4.2"),
    ("pandas", "2.2.2"),
    ("scipy", "1.13"),
    ("matplotlib", "3.8.4"),
    ("statsmodels", "0.14.2"),
    ("scikit-image", "0.23"),
    ("h5py", "3.11"),
    ("numexpr", "2.10"),
    ("bottleneck", "1.4"),
    ("pywavelets", "1.6"),
    ("pyarrow", "16"),
    ("opencv-python", "4.10.0.84"),
    ("opencv-python-headless", "4.10.0.84"),
)

_OTHERS: Final = (
    # sklearn.utils.testing and sklearn.neighbors.base went with scikit-learn 0.24, if_delegate_has_method with 1.3.
    Bound("imbalanced-learn", "0.6", "scikit-learn", "0.24"),
    Bound("imbalanced-learn", "0.9", "scikit-learn", "1.3"),
    # force_all_finite became ensure_all_finite: release notes of scikit-learn 1.6 and 1.8.
    Bound("lightgbm", "4.6", "scikit-learn", "1.8"),
    # pandas.Int64Index and the option mode.use_inf_as_null went with pandas 2.0.
    Bound("statsmodels", "0.13.2", "pandas", "2"),
    Bound("seaborn", "0.12", "pandas", "2"),
    # The option mode.use_inf_as_na went with pandas 3.0.
    Bound("seaborn", "0.13", "pandas", "3"),
    # scipy.signal.signaltools lost _centered with scipy 1.8.
    Bound("statsmodels", "0.13.2", "scipy", "1.8"),
    # Flask 1 asks for "any newer" of what it is made of: jinja2.escape went with 3.1, markupsafe.soft_unicode with 2.1,
    # itsdangerous.json with 2.1, werkzeug.wrappers.BaseResponse with 2.1, werkzeug.urls.url_quote with 3.0.
    Bound("flask", "2", "jinja2", "3.1"),
    Bound("flask", "2", "itsdangerous", "2.1"),
    Bound("flask", "2", "werkzeug", "2.1"),
    Bound("jinja2", "3", "markupsafe", "2.1"),
    Bound("flask", "2.3", "werkzeug", "3"),
    # The protocol buffers that it was generated with: release notes of protobuf 4.21, "Python upb"; Keras left
    # TensorFlow with 2.6, which asks for any 2.x.
    Bound("tensorflow", "2.9", "protobuf", "3.21"),
    Bound("tensorflow", "2.7", "keras", "2.7"),
    # The protocol buffers that MLflow 1 was generated with; google.protobuf.service, which it imports, went with 6.30.
    *(Bound(name, "1.27", "protobuf", "3.21") for name in ("mlflow", "mlflow-skinny")),
    *(Bound(name, "1.28", "protobuf", "6") for name in ("mlflow", "mlflow-skinny")),
    # h5py 3 gives text where they decode bytes: saved models cannot be read.
    Bound("tensorflow", "2.2", "h5py", "3"),
    Bound("keras", "2.4", "h5py", "3"),
)

# Setuptools 82 left out pkg_resources, which older packages and scripts import without asking for a version.
_NEWEST: Final = {"setuptools": "82"}

# They import pkg_resources and do not say so: every environment of their time had setuptools, from venv or conda.
_IMPORT_PKG_RESOURCES: Final = {"xgboost": "1.6", "mlflow": "2"}

TABLE: Final = (
    *(Bound(package, below, "numpy", "1.20") for package, below in _OLDER_DTYPES),
    *(Bound(package, below, "numpy", "1.24") for package, below in _REMOVED_NAMES),
    *(Bound(package, below, "numpy", "2") for package, below in _COMPILED_FOR_1),
    *_OTHERS,
)


def broken(versions: dict[str, str], known: Container[str] = ()) -> dict[str, str]:
    """Return the bounds that packages break (such as ``numpy<1.24``), each with what the user should know of it.

    Parameters
    ----------
    versions : dict of str to str
        By name, as PyPI compares names.
    known : container of str
        Bounds that are of no interest any more.
    """
    found: dict[str, str] = {}
    for rule in TABLE:
        version, other = versions.get(rule.package), versions.get(rule.dependency)
        is_old = version is not None and _is_below(version, rule.below)
        if is_old and other is not None and not _is_below(other, rule.limit) and rule.requirement not in known:
            words = f"{rule.package} {version} needs {rule.requirement}, though it does not say so itself."
            found.setdefault(rule.requirement, words)
    for name, limit in _NEWEST.items():
        bound = f"{name}<{limit}"
        if name in versions and not _is_below(versions[name], limit) and bound not in known:
            found[bound] = f"{bound} is taken, because newer ones have no pkg_resources, which older packages import."
    return found


def unsaid(versions: dict[str, str]) -> dict[str, str]:
    """Return what packages need that is not there, as their metadata does not name it, each with what to know of it."""
    needs = "setuptools<82"
    if "setuptools" in versions:
        return {}
    old = [name for name, limit in _IMPORT_PKG_RESOURCES.items() if _is_below(versions.get(name, limit), limit)]
    told = f"{needs} comes along: {' and '.join(f'{one} {versions[one]}' for one in old)} import it unasked."
    return {needs: told} if old else {}


def sure(requirements: Iterable[SpecRequirement]) -> tuple[str, ...]:
    """Return what a specification needs for certain: it allows no version of a package without it."""
    asked = {wanted.name: wanted.text for wanted in requirements}
    rules = [(rule.package, rule.below, rule.requirement) for rule in TABLE]
    rules += [(name, limit, "setuptools") for name, limit in _IMPORT_PKG_RESOURCES.items()]
    return tuple(
        f"{package}: {needed}"
        for package, below, needed in rules
        if package in asked and _allows_only_below(asked[package], below)
    )


def _is_below(version: str, limit: str) -> bool:
    try:
        return Version(version) < Version(limit)
    except InvalidVersion:
        return False


def _allows_only_below(requirement: str, limit: str) -> bool:
    return any(_caps(one, limit) for one in Requirement(requirement).specifier)


def _caps(one: Specifier, limit: str) -> bool:
    version = one.version.removesuffix(".*")
    if one.operator == "<":
        return not _is_below(limit, version)
    return one.operator in {"==", "===", "<=", "~="} and _is_below(version, limit)
