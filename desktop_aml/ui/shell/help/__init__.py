"""What explains the program inside the window: its pages, its keys, and what is left of a crash."""
