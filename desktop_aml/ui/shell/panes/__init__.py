"""The panes at the sides: where they are, how large, and layouts of them by name."""
