"""Sweeps and their trials in the database."""
