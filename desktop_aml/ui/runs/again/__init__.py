"""Running a run again: what is asked before, and whether it gave the same. Knows no page."""
