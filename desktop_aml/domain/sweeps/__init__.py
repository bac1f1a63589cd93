"""Sweeps: what varies, how values are chosen, when a trial is stopped. Rules only: no I/O, no clock."""
