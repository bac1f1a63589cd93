"""Stands for pip where a run's environment has none; found by ``python -m pip`` alone, behind everything else."""
