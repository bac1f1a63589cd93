"""The command line: the same acts as the window, for scripts and terminals."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from desktop_aml.cli import computes, endpoints, environments, models, runs, sdk_bridge, system, workspaces
from desktop_aml.cli.output import show_error
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, StorageError


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="With no command, or with the path of a workspace, the window opens.",
)
@click.version_option(package_name="desktop-aml", prog_name="desktop-aml")
def cli() -> None:
    """Drop a script, watch it train, register the model, serve it."""


for part in (workspaces, runs, environments, models, endpoints, computes, system, sdk_bridge):
    for command in part.COMMANDS:
        cli.add_command(command)


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    try:
        result = cli.main(
            args=list(words) if words is not None else None, prog_name="desktop-aml", standalone_mode=False
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
