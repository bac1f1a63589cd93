"""How two of a kind differ: runs, code, packages. Values in, values out."""
