"""How the demo endpoint paints: a prompt is read, a scene is built from it, a hand finishes it.

`reading` turns words into a `Reading`; `scenes` compose on a `Canvas` with `noise`, `silhouettes`
and `palettes`; `techniques` and `finish` are the hand; `lettering` signs. Nothing here knows HTTP.
"""
