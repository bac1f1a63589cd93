"""Curves and charts. Knows numbers and colours, not where they come from."""
