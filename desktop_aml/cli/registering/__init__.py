"""Commands about what versions of models are called, and may be."""
