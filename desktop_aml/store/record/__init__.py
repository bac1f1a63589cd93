"""The record in the database: its rows as manifests have them, what is owed to the folders, whether it is whole."""
