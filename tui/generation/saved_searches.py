"""Searches of history that are kept by name in config.toml."""

from __future__ import annotations

from pathlib import Path

from tui.config import load_config


def keep_search(path: Path, name: str, query: str, was: str = "") -> dict[str, str]:
    """Keep a search in the config.toml at `path`, in place of that of `was`; all that are kept.

    Without a name that of `was` is forgotten. Raises ConfigError. Touches the disk.
    """
    # It brings a library along, which the first frame does not need.
    from tui.config_edit import remove_search, save_search

    if name:
        save_search(path, name, query, was)
    else:
        remove_search(path, was)
    return load_config(path).searches
