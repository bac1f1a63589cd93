"""How functions, methods and classes take again what they took once: for the user's own code, and told."""

import functools
import inspect
import warnings

from desktop_aml_run.compatibility import is_asked_by_user, note


class Restored(object):
    """A method, or with `is_value` a value, that the user's own code sees on a class that lost it."""

    def __init__(self, words, function, is_value=False):
        self.words = words
        self.function = function
        self.is_value = is_value

    def __get__(self, instance, owner):
        if instance is None or not is_asked_by_user() or self.is_hidden(instance):
            name = self.words.rpartition(".")[2]
            raise AttributeError("{!r} object has no attribute {!r}".format(owner.__name__, name))
        note(self.words)
        return self.function(instance) if self.is_value else self.function.__get__(instance, owner)

    def is_hidden(self, instance):  # noqa: ARG002 - for those that know better
        """Whether something else of this instance has the name."""
        return False


def leave_traceback(error):
    """Take the frame of the caller out of the traceback of an error that it passes on with a bare ``raise``.

    Python 3.11 and newer forget it; on older ones it stays.
    """
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


def has(owner, name):
    """Whether something is there, asked without the warnings of what is soon to go."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hasattr(owner, name)


def take_again(function, name, gone=None, words=None, by_position=False):
    """Have a function take what it took once.

    Parameters
    ----------
    name : str
        What the log calls the function.
    gone : dict, optional
        By argument that it lost: a callable of the value that returns the arguments to pass instead, or raises.
    words : dict, optional
        By argument: old words and what they are now.
    by_position : bool
        Whether it takes by position again what it takes by keyword only, in the order of its signature.
    """
    parameters = inspect.signature(function).parameters
    gone = {argument: rule for argument, rule in (gone or {}).items() if argument not in parameters}
    by_place = [one.name for one in parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    by_word = [one.name for one in parameters.values() if one.kind is one.KEYWORD_ONLY] if by_position else []
    if not gone and not words and not by_word:
        return function

    @functools.wraps(function)
    def take(*args, **kwargs):
        extra = args[len(by_place) :]
        late = bool(extra) and len(extra) <= len(by_word)
        if (late or kwargs) and is_asked_by_user():
            if late:
                kwargs.update(zip(by_word, extra))
                args = args[: len(by_place)]
                note("{}({} by position)".format(name, ", ".join(by_word[: len(extra)])))
            for argument in [one for one in kwargs if one in gone]:
                instead = gone[argument](kwargs.pop(argument))
                kwargs.update({one: value for one, value in instead.items() if kwargs.get(one) is None})
                note("{}({}=)".format(name, argument))
            for argument, new in (words or {}).items():
                old = kwargs.get(argument)
                if isinstance(old, str) and old in new:
                    kwargs[argument] = new[old]
                    note("{}({}={!r})".format(name, argument, old))
        return function(*args, **kwargs)

    return take


def try_again(function, words, change):
    """Have a function that refuses its arguments be asked once more, as it took them once.

    Parameters
    ----------
    change : callable
        Of the positional arguments, the keyword arguments and the error; it returns both as they are to be, or None.
    """

    @functools.wraps(function)
    def attempt(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError) as error:
            changed = change(args, dict(kwargs), error) if is_asked_by_user() else None
            if changed is None:
                raise
            try:
                result = function(*changed[0], **changed[1])
            except (TypeError, ValueError):
                raise error from None
            note(words)
            return result

    return attempt
