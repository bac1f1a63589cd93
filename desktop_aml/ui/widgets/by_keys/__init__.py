"""What the mouse alone did: the titles of columns and the lines between panes, by keys."""
