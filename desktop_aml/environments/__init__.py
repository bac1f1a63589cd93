"""From a specification to a lock to a usable interpreter."""
