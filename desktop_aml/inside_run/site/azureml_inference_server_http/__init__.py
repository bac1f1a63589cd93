"""Newer names of what a scoring script takes and gives, which an endpoint hands over itself, whoever else has the names."""
