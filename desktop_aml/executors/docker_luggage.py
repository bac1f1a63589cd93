"""What a run takes into a container that cannot see this computer's files, and what it brings home.

On the way in: this program's own code, the run's folder, the workspace's data, inputs from elsewhere. On the way home,
when the container has ended: all of the run's folder, the exit record last. As long as that is not here, the container
has everything still.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.values import dataclass
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.docker_parcels import Parcel, Seen, seen, unpack, unpack_changed
from desktop_aml.executors.homecoming import (
    INCOMING,
    is_folder,
    put_files_in_place,
    put_in_place,
    put_in_place_as,
    put_results_in_place,
    remove_leftovers,
)
from desktop_aml.system.files import flush, flush_below, read_regular, write_durably

if TYPE_CHECKING:
    from docker import DockerClient

_SENT: Final = "sent.json"
_MARKS: Final = ("claim.json", "process.json")
_SPOOLED_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Luggage:
    """What belongs to one attempt.

    Parameters
    ----------
    shared : tuple of Path
        Folders beside the run's own that the script finds and may write.
    """

    container: str
    run_directory: Path
    files: AttemptFiles
    shared: tuple[Path, ...]

    def send(self, client: DockerClient, program: Path, inputs: tuple[Path, ...] = ()) -> None:
        """Fill a container that has not been started yet.

        Parameters
        ----------
        inputs : tuple of Path
            Files and folders elsewhere that the script only reads: they are not brought home.
        """
        sent: dict[str, Seen] = {}
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as file:
            parcel = Parcel(file)
            _exhaust(parcel.add_tree(program, is_ours=True))
            parcel.add(self.run_directory)
            for path in sorted(self.run_directory.iterdir()):
                if path.name == "attempts":
                    parcel.add(path)
                    _exhaust(parcel.add_tree(self.files.folder))
                elif path.name == "requests":
                    parcel.add(path)
                elif not path.name.startswith(INCOMING):
                    _exhaust(parcel.add_tree(path))
            for folder in self.shared:
                sent.update({str(path): look for path, look in parcel.add_tree(folder)})
            for place in inputs:
                if place.is_symlink():
                    parcel.add(place)
                _exhaust(parcel.add_tree(place.resolve()))
            parcel.close()
            self._remember(sent)
            file.seek(0)
            client.api.put_archive(self.container, "/", file)

    def send_texts(self, client: DockerClient, texts: Mapping[Path, bytes]) -> None:
        """Put small files into a container."""
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as file:
            parcel = Parcel(file)
            for path, data in texts.items():
                parcel.add_text(path, data)
            parcel.close()
            file.seek(0)
            client.api.put_archive(self.container, "/", file)

    def send_news(self, client: DockerClient) -> None:
        """Put into the container what is new here in the shared folders since it was filled."""
        sent, new = self._sent(), dict[str, Seen]()
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as file:
            parcel = Parcel(file)
            for path in (path for folder in self.shared for path in sorted(folder.rglob("*"))):
                with suppress(FileNotFoundError):
                    look = seen(path.lstat())
                    if path.is_dir() and not path.is_symlink():
                        parcel.add(path)
                    elif path.is_file() and sent.get(str(path)) != look:
                        parcel.add(path)
                        new[str(path)] = look
            parcel.close()
            if new:
                file.seek(0)
                client.api.put_archive(self.container, "/", file)
                self._remember({**sent, **new})

    def fetch_results(self, client: DockerClient) -> None:
        """Bring home what the script has left in its folders so far, while it waits for an answer."""
        with tempfile.TemporaryDirectory(prefix=INCOMING, dir=self.run_directory) as folder:
            incoming = Path(folder)
            for name in ("snapshot/outputs", "snapshot/logs", "uploads"):
                part = incoming / name.replace("/", "-")
                part.mkdir()
                if _download(client, self.container, self.run_directory / name, part):
                    put_in_place(part, self.run_directory / name)
        self._fetch_shared(client)

    def fetch_all(self, client: DockerClient) -> None:
        """Bring everything home from a container that has ended; the exit record is here when all else is, for good.

        Raises
        ------
        OSError, tarfile.TarError
            When it came only in part. It may be called again.
        """
        incoming = self.run_directory / INCOMING
        self.remove_leftovers()
        incoming.mkdir(mode=0o700)
        _download(client, self.container, self.run_directory, incoming)
        self._fetch_shared(client)
        put_results_in_place(incoming, self.run_directory)
        attempt = incoming / "attempts" / self.files.folder.name
        if is_folder(incoming / "attempts") and is_folder(attempt):
            put_files_in_place([attempt / name for name in _MARKS], self.files.folder)
            end = self.files.folder / "exit.fetched.tmp"
            if put_in_place_as(attempt / "exit.json", end):
                # Once in a run: one flush of everything is cheaper than of each of many files.
                flush_below(self.run_directory)
                self.remove_leftovers()
                end.replace(self.files.folder / "exit.json")
                flush(self.files.folder)
        self.remove_leftovers()

    def remove_leftovers(self) -> None:
        """Remove what a transfer that was cut short has left."""
        remove_leftovers(self.run_directory)

    def _fetch_shared(self, client: DockerClient) -> None:
        for folder in self.shared:
            sent = self._sent()
            with suppress(FileNotFoundError):
                written = unpack_changed(_chunks(client, self.container, folder), folder, sent)
                if written:
                    self._remember({**sent, **written})

    def _sent(self) -> dict[str, Seen]:
        try:
            values = json.loads(read_regular(self.files.folder / _SENT))
        except FileNotFoundError:
            return {}
        return {path: (look[0], look[1]) for path, look in values.items()}

    def _remember(self, sent: Mapping[str, Seen]) -> None:
        write_durably(self.files.folder / _SENT, json.dumps(sent).encode())


def _chunks(client: DockerClient, container: str, folder: Path) -> Iterable[bytes]:
    from docker.errors import NotFound

    try:
        chunks: Iterable[bytes] = client.api.get_archive(container, str(folder))[0]
    except NotFound as error:
        raise FileNotFoundError(str(folder)) from error
    return chunks


def _download(client: DockerClient, container: str, folder: Path, into: Path) -> bool:
    """Bring a folder of a container home; False when it has none."""
    try:
        unpack(_chunks(client, container, folder), into)
    except FileNotFoundError:
        return False
    return True


def _exhaust(items: Iterable[object]) -> None:
    for _ in items:
        pass


Torn: Final = (OSError, tarfile.TarError, EOFError)
"""What a transfer that was cut short looks like, beside Docker's own errors."""
