"""Harmonic palettes, read from `palettes.toml`, each with the moods it answers to."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files

from tui.demo.art.colour import Colour, adjust, from_hex, lightness, mix


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they do in a picture.

    The sky runs from `zenith` over `sky` to `horizon`; the land from `far`, near the horizon's
    tone, to `near`, the darkest mass; `light` is sun, moon and lamps; `accent` the one colour
    that does not belong.
    """

    name: str
    moods: frozenset[str]
    zenith: Colour
    sky: Colour
    horizon: Colour
    far: Colour
    near: Colour
    light: Colour
    accent: Colour

    @property
    def dark(self) -> bool:
        """Whether the sky is a night sky."""
        return lightness(self.sky) < 0.5

    @property
    def ground(self) -> Colour:
        """Between far and near."""
        return mix(self.far, self.near, 0.5)

    def spectrum(self) -> list[Colour]:
        """From the darkest over the sky to the light: what abstract pictures are toned with."""
        return [
            self.near,
            *sorted((self.far, self.zenith, self.sky, self.horizon), key=lightness),
            self.light,
        ]

    def turned(self, turn: float, chroma: float = 1.0) -> Palette:
        """The same relations with every hue turned by `turn` radians."""
        return self._each(lambda colour: adjust(colour, turn=turn, chroma=chroma))

    def tinted(self, tint: Colour, amount: float) -> Palette:
        """Drawn towards the hue of `tint`; lightness stays, and light and accent move less."""

        def drawn(colour: Colour, amount: float) -> Colour:
            wanted = adjust(tint, lightness=lightness(colour) - lightness(tint))
            return mix(colour, wanted, amount)

        return replace(
            self,
            zenith=drawn(self.zenith, amount), sky=drawn(self.sky, amount),
            horizon=drawn(self.horizon, amount), far=drawn(self.far, amount),
            near=drawn(self.near, amount), light=drawn(self.light, amount * 0.4),
        )  # fmt: skip

    def accented(self, accent: Colour) -> Palette:
        """With another accent."""
        return replace(self, accent=accent)

    def _each(self, change: Callable[[Colour], Colour]) -> Palette:
        return replace(
            self,
            zenith=change(self.zenith), sky=change(self.sky), horizon=change(self.horizon),
            far=change(self.far), near=change(self.near), light=change(self.light),
            accent=change(self.accent),
        )  # fmt: skip


def _load() -> tuple[Palette, ...]:
    table = tomllib.loads(files("tui.demo.art").joinpath("palettes.toml").read_text("utf-8"))
    return tuple(
        Palette(name, frozenset(row["moods"].split()), *map(from_hex, row["colours"].split()))
        for name, row in table.items()
    )


PALETTES = _load()
