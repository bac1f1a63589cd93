"""Commands that keep runs in order."""
