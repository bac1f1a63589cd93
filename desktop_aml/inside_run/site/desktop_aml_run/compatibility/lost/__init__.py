"""Modules that are gone, as far as scripts of the time used them."""
