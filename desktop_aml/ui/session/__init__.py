"""The window's hold on one workspace: engine thread, calls off the GUI thread, preferences. No pages."""
