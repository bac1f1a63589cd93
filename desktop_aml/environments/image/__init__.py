"""Environments as images of Docker. Assembles what was resolved below; resolves nothing itself."""
