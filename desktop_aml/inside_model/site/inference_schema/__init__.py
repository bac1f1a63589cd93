"""Decorators that say what a scoring script's ``run`` takes and gives, for environments without inference-schema.

Written from the documented behaviour of that library; where the library is installed, it is the one that is used.
Python 3.6 to 3.13; numpy and pandas only when a script uses their types.
"""
