"""Old words of XGBoost and LightGBM, on stand-ins that take what the libraries take now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside_run.script_bench import TOLD, Bench

XGBOOST = """
import functools, inspect, json, sys, types
callback = sys.modules["xgboost.callback"] = types.ModuleType("xgboost.callback")
callback.EarlyStopping = lambda **words: words
callback.EvaluationMonitor = lambda **words: words
class Booster:
    best_iteration = 6
    def num_boosted_rounds(self): return 10
    def save_config(self):
        model = {"num_parallel_tree": "3"}
        return json.dumps({"learner": {"gradient_booster": {"gbtree": {"gbtree_model_param": model}}}})
    def predict(self, data, *args, output_margin=False, pred_leaf=False, iteration_range=(0, 0)):
        return args, output_margin, pred_leaf, iteration_range
def _by_place(function):
    # As the library does it: what has become a keyword is still taken by position, in today's order.
    names = list(inspect.signature(function).parameters)
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args[:3], **dict(zip(names[3:], args[3:]), **kwargs))
    return call
seen = []
@_by_place
def train(params, dtrain, num_boost_round=10, *, evals=None, obj=None, maximize=None, early_stopping_rounds=None):
    seen.append((evals, obj, maximize, early_stopping_rounds))
    return Booster()
def cv(params, dtrain, num_boost_round=10, *, nfold=3): return nfold
class XGBModel:
    def __init__(self, early_stopping_rounds=None, eval_metric=None):
        self.early_stopping_rounds, self.eval_metric = early_stopping_rounds, eval_metric
    def get_booster(self): return Booster()
    def fit(self, X, y, *, eval_set=None, verbose=True):
        self.seen = (self.early_stopping_rounds, self.eval_metric, verbose)
        if X == "bad": raise ValueError("bad rows")
        return self
    def predict(self, X, *, output_margin=False, validate_features=True, iteration_range=None): return iteration_range
"""

LIGHTGBM = """
class Dataset:
    def __init__(self, data, label=None): pass
    def set_feature_name(self, names): print("names", names)
    def set_categorical_feature(self, names): print("categories", names)
class Booster:
    def __init__(self, params=None): pass
def early_stopping(rounds, first_metric_only=False, verbose=True): return "stop", rounds, first_metric_only, verbose
def log_evaluation(period=1, show_stdv=True): return "log", period
def record_evaluation(into): return "record", into
def reset_parameter(**values): return "reset", sorted(values)
def train(params, train_set, num_boost_round=100, valid_sets=None, callbacks=None): return params, callbacks
def cv(params, train_set, num_boost_round=100, nfold=5, callbacks=None):
    return {"valid auc-mean": [0.5], "told": callbacks}
class LGBMModel:
    def get_params(self): return {}
    def fit(self, X, y, eval_set=None, callbacks=None): return callbacks
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    (tmp_path / "xgboost.py").write_text(XGBOOST)
    (tmp_path / "lightgbm.py").write_text(LIGHTGBM)
    return bench


def test_a_limit_of_trees_becomes_one_of_rounds(bench, edge_python):
    out, err = bench.good(
        """
        import xgboost
        booster = xgboost.train({}, None, feval=None)
        print(booster.best_ntree_limit, booster.predict(1, ntree_limit=booster.best_ntree_limit))
        print(booster.predict(1, True, 6), booster.predict(1, ntree_limit=0), booster.predict(1, False, True))
        del xgboost.Booster.best_iteration
        print(xgboost.XGBModel().best_ntree_limit, xgboost.XGBModel().predict(1, ntree_limit=6))
        """,
        edge_python,
    )
    assert out.splitlines() == [
        "21 ((), False, False, (0, 7))",
        "((True,), False, False, (0, 2)) ((), False, False, (0, 0)) ((False, True), False, False, (0, 0))",
        "30 (0, 2)",
    ]
    assert err.count(TOLD) == 1


def test_early_stopping_holds_for_one_fit(bench, edge_python):
    out, _ = bench.good(
        """
        import xgboost
        model = xgboost.XGBModel()
        print(model.fit(1, 2, early_stopping_rounds=5, eval_metric="auc", verbose=False).seen)
        try:
            model.fit("bad", 2, early_stopping_rounds=5)
        except ValueError as error:
            print(error)
        print(model.early_stopping_rounds, model.eval_metric, model.fit(1, 2).seen)
        """,
        edge_python,
    )
    assert out.splitlines() == ["(5, 'auc', False)", "bad rows", "None None (None, None, True)"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("xgboost.XGBModel().fit(1, 2, eval_metric=print)", "unexpected keyword argument 'eval_metric'"),
        ("xgboost.train({}, None, feval=print)", "pin xgboost<2.1"),
    ],
)
def test_a_metric_of_ones_own_that_would_be_given_other_numbers_stays_an_error(bench, call, words):
    ended = bench.run(f"import xgboost\n{call}\n")
    assert ended.returncode == 1
    assert words in ended.stderr


def test_arguments_of_training_become_callbacks(bench, edge_python):
    out, err = bench.good(
        """
        import lightgbm
        data, result = lightgbm.Dataset([1], silent=True), {}
        print(lightgbm.train({"a": 1}, data, 5, early_stopping_rounds=2, evals_result=result, verbose_eval=False)[1])
        print(lightgbm.train({}, data, fobj=len, learning_rates=[1], callbacks=["own"], verbose_eval=3))
        print(lightgbm.train({"first_metric_only": True}, data, early_stopping_rounds=2)[1])
        print(lightgbm.cv({}, data, early_stopping_rounds=2)["told"], lightgbm.train({}, data)[1])
        model = lightgbm.LGBMModel()
        print(model.fit(1, 2, early_stopping_rounds=3, verbose=False), model.fit(1, 2, verbose=10), model.fit(1, 2))
        """,
        edge_python,
    )
    assert out.splitlines() == [
        "[('stop', 2, False, False), ('record', {})]",
        "({'objective': <built-in function len>}, ['own', ('log', 3), ('reset', ['learning_rate'])])",
        "[('stop', 2, True, True)]",
        "[('stop', 2, False, False)] None",
        "[('stop', 3, False, False)] [('log', 10)] None",
    ]
    assert "lightgbm.train(evals_result=)" in err


def test_arguments_by_position_mean_what_they_meant(bench, edge_python):
    out, _ = bench.good(
        """
        import xgboost
        xgboost.train({}, 1, 50, "evals", None, None, True, 5)
        xgboost.train({}, 1, 50, "evals", "obj")
        xgboost.train({}, 1, early_stopping_rounds=3)
        print(xgboost.seen)
        """,
        edge_python,
    )
    seen = [("evals", None, True, 5), ("evals", "obj", None, None), (None, None, None, 3)]
    assert out == f"{seen}\n"
    imported = "from xgboost.callback import early_stop, print_evaluation\n"
    out, _ = bench.good(imported + "print(early_stop(4), print_evaluation(period=2))")
    assert out == "{'rounds': 4, 'maximize': None} {'period': 2}\n"


def test_names_of_columns_and_of_results_are_as_they_were(bench, edge_python):
    out, err = bench.good(
        """
        import json, lightgbm, pickle
        data = lightgbm.Dataset([1])
        lightgbm.train({}, data, categorical_feature=["c"], feature_name="auto")
        found = lightgbm.cv({}, data, feature_name=["a", "c"])
        print(found["auc-mean"], list(found), json.dumps(found), type(pickle.loads(pickle.dumps(found))) is dict)
        print("auc-mean" in found, found.get("auc-mean"))
        try:
            found["l2-mean"]
        except KeyError as error:
            print("none of", error)
        """,
        edge_python,
    )
    whole = '{"valid auc-mean": [0.5], "told": []}'
    assert out.splitlines() == [
        "categories ['c']",
        "names ['a', 'c']",
        f"[0.5] ['valid auc-mean', 'told'] {whole} True",
        "False None",
        "none of 'l2-mean'",
    ]
    assert "lightgbm.cv()['auc-mean']" in err
