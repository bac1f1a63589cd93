"""Points of curves in the database: the newest as rows, all before them packed in blocks of one size.

A block holds the points of one metric whose indexes lie between two multiples of `packed.SIZE`, so what is packed does
not depend on how points arrived. Where values are no numbers, or whole numbers that a float cannot hold, rows stay.
"""
