"""Pure values and rules of the product: no I/O, no clock, no threads, standard library only."""
