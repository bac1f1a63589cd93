"""Runs in tables and the page of one run. Knows how a run is shown, not how it moves."""
