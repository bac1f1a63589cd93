"""Keeping runs in order: stars, the archive, the trash."""
