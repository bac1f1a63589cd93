"""Stars, the archive and the trash in the database."""
