"""Loaded by every interpreter that has this folder on its path: prepares what a run needs, then makes way.

A ``sitecustomize`` of the user's own, further down the path, is loaded afterwards as if this one were not there.
Outside a run too: who puts this folder on the path has code of that time. It must stay quick: it runs before every
script.
"""

import os
import sys


def _prepare() -> None:
    run_directory = os.environ.get("DESKTOP_AML_RUN_DIR")
    restores = os.environ.get("DESKTOP_AML_COMPATIBILITY") != "off"
    if restores or run_directory:
        from desktop_aml_run import capture, compatibility

        compatibility.install(restores, capture.PATCHES if capture.is_wanted(run_directory) else ())
    if run_directory:
        from desktop_aml_run import error_parts, run_packages, script_end, source_imports, stacks

        stacks.install()
        error_parts.install()
        pip = run_packages.pip_words()
        run_packages.install(pip)
        script_end.install(run_directory)
        source_imports.install(run_directory)
    if run_directory and os.environ.get("DESKTOP_AML_FILES_READ") != "off":
        from desktop_aml_run import files_read

        files_read.install(run_directory)
    if run_directory and pip is not None:
        # Behind everything else: the environment's own pip comes first.
        here = os.path.dirname(os.path.abspath(__file__))
        sys.path.append(os.path.join(os.path.dirname(here), "without_pip", "module"))


def _make_way() -> None:
    # Every interpreter has loaded these already; importlib.machinery alone would cost Python 3.6 six milliseconds.
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    here = os.path.dirname(os.path.abspath(__file__))
    others = [folder for folder in sys.path if os.path.abspath(folder) != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        sys.modules["sitecustomize"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


if "DESKTOP_AML_WARM_CONTROL" in os.environ and sys.platform != "win32":
    import atexit

    from desktop_aml_run.warm import leaving

    # Before all others: what is registered first is called last.
    atexit.register(leaving.leave)
_prepare()
_make_way()
if "DESKTOP_AML_WARM_CONTROL" in os.environ and sys.platform != "win32":
    # An interpreter that scripts are to be forked from: this returns only in those.
    from desktop_aml_run.warm import parent

    parent.serve()
