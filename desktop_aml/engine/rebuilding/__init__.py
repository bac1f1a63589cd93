"""A new database from the folders, built beside the old one. Starts nothing; what goes on is taken up by an engine."""
