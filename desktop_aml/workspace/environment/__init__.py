"""Parts of the service of environments."""
