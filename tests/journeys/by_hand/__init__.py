"""Journeys through every pane with a real mouse and real keys: one window over the seeded workspace, on an X server."""
