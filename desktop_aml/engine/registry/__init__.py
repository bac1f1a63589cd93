"""Models and datasets registered, with their origin. Moves no run."""
