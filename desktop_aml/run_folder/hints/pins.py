"""Errors of scripts that were written for older libraries, and the pin that ends each."""

from __future__ import annotations

import re
from typing import Final

_CURATED: Final = "or use the curated environment sklearn-0.24"
_OLD_STACK: Final = f"Pin numpy<1.24 and scikit-learn<1.2 in the environment of the run, {_CURATED}."

_OLD_MODULES: Final = (
    r"ensemble\.(_gb_losses|forest|gradient_boosting|weight_boosting|bagging|voting)"
    r"|linear_model\.(ridge|logistic|base|stochastic_gradient|coordinate_descent|sgd_fast)"
    r"|preprocessing\.(data|label)|neighbors\.(classification|regression|unsupervised)"
    r"|svm\.classes|tree\.tree|cluster\.k_means_|decomposition\.pca|neural_network\.multilayer_perceptron"
)
_OF_ARRAYS: Final = (
    r"from the pickle has an incompatible dtype|Did not recognise loaded array|is not a known BitGenerator"
    r"|__randomstate_ctor\(\) takes|Can't get attribute '\w+' on <module 'sklearn|No module named '_loss'"
)


def _of_another_version(wrote: str, curated: str) -> str:
    return (
        f"Where a model is being loaded, {wrote} wrote its file; the log names the versions if it can. Use an "
        f"environment with the scikit-learn that trained it, such as the curated {curated}, or train it here again."
    )


# From the special to the general: the first that fits is told.
_HINTS: Final = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"module 'numpy' has no attribute|`np\.\w+` was removed in the NumPy 2", _OLD_STACK),
        (r"cannot import name '\w+' from 'numpy'", _OLD_STACK),
        (r"numpy\.(dtype|ufunc) size changed|compiled using NumPy 1", "Pin numpy<2 in the environment of the run."),
        (
            r"load_boston",
            f"Pin scikit-learn<1.2, {_CURATED}; or take another data set, such as fetch_california_housing.",
        ),
        (
            r"No module named 'sklearn\.externals|from 'sklearn\.ext",
            "Pin scikit-learn==0.22.2, or import joblib.",
        ),
        (
            r"No module named 'sklearn\.(cross_validation|grid_search|learning_curve)'",
            "Pin scikit-learn==0.19.2, or import from sklearn.model_selection.",
        ),
        # It was there from 0.22 to 1.3.
        (
            r"No module named 'sklearn\.ensemble\._gb_losses'",
            _of_another_version("an older scikit-learn", "sklearn-0.24, sklearn-1.0 or sklearn-1.2"),
        ),
        (rf"No module named 'sklearn\.({_OLD_MODULES})'", _of_another_version("an older scikit-learn", "sklearn-0.20")),
        # NumPy 2 writes the class of a random generator, where earlier ones wrote its name.
        (
            r"No module named 'numpy\._core|<class '[\w.]+'> is not a known BitGenerator",
            _of_another_version("a newer NumPy", "sklearn-1.9"),
        ),
        (r"No module named 'sklearn\.\w", _of_another_version("a newer scikit-learn", "sklearn-1.5 or sklearn-1.9")),
        (_OF_ARRAYS, _of_another_version("another scikit-learn or NumPy", "sklearn-0.24, sklearn-1.2 or sklearn-1.5")),
        (
            r"unsupported pickle protocol",
            "A newer Python wrote the file: pin python=3.8 or newer in the environment of the run.",
        ),
        (r"cannot import name 'Imputer'", "Pin scikit-learn==0.21.3, or use sklearn.impute.SimpleImputer."),
        (r"cannot import name '\w+' from 'sklearn", f"Pin scikit-learn<1.0 in the environment of the run, {_CURATED}."),
        (r"fetch_mldata", "Pin scikit-learn==0.19.2, or use fetch_openml."),
        (r"unexpected keyword argument '(normalize|sparse|squared)'", _OLD_STACK),
        (r"The 'liblinear' solver does not support multiclass", "Pin scikit-learn<1.8 in the environment of the run."),
        (r"unexpected keyword argument 'multi_class'", "Pin scikit-learn<1.8 in the environment of the run."),
        (
            r"attribute 'best_ntree_limit'|argument '(ntree_limit|feval)'|XGB\w+\.fit\(\) got an unexpected keyword",
            "Pin xgboost<2 in the environment of the run.",
        ),
        (
            r"argument '(early_stopping_rounds|evals_result|verbose_eval)'|LGBM\w+\.fit\(\) got an unexpected keyword",
            "Pin lightgbm<4 in the environment of the run.",
        ),
        (r"unexpected keyword argument '(n_folds|n_iter)'", "Pin scikit-learn==0.19.2 in the environment of the run."),
        (
            r"'(DataFrame|Series)' object has no attribute '(append|ix|as_matrix|iteritems|get_value)'",
            "Pin pandas<2 in the environment of the run (pandas<1 for ix and as_matrix).",
        ),
        (r"No module named '(imp|distutils|asynchat|asyncore|imghdr|cgi)'", "Pin python=3.11 in the environment."),
    )
)


def hint_for(error: str) -> str:
    """Return what to pin when an error says that a library has moved on, else an empty text."""
    return next((hint for pattern, hint in _HINTS if pattern.search(error)), "")


def for_image(hint: str) -> str:
    """Return a hint of `hint_for` in the words of a Dockerfile, for an environment that is an image."""
    named = re.match(r"Pin (\S+?)(?: and (\S+?))?(?=[,.]? |[,.]?$)", hint)
    if named is None:
        return hint
    if named[1].startswith("python="):
        version = named[1].partition("=")[2].rstrip(".")
        return (
            f"Begin the Dockerfile of the run's image with an image of Python {version}, such as python:{version}-slim."
        )
    pins = " ".join(f"'{one}'" for one in named.groups() if one)
    return f"Write `RUN pip install {pins}` into the Dockerfile of the run's image, then run it again."
