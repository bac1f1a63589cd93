"""Which names and values look like secrets: passwords, keys and tokens, and files that hold them by their names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

VARIABLES_MISSING: Final = "desktop_aml.variables_missing"
"""Property that names the variables of a first run which its run again lacks, as they were secrets and not kept."""

MASK: Final = "•••"
"""What stands in views and exports for a word that looks like a secret."""

SECRET_FILES: Final = (
    ".env",
    ".env.*",
    "!.env.example",
    "!.env.sample",
    "!.env.template",
    "!.env.dist",
    "*.env",
    "!*.env/",
    # Keys of ssh have no suffix; a file such as id_map.csv, or a folder, is none.
    "id_*",
    "!id_*.*",
    "!id_*/",
    # git tells cases apart, and those who export certificates do not.
    "*.[pP][eE][mM]",
    "*.[kK][eE][yY]",
    "*.[pP]12",
    "*.[pP][fF][xX]",
    "*.[pP][pP][kK]",
    "*.[jJ][kK][sS]",
    "*.keystore",
    "*.[kK][dD][bB][xX]",
    ".git-credentials",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".npmrc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".boto",
    ".s3cfg",
    ".databrickscfg",
    ".databricks-connect",
    ".vault-token",
    ".dockercfg",
    ".bash_history",
    ".python_history",
    ".zsh_history",
    ".aws/",
    ".ssh/",
    ".gnupg/",
    ".azure/",
    ".kaggle/",
    ".kube/",
    ".huggingface/",
    ".docker/config.json",
    "kaggle.json",
    "credentials",
    "!credentials/",
    "credentials.json",
    "credentials.csv",
    "rootkey.csv",
    "kubeconfig",
    "azureauth.json",
    "local.settings.json",
    "*firebase-adminsdk*.json",
    "*.tfstate",
    "password.txt",
    "passwords.txt",
    "api_key.txt",
    "apikey.txt",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "application_default_credentials.json",
    "secrets.toml",
    "secrets.json",
    "secrets.yml",
    "secrets.yaml",
)
"""Files that look like a secret by their names, as patterns in git's syntax."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS: Final = frozenset(
    [
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "passwort",
        "pwd",
        "secret",
        "secrets",
        "apikey",
        "apikeys",
        "credential",
        "credentials",
    ]
)
_SECRET_ENDINGS: Final = ("password", "passwd", "passphrase", "secret", "apikey")
_LAST_WORDS: Final = frozenset(
    {
        "token",
        "tokens",
        "key",
        "keys",
        "pass",
        "sshpass",
        "pat",
        "sas",
        "auth",
        "cookie",
        "dsn",
    }
)
_KEY_OWNERS: Final = frozenset(
    {
        "api",
        "access",
        "account",
        "secret",
        "private",
        "storage",
        "shared",
        "encryption",
        "signing",
        "license",
    }
)
_TOKEN_OWNERS: Final = frozenset(
    {
        "access",
        "api",
        "auth",
        "bearer",
        "gh",
        "github",
        "gitlab",
        "hf",
        "hub",
        "huggingface",
        "sas",
        "wandb",
        "user",
    }
)
_ALONE: Final = frozenset({"bearer", "jwt", "pw", "sas"})
"""Options that are called nothing else."""

_CONNECTION: Final = ("connection", "string")
_ADDRESS_WITH_PASSWORD: Final = re.compile(r"(?P<start>[A-Za-z][\w+.-]*://[^/\s:@]*:)(?P<word>[^/\s@]+)(?=@)")
_KEY_IN_TEXT: Final = re.compile(r"(?i)(?P<start>\b(?:AccountKey|SharedAccessKey|sig|password|pwd)=)(?P<word>[^;&\s]+)")
_TOKEN: Final = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}"
    r"|pypi-[\w-]{50,}|dapi[0-9a-f]{32}|xox[abeoprs]-[\w-]{10,}|AIza[\w-]{35}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    # Names of models begin like these, too: keys have letters of both kinds and digits.
    r"|sk-(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{20,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)"
)
"""Keys and tokens that are known by how they begin, wherever they stand."""

_BEARER: Final = re.compile(r"(?i)(?P<start>\bbearer\s+)(?P<word>[\w.~+/=-]{8,})")
_OPTION: Final = re.compile(r"(?P<name>-{1,2}[A-Za-z][\w.-]*|\+{0,2}[A-Za-z_][\w./@-]*)=(?P<value>.+)", re.DOTALL)


def is_secret_variable(name: str, value: str) -> bool:
    """Whether an environment variable looks like a secret: rather one too many than one too few."""
    if not value:
        return False
    words = _words(name)
    return _names_secret(words) or (words[-1:] and words[-1] in _LAST_WORDS) or masked_text(value) != value


def is_secret_option(name: str) -> bool:
    """Whether an option of a script looks like one for a secret.

    Stricter than for variables, as scripts have options such as ``--pad-token``, ``--max-tokens`` and ``--sort-key``.
    """
    words = _words(name)
    owner, last = (words[-2:-1] or [""])[0], (words[-1:] or [""])[0]
    return (
        _names_secret(words)
        or (len(words) == 1 and last in _ALONE)
        or (last == "key" and owner in _KEY_OWNERS)
        or (last == "token" and (owner in _TOKEN_OWNERS or len(words) == 1))
    )


def masked_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return arguments as they may be shown: `MASK` in the place of each word that looks like a secret."""
    shown: list[str] = []
    is_next_secret = False
    for argument in arguments:
        option = _OPTION.fullmatch(argument)
        if is_next_secret and not _is_option(argument):
            shown.append(MASK)
        elif option is not None and is_secret_option(option["name"]):
            shown.append(f"{option['name']}={MASK}")
        else:
            shown.append(masked_text(argument))
        is_next_secret = _is_option(argument) and option is None and is_secret_option(argument)
    return tuple(shown)


def masked_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables as they may be shown."""
    return {name: MASK if is_secret_variable(name, value) else value for name, value in variables.items()}


def masked_text(text: str) -> str:
    """Return a text without the passwords of addresses and connection strings in it, and without known tokens."""
    text = _BEARER.sub(rf"\g<start>{MASK}", _TOKEN.sub(MASK, text))
    text = _ADDRESS_WITH_PASSWORD.sub(rf"\g<start>{MASK}", text)
    return _KEY_IN_TEXT.sub(rf"\g<start>{MASK}", text)


def _is_option(argument: str) -> bool:
    return argument.startswith("-") and not re.match(r"-[\d.]", argument)


def _names_secret(words: Sequence[str]) -> bool:
    pairs = itertools.pairwise(words)
    return any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS) for word in words) or any(
        pair == _CONNECTION or (pair[1] in {"key", "keys"} and pair[0] in _KEY_OWNERS) for pair in pairs
    )


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
