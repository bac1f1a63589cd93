"""Commands that put runs beside each other, or make one again. They print what differs; what is the same is counted."""
