"""Run a notebook in place of a script: ``python notebook_runner.py NOTEBOOK [ARGUMENTS]``, in the run's environment.

Every cell goes to one kernel of this very interpreter, over sockets of the file system where their paths are short
enough, else over loopback. What cells print goes to the log as it comes; the notebook with its outputs is
``outputs/NAME.ipynb``, written again after each cell, so it is there when a cell fails. Standard library and, from the
run's environment, nbclient and ipykernel; Python 3.6 to 3.13.
"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOTE = "compatibility.txt"
SAVE_EVERY_S = 1.0
"""Between two savings of the notebook: with cells that take no time, writing it would be most of the work."""
LONGEST_SOCKET_FOLDER = 40
"""A path of a socket has at most 107 characters; Jupyter adds about 60 to the folder."""

_COLORS = re.compile("\x1b\\[[0-9;]*m")
_LINES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (r"Cell In\s*\[\d+\], line (\d+)", r'File "<ipython-input-[^>]*>", line (\d+)', r"^-+> ?(\d+)")
)


class Failed(Exception):
    """A cell failed; the text is the line that tells where and why."""


def main(notebook: str, arguments: "list[str]") -> "int | str":
    """Run a notebook and return its exit code, or the words to leave with."""
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
    except ImportError as error:
        sys.stderr.write(
            "notebook: error: A notebook needs nbclient and ipykernel, and this environment ({}) has no “{}”. Choose "
            "a registered environment, to which they are added, or install both there.\n".format(
                sys.executable, getattr(error, "name", None) or error
            )
        )
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with open(notebook, encoding="utf-8") as stream:
        cells = nbformat.read(stream, as_version=4)
    inject(cells, arguments, nbformat)
    folder = tempfile.mkdtemp(prefix="aml-")
    try:
        use_own_kernel(folder)
        let_no_pager_wait()
        execute(cells, os.path.join("outputs", os.path.basename(notebook)), folder, nbclient, nbformat)
        failure = ""
    except Failed as error:
        failure = str(error)
    finally:
        pass_note_on(os.path.join(folder, NOTE))
        shutil.rmtree(folder, ignore_errors=True)
    # Said last, and to `sys.exit`: there the reason of a failure is looked for.
    return failure or 0


def pass_note_on(path: str) -> None:
    """Print what the kernel could not say any more when it ended."""
    if os.path.exists(path):
        with open(path) as stream:
            sys.stderr.write(stream.read())


def inject(notebook: "Any", arguments: "list[str]", nbformat: "Any") -> None:
    """Put ``--name value`` arguments in as assignments: after the cell tagged ``parameters``, else first."""
    if not arguments:
        return
    source = "".join("{} = {!r}\n".format(name, value) for name, value in parameters(arguments))
    cell = nbformat.v4.new_code_cell(source.rstrip(), metadata={"tags": ["injected-parameters"]})
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        cell.pop("id", None)
    tagged = [i for i, one in enumerate(notebook.cells) if "parameters" in one.metadata.get("tags", [])]
    notebook.cells.insert(tagged[0] + 1 if tagged else 0, cell)


def parameters(arguments: "list[str]") -> "list[tuple[str, Any]]":
    """Return name and value of each argument: ``--name value``, ``--name=value``, or ``--name`` for True."""
    found: "list[tuple[str, Any]]" = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, has_value, text = word.lstrip("-").partition("=")
        name = name.replace("-", "_")
        if not word.startswith("--") or not name.isidentifier():
            sys.stderr.write("notebook: error: A notebook takes arguments as --name value, not “{}”.\n".format(word))
            sys.exit(2)
        if has_value:
            found.append((name, value_of(text)))
        elif waiting and not waiting[0].startswith("--"):
            found.append((name, value_of(waiting.pop(0))))
        else:
            found.append((name, True))
    return found


def value_of(text: str) -> "Any":
    """Return the number, list or truth value that a text is, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def use_own_kernel(folder: str) -> None:
    """Have Jupyter know one kernel, this interpreter, and keep its files in a folder of its own."""
    kernel = os.path.join(folder, "kernels", "python3")
    os.makedirs(kernel)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    with open(os.path.join(kernel, "kernel.json"), "w") as stream:
        json.dump({"argv": command, "display_name": "Python 3", "language": "python"}, stream)
    os.environ.update(
        {
            "JUPYTER_PATH": folder,
            "JUPYTER_RUNTIME_DIR": folder,
            "JUPYTER_CONFIG_DIR": folder,
            "JUPYTER_PLATFORM_DIRS": "1",
            "IPYTHONDIR": folder,
            "DESKTOP_AML_COMPATIBILITY_NOTE": os.path.join(folder, NOTE),
            "DESKTOP_AML_NOTEBOOK": "executed",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
    )
    # A notebook asks for the pictures of matplotlib, a script for none.
    os.environ.pop("MPLBACKEND", None)


def let_no_pager_wait() -> None:
    """Have what a cell pages (``!more train.py``, ``!git log``) printed whole: nobody can press a key.

    A shell command of a notebook has a terminal, so a pager waits there for ever.
    """
    for name in ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"):
        os.environ.setdefault(name, "cat")
    more = shutil.which("more")
    if more is None or "MORE" in os.environ:
        return
    # An option that a `more` does not know would be an error of each use.
    known = subprocess.run([more, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if b"exit-on-eof" in known.stdout:
        os.environ["MORE"] = "-e -n 10000"


def execute(notebook: "Any", target: str, folder: str, nbclient: "Any", nbformat: "Any") -> None:
    """Run every cell, keeping the notebook with its outputs at `target`."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    saved_at = [0.0]

    def save() -> None:
        saved_at[0] = time.monotonic()
        with open(target + ".tmp", "w", encoding="utf-8") as stream:
            nbformat.write(notebook, stream)
        os.rename(target + ".tmp", target)

    class Client(nbclient.NotebookClient):  # type: ignore[misc]
        def process_message(self, message: "Any", cell: "Any", cell_index: int) -> "Any":
            result = nbclient.NotebookClient.process_message(self, message, cell, cell_index)
            show(message)
            if time.monotonic() - saved_at[0] > SAVE_EVERY_S:
                save()
            return result

    client = Client(notebook, kernel_name="python3", timeout=None, resources={"metadata": {"path": os.getcwd()}})
    client.km = client.create_kernel_manager()
    if len(folder) <= LONGEST_SOCKET_FOLDER:
        client.km.transport = "ipc"
        # Left to Jupyter they lie where the cells work, among the files that these read, copy and submit.
        client.km.ip = os.path.join(folder, "kernel")
    number = 0
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                number += "injected-parameters" not in cell.metadata.get("tags", [])
                run_cell(client, cell, index, number, nbclient)
                save()
    finally:
        save()


def run_cell(client: "Any", cell: "Any", index: int, number: int, nbclient: "Any") -> None:
    """Run one cell, the `number`-th of the user's own."""
    try:
        client.execute_cell(cell, index)
    except nbclient.exceptions.CellExecutionError as error:
        outputs = [output for output in cell.outputs if output.output_type == "error"]
        trace = _COLORS.sub("", "\n".join(outputs[-1].traceback)) if outputs else str(error)
        sys.stderr.write("Error in cell {}:\n{}\n".format(number, trace))
        raise Failed(where(number, outputs[-1] if outputs else None, trace)) from error
    except nbclient.exceptions.DeadKernelError as error:
        raise Failed(
            "Cell {} (line 1): The kernel of the notebook ended while it ran this cell.".format(number)
        ) from error


def where(number: int, output: "Any", trace: str) -> str:
    """Return place, kind and message of an error in one line."""
    found = next((match for match in (line.search(trace) for line in _LINES) if match), None)
    words = "{}: {}".format(output.ename, output.evalue.strip()) if output else trace.strip().split("\n")[-1]
    return "Cell {} (line {}): {}".format(number, found.group(1) if found else 1, " ".join(words.split())[:400])


def show(message: "Any") -> None:
    """Print what a cell prints or shows."""
    content = message["content"]
    if message["msg_type"] == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        stream.write(content["text"])
        stream.flush()
    elif message["msg_type"] in ("execute_result", "display_data"):
        text = content["data"].get("text/plain", "")
        sys.stdout.write("{}\n".format("".join(text)))
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
