"""How the demo endpoint paints: a prompt is read, a scene composed, a technique applied, signed.

`reading` turns words into a `Reading` by the tables of `lexicon.toml` and `palettes.toml`; `scenes`
compose on a `Canvas`, `subjects` sets the silhouettes of `silhouettes.toml` into them; `techniques`
and `finish` are the hand; `lettering` signs. Nothing here knows HTTP.
"""
