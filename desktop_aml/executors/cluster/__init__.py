"""Runs on a Dask cluster. Only `holder`, `nodes` and `worker`, programs of their own, may import Dask."""
