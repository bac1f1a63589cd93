"""pip that a script imports into its own process: it works there, and not in another interpreter."""

from desktop_aml_run.run_packages import let_pip_work_here


def patch(_pip: object) -> None:
    """Have pip install from this process, into the folder of the run; it would end the script otherwise."""
    let_pip_work_here()
