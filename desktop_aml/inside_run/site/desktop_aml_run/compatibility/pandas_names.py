"""Methods that pandas lost in 1.0 and 2.0."""

from desktop_aml_run.compatibility import is_asked_by_user, note


class _Restored(object):
    """A method that the user's own code sees, unless a column has its name."""

    def __init__(self, kind, name, function):
        self.name = name
        self.words = "pandas.{}.{}".format(kind, name)
        self.function = function

    def __get__(self, instance, owner):
        if instance is None or not is_asked_by_user() or self.name in getattr(instance, "columns", ()):
            raise AttributeError("{!r} object has no attribute {!r}".format(owner.__name__, self.name))
        note(self.words)
        return self.function.__get__(instance, owner)


def patch(pandas):
    """Restore the methods on data frames and series."""

    def append_rows(self, other, ignore_index=False, verify_integrity=False, sort=False):
        if isinstance(other, dict):
            other = pandas.Series(other)
            if not ignore_index:
                raise TypeError("Can only append a dict if ignore_index=True")
        if isinstance(other, pandas.Series):
            if other.name is None and not ignore_index:
                raise TypeError("Can only append a Series if ignore_index=True or if the Series has a name")
            other = other.to_frame().T.infer_objects()
        others = list(other) if isinstance(other, (list, tuple)) else [other]
        rows = [one if isinstance(one, pandas.DataFrame) else pandas.DataFrame([one]) for one in others]
        return pandas.concat([self, *rows], ignore_index=ignore_index, verify_integrity=verify_integrity, sort=sort)

    def append_values(self, to_append, ignore_index=False, verify_integrity=False):
        others = list(to_append) if isinstance(to_append, (list, tuple)) else [to_append]
        return pandas.concat([self, *others], ignore_index=ignore_index, verify_integrity=verify_integrity)

    def as_matrix(self, columns=None):
        return (self if columns is None else self[columns]).to_numpy()

    def iteritems(self):
        return self.items()

    for kind, append in (("DataFrame", append_rows), ("Series", append_values)):
        owner = getattr(pandas, kind)
        for name, function in (("append", append), ("as_matrix", as_matrix), ("iteritems", iteritems)):
            if not hasattr(owner, name):
                setattr(owner, name, _Restored(kind, name, function))
