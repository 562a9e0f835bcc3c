"""The keys that the user has set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App


def use_keymap(app: App[Any], keymap: Mapping[str, str]) -> None:
    """Use `keymap`: ids of bindings, and the keys of each with commas between.

    A key that is set for something is taken from what the application has on it: Textual asks the
    application first, and would leave the screens without it.
    """
    app.set_keymap(dict(keymap))
    taken = {key.strip() for keys in keymap.values() for key in keys.split(",")}
    bindings = app._bindings.key_to_bindings
    for key in taken & bindings.keys():
        stays = [binding for binding in bindings[key] if binding.id in keymap]
        if stays:
            bindings[key] = stays
        else:
            del bindings[key]
