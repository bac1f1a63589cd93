"""Logs of any length on the screen: followed, coloured, searched. Knows text, not runs."""
