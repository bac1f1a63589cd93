"""The process in which conda's packages are solved and installed, with rattler; the only module that knows it.

    python -m desktop_aml.environments.build.conda_worker solve|install TASK ANSWER

A process of its own, so that a cancelled installation ends at once with everything it started, and so that the lock
that it inherits stays held as long as it writes, whatever becomes of the program that started it. What it prints is
progress; the answer is a file.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import rattler
from rattler import exceptions

from desktop_aml.environments.build.conda_records import Answer, Record, Task

_KNOWN_ERRORS = (
    OSError,
    exceptions.CacheDirError,
    exceptions.ExtractError,
    exceptions.FetchRepoDataError,
    exceptions.GatewayError,
    exceptions.InstallerError,
    exceptions.InvalidChannelError,
    exceptions.InvalidMatchSpecError,
    exceptions.IoError,
    exceptions.LinkError,
    exceptions.SolverError,
    exceptions.TransactionError,
    exceptions.ValidatePackageRecordsError,
)
"""What may go wrong with packages; anything else is a fault of ours and leaves its traceback in the log."""


async def _solve(task: Task) -> list[Record]:
    cache = Path(task.cache) / "repodata"
    gateway = rattler.Gateway(cache_dir=cache, client=_client())
    found = await rattler.solve(
        [rattler.Channel(address) for address in task.channels],
        [_match(text) for text in task.specs],
        gateway=gateway,
        platforms=[rattler.Subdir.current(), rattler.Subdir("noarch")],
        virtual_packages=rattler.VirtualPackage.detect(_overrides(task)),
    )
    records = [msgspec.json.decode(one.to_json(), type=Record) for one in found]
    return sorted(records, key=lambda one: one.name)


def _overrides(task: Task) -> rattler.VirtualPackageOverrides | None:
    return rattler.VirtualPackageOverrides(libc=rattler.Override.string(task.glibc)) if task.glibc else None


def _match(text: str) -> rattler.MatchSpec:
    try:
        # Not strict: conda itself takes `numpy 1.19` and `numpy=1.19=py36_0`.
        return rattler.MatchSpec(text)
    except exceptions.InvalidMatchSpecError as error:
        raise exceptions.InvalidMatchSpecError(f"{text}: {error}") from error


async def _install(task: Task) -> None:
    records = []
    for one in task.records:
        package = rattler.PackageRecord(
            one.name,
            one.version,
            rattler.BuildString(one.build),
            one.build_number,
            one.subdir,
            noarch=one.noarch,  # type: ignore[arg-type]
            depends=one.depends,
            constrains=one.constrains,
            sha256=bytes.fromhex(one.sha256) or None,
            md5=bytes.fromhex(one.md5) or None,
            size=one.size,
            python_site_packages_path=one.python_site_packages_path,
        )
        records.append(rattler.RepoDataRecord(package, one.fn, one.url, one.channel))
    await rattler.install(
        records,
        task.prefix,
        cache_dir=Path(task.cache) / "pkgs",
        alternative_target_prefix=task.seen_as or None,
        client=_client(),
        reporter=_Reporter(len(records)),  # type: ignore[abstract]
    )


class _Reporter(rattler.InstallerReporter):
    """Prints a line for each package that is fetched and linked."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._linked = 0

    def on_link_complete(self, index: int) -> None:  # noqa: ARG002 - the name is the protocol's
        self._linked += 1
        print(f"Linked {self._linked} of {self._count} packages", flush=True)  # noqa: T201 - progress goes to the pipe

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        print(f"Fetching {package_name}", flush=True)  # noqa: T201
        return operation


def _client() -> rattler.Client:
    # As for uv: the computer's own certificates, because many a proxy signs with one that only the computer knows.
    config = rattler.Config.from_toml('tls-root-certs = "system"')
    return rattler.Client.from_config(config, max_retries=1, timeout=60)


def main(words: list[str]) -> int:
    """Carry out one task; return the exit code."""
    act, task_path, answer_path = words
    task = msgspec.json.decode(Path(task_path).read_bytes(), type=Task)
    try:
        if act == "solve":
            answer = Answer(records=asyncio.run(_solve(task)))
        else:
            asyncio.run(_install(task))
            answer = Answer()
    except _KNOWN_ERRORS as error:
        print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201
        answer = Answer(error=type(error).__name__, message=str(error))
    Path(answer_path).write_bytes(msgspec.json.encode(answer))
    return 1 if answer.error else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
