"""A deterministic simulation of the engine: clock, disk and process table are played, all else is real.

A history is a random sequence of requests, scripts, deaths and faults from one seed; the same seed is the same history.
The database is SQLite's own: it is taken to be atomic at each commit; the disk fails before or after one, never in it.
``python -m tests.simulation SEED`` plays one history again, ``--count N`` that many.
"""
