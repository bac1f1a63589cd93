"""What a list says of a run beside its own row: read of the tables, and kept in one row a run, so that lists are quick.

Triggers of the database take what is kept away in the step that changes what it says, so that it is either there and
true, or not there; then it is read of the tables, and the engine keeps it again.
"""
