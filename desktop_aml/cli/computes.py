"""Commands about compute targets: Dask clusters, and the names that Azure ML code has for places."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from msgspec import to_builtins

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.organising.batch import batch_options
from desktop_aml.cli.output import json_option, moment, show_fields, show_json, show_table
from desktop_aml.domain.computes.batch import BatchJobs
from desktop_aml.domain.targets import FAR_PYTHON, ClusterState, TlsFiles


@click.group()
def compute() -> None:
    """Where runs can go: Dask clusters, and names that Azure ML code has for places."""


@compute.command("list")
@json_option
@workspace_option
def list_computes(workspace_path: Path | None, *, as_json: bool) -> None:
    """List the compute targets and where their runs execute.

    Example: desktop-aml compute list
    """
    with opened(workspace_path) as workspace:
        found = workspace.computes.list()
    if as_json:
        show_json([{"name": name, "kind": one.kind, "runs_on": one.runs_on} for name, one in found.items()])
        return
    show_table(
        [(name, one.kind, one.vm_size, one.runs_on, moment(one.created_at)) for name, one in found.items()],
        ("name", "kind", "asked for", "runs on", "made"),
        "There is no compute target here. Add workers of this computer: desktop-aml compute create NAME --workers 2\n"
        "A name that Azure ML code has for a place: desktop-aml compute map NAME PLACE",
    )


@compute.command("create")
@click.argument("name")
@click.option("--dask", "address", default="", metavar="ADDRESS", help="Of a scheduler: tls://HOST:PORT.")
@click.option("--workers", type=int, metavar="N", help="Up to N workers of this computer, started when needed.")
@click.option("--ssh", "machines", multiple=True, metavar="USER@HOST", help="Machine by ssh; again or with commas.")
@batch_options
@click.option("--python", default=FAR_PYTHON, show_default=True, help="Python of the machines, with distributed.")
@click.option("--min", "min_nodes", type=int, default=0, show_default=True, help="Workers that stay.")
@click.option("--max", "max_nodes", type=int, help="Workers at most. Default: what --workers says, or 1.")
@click.option("--idle", "idle_s", type=int, default=120, show_default=True, help="Seconds until an idle worker ends.")
@click.option("--tls-ca", default="", metavar="FILE", help="Certificate of who signs for the cluster of ADDRESS.")
@click.option("--tls-cert", default="", metavar="FILE", help="Your certificate for it.")
@click.option("--tls-key", default="", metavar="FILE", help="The key of your certificate.")
@workspace_option
def create_compute(
    name: str,
    address: str,
    workers: int | None,
    machines: tuple[str, ...],
    python: str,
    min_nodes: int,
    max_nodes: int | None,
    idle_s: int,
    tls_ca: str,
    tls_cert: str,
    tls_key: str,
    batch: BatchJobs,
    workspace_path: Path | None,
) -> None:
    """Add the Dask cluster NAME: workers of this computer, machines by ssh, a batch system, or a scheduler's ADDRESS.

    Machines are asked at once for what a worker needs: Linux, an ssh server that lets you in without a question, and a
    Python 3.10 or newer with Dask's “distributed” of the version that is here.

    Example: desktop-aml compute create pool --workers 4 --min 1 --idle 300

    Example: desktop-aml compute create lab --ssh me@lab1,me@lab2 --python /opt/ml/bin/python

    Example: desktop-aml compute create site --batch slurm --max 8 --queue main --cores 4 --memory 16GB --time 28800
    """
    most = max_nodes if max_nodes is not None else workers
    hosts = tuple(host for word in machines for host in word.split(",") if host)
    is_batch = batch.system is not None
    is_own = workers is not None or (most is not None and not is_batch)
    if [bool(address), is_own, bool(hosts), is_batch].count(True) != 1:
        raise click.UsageError("Give one of --dask ADDRESS, --workers N, --ssh USER@HOST and --batch SYSTEM.")
    with opened(workspace_path) as workspace:
        workspace.computes.create(
            name,
            address=address,
            min_nodes=min_nodes,
            max_nodes=most if most is not None else 1,
            idle_s=idle_s,
            tls=TlsFiles(ca=tls_ca, certificate=tls_cert, key=tls_key),
            hosts=hosts,
            python=python,
            batch=batch,
        )
    click.echo(f"Added “{name}”. Runs go there with: desktop-aml submit SCRIPT --target {shlex.quote(name)}")


@compute.command("show")
@click.argument("name")
@json_option
@workspace_option
def show_compute(name: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Tell how the compute target NAME stands.

    Example: desktop-aml compute show pool
    """
    with opened(workspace_path) as workspace:
        record = workspace.computes.get(name)
        cluster = workspace.computes.behind(name)
        state = workspace.computes.state(cluster) if cluster else None
        is_own = not (cluster and workspace.computes.get(cluster).address)
    if as_json:
        show_json({"name": name, **to_builtins(record), "state": to_builtins(state)})
        return
    facts = [("Name", name), ("Kind", record.kind), ("Runs on", record.runs_on), ("Made", moment(record.created_at))]
    if record.address:
        facts.append(("Scheduler", record.address))
    elif record.hosts:
        facts.append(("Machines", ", ".join(record.hosts)))
    else:
        facts += [("Batch system", line) for line in (record.batch.in_words(),) if line]
        facts.append(("Nodes", f"{record.min_nodes} to {record.max_nodes}, idle after {record.idle_seconds} s"))
    if state is not None:
        facts.append(("State", state_in_words(state, is_own=is_own)))
        facts += [(one.host, one.words) for one in state.machines]
    show_fields(facts)


@compute.command("check")
@click.argument("name")
@workspace_option
@click.pass_context
def check_compute(context: click.Context, name: str, workspace_path: Path | None) -> None:
    """Ask the machines of the compute target NAME, or the scheduler at its address, whether runs can go there.

    Example: desktop-aml compute check lab
    """
    with opened(workspace_path) as workspace:
        found = workspace.computes.check(name)
    show_table(
        [(one.host, "yes" if one.is_usable else "no", one.words) for one in found],
        ("where", "usable", "what there is"),
        "Its workers are started when runs need them: there is nothing to ask.",
    )
    if not all(one.is_usable for one in found):
        context.exit(1)


def state_in_words(state: ClusterState, *, is_own: bool = True) -> str:
    """Return how a cluster stands, in words; `is_own` for one that a run starts."""
    if state.fault:
        return state.fault
    if not state.is_up:
        return f"not {'started' if is_own else 'connected'}; a run that goes there {'starts' if is_own else 'calls'} it"
    words = [f"{state.nodes} {'node' if state.nodes == 1 else 'nodes'}, {state.busy} busy"]
    if state.starting:
        words.append(f"{state.starting} starting")
    if state.waiting:
        words.append("1 run waits" if state.waiting == 1 else f"{state.waiting} runs wait")
    return ", ".join(words)


@compute.command("map")
@click.argument("name")
@click.argument("target")
@workspace_option
def map_compute(name: str, target: str, workspace_path: Path | None) -> None:
    """Have the runs for the compute target NAME of Azure ML code execute in TARGET: local, docker or a cluster.

    Example: desktop-aml compute map cpu-cluster docker
    """
    with opened(workspace_path) as workspace:
        workspace.computes.map(name, target)
    click.echo(f"Runs for “{name}” execute in {target} from now on.")


@compute.command("delete")
@click.argument("name")
@workspace_option
def delete_compute(name: str, workspace_path: Path | None) -> None:
    """Forget the compute target NAME; its runs stay.

    Example: desktop-aml compute delete cpu-cluster
    """
    with opened(workspace_path) as workspace:
        workspace.computes.delete(name)
    click.echo(f"Forgot “{name}”.")


compute.add_command(create_compute, "add")
COMMANDS = (compute,)
