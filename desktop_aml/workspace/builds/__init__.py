"""What was built of environments: the room that it takes, and who needs it. Builds nothing itself."""
