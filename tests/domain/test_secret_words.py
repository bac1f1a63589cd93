"""What looks like a secret, and what does not."""

from __future__ import annotations

import pathspec
import pytest

from desktop_aml.domain.secret_words import (
    MASK,
    SECRET_FILES,
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
    "name",
    [
        "--password",
        "--db-password",
        "--api_key",
        "--apiKey",
        "--token",
        "--hf-token",
        "-pwd",
        "--pw",
        "--bearer",
        "--jwt",
    ],
)
def test_options_for_secrets(name: str) -> None:
    assert is_secret_option(name)


@pytest.mark.parametrize(
    "name",
    [
        "--pad-token",
        "--max-tokens",
        "--sort-key",
        "--key",
        "--tokenizer",
        "--author",
        "-p",
        "--power",
        "--bearer-fraction",
    ],
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


# In pieces, so that nobody who searches the code for leaked tokens is called.
_SIXTEEN = "0123456789aBcDeF"
TOKENS = (
    *(f"{start}{_SIXTEEN * 2}" for start in ("ghp" + "_", "github" + "_pat_", "glpat" + "-", "hf" + "_", "npm" + "_")),
    "sk" + f"-proj-{_SIXTEEN}",
    "dapi" + "0123456789abcdef" * 2,
    "xoxb" + f"-{_SIXTEEN}",
    "AKIA" + "0123456789ABCDEF",
    "ey" + f"J{_SIXTEEN}.ey" + f"J{_SIXTEEN}.{_SIXTEEN}",
)


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_is_known_by_its_beginning_is_masked_wherever_it_stands(token: str) -> None:
    assert masked_arguments(["--to", token, f"--header=X: {token}", token]) == (
        "--to",
        MASK,
        f"--header=X: {MASK}",
        MASK,
    )
    assert masked_text(f"Authorization: Bearer {token}") == f"Authorization: Bearer {MASK}"
    assert is_secret_variable("WHATEVER", token)


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn-classifier-of-many-trees-10",
        "hf_model",
        "AKIA",
        "bearer of news",
        "ghp_short",
        "data/eyJ.csv",
        "sk-2024",
    ],
)
def test_what_only_begins_like_a_token_stays(text: str) -> None:
    assert masked_text(text) == text


def test_variables_are_shown_but_for_secrets() -> None:
    given = {"PATH": "/usr/bin", "DB_PASSWORD": "pw", "ADDRESS": "postgresql://me:pw@db/shop"}
    assert masked_variables(given) == {"PATH": "/usr/bin", "DB_PASSWORD": MASK, "ADDRESS": MASK}


# Apart from the list itself, so that a pattern that is spoilt or lost is noticed.
SECRETS = """
.env .env.local prod.env config/.env id_rsa deep/id_ed25519 server.pem SERVER.PEM tls.Key ident.p12 sign.PFX putty.ppk
store.jks my.keystore vault.kdbx .git-credentials .netrc _netrc .pypirc .npmrc .pgpass .my.cnf .htpasswd .boto .s3cfg
.databrickscfg .databricks-connect .vault-token .dockercfg .bash_history .python_history .zsh_history .aws/config
.ssh/known_hosts .gnupg/trustdb .azure/profile .kaggle/kaggle .kube/config .huggingface/token .docker/config.json
kaggle.json credentials credentials.json credentials.csv rootkey.csv kubeconfig azureauth.json local.settings.json
shop-firebase-adminsdk-1.json prod.tfstate password.txt passwords.txt api_key.txt apikey.txt client_secret_1.json
service-account.json service_account_2.json application_default_credentials.json secrets.toml secrets.json secrets.yml
secrets.yaml
"""
NO_SECRETS = """
.env.example .env.sample .env.template .env.dist data.env/rows.csv id_map.csv id_rsa.pub id_tables/rows.csv train.py
credentials/readme.md keyboard.py my.cnf docker/config.json monkey.json secrets.py password.py environment.yml pem.txt
"""


def test_files_for_secrets_are_known_by_their_names():
    rules = pathspec.GitIgnoreSpec.from_lines(SECRET_FILES)
    assert [name for name in SECRETS.split() if not rules.match_file(name)] == []
    assert [name for name in NO_SECRETS.split() if rules.match_file(name)] == []
