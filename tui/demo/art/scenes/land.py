"""Ridge behind ridge under a sky: mountains, hills, dunes."""

from __future__ import annotations

import numpy as np

from tui.demo.art.brief import Brief, Spot, Stage
from tui.demo.art.canvas import Canvas, Points
from tui.demo.art.colour import Colour, Field, mix
from tui.demo.art.noise import clouds, profile, step
from tui.demo.art.outlines import box, ellipse
from tui.demo.art.scenes.sea import mirror
from tui.demo.art.scenes.sky import paint_sky


def paint_mountains(canvas: Canvas, brief: Brief) -> Stage:
    """Sharp ranges that darken towards the viewer, mist between them."""
    palette, traits = brief.palette, brief.traits
    horizon = canvas.bottom * brief.between(0.5, 0.64)
    light = paint_sky(canvas, brief, horizon)
    layers = brief.whole(5, 7)
    texture = canvas.clouds(brief.random, 5, octaves=6, stretch=0.7)
    for index in range(layers):
        depth = index / (layers - 1)
        base = horizon + (canvas.bottom - horizon) * (depth**1.25 * 0.98 - 0.06)
        height = 0.34 * (1 - depth) ** 0.8 + 0.09
        if index == 0:
            height *= 1.25
        line = profile(
            brief.random, canvas.width, canvas.right, cells=1.1 + 1.6 * depth, octaves=8,
            gain=0.5, ridged=True,
        )  # fmt: skip
        crest = base - line * (height * 0.62)
        window = canvas.window(0, float(crest.min()) - 0.01, canvas.right, base + height * 1.4)
        if window is None:
            continue
        part, relief = canvas.part(*window), texture[window]
        mask = part.below(crest)
        body = mix(palette.far, palette.near, depth**0.9)
        body = mix(body, palette.horizon, 0.42 * (1 - depth) ** 1.6)
        part.lay(mask, body)
        canvas.planes[:, window[0].stop :] = body[:, None, None]
        drop = np.clip((part.y - crest) / (height * 1.1), 0, 1)
        facing = _facets(canvas, line, drop, relief, from_left=light.x < canvas.right / 2)
        lit = np.clip(facing, 0, 1) * (1 - drop) * mask * (0.55 * (1 - depth * 0.7))
        if traits & {"snow", "ice"}:
            cap = step(0.62, 0.2, drop + relief * 0.28) * mask
            part.lay(cap * (0.85 * (1 - depth) ** 0.4), mix(palette.light, palette.far, 0.12))
            part.shade(
                np.clip(-facing, 0, 1) * cap * 0.55,
                mix(palette.sky, palette.zenith, 0.4),
            )
        part.lay(lit, mix(body, palette.light, 0.6))
        part.shade(
            np.clip(-facing, 0, 1) * (1 - drop) * mask * 0.4,
            mix(body, palette.near, 0.4),
        )
        mist = np.clip((part.y - (base - height * 0.25)) / height, 0, 1) * mask
        part.lay(mist * (0.62 * (1 - depth) ** 0.8), mix(palette.horizon, palette.far, 0.25))
    if "lake" in traits:
        shore = canvas.bottom * brief.between(0.68, 0.74)
        mirror(canvas, brief, shore, tint=0.12)
        afloat = Spot(canvas.right * brief.between(0.3, 0.7), shore + 0.06, 0.24, 0.9)
        return Stage(ground=afloat, air=Spot(afloat.x, horizon * 0.72, 0.3, 0.6), water=afloat)
    return _stage(canvas, brief, crest, horizon)


def _facets(canvas: Canvas, line: Field, drop: Field, texture: Field, *, from_left: bool) -> Field:
    """How far each place of a range faces the light, about -1..1: spurs run down from the crest."""
    reach = max(3, round(0.035 * canvas.unit))
    kernel = np.hanning(2 * reach + 1).astype(np.float32)
    smooth = np.convolve(np.pad(line, reach, mode="edge"), kernel / kernel.sum(), mode="valid")
    slope = np.clip(np.gradient(smooth).astype(np.float32) * (canvas.unit * 0.16), -1, 1)
    wander = texture * drop * (0.34 * canvas.unit)
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + wander
    facing = slope[np.clip(columns, 0, canvas.width - 1).astype(np.int32)]
    shift = max(1, round(0.006 * canvas.unit))
    relief = (texture - np.roll(texture, shift, axis=1)) * 2.2
    facing = facing * 1.1 + relief
    return facing if from_left else -facing


def paint_hills(canvas: Canvas, brief: Brief) -> Stage:
    """Rolling country: fields in strips, hedges, a few trees."""
    palette, traits = brief.palette, brief.traits
    horizon = canvas.bottom * brief.between(0.42, 0.56)
    light = paint_sky(canvas, brief, horizon)
    layers = brief.whole(5, 6)
    for index in range(layers):
        depth = index / (layers - 1)
        base = horizon + (canvas.bottom - horizon) * (depth**1.2 * 0.92 - 0.02)
        line = profile(
            brief.random, canvas.width, canvas.right, cells=1.3 - 0.5 * depth, octaves=3, gain=0.35
        )
        crest = base - line * (0.075 + 0.035 * depth)
        window = canvas.window(0, float(crest.min()) - 0.02, canvas.right, canvas.bottom)
        if window is None:
            continue
        part = canvas.part(*window)
        mask = part.below(crest)
        body = mix(palette.far, palette.near, 0.72 * depth**1.3)
        body = mix(body, palette.horizon, 0.5 * (1 - depth) ** 2)
        if "snow" in traits:
            body = mix(body, palette.light, 0.7 - 0.25 * depth)
        drop = part.y - crest
        part.lay(mask, body)
        # Furrows fan out from a point beyond the crest.
        spin = brief.between(-1.2, 1.2)
        fan = (part.x - (canvas.right * brief.between(0.1, 0.9))) / (drop + 0.16) + spin
        patch = np.sin(fan * 2.1 + brief.between(0, 6))
        furrow = np.sin(fan * (24 + 12 * depth))
        strip = step(0.05, 0.35, patch) * mask
        field_tone = mix(body, palette.accent if brief.chance(0.2) else palette.horizon, 0.3)
        part.lay(strip * 0.55, field_tone)
        part.shade(step(0.0, 0.8, furrow) * strip * 0.22, mix(body, palette.near, 0.5))
        slope = np.gradient(line).astype(np.float32) * canvas.unit
        facing = np.clip(slope * (0.45 if light.x < canvas.right / 2 else -0.45), -1, 1)
        fade = np.exp(-np.clip(drop, 0, None) / 0.11)
        part.lay(
            np.clip(facing + 0.15, 0, 1) * fade * mask * (0.5 - 0.2 * depth),
            mix(body, palette.light, 0.55),
        )
        part.shade(np.clip(-facing, 0, 1) * mask * 0.4, mix(body, palette.near, 0.45))
        mist = np.clip(drop / 0.2, 0, 1) * mask
        part.lay(mist * (0.38 * (1 - depth)), palette.horizon)
        _paint_trees(canvas, brief, crest, mix(body, palette.near, 0.45), depth)
    return _stage(canvas, brief, crest, horizon)


def _paint_trees(canvas: Canvas, brief: Brief, crest: Field, tone: Colour, depth: float) -> None:
    """Clumps of round or slender crowns along a crest."""
    outlines: list[Points] = []
    slender = brief.chance(0.35)
    for _ in range(brief.whole(1, 3)):
        clump = brief.between(0, canvas.right)
        for _ in range(brief.whole(2, 7)):
            x = clump + brief.between(-0.1, 0.1) * (1 + depth)
            if not 0 <= x < canvas.right:
                continue
            size = (0.009 + 0.024 * depth) * brief.between(0.6, 1.4)
            foot = canvas.at(crest, x)
            if slender:
                outlines.append(ellipse(x, foot - size * 1.9, size * 0.42, size * 2.2, steps=20))
            else:
                outlines.append(ellipse(x, foot - size * 1.25, size, size * 1.05, steps=20))
                outlines.append(
                    ellipse(x + size * 0.6, foot - size * 0.85, size * 0.7, size * 0.7, steps=16)
                )
                outlines.append(
                    box(x - size * 0.09, foot - size, x + size * 0.09, foot + size * 0.1)
                )
    canvas.cut(outlines, tone)


def paint_dunes(canvas: Canvas, brief: Brief) -> Stage:
    """Sand in long curves, each dune with a bright and a dark flank."""
    palette = brief.palette
    horizon = canvas.bottom * brief.between(0.44, 0.56)
    light = paint_sky(canvas, brief, horizon)
    from_left = light.x < canvas.right / 2
    layers = brief.whole(4, 5)
    for index in range(layers):
        depth = index / (layers - 1)
        base = horizon + (canvas.bottom - horizon) * (depth**1.15 * 0.8 + 0.01)
        line = profile(
            brief.random, canvas.width, canvas.right, cells=0.75, octaves=2, gain=0.3, ridged=True
        )
        kernel = np.hanning(max(3, canvas.unit // 14)).astype(np.float32)
        reach = len(kernel) // 2
        line = np.convolve(np.pad(line, reach, mode="edge"), kernel / kernel.sum(), mode="same")[
            reach : reach + canvas.width
        ]
        crest = base - line * (0.06 + 0.1 * depth)
        window = canvas.window(0, float(crest.min()) - 0.02, canvas.right, canvas.bottom)
        if window is None:
            continue
        part = canvas.part(*window)
        mask = part.below(crest)
        drop = np.clip(part.y - crest, 0, None)
        bright = mix(mix(palette.far, palette.horizon, 0.55 - 0.3 * depth), palette.light, 0.12)
        dark = mix(mix(palette.far, palette.near, 0.35 + 0.3 * depth), palette.zenith, 0.15)
        bend = part.clouds(brief.random, 1.2, octaves=3)
        shift = (drop * (1.3 if from_left else -1.3) + bend * drop * 0.9) * canvas.unit
        columns = np.clip(np.arange(canvas.width)[None, :] + shift, 0, canvas.width - 1).astype(
            np.int32
        )
        slope = np.gradient(line).astype(np.float32) * canvas.unit
        facing = slope[columns] * (1 if from_left else -1)
        lit = step(-0.12, 0.2, facing)
        part.lay(mask, dark)
        part.lay(mask * lit, bright)
        ripples = np.sin(
            (part.y * (1.0 + depth) + bend * 0.06 + part.x * 0.22) * (230 - 120 * depth)
        )
        part.shade(step(0.1, 1.0, ripples) * mask * (0.05 + 0.09 * depth), dark)
        part.lay(
            np.exp(-drop / 0.008) * mask * lit * 0.7,
            mix(bright, palette.light, 0.7),
        )
        part.lay(
            np.clip(drop / 0.3, 0, 1) * mask * (0.3 * (1 - depth)),
            palette.horizon,
        )
        part.shade(
            np.clip(drop / 0.5, 0, 1) * mask * (0.35 * depth),
            mix(dark, palette.near, 0.5),
        )
    return _stage(canvas, brief, crest, horizon)


def _stage(canvas: Canvas, brief: Brief, crest: Field, horizon: float) -> Stage:
    """Room on the nearest crest, on the side where the land is higher, and in the sky."""
    x = canvas.right * brief.between(0.24, 0.76)
    foot = canvas.at(crest, x)
    foot = min(foot + 0.012, canvas.bottom * 0.96)
    return Stage(
        ground=Spot(x, foot, 0.27, 1.0),
        air=Spot(canvas.right * brief.between(0.25, 0.75), horizon * 0.72, 0.3, 0.6),
    )
