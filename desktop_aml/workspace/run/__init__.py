"""What belongs to one run: its files, its code, the data it read, how it is handed in. Moves no run itself."""
