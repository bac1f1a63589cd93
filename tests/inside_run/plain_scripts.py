"""Plain scripts of ten habits: what is recorded of them, and that nothing of them changes, is tested over these."""

# ruff: noqa: E501 - scripts are as people write them

from __future__ import annotations

SCRIPTS = {
    "pipeline": r"""
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, FeatureUnion
from sklearn.preprocessing import StandardScaler, MinMaxScaler, PolynomialFeatures
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.metrics import *
np.random.seed(1); X, y = make_classification(400, 8, random_state=3)
X[::7, 2] = np.nan
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=7, stratify=y)
pre = ColumnTransformer([("a", Pipeline([("i", SimpleImputer()), ("s", StandardScaler())]), [0, 1, 2]), ("b", MinMaxScaler(), [3, 4])], remainder="drop")
model = Pipeline(steps=[("pre", pre), ("u", FeatureUnion([("p", PCA(2)), ("q", PolynomialFeatures(2))])), ("rf", RandomForestClassifier(n_estimators=20, random_state=1))])
model.fit(X_train, y_train)
proba = model.predict_proba(X_test)[:, 1]
print(f"AUC: {roc_auc_score(y_test, proba):.4f}")
print(model)
print("log loss", log_loss(y_test, proba), "brier", brier_score_loss(y_test, proba), average_precision_score(y_test, proba))
fpr, tpr, thr = roc_curve(y_test, proba)
print(auc(fpr, tpr), np.random.rand())
""",
    "searches": r"""
import warnings
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold
from sklearn.svm import SVC
from sklearn.neighbors import KNeighborsClassifier
from sklearn.metrics import make_scorer, f1_score
import pickle
X, y = load_digits(return_X_y=True)
X, y = X[:200], y[:200]
gs = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3, 5], "weights": ["uniform", "distance"]}, cv=StratifiedKFold(3), scoring=["accuracy", "f1_macro"], refit="accuracy", return_train_score=True)
gs.fit(X, y)
print(gs.best_params_, gs.best_score_, gs.best_estimator_)
rs = RandomizedSearchCV(SVC(), {"C": [0.1, 1, 10], "gamma": [0.001, 0.01]}, n_iter=3, random_state=0, cv=3, scoring="f1_macro").fit(X, y)
print(rs.best_params_, rs.best_score_, rs.score(X, y))
open("search.pkl", "wb").write(pickle.dumps(rs.best_estimator_))
""",
    "crossval": r"""
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge, Lasso, LinearRegression
from sklearn.model_selection import cross_val_score, cross_validate, cross_val_predict, KFold
X, y = load_diabetes(return_X_y=True)
for name, m in [("ridge", Ridge(alpha=0.5)), ("lasso", Lasso(alpha=0.1)), ("ols", LinearRegression())]:
    s = cross_val_score(m, X, y, cv=5, scoring="r2")
    print("%s: %.4f (+/- %.4f)" % (name, s.mean(), s.std() * 2))
cv = cross_validate(Ridge(), X, y, cv=3, scoring=("r2", "neg_mean_squared_error"), return_estimator=True)
print(sorted(cv), cv["test_r2"])
p = cross_val_predict(Ridge(), X, y, cv=3)
from sklearn import metrics as M
print("MSE", M.mean_squared_error(y, p), "R2", M.r2_score(y, p), M.mean_absolute_error(y, p), M.explained_variance_score(y, p))
tr, te = next(iter(KFold(4, shuffle=True, random_state=2).split(X)))
print(LinearRegression().fit(X[tr], y[tr]).score(X[te], y[te]))
""",
    "loop": r"""
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, precision_score, recall_score
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
models = {"KNN": KNeighborsClassifier(3), "Tree": DecisionTreeClassifier(random_state=0), "NB": GaussianNB(), "LR": LogisticRegression(max_iter=50), "SGD": SGDClassifier(random_state=0)}
best, best_name = 0, None
for name, model in models.items():
    model.fit(X_train, y_train)
    pred = model.predict(X_test)
    acc = accuracy_score(y_test, pred)
    print(f"{name:>6}: acc={acc:.3f} prec={precision_score(y_test, pred, average='macro', zero_division=0):.3f} rec={recall_score(y_test, pred, average='macro'):.3f}")
    if acc > best: best, best_name = acc, name
print("Best model: ", best_name)
print("Best accuracy: ", best)
for n in range(3):
    sgd = SGDClassifier(random_state=n)
    for i in range(0, 120, 40):
        sgd.partial_fit(X_train[i:i+40], y_train[i:i+40], classes=[0, 1, 2])
    print(n, sgd.score(X_test, y_test))
""",
    "functions": r'''

"""doc"""
import argparse, json, logging, sys, os
import joblib
from sklearn.cluster import KMeans, DBSCAN, AgglomerativeClustering
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score, adjusted_rand_score, davies_bouldin_score, homogeneity_completeness_v_measure
log = logging.getLogger(__name__)
def load(seed):
    return make_blobs(300, centers=4, random_state=seed)
def train(X, k):
    config = locals()
    km = KMeans(k, n_init=3, random_state=0)
    km.fit(X)
    print(sorted(config))
    return km
def evaluate(X, y, labels):
    before = locals()
    r = {"sil": silhouette_score(X, labels), "ari": adjusted_rand_score(y, labels)}
    x2 = 5
    print(sorted(before))
    return r
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--k", type=int, default=4)
    a = ap.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    X, y = load(1)
    km = train(X, a.k)
    res = evaluate(X, y, km.labels_)
    log.info("result %s", json.dumps(res))
    lab = DBSCAN(eps=0.9).fit_predict(X)
    print(evaluate(X, y, lab), davies_bouldin_score(X, lab), homogeneity_completeness_v_measure(y, lab))
    print(AgglomerativeClustering(4).fit(X).labels_[:5])
    joblib.dump(km, "km.joblib")
    return 3
if __name__ == "__main__":
    sys.exit(main())
''',
    "joblib": r"""
import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, VotingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, GridSearchCV
from sklearn.metrics import accuracy_score
class Majority(ClassifierMixin, BaseEstimator):
    def __init__(self, inner=None, k=1): self.inner, self.k = inner, k
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.inner_ = clone(self.inner or LogisticRegression(max_iter=500)).fit(X, y)
        return self
    def predict(self, X): return self.inner_.predict(X)
def one(seed, X, y):
    rf = RandomForestClassifier(5, random_state=seed).fit(X, y)
    return rf.score(X, y), accuracy_score(y, rf.predict(X))
if __name__ == "__main__":
    X, y = load_iris(return_X_y=True)
    print(Parallel(n_jobs=2)(delayed(one)(s, X, y) for s in range(4)))
    print(Parallel(n_jobs=1)(delayed(one)(s, X, y) for s in range(2)))
    print(Parallel(n_jobs=2, backend="threading")(delayed(one)(s, X, y) for s in range(4)))
    print(cross_val_score(Majority(), X, y, n_jobs=2))
    m = Majority().fit(X, y); print(m.score(X, y), m)
    print(GridSearchCV(Majority(), {"k": [1, 2]}).fit(X, y).best_score_)
    print(BaggingClassifier(Majority(), 3, random_state=0, n_jobs=2).fit(X, y).score(X, y))
    print(VotingClassifier([("a", Majority()), ("b", LogisticRegression(max_iter=300))], n_jobs=2).fit(X, y).score(X, y))
""",
    "warn_errors": r"""
import warnings, traceback, sys
import numpy as np
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression, Lasso
from sklearn.neural_network import MLPClassifier
from sklearn.datasets import load_iris, load_digits
from sklearn.metrics import precision_score, classification_report, f1_score
X, y = load_digits(return_X_y=True)
LogisticRegression(max_iter=2).fit(X, y)
for i in range(3): LogisticRegression(max_iter=2).fit(X[:300], y[:300])
MLPClassifier((5,), max_iter=3, random_state=0).fit(X[:200], y[:200])
precision_score([0, 1, 2], [0, 0, 0], average="macro")
print(classification_report([0, 1, 2], [0, 0, 0]))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    LogisticRegression(max_iter=2).fit(X, y)
    print(len(w), w[0].category.__name__, w[0].filename.split("/")[-1], w[0].lineno)
warnings.simplefilter("error")
try:
    LogisticRegression(max_iter=2).fit(X, y)
except ConvergenceWarning as e:
    traceback.print_exc(file=sys.stdout)
    print("caught", type(e).__name__, len(traceback.extract_tb(e.__traceback__)))
try:
    f1_score([0, 1, 2], [0, 0, 0], average="macro")
except UndefinedMetricWarning as e:
    print(traceback.format_exc())
warnings.resetwarnings(); warnings.simplefilter("ignore")
LogisticRegression(max_iter=2).fit(X, y)
warnings.warn("mine")
warnings.simplefilter("default"); warnings.warn("mine too", UserWarning)
def old(): warnings.warn("old", DeprecationWarning, stacklevel=2)
old(); old()
print(Lasso(alpha=0.0001, max_iter=1).fit(X, y).n_iter_)
""",
    "own_pickle_inspect": r'''
import copy, inspect, pickle, io, functools, types, doctest
from unittest import mock
import sklearn
from sklearn import metrics, svm, linear_model
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVC
from sklearn.datasets import load_iris
X, y = load_iris(return_X_y=True)
for f in (metrics.accuracy_score, metrics.confusion_matrix, LinearRegression.fit, SVC.fit, SVC.predict, LinearRegression.score, metrics.r2_score, metrics.log_loss):
    print(f.__name__, f.__module__, f.__qualname__, inspect.signature(f), len(inspect.getsource(f)), inspect.isfunction(f), f.__defaults__, f.__kwdefaults__, f.__doc__[:30], inspect.getsourcefile(f).split("/")[-1], inspect.getsourcelines(f)[1], hasattr(f, "__code__"))
print(inspect.getmodule(metrics.accuracy_score).__name__, [n for n, _ in inspect.getmembers(LinearRegression, inspect.isfunction)])
class Shift(BaseEstimator, RegressorMixin):
    """mine"""
    def __init__(self, by=1): self.by = by
    def fit(self, X, y=None): self.mean_ = y.mean() + self.by; return self
    def predict(self, X): return X[:, 0] * 0 + self.mean_
class MySVC(SVC):
    def fit(self, X, y, sample_weight=None):
        r = super().fit(X, y, sample_weight); self.extra_ = 1; return r
s = Shift(2).fit(X, y)
print(s, s.score(X, y), clone(s), len(pickle.dumps(s)), inspect.getsource(Shift.fit), copy.deepcopy(s).mean_)
m = MySVC(C=3).fit(X, y); print(m.score(X, y), m, len(pickle.dumps(m)))
c = SVC().fit(X, y); buf = pickle.dumps(c); open("c.pickle.bin", "wb").write(buf)
print(hash(buf) is not None, len(buf), pickle.loads(buf).predict(X[:3]))
with mock.patch.object(SVC, "fit", autospec=True) as f:
    SVC().fit(X, y); print(f.call_count)
with mock.patch("sklearn.metrics.accuracy_score", return_value=0.5):
    print(metrics.accuracy_score(y, y))
print(metrics.accuracy_score(y, c.predict(X)))
orig = LinearRegression.fit
def patched(self, *a, **k): print("patched"); return orig(self, *a, **k)
LinearRegression.fit = patched
print(LinearRegression().fit(X, y).coef_)
LinearRegression.fit = orig
try: metrics.accuracy_score(y)
except TypeError as e: print(e)
try: SVC().fit(X)
except TypeError as e: print(e)
try: SVC().fit(X, y, wrong=1)
except TypeError as e: print(e)
g = functools.partial(metrics.fbeta_score, beta=2, average="macro"); print(g(y, c.predict(X)))
print(metrics.get_scorer("accuracy")(c, X, y), len(pickle.dumps(metrics.get_scorer("f1_macro"))))
import weakref, gc
r = weakref.ref(c); del c; gc.collect(); print(r() is None)
print(SVC.fit is SVC.__dict__.get("fit") or True, isinstance(SVC.fit, types.FunctionType), callable(SVC().fit))
''',
    "regress_tables": r"""
import numpy as np, random, threading
random.seed(0); np.random.seed(0)
from sklearn.datasets import make_regression
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor, StackingRegressor, AdaBoostRegressor
from sklearn.linear_model import LinearRegression, ElasticNet, BayesianRidge, HuberRegressor
from sklearn.model_selection import train_test_split, learning_curve, validation_curve
from sklearn.metrics import mean_squared_error as mse, r2_score, mean_absolute_percentage_error
from sklearn.inspection import permutation_importance
X, y = make_regression(200, 5, noise=3, random_state=0)
a, b, c, d = train_test_split(X, y)
gb = GradientBoostingRegressor(n_estimators=20); gb.fit(a, c)
print("rmse:", mse(d, gb.predict(b)) ** .5, "r2:", r2_score(d, gb.predict(b)), np.random.rand(), random.random())
print("gb score", gb.score(b, d), [mse(d, p) for p in gb.staged_predict(b)][-2:])
st = StackingRegressor([("a", LinearRegression()), ("b", ElasticNet())], final_estimator=BayesianRidge()).fit(a, c)
print(st.score(b, d), permutation_importance(st, b, d, n_repeats=2).importances_mean)
print(learning_curve(LinearRegression(), X, y, cv=3)[1][0], validation_curve(ElasticNet(), X, y, param_name="alpha", param_range=[.1, 1], cv=3)[0])
def work(): HuberRegressor().fit(a, c)
ts = [threading.Thread(target=work) for _ in range(3)]; [t.start() for t in ts]; [t.join() for t in ts]
print(AdaBoostRegressor(n_estimators=5).fit(a, c).predict(b)[:3], mean_absolute_percentage_error(d, st.predict(b)), np.random.rand())
raise SystemExit("no good")
""",
    "fail": r"""
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.metrics import accuracy_score
X, y = load_iris(return_X_y=True)
p = make_pipeline(StandardScaler(), LogisticRegression())
try:
    p.predict(X)
except Exception as e:
    print(type(e).__name__, e)
try:
    p.fit(X, y[:-1])
except ValueError as e:
    import logging; logging.exception("x"); print(e.__traceback__.tb_next.tb_frame.f_code.co_name)
p.fit(X, y)
try:
    try: accuracy_score(y, y[:3])
    except ValueError as e: raise RuntimeError("wrapped") from e
except RuntimeError:
    import traceback; traceback.print_exc()
accuracy_score(y, "abc")
""",
}
