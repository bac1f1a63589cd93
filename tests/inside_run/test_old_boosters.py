"""Old words of XGBoost and LightGBM, on stand-ins that take what the libraries take now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside_run.script_bench import TOLD, Bench

XGBOOST = """
import json
class Booster:
    best_iteration = 6
    def num_boosted_rounds(self): return 10
    def save_config(self):
        model = {"num_parallel_tree": "3"}
        return json.dumps({"learner": {"gradient_booster": {"gbtree": {"gbtree_model_param": model}}}})
    def predict(self, data, *args, output_margin=False, pred_leaf=False, iteration_range=(0, 0)):
        return args, output_margin, pred_leaf, iteration_range
def train(params, dtrain, num_boost_round=10, *, evals=None, early_stopping_rounds=None, custom_metric=None):
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
class Booster:
    def __init__(self, params=None): pass
def early_stopping(rounds, first_metric_only=False, verbose=True): return "stop", rounds, first_metric_only, verbose
def log_evaluation(period=1, show_stdv=True): return "log", period
def record_evaluation(into): return "record", into
def reset_parameter(**values): return "reset", sorted(values)
def train(params, train_set, num_boost_round=100, valid_sets=None, callbacks=None): return params, callbacks
def cv(params, train_set, num_boost_round=100, nfold=5, callbacks=None): return callbacks
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
        print(lightgbm.cv({}, data, early_stopping_rounds=2), lightgbm.train({}, data)[1])
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
