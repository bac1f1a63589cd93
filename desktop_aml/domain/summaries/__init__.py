"""What a table says of the metrics of a run: the values that stand for all of its points, and what is better."""
