"""What is known of the data itself: what a path is as a dataset, its columns, and how two versions differ."""
