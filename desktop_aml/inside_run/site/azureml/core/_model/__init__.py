"""What belongs to a model: its files, its sample data, how it is to be served."""
