"""Where a run executes. One small protocol, one class per kind of place."""
