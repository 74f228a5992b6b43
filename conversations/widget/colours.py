"""Colours that can be read, by WCAG 2.2's contrast ratio. Pure."""

from __future__ import annotations

READABLE = 4.5
LINEAR_UP_TO = 0.04045  # below, sRGB is a straight line
WHITE, BLACK = "#ffffff", "#000000"
STEPS = 20
MIDDLE_LUMINANCE = 0.18  # white and black read equally well on it
# The surfaces of ``chat.css``, on which an accent is read as text.
SURFACES = {"light": WHITE, "dark": "#16181d"}


def panel_colours(light: str, dark: str) -> dict[str, str]:
    """Return the accents and their shades that can be read, as the variables of ``chat.css``.

    Args:
        light: The accent in the light, in six digits.
        dark: The accent in the dark.
    """
    variables = {}
    for scheme, accent in (("light", light), ("dark", dark)):
        variables[f"--chatsite-accent-{scheme}"] = accent
        variables[f"--chatsite-on-accent-{scheme}"] = text_on(accent)
        variables[f"--chatsite-link-{scheme}"] = readable_on(accent, SURFACES[scheme])
    return variables


def text_on(colour: str) -> str:
    """Return white or black, whichever reads on the colour; white where both do.

    Args:
        colour: Six digits, as in ``#1f6feb``.
    """
    return WHITE if contrast(WHITE, colour) >= READABLE else BLACK


def readable_on(colour: str, surface: str) -> str:
    """Return the colour, moved towards black or white only as far as it takes to be read."""
    goal = BLACK if _luminance(surface) > MIDDLE_LUMINANCE else WHITE
    steps = (_mixed(colour, goal, step / STEPS) for step in range(STEPS + 1))
    return next((mixed for mixed in steps if contrast(mixed, surface) >= READABLE), goal)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _mixed(colour: str, goal: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(goal), strict=True)
    return "#" + "".join(f"{round(from_ + (to - from_) * share):02x}" for from_, to in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= LINEAR_UP_TO else float(((share + 0.055) / 1.055) ** 2.4)
