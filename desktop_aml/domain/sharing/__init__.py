"""What leaves a workspace and comes into one, as values."""
