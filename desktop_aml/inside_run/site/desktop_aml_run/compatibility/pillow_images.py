"""Pillow in a run, which has no windows: what ``Image.show()`` would show is kept in ``outputs/figures``."""

from desktop_aml_run.compatibility import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_told: "list[bool]" = []


def patch(module: "Any") -> None:
    """Put a viewer that keeps before all others of ``PIL.ImageShow``."""
    folder = figures.folder_of_run()
    if folder is not None:
        module._viewers.insert(0, _Viewer(folder))  # noqa: SLF001 - `register` puts it at either end, by version


class _Viewer(object):
    """Takes every image."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def show(self, image: "Any", **_options: "Any") -> int:
        """Write an image; return whether no other viewer is to be asked."""
        if not figures.COUNT.has_room():
            return 1
        try:
            shown = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else image.convert("RGB")
            shown.save(figures.new_file(self._folder, ".png"), format="PNG")
        except Exception as error:  # noqa: BLE001 - a picture that nobody asked for must never be what breaks a script
            figures.tell("an image could not be kept: {}".format(error))
            return 1
        if not _told:
            _told.append(True)
            figures.tell("what Image.show() would show is kept in outputs/{}.".format(figures.FOLDER))
        return 1
