"""Metrics of one's own, by a formula: kept with the workspace, shown as columns of the runs table."""
