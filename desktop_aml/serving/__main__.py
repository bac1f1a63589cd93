"""Start the front of one endpoint in the background: ``python -m desktop_aml.serving ENDPOINT_DIR``.

The process id of the front is printed. It begins once its starter, who has put that down by then, writes a byte to the
standard input; without one nothing is done, so that there never is a front that nobody can find.
"""

import os
import sys

from desktop_aml.system.forking import fork

if __name__ == "__main__":
    # Whoever starts a front does not wait for it: a child of its own would stay behind as a zombie. The fork comes
    # before every import of more, so nothing is running yet that could not be forked.
    front = fork()
    if front:
        os.write(1, b"%d\n" % front)
        os._exit(0)
    if os.read(0, 1) == b"":
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    from desktop_aml.serving.front import main

    sys.exit(main())
