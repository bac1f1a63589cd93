"""HTTP headers: a dictionary that takes their names in any case."""

from collections.abc import MutableMapping


class Headers(MutableMapping):
    """Header values by name; the last value of a name wins.

    Parameters
    ----------
    values : mapping
        What to begin with.
    """

    def __init__(self, values=()):
        self._values = {}
        self.update(dict(values))

    def __getitem__(self, name):
        return self._values[name.lower()][1]

    def __setitem__(self, name, value):
        text = str(value)
        if any(odd in str(name) + text for odd in "\r\n\0"):
            raise ValueError("A header may not hold a line break.")
        self._values[name.lower()] = (str(name), text)

    def __delitem__(self, name):
        del self._values[name.lower()]

    def __iter__(self):
        return iter(name for name, _ in self._values.values())

    def __len__(self):
        return len(self._values)

    def __repr__(self):
        return "Headers({!r})".format(dict(self))

    def add(self, name, value):
        """Set a header."""
        self[name] = value

    def set(self, name, value):
        """Set a header."""
        self[name] = value
