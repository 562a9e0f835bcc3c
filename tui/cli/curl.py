"""darkroom curl: the request of an entry, to be sent by hand."""

from __future__ import annotations

import click

from tui.api.endpoints import find_settings
from tui.api.errors import ApiError
from tui.api.wire import UnfitRequest
from tui.cli.entry_lines import named_entry
from tui.cli.exits import FAILED, USAGE, leave
from tui.cli.setting import configuration
from tui.config import ConfigError
from tui.generation.curl import curl_command
from tui.history.store import HistoryStore
from tui.paths import find_paths
from tui.text import showable


@click.command("curl")
@click.argument("entry_id", metavar="ENTRY")
def command(entry_id: str) -> None:
    """Print an entry's request as curl, its key as a variable; part of its ID will do."""
    paths = find_paths()
    store = HistoryStore(paths)
    entry = named_entry(store, entry_id)
    try:
        settings = find_settings(configuration(paths), entry.endpoint)
        text = curl_command(entry, settings, store.absolute)
    except ConfigError as error:
        leave(str(error), USAGE)
    except ApiError as error:
        leave(f"{error.message} {error.hint}", FAILED)
    except (UnfitRequest, ValueError) as error:
        leave(str(error), FAILED)
    except OSError as error:
        leave(f"an input image cannot be read: {error}", FAILED)
    click.echo(showable(text))
