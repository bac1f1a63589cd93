"""What keeps a script of a test to one thread of linear algebra.

Threads of one small fit wait for each other by turning in a circle: where several tests share the cores, that takes up
to twenty times the processor time of the fit itself.
"""

from __future__ import annotations

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Variables for scripts, and for the processes that pass the tests before they import NumPy."""
