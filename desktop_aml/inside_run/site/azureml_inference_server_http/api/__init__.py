"""The request and the answer of a scoring script."""
