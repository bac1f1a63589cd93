"""How a script talks to Desktop AML from inside its run: files in the run's folder, no network.

Standard library only, Python 3.6 to 3.13. This package must not print, start threads or change the process.
"""

import os
import sys

# Flags of `os.open`: CAREFUL for what a script may have put in the run's folder, where no link is followed and no FIFO
# waited for; NOT_INHERITED for what no program that is started shall have.
if sys.platform == "win32":
    CAREFUL, NOT_INHERITED = 0, os.O_NOINHERIT
else:
    CAREFUL, NOT_INHERITED = os.O_NOFOLLOW | os.O_NONBLOCK, os.O_CLOEXEC
