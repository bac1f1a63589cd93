"""Computes: where runs go beyond single processes of this computer. It shows and asks; it speaks to no cluster."""
