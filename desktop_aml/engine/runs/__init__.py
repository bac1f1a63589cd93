"""Runs through the state table: submitted, prepared, started, watched, finalized; their journals taken in."""
