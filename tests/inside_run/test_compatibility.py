"""What newer libraries removed is there again for a run's own code, and for nobody else."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from tests.inside_run.conftest import SITE, interpreters
from tests.inside_run.script_bench import TOLD, Bench


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "new_python" in metafunc.fixturenames:
        newer = {version: path for version, path in interpreters().items() if int(version.split(".")[1]) >= 12}
        metafunc.parametrize("new_python", newer.values(), ids=newer)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_names_of_numpy_are_there_again_and_told_in_one_line(bench):
    out, err = bench.good("""
        import numpy as np
        from numpy import int as whole
        print(np.float is float, np.str is str, whole is int, np.array([1], dtype=np.float).dtype, np.unicode("a"))
        print(np.NaN != np.NaN, np.Inf, np.in1d([1, 2], [2]).tolist(), np.trapz([1, 2, 3]), np.asfarray([1]).dtype)
        print(np.float_ is np.float64, np.product([2, 3]), np.msort(np.array([2, 1])).tolist())
    """)
    assert out.splitlines() == [
        "True True True float64 a",
        "True inf [False, True] 4.0 float64",
        "True 6 [1, 2]",
    ]
    assert err.count(TOLD) == 1
    assert "numpy.float, numpy.str" in err
    assert len(err.splitlines()) == 1


def test_moved_modules_of_scikit_learn_are_found(bench):
    out, err = bench.good("""
        from sklearn.externals import joblib
        import sklearn.externals.joblib as again
        from sklearn.cross_validation import KFold, train_test_split
        from sklearn.grid_search import GridSearchCV
        from sklearn.datasets.samples_generator import make_blobs
        joblib.dump({"a": 1}, "model.pkl")
        print(again is joblib, joblib.__name__, joblib.__spec__.name, joblib.load("model.pkl"))
        print(len(list(KFold(6, n_folds=3))), GridSearchCV.__module__, make_blobs(n_samples=3)[0].shape)
    """)
    assert out.splitlines() == [
        "True joblib joblib {'a': 1}",
        "3 sklearn.model_selection._search (3, 2)",
    ]
    assert "sklearn.externals.joblib" in err


def test_arguments_that_change_nothing_are_taken_again(bench):
    out, err = bench.good("""
        import numpy as np
        from sklearn.base import clone
        from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
        from sklearn.metrics import confusion_matrix, mean_squared_error
        from sklearn.preprocessing import Imputer, OneHotEncoder
        features = np.arange(20.0).reshape(10, 2)
        model = LinearRegression(normalize=True).fit(features, features[:, 0])
        print(round(model.score(features, features[:, 0]), 6), clone(Ridge(normalize=False)).get_params()["alpha"])
        print("normalize" in model.get_params(), LogisticRegression(multi_class="auto").C)
        print(OneHotEncoder(sparse=False).fit_transform([["a"], ["b"]]).tolist())
        print(confusion_matrix([1, 0], [1, 1], [1, 0]).tolist(), mean_squared_error([1, 2], [2, 3], squared=False))
        print(Imputer().fit_transform([[1.0], [np.nan], [3.0]]).tolist())
    """)
    assert out.splitlines() == [
        "1.0 1.0",
        "False 1.0",
        "[[1.0, 0.0], [0.0, 1.0]]",
        "[[1, 0], [1, 0]] 1.0",
        "[[1.0], [2.0], [3.0]]",
    ]
    assert "confusion_matrix(labels by position)" in err


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("linear_model.Ridge(normalize=True)", "pin scikit-learn<1.2"),
        ("linear_model.LogisticRegression(multi_class='ovr')", "pin scikit-learn<1.8"),
        ("datasets.load_boston()", "load_boston"),
    ],
)
def test_what_would_change_a_result_stays_an_error_that_names_the_way_out(bench, call, words):
    ended = bench.run(f"from sklearn import datasets, linear_model\n{call}\n")
    assert ended.returncode == 1
    assert words in ended.stderr


def test_liblinear_tells_several_classes_apart_one_against_the_rest(bench):
    out, err = bench.good("""
        import pickle
        import numpy as np
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.multiclass import OneVsRestClassifier
        X, y = load_iris(return_X_y=True)
        names = np.array(["a", "b", "c"])[y]
        model = LogisticRegression(C=2.0, solver="liblinear", multi_class="ovr").fit(X, names)
        same = OneVsRestClassifier(LogisticRegression(C=2.0, solver="liblinear")).fit(X, names)
        again = pickle.loads(pickle.dumps(model))
        print(model.coef_.shape, model.n_features_in_, model.classes_.tolist())
        print((again.predict(X) == same.predict(X)).all())
        print(np.allclose(again.predict_proba(X), same.predict_proba(X)))
        print(GridSearchCV(LogisticRegression(solver="liblinear"), {"C": [1, 2]}, cv=2).fit(X, y).best_score_ > 0.9)
        print(LogisticRegression(solver="liblinear").fit(X, y == 1).coef_.shape)
    """)
    assert out.splitlines() == ["(3, 4) 4 ['a', 'b', 'c']", "True", "True", "True", "(1, 4)"]
    assert "LogisticRegression(solver='liblinear') of several classes" in err


def test_modules_that_python_lost_are_found(bench, new_python):
    source = """
        import imp, sys
        from distutils.util import strtobool
        from distutils.version import LooseVersion
        import imghdr
        with open("picture", "wb") as stream:
            stream.write(b"\\x89PNG\\r\\n\\x1a\\n" + b"0" * 30)
        print(strtobool("yes"), LooseVersion("1.10") > "1.9", imghdr.what("picture"), imp.new_module("m").__name__)
    """
    out, err = bench.good(source, new_python)
    assert out.split() == ["1", "True", "png", "m"]
    assert "imp" in err


def test_code_of_a_library_does_not_see_the_names(bench):
    library = bench.folder / "site-packages" / "library.py"
    library.parent.mkdir()
    library.write_text("import numpy\nHAS = hasattr(numpy, 'float')\n")
    source = "import sys; sys.path.append('site-packages')\nimport library, numpy\nprint(library.HAS)\n"
    assert bench.good(source) == ("False\n", "")


def test_a_script_that_needs_nothing_is_told_nothing(bench):
    out, err = bench.good("""
        import numpy as np
        from sklearn.metrics import confusion_matrix
        from sklearn.preprocessing import OneHotEncoder
        print(confusion_matrix([1, 0], [1, 1], labels=[0, 1]).shape, np.float64(1), OneHotEncoder(sparse_output=False))
        try:
            np.nosuch
        except AttributeError as error:
            print(error)
    """)
    assert out.splitlines()[-1] == "module 'numpy' has no attribute 'nosuch'"
    assert err == ""


@pytest.mark.parametrize("run_folder", [None, ""], ids=["in a run", "outside a run"])
def test_it_can_be_switched_off(bench, run_folder):
    more = {} if run_folder is None else {"DESKTOP_AML_RUN_DIR": run_folder}
    ended = bench.run("import numpy; numpy.float", DESKTOP_AML_COMPATIBILITY="off", **more)
    assert "no attribute 'float'" in ended.stderr


def test_code_outside_a_run_finds_the_names_too_and_is_told_how_to_switch_it_off(bench):
    out, err = bench.good(
        """
        from sklearn.externals import joblib
        import numpy as np
        print(joblib.__name__, np.float is float)
        """,
        DESKTOP_AML_RUN_DIR="",
    )
    assert out == "joblib True\n"
    assert err.count(TOLD) == 1
    assert "sklearn.externals.joblib, numpy.float" in err
    assert "set DESKTOP_AML_COMPATIBILITY=off" in err


def test_a_notebook_outside_a_run_is_told_at_once_and_once_for_each_name(bench):
    out, _ = bench.good(
        """
        import sys, types
        sys.modules["ipykernel"] = types.ModuleType("ipykernel")  # as in the kernel of a notebook
        sys.stderr = sys.stdout
        import numpy as np
        np.float, np.float
        print("next cell")
        np.float, np.int
        print("end")
        """,
        DESKTOP_AML_RUN_DIR="",
    )
    lines = [line.partition(". Pin")[0].rpartition(": ")[2] for line in out.splitlines()]
    assert lines == ["numpy.float", "next cell", "numpy.int", "end"]


def test_a_users_own_sitecustomize_is_still_loaded(bench, edge_python):
    own = bench.folder / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import sys\nsys.own_was_here = __file__\n")
    source = "import sitecustomize, sys\nprint(sys.own_was_here == sitecustomize.__file__)\n"
    path = os.pathsep.join([str(SITE), str(own)])
    assert bench.good(source, edge_python, PYTHONPATH=path) == ("True\n", "")


def test_the_hook_is_ready_before_a_script_without_any_heavy_module(bench, python):
    source = "import sys\nprint(sorted(name for name in sys.modules if not name.startswith('desktop_aml_run')))\n"
    with_it = set(bench.good(source, python)[0].split())
    without = set(bench.good(source, python, PYTHONPATH="")[0].split())
    assert {name.strip("[],'") for name in with_it} - {name.strip("[],'") for name in without} <= {
        "atexit",
        "faulthandler",  # a part of the interpreter: it tells where a script is that seems stalled
        "sitecustomize",
    }


def test_a_run_of_several_processes_is_told_once(bench):
    _, err = bench.good("""
        import subprocess, sys
        import numpy
        numpy.float
        code = "import numpy\\nexec('numpy.int')"
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    """)
    assert err.count(TOLD) == 1


def test_what_is_restored_never_hides_what_is_there(bench):
    out, err = bench.good("""
        import pandas as pd
        table = pd.DataFrame({"mad": [1.0, 2.0], "append": [3.0, 4.0], "iteritems": [5, 6]})
        print(table.mad.tolist(), table.append.tolist(), table.iteritems.tolist())
        print(table.apply(lambda row: row.mad + row.append, axis=1).tolist())
        print([float(row.iteritems) for _, row in table.iterrows()], pd.Series({"as_matrix": 7}).as_matrix)
        print(table.groupby("mad").append.sum().tolist())
        class Table(pd.DataFrame):
            @property
            def mad(self): return "own"
        print(Table({"a": [1]}).mad)
        class Refusing(pd.DataFrame):
            @property
            def mad(self): return self.nosuch
        class Around:
            def __init__(self, table): self.table = table
            def __getattr__(self, name):
                try:
                    return getattr(self.table, name)
                except AttributeError:
                    return "mine"
        try:
            print(Refusing({"a": [1]}).mad)
        except AttributeError as error:
            print(error)
        print(Around(pd.DataFrame({"a": [1]})).append)
    """)
    assert out.splitlines() == [
        "[1.0, 2.0] [3.0, 4.0] [5, 6]",
        "[4.0, 6.0]",
        "[5.0, 6.0] 7",
        "[3.0, 4.0]",
        "own",
        "'Refusing' object has no attribute 'nosuch'",
        "mine",
    ]
    assert err == ""


def test_a_warning_names_the_line_of_the_script(bench):
    out, err = bench.good("""
        import io, warnings
        import pandas as pd
        warnings.simplefilter("always")
        with warnings.catch_warnings(record=True) as seen:
            pd.read_csv(io.StringIO("a,b"), sep="(,)")
            pd.DataFrame({"a": [1.0]}).drop(columns="a").sort_values([])
            warnings.warn("own")
        print([one.filename.endswith("train.py") for one in seen])
    """)
    assert (out, err) == ("[True, True]\n", "")


def test_who_only_looks_whether_a_name_is_there_is_told_the_truth(bench):
    source = """
        import numpy as np, pandas as pd
        from sklearn.feature_extraction.text import CountVectorizer
        table, times = pd.DataFrame({"a": [1]}), pd.Series(pd.to_datetime(["2024-01-01"]))
        looked = [hasattr(table, name) for name in ("append", "iteritems", "as_matrix", "mad")]
        looked += [hasattr(table.a, "mad"), hasattr(times.dt, "week"), hasattr(CountVectorizer(), "get_feature_names")]
        looked += [hasattr(np, name) for name in ("float", "Inf", "trapz")] + ["float" in dir(np)]
        looked += [getattr(np, "float", None), getattr(table, "append", None)]
        print(looked)
        from importlib.util import find_spec
        print([find_spec(name) for name in ("sklearn.grid_search", "sklearn.externals.joblib")])
    """
    assert bench.good(source) == (f"{[False] * 11 + [None, None]}\n[None, None]\n", "")
    out, _ = bench.good("""
        import numpy as np, pandas as pd
        from numpy import float as real
        print(real is float, getattr(np, "int") is int, np.bool_, [np.float for _ in "a"], (lambda: np.float)())
        table = pd.DataFrame({"a": [1]})
        add = table.append
        print(len(add(table)), table.a.append(table.a).tolist(), dict(table.iteritems()).keys())
    """)
    assert out.splitlines()[0].startswith("True True")
    assert out.splitlines()[1] == "2 [1, 1] dict_keys(['a'])"


def test_an_error_shows_no_frame_of_ours(bench):
    frames = """
        import sys, traceback
        import numpy as np, pandas as pd
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.metrics import confusion_matrix, mean_squared_error
        from sklearn.model_selection import KFold
        table = pd.DataFrame({"a": ["x", "y"]})
        for fail in (
            lambda: table.nosuch,
            lambda: table.drop("nosuch"),
            lambda: table.a.fillna(nosuch=1),
            lambda: table.groupby("nosuch"),
            lambda: pd.concat(3),
            lambda: pd.read_csv("nosuch.csv"),
            lambda: np.nosuch,
            lambda: confusion_matrix([1], [1, 2]),
            lambda: mean_squared_error([1], [1, 2]),
            lambda: Ridge(alpha="x").fit([[1.0]], [1.0]),
            lambda: Ridge(nosuch=1),
            lambda: KFold("x"),
            lambda: LogisticRegression().fit([[1.0]], [[1.0, 2.0]]),
            lambda: LogisticRegression().predict_proba([[1.0]]),
            lambda: sys.exit("words"),
            lambda: exit(3),
        ):
            try:
                fail()
            except BaseException:
                text = traceback.format_exc()
                assert "desktop_aml_run" not in text, text
            else:
                print("it did not fail")
    """
    assert bench.good(frames) == ("", "")


def test_a_library_that_fails_while_it_is_imported_shows_no_frame_of_ours(bench):
    (bench.folder / "lightgbm.py").write_text("from lightgbm import nosuch\n")
    out, err = bench.good("""
        import traceback
        try:
            import lightgbm
        except ImportError:
            print([line.split(", ")[-1] for line in traceback.format_exc().splitlines() if "File" in line])
    """)
    assert (out, err) == ("['in <module>', 'in <module>']\n", "")


def test_an_error_that_nobody_caught_is_printed_without_frames_of_ours(bench, python):
    (bench.folder / "numpy.py").write_text("def __getattr__(name):\n    raise AttributeError('no ' + name)\n")
    ended = bench.run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    import numpy\n    numpy.nosuch\n", python)
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("AttributeError: ")
    assert "desktop_aml_run" not in ended.stderr


def test_an_error_that_a_script_prints_itself_shows_no_frame_of_ours(bench, edge_python):
    (bench.folder / "xgboost.py").write_text(
        textwrap.dedent("""
        class Booster(object):
            def predict(self, data): raise ValueError("no")
        def train(): pass
        cv = train
    """)
    )
    out, _ = bench.good(
        """
        import traceback, xgboost
        try:
            xgboost.Booster().predict(1)
        except ValueError:
            print([line.split(", ")[-1] for line in traceback.format_exc().splitlines() if "File" in line])
        """,
        edge_python,
    )
    assert out == "['in <module>', 'in predict']\n"


def test_a_run_is_told_once_where_mlflow_writes(bench):
    (bench.folder / "mlflow.py").write_text("")
    place = (bench.folder / "run/snapshot/outputs/mlruns").as_uri()
    source = "import mlflow, subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import mlflow'])\n"
    _, err = bench.good(source, MLFLOW_TRACKING_URI=place, DESKTOP_AML_COMPATIBILITY="off")
    assert err.count("mlflow writes into outputs/mlruns, which is kept with the run") == 1
    assert bench.good(source, MLFLOW_TRACKING_URI="http://127.0.0.1:5000") == ("", "")
    assert bench.good(source, MLFLOW_TRACKING_URI=place, DESKTOP_AML_RUN_DIR="") == ("", "")
