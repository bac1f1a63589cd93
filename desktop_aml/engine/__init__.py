"""The loop that owns a workspace: requests in, runs moved, events out."""
