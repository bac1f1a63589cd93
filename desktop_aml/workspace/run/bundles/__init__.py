"""Runs as one file, to take them to another computer. It must not run anything, nor believe a file it reads."""
