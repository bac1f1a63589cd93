"""What a scoring script needs to take a whole HTTP request and give a whole answer."""
