"""What the tracking server asks the database: points by MLflow's rule of the last one, and searches by its filters."""
