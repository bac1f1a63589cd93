"""Commands about data. They read it, and never change it."""
