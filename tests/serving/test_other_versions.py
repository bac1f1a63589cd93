"""Models that another Python or scikit-learn wrote: who cannot read them is told so, and what would."""

from __future__ import annotations

import gzip
import pickle
import subprocess
import sys
import zlib
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge

from desktop_aml import resources
from desktop_aml.domain.registry import EndpointState
from desktop_aml.inside_model import loading
from desktop_aml.inside_run.site.desktop_aml_run import model_origin
from desktop_aml.run_folder.hints.failures import hint_for
from tests.old_pythons import pythons_of

SITE = Path(model_origin.__file__).parents[1]
OWN = sklearn.__version__.encode()


def model_of(version: bytes, model=None) -> bytes:
    """Return the pickle of a fitted model as that version of scikit-learn would sign it."""
    written = pickle.dumps(model or LogisticRegression().fit([[0.0], [1.0]], [0, 1]), 4)
    return written.replace(bytes([len(OWN)]) + OWN, bytes([len(version)]) + version)


def moved(module: bytes, version: bytes) -> bytes:
    """Return the pickle of a model whose class lies in a module that is not here."""
    return (
        b"c%s\nRidge\n)\x81}(X\x10\x00\x00\x00_sklearn_versionX" % module
        + len(version).to_bytes(4, "little")
        + version
        + b"ub."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (moved(b"sklearn.linear_model.ridge", b"0.21.3"), "was written with scikit-learn 0.21.3; here there is"),
        (moved(b"sklearn.linear_model._new", b"9.1.0"), "scikit-learn==9.1.0, or train it again in this one"),
        (moved(b"sklearn.linear_model.ridge", b"0.24.2"), "such as the curated “sklearn-0.24”"),
        (gzip.compress(moved(b"sklearn.linear_model.ridge", b"0.21.3")), "scikit-learn 0.21.3"),
    ],
    ids=["older", "newer", "curated", "compressed"],
)
def test_a_model_that_cannot_be_read_names_the_version_that_wrote_it(deploy, tmp_path, content, words):
    file = tmp_path / "model.pkl"
    file.write_bytes(content)
    endpoint = deploy(file=file)
    assert endpoint.state.state is EndpointState.FAILED
    assert words in endpoint.state.error
    assert f"here there is scikit-learn {sklearn.__version__}" in endpoint.state.error


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_the_version_is_found_however_the_file_is_written(tmp_path, compress):
    model = Ridge().fit(np.random.default_rng(0).random((400, 300)), range(400))
    joblib.dump(model, tmp_path / "m", compress=compress)
    assert model_origin.read(str(tmp_path / "m")).scikit_learn == sklearn.__version__
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "p").write_bytes(pickle.dumps(model, protocol))
        assert model_origin.read(str(tmp_path / "p")).scikit_learn == sklearn.__version__
    assert model_origin.words(str(tmp_path / "p"), "m") == ""


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"\x1f\x8b\x08bad", b"x\x9c" + b"?" * 9, zlib.compress(b"x" * 99)[:-4]]
)
def test_a_file_that_is_no_model_tells_nothing(tmp_path, content):
    (tmp_path / "m").write_bytes(content)
    assert model_origin.words(str(tmp_path / "m"), "m") == ""
    assert model_origin.words(str(tmp_path / "none"), "m") == ""


def test_an_error_of_another_kind_keeps_its_own_words(tmp_path):
    entry = {"path": str(tmp_path / "m.pkl"), "name": "m.pkl", "sha256": ""}
    Path(entry["path"]).write_bytes(model_of(b"0.21.3"))
    own = ImportError("No module named 'feats'", name="feats")
    assert "needs “feats”" in str(loading.why_not_loaded(entry, [("pickle", own, "")]))
    words = str(loading.why_not_loaded(entry, [("joblib", KeyError(0), ""), ("pickle", KeyError(0), "")]))
    assert "was written with scikit-learn 0.21.3" in words


def test_a_newer_python_is_named(tmp_path, monkeypatch):
    (tmp_path / "m").write_bytes(pickle.dumps([1], 5))
    monkeypatch.setattr(model_origin.sys, "version_info", (3, 7, 16))
    assert "was written with Python 3.8 or newer; here there is Python 3.7.16" in model_origin.words(
        str(tmp_path / "m"), "m"
    )


def test_a_model_that_fails_says_that_another_version_saved_it(deploy, tmp_path):
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    del model.coef_  # as if this version wanted an attribute that another one did not leave
    file = tmp_path / "model.pkl"
    file.write_bytes(model_of(b"1.0.2", model))
    endpoint = deploy(file=file)
    answer = endpoint.post({"data": [[1.0]]})
    assert answer.status == 500
    assert "Saved with scikit-learn 1.0.2" in answer.message
    assert "Deploy it with an environment of its own version" in answer.message


SCRIPT = """
import joblib
try:
    joblib.load({path!r})
except ImportError as error:
    print(type(error).__name__, error)
"""


def test_joblib_in_a_script_says_what_wrote_the_file(tmp_path):
    (tmp_path / "old.pkl").write_bytes(moved(b"sklearn.linear_model.ridge", b"0.21.3"))
    start = f"import sys; sys.path.insert(0, {str(SITE)!r}); from desktop_aml_run import compatibility\n"
    code = start + "compatibility.install(restores=False)\n" + SCRIPT.format(path=str(tmp_path / "old.pkl"))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ModuleNotFoundError No module named 'sklearn.linear_model.ridge'" in ran.stdout
    assert "Desktop AML: “" in ran.stderr
    assert "old.pkl” was written with scikit-learn 0.21.3" in ran.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ModuleNotFoundError: No module named 'sklearn.linear_model.ridge'", "an older scikit-learn wrote its file"),
        (
            "ModuleNotFoundError: No module named 'sklearn.ensemble._gb_losses'",
            "such as the curated sklearn-0.24, sklearn-1.0",
        ),
        ("ModuleNotFoundError: No module named 'sklearn.tree._classes'", "a newer scikit-learn wrote its file"),
        ("ModuleNotFoundError: No module named 'numpy._core'", "a newer NumPy wrote its file"),
        (
            "ValueError: <class 'numpy.random._pcg64.PCG64'> is not a known BitGenerator module.",
            "a newer NumPy wrote its file",
        ),
        ("ValueError: SFC128 is not a known BitGenerator module.", "another scikit-learn or NumPy"),
        ("ValueError: node array from the pickle has an incompatible dtype:", "another scikit-learn or NumPy"),
        ("ValueError: unsupported pickle protocol: 5", "A newer Python wrote the file"),
        ("ModuleNotFoundError: No module named 'sklearn.externals.joblib'", "Pin scikit-learn==0.22.2"),
    ],
)
def test_the_hint_of_a_failed_run_does_not_ask_for_a_package_that_is_there(error, words):
    assert words in hint_for(error)


def test_the_curated_environments_that_are_named_are_there():
    texts = {file.name: file.read_text() for file in resources.path("environments").glob("*.yml")}
    for version, name in model_origin.CURATED.items():
        assert f"scikit-learn={version[0]}.{version[1]}" in texts[f"{name}.yml"]


def test_it_compiles_on_the_oldest_python():
    found = pythons_of("3.6")
    if not found:
        pytest.skip("no Python 3.6 on this computer")
    code = "import sys; sys.path.insert(0, sys.argv[1]); from desktop_aml_run import model_origin\n"
    code += "print(model_origin.read(sys.argv[2]).protocol)"
    told = subprocess.run([str(found[0]), "-c", code, str(SITE), __file__], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "0"
