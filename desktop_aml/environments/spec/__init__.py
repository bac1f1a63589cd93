"""Specifications as text: read, checked, turned into requirements. No processes, no network."""
