"""Runs on machines whose files are their own: what such a run needs goes there through ssh, what it leaves comes home.

`far_porter` is the program over there; nothing it needs is there but Python's standard library. All that is written
here is written by the process that holds the cluster: a machine that comes back late finds nobody who listens.
"""
