"""What other tools recorded, read where it lies: never written, indexed in a database of its own beside ours."""
