"""The pages of the documentation, carried out as they stand."""
