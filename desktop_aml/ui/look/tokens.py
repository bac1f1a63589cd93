"""The two sets of colours, by role. Values only: no Qt, so that tests and tools can read them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from desktop_aml.domain.values import dataclass

SERIES_LIGHT: Final = (
    "#0072B2", "#D55E00", "#007250", "#801573", "#C88252", "#00A0BC",
    "#1B032B", "#6D3CD4", "#A50031", "#223300", "#8E9090", "#FF1979",
)  # fmt: skip
SERIES_DARK: Final = (
    "#56B4E9", "#F28E2B", "#58FFBC", "#C8259B", "#DEFC38", "#8042FF",
    "#FFE3FF", "#678EFF", "#D2232C", "#15FF71", "#6FBDAD", "#975C63",
)  # fmt: skip
"""Colours of plot series: at least 3:1 on their surface, and told apart by people with any colour vision."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by role, each as ``#RRGGBB``.

    Parameters
    ----------
    window, surface, raised : str
        Backgrounds: behind everything; of lists, fields and pages; of menus and buttons.
    border, outline : str
        Hairlines; edges of small controls, which need 3:1.
    hover, pressed : str
        Background of what the pointer is on, and of what is held down.
    disabled : str
        Text of what cannot be used now.
    selection : str
        Background of what is selected; its text stays `text`.
    queued, preparing, running, completed, failed, warning : str
        Text and icons of states.
    """

    window: str
    surface: str
    raised: str
    border: str
    outline: str
    hover: str
    pressed: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    accent_text: str
    selection: str
    queued: str
    preparing: str
    running: str
    completed: str
    failed: str
    warning: str


LIGHT: Final = Tokens(
    window="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    border="#D8DCE2",
    outline="#848E99",
    hover="#ECEFF3",
    pressed="#E1E5EB",
    text="#1B1F24",
    secondary="#59636E",
    disabled="#98A1AB",
    accent="#0B5FD0",
    accent_hover="#0952B4",
    accent_text="#FFFFFF",
    selection="#DCE8FD",
    queued="#5D6670",
    preparing="#6F42C1",
    running="#0B5FD0",
    completed="#17712F",
    failed="#C5221F",
    warning="#8A5A00",
)

DARK: Final = Tokens(
    window="#15181C",
    surface="#1C2025",
    raised="#242A31",
    border="#363D46",
    outline="#6E7985",
    hover="#2A3038",
    pressed="#323943",
    text="#E6E9ED",
    secondary="#9DA7B3",
    disabled="#5F6873",
    accent="#5BA2FF",
    accent_hover="#7AB4FF",
    accent_text="#0B1220",
    selection="#1B355B",
    queued="#9DA7B3",
    preparing="#B392F0",
    running="#5BA2FF",
    completed="#4AC26B",
    failed="#FF7B72",
    warning="#E3B341",
)

STATE_ROLES: Final = MappingProxyType(
    {
        "Queued": "queued",
        "Preparing": "preparing",
        "Running": "running",
        "CancelRequested": "warning",
        "Finalizing": "preparing",
        "Completed": "completed",
        "Failed": "failed",
        "Canceled": "warning",
        "Transitioning": "preparing",
        "Healthy": "completed",
        "Unhealthy": "failed",
        "Stopped": "queued",
        "Not built": "queued",
        "Built as image": "completed",
        "Building": "preparing",
        "Ready": "completed",
    }
)
"""Role of the colour of each state of `desktop_aml.domain`."""

STATE_ICONS: Final = MappingProxyType(
    {
        "Queued": "queue",
        "Preparing": "preparing",
        "Running": "running",
        "CancelRequested": "stop",
        "Finalizing": "preparing",
        "Completed": "check-circle",
        "Failed": "cross-circle",
        "Canceled": "canceled",
        "Transitioning": "preparing",
        "Healthy": "check-circle",
        "Unhealthy": "warning",
        "Stopped": "stopped",
        "Not built": "queue",
        "Built as image": "check-circle",
        "Building": "preparing",
        "Ready": "check-circle",
    }
)
"""Name of the icon of each state."""
