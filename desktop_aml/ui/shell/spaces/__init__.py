"""Workspaces as folders: where a new one comes to lie, and what is said when one is gone or cannot be written."""
