import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.ui.logs.colors import background_rgb, foreground_rgb, xterm_rgb
from desktop_aml.ui.look.colors import MIN_CONTRAST, contrast, readable

LIGHT = (255, 255, 255)
DARK = (0x1C, 0x20, 0x25)
RGB = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.mark.parametrize("surface", [LIGHT, DARK])
def test_every_palette_colour_can_be_read_on_both_surfaces(surface: tuple[int, int, int]):
    for index in range(256):
        assert contrast(foreground_rgb(index, surface), surface) >= MIN_CONTRAST, index


def test_every_colour_can_be_read_on_every_coloured_background():
    for behind in range(256):
        background = background_rgb(behind)
        for front in (0, 1, 4, 7, 15, 226, 244):
            assert contrast(foreground_rgb(front, background), background) >= MIN_CONTRAST, (front, behind)


@given(RGB, RGB)
def test_any_colour_becomes_readable_on_any_background(color, background):
    assert contrast(readable(color, background), background) >= min(MIN_CONTRAST, 4.5)


def test_a_colour_that_is_readable_is_left_alone():
    assert readable((200, 0, 0), LIGHT) == (200, 0, 0)


def test_the_xterm_cube_and_greys():
    assert xterm_rgb(16) == (0, 0, 0)
    assert xterm_rgb(231) == (255, 255, 255)
    assert xterm_rgb(208) == (255, 135, 0)
    assert xterm_rgb(255) == (238, 238, 238)
