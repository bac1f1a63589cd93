"""Supervise one attempt of one run: ``python -I -S launcher.py RUN_DIRECTORY ATTEMPT``.

What that means is in `supervision`. An interpreter compiles the file that it is started with each time; what it
imports, once. So this one is short.
"""

import os
import sys

assert sys.platform != "win32", "this module is of POSIX systems"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from desktop_aml.inside_run.supervision import main
else:
    # An isolated interpreter does not look beside the script; appended, so that nothing here hides a standard module.
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    from supervision import main

if __name__ == "__main__":
    # Nothing is left to tidy up, and a supervisor whose record is written should be gone at once.
    os._exit(main(os.fsencode(sys.argv[1]), int(sys.argv[2])))
