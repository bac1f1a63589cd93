"""Chosen runs as one page that anybody can read. It shows what is recorded and computes nothing of its own."""
