"""What a script left behind, and why it failed, in words."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from desktop_aml.domain.names import as_it_was
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.run_folder import collect
from desktop_aml.store.blobs import BlobStore


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


LOGS = {"user_logs/std_log.txt": 3, "azureml-logs/70_driver_log.txt": 3}


def test_outputs_logs_uploads_and_the_log_are_collected(tmp_path: Path) -> None:
    write(tmp_path / "snapshot/outputs/sub/model.joblib", "m")
    write(tmp_path / "snapshot/logs/train.log", "l")
    write(tmp_path / "uploads/outputs/sub/model.joblib", "uploaded wins")
    write(tmp_path / "logs/std_log.txt", "out")
    found = collect.collect(tmp_path, BlobStore(tmp_path / "blobs"))
    kept = {artifact.path: artifact.size_bytes for artifact in found.artifacts}
    assert found.left_out == ()
    assert kept == {"outputs/sub/model.joblib": 13, "logs/train.log": 1, **LOGS}


def test_a_log_or_journal_that_was_removed_is_told(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    write(tmp_path / "logs/std_log.txt", "out")
    # Of a run that never began there is nothing to miss.
    assert collect.collect(tmp_path, blobs).left_out == ()
    write(tmp_path / "attempts/1/process.json", "{}")
    (tmp_path / "journal").mkdir()
    assert collect.collect(tmp_path, blobs).left_out == ()
    (tmp_path / "journal").rmdir()
    (tmp_path / "logs/std_log.txt").unlink()
    told = {one.path: one.reason for one in collect.collect(tmp_path, blobs).left_out}
    assert list(told) == ["journal", "user_logs/std_log.txt"]
    assert "is lost" in told["journal"]


def test_links_out_of_the_run_are_not_collected(tmp_path: Path) -> None:
    write(tmp_path / "secret", "s")
    (tmp_path / "snapshot/outputs").mkdir(parents=True)
    (tmp_path / "snapshot/outputs/link").symlink_to(tmp_path / "secret")
    assert collect.candidates(tmp_path) == {}


@pytest.mark.parametrize("name", ["uploads", "logs", "attempts", "journal"])
def test_a_folder_of_a_run_that_became_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    elsewhere, run = tmp_path / "elsewhere", tmp_path / "run"
    for path in ("secret.txt", "std_log.txt", "1/process.json", "control_log.txt"):
        write(elsewhere / path, "secret")
    write(run / "snapshot/outputs/own.txt", "mine")
    (run / name).symlink_to(elsewhere)
    found = collect.collect(run, BlobStore(tmp_path / "blobs"))
    assert [artifact.path for artifact in found.artifacts] == ["outputs/own.txt"]
    assert collect.candidates(run).keys() == {"outputs/own.txt"}
    assert len(list((tmp_path / "blobs").glob("??/*"))) == 1
    found.recorded()


def test_a_path_means_a_file_or_everything_below_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "snapshot/outputs/model/a", "a")
    write(tmp_path / "snapshot/outputs/model/b", "b")
    assert [path for path, _ in collect.resolve(tmp_path, "./outputs/model/")] == ["outputs/model/a", "outputs/model/b"]
    assert [path for path, _ in collect.resolve(tmp_path, "outputs/model/a")] == ["outputs/model/a"]
    assert collect.resolve(tmp_path, "outputs/mod") == []


PIP_FAILED = (
    "subprocess.CalledProcessError: Command '['/env/bin/python', '-m', 'pip', 'install', '-q', 'xgboost']' "
    "returned non-zero exit status 1.\n"
)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (RunOutcome(signal=9, reason="signal"), "signal 9 (SIGKILL)"),
        (RunOutcome(signal=11, reason="signal"), "signal 11 (SIGSEGV)"),
        (RunOutcome(signal=250, reason="signal"), "signal 250 (unknown)"),
        (RunOutcome(reason="timeout"), "time limit"),
        (RunOutcome(reason="lost", message="The supervisor died."), "The supervisor died."),
        (RunOutcome(reason="lost"), "was not seen"),
        (RunOutcome(exit_code=7), "exit code 7"),
        (RunOutcome(exit_code=2, message="It could not be started."), "It could not be started."),
    ],
)
def test_every_way_to_fail_has_words_and_a_way_on(tmp_path: Path, outcome: RunOutcome, words: str) -> None:
    failure = collect.explain(outcome, tmp_path)
    assert words in failure.message
    assert failure.hint


@pytest.mark.parametrize(
    ("log", "error", "hint"),
    [
        (
            "Traceback (most recent call last):\n  File 'x'\nModuleNotFoundError: No module named 'pandas'\n",
            "pandas",
            "“pandas”",
        ),
        (
            "Traceback (most recent call last):\n  x\nFileNotFoundError: [Errno 2] no a.csv\n",
            "a.csv",
            "Paths count from",
        ),
        (
            "Traceback (most recent call last):\n  x\nModuleNotFoundError: No module named 'cv2'\n",
            "cv2",
            "“opencv-python-headless”, which holds “cv2”,",
        ),
        (
            "/env/bin/python: No module named pip\nTraceback (most recent call last):\n  x\n" + PIP_FAILED,
            "CalledProcessError",
            "Add xgboost to the environment of the run",
        ),
        (
            "Traceback (most recent call last):\n  x\nModuleNotFoundError: No module named 'pip'\n",
            "pip",
            "Add what the script installs to the environment",
        ),
        (
            "Traceback (most recent call last):\n  x\nEOFError: EOF when reading a line\n",
            "EOFError",
            "Nobody can answer input()",
        ),
        (
            '  File "/runs/a/snapshot/train.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax\n',
            "SyntaxError: invalid syntax (train.py, line 3)",
            "fix the script",
        ),
        (
            '  File "/a/old.py", line 1\n    print "x"\nSyntaxError: Missing parentheses in call to \'print\'.\n',
            "(old.py, line 1)",
            "Python 2",
        ),
        (
            "usage: train.py [-h]\ntrain.py: error: unrecognized arguments: --x\n",
            "unrecognized arguments: --x",
            "Look at",
        ),
    ],
)
def test_the_scripts_last_error_is_quoted_with_what_to_do(tmp_path: Path, log: str, error: str, hint: str) -> None:
    write(tmp_path / "logs/std_log.txt", "noise\n" + log)
    failure = collect.explain(RunOutcome(exit_code=1), tmp_path)
    assert error in failure.message
    assert hint in failure.hint


@pytest.mark.parametrize(
    ("error", "pin"),
    [
        ("AttributeError: module 'numpy' has no attribute 'float'.", "numpy<1.24"),
        ("ModuleNotFoundError: No module named 'sklearn.externals.joblib'", "scikit-learn==0.22.2"),
        ("ImportError: cannot import name 'joblib' from 'sklearn.externals' (x.py)", "import joblib"),
        ("ModuleNotFoundError: No module named 'sklearn.cross_validation'", "model_selection"),
        ("TypeError: Ridge.__init__() got an unexpected keyword argument 'normalize'", "scikit-learn<1.2"),
        ("AttributeError: 'DataFrame' object has no attribute 'append'", "pandas<2"),
        ("ModuleNotFoundError: No module named 'imp'", "python=3.11"),
        ("AttributeError: 'Booster' object has no attribute 'best_ntree_limit'", "xgboost<2"),
        ("TypeError: XGBClassifier.fit() got an unexpected keyword argument 'eval_metric'", "xgboost<2"),
        ("TypeError: train() got an unexpected keyword argument 'evals_result'", "lightgbm<4"),
        ("TypeError: LGBMRegressor.fit() got an unexpected keyword argument 'verbose'", "lightgbm<4"),
        ("ValueError: The 'liblinear' solver does not support multiclass classification", "scikit-learn<1.8"),
        ("ModuleNotFoundError: No module named 'impossible'", "“impossible”"),
        ("ModuleNotFoundError: No module named 'PIL.Nothing'", "Pin a version of pillow that has it"),
        ("ModuleNotFoundError: No module named 'xml2.dom'; 'xml2' is not a package", "A xml2.py of your own hides"),
        ("ModuleNotFoundError: No module named 'google.cloud'", "Find out which package holds “google.cloud”"),
    ],
)
def test_an_error_of_a_newer_library_names_the_pin(tmp_path: Path, error: str, pin: str) -> None:
    write(tmp_path / "logs/std_log.txt", f"Traceback (most recent call last):\n  File x\n{error}\n")
    assert pin in collect.explain(RunOutcome(exit_code=1), tmp_path).hint


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ModuleNotFoundError: No module named 'cv2'", "`RUN pip install opencv-python-headless`"),
        ("ModuleNotFoundError: No module named 'pkg_resources'", "`RUN pip install 'setuptools<82'`"),
        (
            "AttributeError: module 'numpy' has no attribute 'float'.",
            "`RUN pip install 'numpy<1.24' 'scikit-learn<1.2'`",
        ),
        ("ValueError: numpy.dtype size changed, may indicate binary incompatibility", "`RUN pip install 'numpy<2'`"),
        ("ModuleNotFoundError: No module named 'imp'", "python:3.11-slim"),
    ],
)
def test_a_hint_for_an_image_is_in_the_words_of_a_dockerfile(tmp_path: Path, error: str, words: str) -> None:
    write(tmp_path / "logs/std_log.txt", f"Traceback (most recent call last):\n  File x\n{error}\n")
    hint = collect.explain(RunOutcome(exit_code=1), tmp_path, is_image=True).hint
    assert words in hint
    assert "requirements.txt" not in hint


def test_the_long_farewell_of_load_boston_is_recognised(tmp_path: Path) -> None:
    farewell = "ImportError: \n`load_boston` has been removed from scikit-learn since version 1.2.\n\nThe data set…\n"
    write(tmp_path / "logs/std_log.txt", f"Traceback (most recent call last):\n  File x\n{farewell}")
    assert "scikit-learn<1.2" in collect.explain(RunOutcome(exit_code=1), tmp_path).hint


def test_one_file_that_cannot_be_kept_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "snapshot/outputs/model.joblib", "m")
    write(tmp_path / "snapshot/outputs/locked", "l")
    write(tmp_path / "secret", "s")
    (tmp_path / "snapshot/outputs/link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "snapshot/outputs/fifo")
    (tmp_path / "logs").mkdir()
    os.mkfifo(tmp_path / "logs/std_log.txt")
    blobs = BlobStore(tmp_path / "blobs")
    real = blobs.add

    def add(source: Path) -> tuple[str, int]:
        if source.name == "locked":
            raise PermissionError(13, "Permission denied", str(source))
        return real(source)

    monkeypatch.setattr(blobs, "add", add)
    found = collect.collect(tmp_path, blobs)
    assert [artifact.path for artifact in found.artifacts] == ["outputs/model.joblib"]
    assert {file.path: file.reason for file in found.left_out} == {
        "azureml-logs/70_driver_log.txt": "It is not a plain file.",
        "outputs/fifo": "It is not a plain file.",
        "outputs/link": f"It is a link to “{tmp_path}/secret”, outside the run.",
        "outputs/locked": "It cannot be read: Permission denied.",
        "user_logs/std_log.txt": "It is not a plain file.",
    }
    monkeypatch.undo()
    again = collect.collect(tmp_path, blobs, known={"outputs/model.joblib"})
    assert [artifact.path for artifact in again.artifacts] == ["outputs/locked"]


def test_names_of_any_bytes_stay_apart_and_come_back(tmp_path: Path) -> None:
    names = [b"a\xff.txt", b"a\xfe.txt", b"a\\xff.txt", "é.txt".encode(), b"new\nline"]
    (tmp_path / "snapshot/outputs").mkdir(parents=True)
    for name in names:
        (tmp_path / "snapshot/outputs" / os.fsdecode(name)).write_bytes(name)
    kept = collect.collect(tmp_path, BlobStore(tmp_path / "blobs")).artifacts
    assert sorted(os.fsencode(as_it_was(artifact.path.removeprefix("outputs/"))) for artifact in kept) == sorted(names)
    assert len({artifact.path.encode() for artifact in kept}) == len(names)
    assert collect.resolve(tmp_path, "outputs/a\\xff.txt")[0][1].read_bytes() == b"a\xff.txt"


@pytest.mark.parametrize("time", ["NaN", "1" + "0" * 400, '"x"', "null"])
def test_a_poisoned_word_about_the_failure_is_passed_over(tmp_path: Path, time: str) -> None:
    (tmp_path / "journal").mkdir()
    lines = [b'{"n": 0, "t": %s, "k": "fail", "message": "m"}' % time.encode(), b'["k": "fail"', b'{"k": "fail"}']
    good = b'{"n": 0, "t": 1.5, "k": "fail", "message": "no data"}'
    written = b"".join(b"%08x %s\n" % (zlib.crc32(line), line) for line in (*lines, good))
    (tmp_path / "journal" / "1.jsonl").write_bytes(written + b"00000000 " + good + b"\n")
    with (tmp_path / "journal" / "2.jsonl").open("wb") as stream:
        stream.truncate(1 << 43)
    os.mkfifo(tmp_path / "journal" / "3.jsonl")
    found = collect.reported_failure(tmp_path)
    assert found is not None
    assert found.message == "no data"


def test_a_file_of_holes_longer_than_the_disk_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "snapshot/outputs/model.joblib", "m")
    with (tmp_path / "snapshot/outputs/holes").open("wb") as stream:
        stream.truncate(1 << 43)
    found = collect.collect(tmp_path, BlobStore(tmp_path / "blobs"))
    assert [artifact.path for artifact in found.artifacts] == ["outputs/model.joblib"]
    assert [file.path for file in found.left_out] == ["outputs/holes"]
