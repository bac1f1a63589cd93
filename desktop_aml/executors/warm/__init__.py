"""Warm starts: which runs may be forked from an interpreter that has imported what they import, and from which one.

Nothing here decides that a script runs: that is the claim of its attempt, see `local_process`.
"""
