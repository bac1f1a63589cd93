"""Commands for what leaves a workspace and comes into one. They say what was written, and where."""
