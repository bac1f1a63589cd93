"""Logistic regression of several classes by liblinear, which scikit-learn 1.8 refuses: one against the rest, as it was.

Nothing here imports scikit-learn by itself.
"""

from desktop_aml_run.callers import passing_on, stands_for
from desktop_aml_run.compatibility import note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def patch(owner: "Any") -> None:
    """Have ``LogisticRegression(solver="liblinear")`` of scikit-learn 1.8 fit three and more classes again."""
    fit, probabilities = owner.fit, owner.predict_proba

    @stands_for(fit)
    def fit_again(self: "Any", X: "Any", y: "Any", sample_weight: "Any" = None) -> "Any":  # noqa: N803 - callers name it so
        # Weights of classes are counted over all classes together; then the library's own error stands.
        classes = None if self.solver != "liblinear" or self.class_weight is not None else _classes(y)
        with passing_on:
            if classes is None or len(classes) < 3:
                return fit(self, X, y, sample_weight)
            note("LogisticRegression(solver='liblinear') of several classes")
            return _fit_one_against_the_rest(self, fit, X, y, sample_weight, classes)

    @stands_for(probabilities)
    def predict_proba(self: "Any", X: "Any") -> "Any":  # noqa: N803 - callers name it so
        with passing_on:
            # Who asks a model that was never fitted gets the library's own answer.
            if self.solver == "liblinear" and len(getattr(self, "classes_", ())) > 2:
                return self._predict_proba_lr(X)
            return probabilities(self, X)

    owner.fit, owner.predict_proba = fit_again, predict_proba


def _classes(y: "Any") -> "Any":
    import numpy

    try:
        return numpy.unique(numpy.asarray(y).ravel())
    except TypeError:  # labels of several kinds: the library says it better
        return None


def _fit_one_against_the_rest(
    model: "Any", fit: "Callable[..., Any]", rows: "Any", y: "Any", sample_weight: "Any", classes: "Any"
) -> "Any":
    import numpy
    from sklearn.base import clone

    labels = numpy.asarray(y).ravel()
    parts = [fit(clone(model), rows, (labels == one).astype(int), sample_weight) for one in classes]
    for name in ("n_features_in_", "feature_names_in_"):
        if hasattr(parts[0], name):
            setattr(model, name, getattr(parts[0], name))
    model.classes_ = classes
    model.coef_ = numpy.vstack([part.coef_ for part in parts])
    model.intercept_ = numpy.concatenate([part.intercept_ for part in parts])
    model.n_iter_ = numpy.concatenate([part.n_iter_ for part in parts])
    return model
