"""How the database came to be what it is: migrations that are still being added."""
