"""What Azure ML code can ask, over the wire: calls in, answers out. Uses the facade as the command line does."""
