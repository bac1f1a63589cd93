"""Runs as MLflow's clients see them: read and written by the tracking server, beside the engine that owns them.

What is logged goes into journals of the run's own folder, which the engine stores as it stores those of scripts; until
it has, the tail of the journals is read with the database. Nothing here speaks HTTP, and nothing here moves a run.
"""
