"""The record as the folders of a workspace keep it: what the database says, written there, and how it is read back.

It starts nothing and moves no run. The database is an index of what lies in these folders.
"""
