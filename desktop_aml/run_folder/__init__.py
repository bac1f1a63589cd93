"""What lies in a run's folder: its source, its manifest, what it left. Moves no run, writes no database."""
