"""The index of words in logs and source: a file of its own, which can be removed and is made again."""
