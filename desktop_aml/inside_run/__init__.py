"""Code that runs in the user's interpreter: standard library only, Python 3.6 or newer, imports nothing of ours."""
