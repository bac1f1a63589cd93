"""What places for runs are made of, beyond a name."""
