"""Warm starts: an interpreter that has imported what scripts import, and from which their processes are forked."""
