"""Newer names of what a scoring script takes and gives: an endpoint hands over its own, whoever else has them."""
