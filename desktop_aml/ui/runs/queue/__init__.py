"""The queue in the window: what waits, why, and in which order."""
