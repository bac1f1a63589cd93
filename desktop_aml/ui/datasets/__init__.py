"""Datasets in the window: what is registered, what its columns hold, how versions differ, which runs used it."""
