"""What belongs to a workspace: its configuration file, and the question whether it may run code."""
