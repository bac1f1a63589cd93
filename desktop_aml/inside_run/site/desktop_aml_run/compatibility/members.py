"""How functions, methods and classes take again what they took once: for the user's own code, and told."""

import inspect
import warnings

from desktop_aml_run.callers import is_asked_by_user, is_named_by_user, out_of_sight, passing_on, stands_for
from desktop_aml_run.compatibility import note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Arguments = dict[str, Any]
    Rule = Callable[[Any], Arguments]


def restore_members(
    owner: "Any", members: "dict[str, Callable[..., Any]]", prefix: str, is_value: bool = False
) -> None:
    """Give a class methods that it lost, for the user's own code, and only where nothing else has the name.

    Parameters
    ----------
    members : dict
        Functions of the instance, by name.
    is_value : bool
        Whether a member is what its function returns, not a method.
    """
    members = {name: function for name, function in members.items() if not has(owner, name)}
    own = getattr(owner, "__getattr__", object.__getattribute__)

    @out_of_sight
    def __getattr__(self: "Any", name: str) -> "Any":  # noqa: N807 - it becomes the method of this name
        # First what is there: a label of a row, a column, or whatever else the class finds by name.
        with passing_on:
            if name not in members or not is_named_by_user():
                return own(self, name)
            try:
                return own(self, name)
            except AttributeError:
                if _is_of_class(type(self), name):
                    raise
                note("{}.{}".format(prefix, name))
        function = members[name]
        return function(self) if is_value else function.__get__(self, type(self))

    if members:
        owner.__getattr__ = __getattr__


def _is_of_class(kind: type, name: str) -> bool:
    """Whether a class has a name itself: a property or an accessor that refuses is there, and says why it refuses."""
    return any(name in vars(one) for one in kind.__mro__)


def put(owner: "Any", name: str, function: "Any") -> None:
    """Put a function that stands for another into its place, so that it can be pickled there.

    A function is pickled by its module and name. In the module that defines the other one that is still the other one,
    which the library itself uses; so this one is said to be of the module that users take it from.
    """
    if function is getattr(owner, name, None):
        return
    if inspect.ismodule(owner):
        function.__module__ = owner.__name__
    setattr(owner, name, function)


def has(owner: object, name: str) -> bool:
    """Whether something is there, asked without the warnings of what is soon to go."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hasattr(owner, name)


def take_again(
    function: "Callable[..., Any]",
    name: str,
    gone: "Mapping[str, Rule] | None" = None,
    words: "Mapping[str, Mapping[str, Any]] | None" = None,
    by_position: bool = False,
    order: "Sequence[str]" = (),
    idle: "Callable[[dict[str, Any]], Sequence[str]] | None" = None,
) -> "Callable[..., Any]":
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
    idle : callable, optional
        Of the keyword arguments: which of those that it lost say nothing beside the others.
    order : sequence of str, optional
        Its arguments as they stood once: what is given by position from where they differ on means what it meant.
    """
    parameters = inspect.signature(function).parameters
    gone = {argument: rule for argument, rule in (gone or {}).items() if argument not in parameters}
    by_place = [one.name for one in parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    by_word = [one.name for one in parameters.values() if one.kind is one.KEYWORD_ONLY] if by_position else []
    if not gone and not words and not by_word:
        return function

    moved = [place for place, (old, new) in enumerate(zip(order, parameters)) if old != new]

    @stands_for(function)
    def take(*args: "Any", **kwargs: "Any") -> "Any":
        if moved and len(args) > moved[0] and is_asked_by_user():
            kwargs.update(zip(order[moved[0] :], args[moved[0] :]))
            args = args[: moved[0]]
        extra = args[len(by_place) :]
        late = bool(extra) and len(extra) <= len(by_word)
        if (late or kwargs) and is_asked_by_user():
            if late:
                kwargs.update(zip(by_word, extra))
                args = args[: len(by_place)]
                note("{}({} by position)".format(name, ", ".join(by_word[: len(extra)])))
            dropped = idle(kwargs) if idle is not None else ()
            for argument in [one for one in kwargs if one in gone]:
                value = kwargs.pop(argument)
                instead = {} if argument in dropped else gone[argument](value)
                kwargs.update({one: value for one, value in instead.items() if kwargs.get(one) is None})
                note("{}({}=)".format(name, argument))
            for argument, new in (words or {}).items():
                old = kwargs.get(argument)
                if isinstance(old, str) and old in new:
                    kwargs[argument] = new[old]
                    note("{}({}={!r})".format(name, argument, old))
        with passing_on:
            return function(*args, **kwargs)

    return take


def try_again(
    function: "Callable[..., Any]",
    words: str,
    change: "Callable[[tuple[Any, ...], Arguments, Exception], tuple[Sequence[Any], Arguments] | None]",
) -> "Callable[..., Any]":
    """Have a function that refuses its arguments be asked once more, as it took them once.

    Parameters
    ----------
    change : callable
        Of the positional arguments, the keyword arguments and the error; it returns both as they are to be, or None.
    """

    @stands_for(function)
    def attempt(*args: "Any", **kwargs: "Any") -> "Any":
        with passing_on:
            try:
                return function(*args, **kwargs)
            except (TypeError, ValueError) as error:
                changed = change(args, dict(kwargs), error) if is_asked_by_user() else None
                result = _NONE if changed is None else _asked_again(function, *changed)
                if result is _NONE:
                    raise
                note(words)
                return result

    return attempt


def _asked_again(function: "Callable[..., Any]", args: "Sequence[Any]", kwargs: "Arguments") -> "Any":
    try:
        return function(*args, **kwargs)
    except (TypeError, ValueError):
        return _NONE


_NONE = object()
