"""The tracking server: MLflow's REST API for the clients of one run, or of one workspace.

A front end like the window and the command line: it sees the workspace and the domain. It knows MLflow's messages and
routes; it must not look into the database, and it must not decide how a run ended.
"""
