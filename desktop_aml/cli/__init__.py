"""The command line: the same acts as the window, for scripts and terminals."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from desktop_aml import __version__
from desktop_aml.cli.errors import show_error
from desktop_aml.cli.lazy_group import LazyCommand, LazyGroup
from desktop_aml.domain.completion import PROGRAM, VARIABLE
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, StorageError

COMMANDS = {
    "attach": LazyCommand("desktop_aml.cli.data.attach", "Show the runs of other tools beside your own, in place."),
    "completion": LazyCommand("desktop_aml.cli.completion", "Print what makes a shell complete commands and paths."),
    "compute": LazyCommand("desktop_aml.cli.computes", "Where runs can go: clusters, and names of Azure ML code."),
    "dataset": LazyCommand("desktop_aml.cli.data.datasets", "Register, show and compare data."),
    "demo": LazyCommand("desktop_aml.cli.system", "Do the whole journey on the sample: train, register, serve."),
    "deploy": LazyCommand("desktop_aml.cli.endpoints", "Serve a model on this computer only, with no code."),
    "docker": LazyCommand("desktop_aml.cli.containers.docker", "Images and containers here: list, remove, save, load."),
    "doctor": LazyCommand("desktop_aml.cli.system", "Say what is missing on this computer, and what fixes it."),
    "endpoint": LazyCommand("desktop_aml.cli.endpoints", "List, show, stop, start, reload and delete endpoints."),
    "engine": LazyCommand("desktop_aml.cli.system", "Run the engine of a workspace without a window."),
    "environment": LazyCommand("desktop_aml.cli.environments", "Register, show, build, rename, delete environments."),
    "experiment": LazyCommand(
        "desktop_aml.cli.organising.experiments", "List, show, rename, archive, delete and restore experiments."
    ),
    "explain": LazyCommand("desktop_aml.cli.system", "Say more of the CODE that an error named."),
    "model": LazyCommand("desktop_aml.cli.models", "Register, show, tag, promote, rename and delete models."),
    "query": LazyCommand("desktop_aml.cli.data.query", "Answer a SELECT over runs, metrics, params, tags and models."),
    "run": LazyCommand("desktop_aml.cli.runs", "List, show, follow, cancel, repeat and organise runs."),
    "score": LazyCommand("desktop_aml.cli.endpoints", "Send rows to an endpoint and print its answer as JSON."),
    "sdk-bridge": LazyCommand("desktop_aml.cli.sdk_bridge"),
    "sdk-path": LazyCommand("desktop_aml.cli.system", "Print the folder that holds the azureml package."),
    "submit": LazyCommand("desktop_aml.cli.runs", "Run a script in its environment, and follow it."),
    "sweep": LazyCommand("desktop_aml.cli.sweeps", "Tune a script: run it with other arguments, and find the best."),
    "tracking": LazyCommand("desktop_aml.cli.mlflow.tracking", "Serve MLflow's clients, until Ctrl+C."),
    "workspace": LazyCommand("desktop_aml.cli.workspaces", "Make, show and fix workspaces."),
}
"""Every command, with what `--help` says of it. A test holds it against the modules."""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="With no command, or with a workspace, a script or a folder, the window opens.",
)
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Drop a script, watch it train, register the model, serve it."""


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    try:
        result = cli.main(
            args=list(words) if words is not None else None,
            prog_name=PROGRAM,
            complete_var=VARIABLE,
            standalone_mode=False,
        )
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DesktopAMLError as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError as error:
        show_error(InvalidInput(f"{error.object[:60]!a} holds characters that are no text.", "Type the words again."))
        return InvalidInput.exit_code
    except BrokenPipeError:
        # Whoever read our output has enough of it; there is nobody left to tell.
        sys.stderr.close()
        return 0
    except OSError as error:
        show_error(_refused_by_system(error))
        return StorageError.exit_code
    return result if isinstance(result, int) else 0


def _refused_by_system(error: OSError) -> StorageError:
    """Return in words what the system would not do, such as open a path that is too long."""
    named = f"“{str(error.filename)[:200]}”: " if error.filename is not None else ""
    return StorageError(f"{named}{error.strerror or error}.", "Check the path, its permissions and the disk.")
