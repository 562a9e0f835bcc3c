"""What every command starts from: folders, configuration, endpoint, catalogue."""

from __future__ import annotations

import os

from tui.catalog.loading import Catalogue, load_catalogue
from tui.cli.exits import FAILED, USAGE, complain, leave
from tui.config import Config, ConfigError, load_config
from tui.paths import Paths, find_paths


def prepared_paths() -> Paths:
    """The folders, created and writable; ends the process with a sentence where they are not."""
    paths = find_paths()
    try:
        paths.prepare()
    except OSError as error:
        where = error.filename or paths.data
        leave(f"cannot write to {where}: {error.strerror}. Set DARKROOM_HOME.", FAILED)
    return paths


def configuration(paths: Paths) -> Config:
    """config.toml; ends the process with a sentence where it means nothing."""
    try:
        return load_config(paths.config_file)
    except ConfigError as error:
        leave(str(error), FAILED)


def bare_catalogue(paths: Paths) -> Catalogue:
    """The model cards without any endpoint; says which of the user's cannot be used."""
    catalogue = load_catalogue(paths.cards)
    for problem in catalogue.problems:
        complain(f"card not used: {problem}")
    return catalogue


def model_catalogue(paths: Paths, config: Config, endpoint: str) -> Catalogue:
    """The model cards as `endpoint` had them when it was last asked; it is not asked now."""
    from tui.generation.models_desk import kept_catalogue

    return kept_catalogue(bare_catalogue(paths), endpoint, config, paths)


def endpoint_name(config: Config, named: str | None, paths: Paths) -> str:
    """The endpoint to use; ends the process with a sentence where there is none of that name."""
    from tui.api.endpoints import choose_endpoint

    try:
        return choose_endpoint(config, named, os.environ, paths)
    except ConfigError as error:
        leave(str(error), USAGE if named else FAILED)
