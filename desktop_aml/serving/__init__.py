"""The HTTP front of one endpoint."""
