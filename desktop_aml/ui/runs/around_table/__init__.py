"""What stands around the runs table: the search over it, and what is done with the runs that it shows."""
