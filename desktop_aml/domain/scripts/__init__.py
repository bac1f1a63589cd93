"""What a script can be told on its command line, read from its text. Runs nothing, imports nothing of the script."""
