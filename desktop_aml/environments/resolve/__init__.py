"""From requirements to exact versions: interpreters, the resolver and what it remembers. Builds nothing."""
