"""Start the front of one endpoint in the background: ``python -m desktop_aml.serving ENDPOINT_DIR``."""

import os
import sys

if __name__ == "__main__":
    # Whoever starts a front does not wait for it: a child of its own would stay behind as a zombie. The fork comes
    # before every other import, so nothing is running yet that could not be forked.
    if os.fork():
        os._exit(0)
    from desktop_aml.serving.front import main

    sys.exit(main())
