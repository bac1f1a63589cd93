"""Types of parameters, each made from a sample."""
