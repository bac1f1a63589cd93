"""Animations of matplotlib in a run: nobody watches, so they are played to their end and the last picture is kept.

What only serves for watching, such as the time between two pictures, is left out.
"""

import os
import time
import weakref

from desktop_aml_run.callers import stands_for
from desktop_aml_run.compatibility import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_MOST_FRAMES = 1000
_LONGEST_S = 5.0
"""Where an animation that has no end is left."""

_of: "weakref.WeakKeyDictionary[Any, list[weakref.ref[Any]]]" = weakref.WeakKeyDictionary()
_told: "list[bool]" = []


def patch(module: "Any") -> None:
    """Have each animation remembered with its figure."""
    if figures.folder_of_run() is None or os.environ.get("MPLBACKEND") != "Agg":
        return
    original = module.Animation.__init__

    @stands_for(original)
    def __init__(self: "Any", fig: "Any", *args: "Any", **options: "Any") -> None:  # noqa: N807 - it takes the place of one
        original(self, fig, *args, **options)
        _of.setdefault(fig, []).append(weakref.ref(self))

    module.Animation.__init__ = __init__


def play(figure: "Any") -> None:
    """Bring the animations of a figure to their last picture, once."""
    for reference in _of.pop(figure, ()):
        animation = reference()
        if animation is None:
            continue
        if not _told:
            _told.append(True)
            figures.tell("an animation is kept as its last picture; its save() makes a file of all of them.")
        try:
            _play(animation)
        except Exception as error:  # noqa: BLE001 - in a window, too, it would be told and the script go on
            figures.tell("an animation could not be played to its end: {}: {}".format(type(error).__name__, error))


def _play(animation: "Any") -> None:
    begun = time.time()
    # Its own steps, without what draws each picture.
    animation._draw_was_started = True  # noqa: SLF001
    animation._init_draw()  # noqa: SLF001
    for number, frame in enumerate(animation.new_frame_seq()):
        if number >= _MOST_FRAMES or time.time() - begun > _LONGEST_S:
            return
        animation._pre_draw(frame, False)  # noqa: SLF001
        animation._draw_frame(frame)  # noqa: SLF001
