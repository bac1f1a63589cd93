"""One run on a machine whose files are its own: it goes there, its news come home, and at last all that it leaves.

All that is written here of it is written by the thread of a `Carry`. Once that has said that the run is lost, or its
attempt is claimed by somebody else or over, nothing more is written.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from desktop_aml.domain.journal import OUTSIDE
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.cluster.porters import home, luggage
from desktop_aml.executors.cluster.porters.luggage import Environment, Paths, Unfit
from desktop_aml.executors.cluster.porters.porter import Message, Porter, PorterError, PorterLost
from desktop_aml.executors.cluster.porters.trees import Tree, pieces
from desktop_aml.executors.cluster.porters.trees import size_of as size_of_source
from desktop_aml.executors.docker_parcels import unpack, unpack_changed
from desktop_aml.executors.homecoming import (
    GROWS,
    INCOMING,
    REPLY,
    REQUEST,
    Mail,
    append,
    is_folder,
    put_in_place,
    read_news,
    remove_leftovers,
    reply_to,
    size_of,
)
from desktop_aml.executors.local_process import FOLDERS, LAUNCHER
from desktop_aml.system.files import flush_below, read_regular, write_durably
from desktop_aml.system.processes import identity_of

_log = logging.getLogger(__name__)
_LOOK_S: Final = 0.1
_WORKSPACE: Final = "workspace"
_CLUSTER: Final = "cluster"
_BESIDE: Final = "beside"
_RUN_FOLDERS: Final = ("snapshot", "uploads", "packages")
_GROWING: Final = ("logs", "journal")
"""Folders of a run to which this computer adds meanwhile."""


class _TakenBack(Exception):
    """The attempt is over, or was given up, before it was begun."""


@dataclass(slots=True)
class Carry:
    """Carries out one attempt.

    Parameters
    ----------
    asked : dict
        What the engine said of it: ``run_directory``, ``attempt``, ``nonce``, ``python``, ``shared``, ``read_only``.
    secrets : dict of str to Path
        Files of this computer that let the script speak to the cluster, by their path here.
    address : str
        Of the scheduler, as the machine reaches it.
    stage : str
        ``waiting``, ``started``, ``ended``, ``lost``; ``unfit`` when this machine cannot do it, ``returned`` when it
        was lost before the run began, ``withdrawn`` when the run is not wanted any more.
    """

    porter: Porter
    environment: Environment
    asked: dict[str, Any]
    secrets: tuple[Path, ...]
    address: str
    stage: str = "waiting"
    words: str = ""
    is_forced: bool = False
    is_wanted: bool = True
    _files: AttemptFiles = field(init=False)
    _paths: Paths = field(default_factory=Paths)
    _beside: list[tuple[Path, str]] = field(default_factory=list)
    _news: queue.Queue[Message | None] = field(init=False)
    _mail: Mail = field(default_factory=Mail)
    _sent_bytes: int = 0
    _stop_sent: str = ""
    _exit: dict[str, Any] | None = None
    _own_variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = AttemptFiles(self._run_directory / "attempts" / str(self.asked["attempt"]))
        self._news = self.porter.listen(self.nonce)
        threading.Thread(target=self._serve, name=f"carry-{self.nonce[:8]}", daemon=True).start()

    @property
    def nonce(self) -> str:
        """The mark of the attempt."""
        return str(self.asked["nonce"])

    @property
    def _run_directory(self) -> Path:
        return Path(self.asked["run_directory"])

    @property
    def _there(self) -> str:
        """The folder of the run over there."""
        return f"{self._root}/runs/{self.nonce}/{self._run_there}"

    @property
    def _run_there(self) -> str:
        return f"{_WORKSPACE}/runs/{self._run_directory.name}"

    @property
    def _root(self) -> str:
        assert self.porter.facts is not None
        return self.porter.facts.root

    # In the thread.

    def _serve(self) -> None:
        try:
            self._carry_out()
        except _TakenBack:
            self._is_over("withdrawn", "It was taken back before a machine had begun.")
        except Unfit as error:
            self._is_over("unfit", f"{self.porter.host} cannot carry the run out: {error}.")
        except PorterLost as error:
            stage = "lost" if self.stage == "started" else "returned"
            self._is_over(stage, f"The machine {self.porter.host}, which carried out the run, was lost: {error}.")
        except Exception as error:  # noqa: BLE001 - whatever a machine sends: without an end the run would never have one
            _log.exception("The run in %s cannot be carried out by %s.", self._run_directory, self.porter.host)
            stage = "lost" if self.stage == "started" else "unfit"
            self._is_over(stage, f"{self.porter.host} could not carry the run out: {error}.")
        finally:
            self.porter.forget(self.nonce)
            with suppress(PorterLost, PorterError):
                self.porter.ask({"do": "forget", "nonce": self.nonce})

    def _is_over(self, stage: str, words: str) -> None:
        self.words, self.stage = words, stage

    def _carry_out(self) -> None:
        job = json.loads(read_regular(self._files.folder / "job.json"))
        python = self._take_environment_there()
        self._take_run_there(job, python)
        if self._files.stop_was_asked() or not self.is_wanted:
            raise _TakenBack
        owner = identity_of(os.getpid())
        assert owner is not None
        # From here on nobody else may begin the attempt, and it counts as begun: it is lost when the machine is.
        if not self._files.claim_for(owner, machine=self.porter.host, nonce=self.nonce):
            raise _TakenBack
        self.words, self.stage = "", "started"
        program = f"{self._paths.moved(str(LAUNCHER))}"
        words = [python, "-I", "-S", program, self._there, str(self.asked["attempt"])]
        self.porter.ask({"do": "start", "nonce": self.nonce, "words": words, "env_vars": self._own_variables})
        self._follow()
        self._end()

    # To the machine.

    def _take_environment_there(self) -> str:
        """Have the environment made over there; return its Python."""
        facts = self.porter.facts
        assert facts is not None
        luggage.check(self.environment, facts)
        program = luggage.program_tree()
        self._paths.add(LAUNCHER.parent, f"{self._root}/trees/{program.key}/{LAUNCHER.parent.name}")
        self._make_tree(program, program.key, "Desktop AML's own files")
        base = luggage.interpreter_there(self.environment, facts)
        if not base:
            prefix = self.environment.base_prefix()
            assert prefix is not None
            tree = luggage.interpreter_tree(prefix)
            base = f"{self._root}/trees/{tree.key}/{self.environment.base.relative_to(prefix)}"
            self._own_variables = luggage.library_path(prefix, f"{self._root}/trees/{tree.key}")
            self._make_tree(tree, tree.key, f"Python {self.environment.version}")
        tree, key = luggage.environment_tree(self.environment, base, self._root)
        self._make_tree(tree, key, "the environment")
        place = f"{self._root}/trees/{key}"
        self._paths.add(self.environment.prefix, place)
        return f"{place}/bin/python"

    def _make_tree(self, tree: Tree, key: str, what: str) -> None:
        if not self.porter.ask({"do": "tree", "key": key})["is_there"]:
            self._send(tree, what)
            self.porter.ask({"do": "tree", "key": key, "entries": tree.entries})

    def _send(self, tree: Tree, what: str) -> None:
        """Send those of the files that are not there."""
        missing = self.porter.ask({"do": "missing", "names": list(tree.sources)})["names"]
        all_bytes, sent_bytes = sum(size_of_source(tree.sources[name]) for name in missing), 0
        for name in missing:
            for piece, is_last in pieces(tree.sources[name]):
                self.porter.tell({"do": "put", "name": name, "is_last": is_last}, piece)
                sent_bytes += len(piece)
                self.words = f"{what} to {self.porter.host}: {sent_bytes >> 20} of {all_bytes >> 20} MB"
            if self._files.stop_was_asked() or not self.is_wanted:
                raise _TakenBack

    def _take_run_there(self, job: dict[str, Any], python: str) -> None:
        tree = Tree()
        self._paths.add(self._run_directory, self._there)
        for path in self.secrets:
            self._paths.add(path, f"{self._root}/runs/{self.nonce}/{_CLUSTER}/{path.name}")
            tree.add_text(f"{_CLUSTER}/{path.name}", read_regular(path).decode("ascii"))
        self._add_run(tree)
        self._add_beside(tree, job)
        facts = self.porter.facts
        assert facts is not None
        job |= {
            "python": python,
            "script": self._paths.moved(job["script"]),
            "arguments": [self._paths.moved(word) for word in job["arguments"]],
            "env_vars": luggage.variables(job["env_vars"], self._paths, facts)
            | {
                "DASK_SCHEDULER_ADDRESS": self.address,
                **self._own_variables,
            },
            # The tracking server of a run is a program of this computer.
            "tracking": None,
        }
        attempt = f"{self._run_there}/attempts/{self.asked['attempt']}"
        tree.add_text(f"{attempt}/job.json", json.dumps(job))
        self._send(tree, "the source and its data")
        program = self._paths.moved(str(LAUNCHER.parent)).split("/")[-2]
        places = [there for _, there in self._beside]
        words = {"do": "lay", "nonce": self.nonce, "attempt": str(self.asked["attempt"]), "program": program}
        self.porter.ask({**words, "run": self._run_there, "entries": tree.entries, "places": places})

    def _add_run(self, tree: Tree) -> None:
        for name in _RUN_FOLDERS:
            if is_folder(self._run_directory / name):
                tree.add_folder(self._run_directory / name, f"{self._run_there}/{name}", is_copied=True)
        for name in _GROWING:
            if is_folder(self._run_directory / name):
                tree.add_growing(self._run_directory / name, f"{self._run_there}/{name}")
        for name in FOLDERS:
            tree.add_place(f"{self._run_there}/{name}")

    def _add_beside(self, tree: Tree, job: dict[str, Any]) -> None:
        for text in self.asked["shared"]:
            folder = Path(text)
            if folder.is_dir():
                there = f"{_WORKSPACE}/{folder.name}"
                tree.add_folder(folder, there, is_copied=True)
                self._note_beside(folder, there)
        apart = (self._run_directory, LAUNCHER.parent, self.environment.prefix, *map(Path, self.asked["shared"]))
        found = luggage.places_in(job, self.asked["read_only"], apart)
        for number, (text, is_read) in enumerate(found.items()):
            # Behind a link: what the script changes there is to be what the link leads to.
            path = Path(os.path.realpath(text))
            there = f"{_BESIDE}/{number}/{path.name}"
            tree.add_place(str(PurePosixPath(there).parent))
            if path.is_dir():
                tree.add_folder(path, there, is_copied=not is_read)
            elif path.is_file():
                tree.add_file(path, there, is_copied=not is_read)
            self._paths.add(text, f"{self._root}/runs/{self.nonce}/{there}")
            if not is_read:
                self._note_beside(path, there)

    def _note_beside(self, here: Path, there: str) -> None:
        self._paths.add(here, f"{self._root}/runs/{self.nonce}/{there}")
        self._beside.append((here, there))

    # Home.

    def _follow(self) -> None:
        """Bring the news home until the run has ended, and take there what others have for it."""
        while True:
            self._pass_stop_on()
            self._take_changes()
            self._take_answers()
            with suppress(queue.Empty):
                found = self._news.get(timeout=_LOOK_S)
                self._see_that_it_goes_on()
                if found is None:
                    raise PorterLost(self.porter.fault)
                words, data = found
                if "ended" in words:
                    return
                if "news" in words:
                    self._keep(data)
                elif "tar" in words:
                    self._take_home(words, data)

    def _see_that_it_goes_on(self) -> None:
        """Write nothing more of an attempt that was given up, as while this process stood still."""
        if self._files.outcome() is not None:
            with suppress(PorterLost):
                self.porter.tell({"do": "stop", "nonce": self.nonce, "force": True})
            raise PorterLost("the attempt was given up meanwhile")

    def _pass_stop_on(self) -> None:
        wanted = "force" if self.is_forced else "stop" if self._files.stop_was_asked() else ""
        if wanted != self._stop_sent:
            self._stop_sent = wanted
            self.porter.tell({"do": "stop", "nonce": self.nonce, "force": self.is_forced})

    def _take_changes(self) -> None:
        """Take there what others changed of the run meanwhile: its script reads it from its journal's folder."""
        path = self._run_directory / "journal" / OUTSIDE
        size = size_of(path)
        if size != self._sent_bytes:
            self._sent_bytes = size
            self.porter.tell({"do": "bring", "nonce": self.nonce, "name": f"journal/{OUTSIDE}"}, read_regular(path))

    def _take_answers(self) -> None:
        for name in self._mail.requests - self._mail.answered:
            reply = reply_to(self._run_directory / name)
            if reply.is_file():
                self._mail.answered.add(name)
                words = {"do": "bring", "nonce": self.nonce, "name": f"requests/{reply.name}"}
                self.porter.tell(words, read_regular(reply))

    def _keep(self, told: bytes) -> None:
        for one in read_news(told):
            path = self._run_directory / one.name
            if one.there is not None:
                self._mail.forget_all_but(self._run_directory, one.there)
            elif GROWS.fullmatch(one.name) and one.name != f"journal/{OUTSIDE}":
                if one.offset == size_of(path):
                    append(path, one.data)
            elif one.name == f"attempts/{self.asked['attempt']}/process.json":
                # The numbers are those of another computer's processes.
                self._files.write_process({**json.loads(one.data), "pid_namespace": self.porter.host})
            elif REQUEST.fullmatch(one.name) and not one.name.endswith(REPLY):
                write_durably(path, one.data)
                self._mail.requests.add(one.name)

    def _take_home(self, words: dict[str, Any], data: bytes) -> None:
        """Take in a folder that comes in pieces, of which this is the first."""
        what = words["tar"]
        last: dict[str, Any] = {}
        pieces_of_it = self._pieces(words, data, last)
        if what == "place":
            here, _ = self._beside[int(words["place"])]
            folder, only = (here, "") if here.is_dir() else (here.parent, here.name)
            unpack_changed(pieces_of_it, folder, {}, only=only)
        else:
            incoming = self._run_directory / INCOMING
            remove_leftovers(self._run_directory)
            incoming.mkdir(mode=0o700)
            unpack(pieces_of_it, incoming)
        for _ in pieces_of_it:
            pass
        if what == "results":
            for name in ("snapshot/outputs", "snapshot/logs", "uploads"):
                if is_folder(incoming / name):
                    put_in_place(incoming / name, self._run_directory / name)
            remove_leftovers(self._run_directory)
        elif what == "end":
            self._exit = home.put_home(incoming, self._run_directory, str(self.asked["attempt"]), last.get("kept", ()))

    def _pieces(self, words: dict[str, Any], data: bytes, last: dict[str, Any]) -> Iterator[bytes]:
        while True:
            yield data
            if words.get("is_last"):
                last.update(words)
                return
            found = self._news.get()
            if found is None:
                raise PorterLost(self.porter.fault)
            words, data = found

    def _end(self) -> None:
        """Say how the run ended, once all else is here for good."""
        if self._exit is None:
            words = f"The run's supervisor on {self.porter.host} left no record of the end, so how the script ended is"
            last = home.last_words(self._run_directory)
            self._is_over("lost", f"{words} not known{': ' if last else '.'}{last}")
            return
        flush_below(self._run_directory)
        self._files.leave(self._exit)
        is_told = self._files.outcome() is not None
        self._is_over(
            *(("ended", "") if is_told else ("lost", f"{self.porter.host} left a record of the end that is none."))
        )
