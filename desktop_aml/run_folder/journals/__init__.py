"""What scripts log into their run's folder, as it is found there."""
