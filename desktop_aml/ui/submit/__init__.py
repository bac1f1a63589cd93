"""The script runner: from a file to a submitted run. Reads a script's text, never runs it."""
