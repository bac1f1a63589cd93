"""The places that executors run scripts in, as the contract suite sees them; another executor joins with a class."""

from __future__ import annotations

import json
import os
import signal
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import psutil

from desktop_aml import docker_access
from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import Handle, Whereabouts
from desktop_aml.executors.base import Executor
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.executors.docker_container import DockerContainerExecutor
from desktop_aml.executors.docker_engine import LABEL
from desktop_aml.executors.docker_luggage import Luggage
from desktop_aml.executors.docker_making import DockerLimits
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.run_folder.script_env import sdk_path
from tests.clusters import CLUSTER
from tests.conftest import wait_until
from tests.docker_engine import OWN_BASE


class LocalPlace:
    """Processes of this computer."""

    python = sys.executable

    def __init__(self, root: Path) -> None:
        self.root = root
        self._family: set[int] = set()
        self._executors: list[Executor] = []

    def remember_family(self, job: Job) -> None:
        """Remember who descends from the launcher now, so that those without the mark are found later, too."""
        launcher = psutil.Process(self._recorded(job, "claim.json"))
        self._family.update(child.pid for child in launcher.children(recursive=True))

    def executor(self, executor: Executor | None = None) -> Executor:
        """Return a new executor: what an engine has after a restart. It is closed with the place."""
        self._executors.append(executor or LocalProcessExecutor())
        return self._executors[-1]

    def close(self) -> None:
        """Let go of the executors."""
        for executor in self._executors:
            executor.close()

    def job(self, text: str, /, **options: object) -> Job:
        """Return a job in a run folder of its own whose script has this text."""
        run_directory = self.root / uuid.uuid4().hex
        (run_directory / "snapshot").mkdir(parents=True)
        name = str(options.get("script", "train.py"))
        if name != "missing.py":
            (run_directory / "snapshot" / name).write_text(text)
        values = {
            "run_id": run_directory.name,
            "attempt": 1,
            "run_directory": str(run_directory),
            "python": self.python,
            "script": name,
            "nonce": uuid.uuid4().hex,
            "grace_s": 0.3,
            "env_vars": {"PATH": os.environ["PATH"], "TEST_MARK": os.environ.get("TEST_MARK", "")},
        }
        return Job(**{**values, **options})

    def snapshot(self, job: Job) -> Path:
        """Return the script's working directory, seen from the test."""
        return Path(job.run_directory) / "snapshot"

    def has_made(self, job: Job, name: str) -> bool:
        """Whether the script has made a file in its working directory by now."""
        return (self.snapshot(job) / name).exists()

    def log(self, job: Job) -> str:
        """Return what the script wrote to its standard output and error."""
        return (Path(job.run_directory) / "logs" / "std_log.txt").read_text()

    def alive(self, job: Job) -> list[psutil.Process]:
        """Return the living processes of the attempt, but its launcher: descendants and bearers of its mark."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("DESKTOP_AML_NONCE") == job.nonce or process.pid in self._family
                if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def kill_supervisor(self, job: Job) -> None:
        """End by force what watches the script."""
        os.kill(self._recorded(job, "claim.json"), signal.SIGKILL)

    def signal_script(self, job: Job, number: int) -> None:
        """Signal the script's own process."""
        os.kill(self._recorded(job, "process.json"), number)

    def _recorded(self, job: Job, name: str) -> int:
        text = (Path(job.run_directory) / "attempts" / str(job.attempt) / name).read_text()
        return int(json.loads(text)["pid"])


class WarmPlace(LocalPlace):
    """Processes of this computer that are forked from an interpreter which is there already."""

    def executor(self, executor: Executor | None = None) -> Executor:
        return super().executor(executor or LocalProcessExecutor(warm=True))

    def job(self, text: str, /, **options: object) -> Job:
        made = super().job(text, **{"may_be_warm": True, "has_followers": True, **options})
        for name in ("logs", "journal"):
            (Path(made.run_directory) / name).mkdir()
        ours = {
            "PYTHONPATH": str(sdk_path()),
            "PYTHONUNBUFFERED": "1",
            "DESKTOP_AML_RUN_DIR": made.run_directory,
            "DESKTOP_AML_NONCE": made.nonce,
        }
        return replace(made, env_vars={**made.env_vars, **ours})

    def was_warm(self, job: Job) -> bool:
        """Whether the job was forked."""
        return Handle.of("local", job).files().how_started().get("how") == "warm"


class DockerPlace(LocalPlace):
    """Containers of the tests' own Docker engine. Their processes are seen from outside."""

    python = "/usr/bin/python3"

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.client = docker_access.connect()

    def executor(self, executor: Executor | None = None) -> Executor:
        return super().executor(executor or DockerContainerExecutor())

    def close(self) -> None:
        super().close()
        for container in self.client.api.containers(all=True, filters={"label": "desktop-aml=run"}):
            if container["Labels"].get("desktop-aml.attempt", "").startswith(str(self.root)):
                self.client.api.remove_container(container["Id"], force=True)
        self.client.close()

    def job(self, text: str, /, **options: object) -> Job:
        return super().job(text, **{"image": OWN_BASE, **options})

    def remember_family(self, job: Job) -> None:
        launcher = psutil.Process(self._host_pid(job))
        self._family.update(child.pid for child in launcher.children(recursive=True))

    def kill_supervisor(self, job: Job) -> None:
        os.kill(self._host_pid(job), signal.SIGKILL)

    def signal_script(self, job: Job, number: int) -> None:
        script = self._recorded(job, "process.json")
        words = [self.python, "-c", f"import os; os.kill({script}, {int(number)})"]
        self.client.api.exec_start(self.client.api.exec_create(self._name(job), words)["Id"])

    def containers(self, job: Job) -> list[str]:
        """Return the containers of a job that Docker still knows."""
        mine = {"label": f"desktop-aml.run={job.run_id}"}
        return [found["Id"] for found in self.client.api.containers(all=True, filters=mine)]

    def _name(self, job: Job) -> str:
        return f"desktop-aml-run-{job.nonce}"

    def _host_pid(self, job: Job) -> int:
        return int(self.client.api.inspect_container(self._name(job))["State"]["Pid"])


class FarPlace(DockerPlace):
    """Containers of an engine that sees none of this computer's files."""

    def executor(self, executor: Executor | None = None) -> Executor:
        limits = DockerLimits(network="none")
        return super().executor(executor or DockerContainerExecutor(limits=limits, sharing=FileSharing.COPY))

    def has_made(self, job: Job, name: str) -> bool:
        from docker.errors import APIError

        try:
            self.client.api.get_archive(self._name(job), str(self.snapshot(job) / name))
        except APIError:
            return False
        return True

    def tell(self, job: Job, name: str, data: bytes) -> None:
        """Put a file into the run's folder in the container."""
        luggage = Luggage(self._name(job), Path(job.run_directory), Handle.of("docker", job).files(), ())
        luggage.send_texts(self.client, {Path(job.run_directory) / name: data})

    def leave_unstarted(self, job: Job) -> None:
        """Leave a container as an engine does that dies before it starts it."""
        handle = Handle.of("docker", job)
        handle.files().folder.mkdir(parents=True)
        handle.files().write_whereabouts(Whereabouts(os.environ["DOCKER_HOST"], True, job.python, ()))
        handle.files().write_job(job)
        self.client.api.create_container(
            job.image, name=self._name(job), labels={LABEL: "run", "desktop-aml.run": job.run_id}
        )

    def _recorded(self, job: Job, name: str) -> int:
        # It is known in the container first.
        wait_until((Path(job.run_directory) / "attempts" / str(job.attempt) / name).exists, name)
        return super()._recorded(job, name)


class ClusterPlace(LocalPlace):
    """Workers of this computer, of the tests' own cluster."""

    def executor(self, executor: Executor | None = None) -> Executor:
        home = Path(os.environ["TEST_CLUSTER"])
        return super().executor(executor or ClusterExecutor(CLUSTER, home))


OVER_SSH = "docker over ssh"
PLACES = {
    "local": LocalPlace,
    "warm": WarmPlace,
    "cluster": ClusterPlace,
    "docker": DockerPlace,
    "docker over tcp": FarPlace,
    OVER_SSH: FarPlace,
}


def begin(place: LocalPlace, executor: Executor, job: Job, *, until: str = "ready") -> str:
    """Start a job and wait until its script has made the file `until` in its working directory."""
    executor.prepare(job, lambda _: None)
    handle = executor.handle_for(job)
    executor.start(job)
    wait_until(lambda: place.has_made(job, until), f"the script's file {until}")
    place.remember_family(job)
    return handle


def finish(executor: Executor, handle: str) -> RunOutcome:
    """Poll until the work is over and return how it ended."""
    outcomes: list[RunOutcome] = []

    def is_over() -> bool:
        outcome = executor.poll(handle)
        if outcome is not None:
            outcomes.append(outcome)
        return outcome is not None

    wait_until(is_over, "the end of the work")
    return outcomes[0]


def carry_out(executor: Executor, job: Job) -> RunOutcome:
    """Start a job and return how it ended."""
    handle = executor.handle_for(job)
    executor.start(job)
    return finish(executor, handle)
