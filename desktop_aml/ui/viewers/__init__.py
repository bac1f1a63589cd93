"""Viewers for files: source text, notebooks, pictures, tables. Know content, not runs."""
