"""Parallel coordinates and scatter: what many runs were given against what came of it. Is given a sheet of runs."""
