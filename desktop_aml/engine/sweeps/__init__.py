"""Sweeps: have trials made as runs, and those stopped that are worse. It moves no run itself: `runs` does."""
