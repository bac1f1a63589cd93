"""What looks like a secret, and what does not."""

from __future__ import annotations

import pytest

from desktop_aml.domain.secret_words import (
    MASK,
    is_secret_option,
    is_secret_variable,
    masked_arguments,
    masked_text,
    masked_variables,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("PGPASSWORD", "x"),
        ("MYSQL_PWD", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("OPENAI_API_KEY", "x"),
        ("apiKey", "x"),
        ("HF_TOKEN", "x"),
        ("GITHUB_PAT", "x"),
        ("AZURE_STORAGE_CONNECTION_STRING", "x"),
        ("DATABASE_URL", "postgresql://me:hidden@db/shop"),
        ("STORE", "AccountName=a;AccountKey=abc=="),
    ],
)
def test_a_secret_is_known_by_its_name_or_value(name: str, value: str) -> None:
    assert is_secret_variable(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OMP_NUM_THREADS", "4"),
        ("PYTHONPATH", "/a:/b"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("KEYBOARD", "us"),
        ("DATABASE_URL", "postgresql://db/shop"),
        ("HTTP_PROXY", "http://proxy:3128"),
        ("PASSENGERS", "12"),
        ("API_KEY", ""),
    ],
)
def test_what_is_ordinary_is_kept(name: str, value: str) -> None:
    assert not is_secret_variable(name, value)


@pytest.mark.parametrize(
    "name", ["--password", "--db-password", "--api_key", "--apiKey", "--token", "--hf-token", "-pwd"]
)
def test_options_for_secrets(name: str) -> None:
    assert is_secret_option(name)


@pytest.mark.parametrize(
    "name", ["--pad-token", "--max-tokens", "--sort-key", "--key", "--tokenizer", "--author", "-p"]
)
def test_options_that_machine_learning_has_are_none(name: str) -> None:
    assert not is_secret_option(name)


def test_masked_arguments_keep_all_else() -> None:
    given = [
        "--lr",
        "-0.1",
        "--password",
        "hidden",
        "--api-key=abc",
        "--token",
        "--verbose",
        "data=s3://me:pw@x/y",
        "z",
    ]
    assert masked_arguments(given) == (
        *("--lr", "-0.1", "--password", MASK, f"--api-key={MASK}", "--token", "--verbose"),
        *(f"data=s3://me:{MASK}@x/y", "z"),
    )


def test_a_text_keeps_all_but_the_password() -> None:
    assert masked_text("a postgresql://me:pw@db/shop b") == f"a postgresql://me:{MASK}@db/shop b"
    assert masked_text("http://proxy:3128/a@b") == "http://proxy:3128/a@b"


def test_variables_are_shown_but_for_secrets() -> None:
    given = {"PATH": "/usr/bin", "DB_PASSWORD": "pw", "ADDRESS": "postgresql://me:pw@db/shop"}
    assert masked_variables(given) == {"PATH": "/usr/bin", "DB_PASSWORD": MASK, "ADDRESS": MASK}
