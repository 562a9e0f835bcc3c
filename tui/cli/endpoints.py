"""darkroom endpoints: the servers, as config.toml has them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import click

from tui.api.endpoints import choose_endpoint, find_settings, key_at_a_glance
from tui.cli.documents import print_object
from tui.cli.endpoint_settings import NOTHING_WRITTEN, Typed, settings_of
from tui.cli.exits import DONE, FAILED, USAGE, complain, leave
from tui.cli.findings import print_sections
from tui.cli.key import NOT_AN_ARGUMENT
from tui.cli.setting import configuration, endpoint_name, prepared_paths
from tui.config import (
    BUILT_IN_ENDPOINTS,
    DEMO,
    Config,
    ConfigError,
    EndpointSettings,
    ImageEncoding,
    ImageField,
    ReferenceWay,
    ResponseFormat,
    opening_model,
)
from tui.keys import Finding, key_store, looks_like_a_key, ways_to_set
from tui.paths import Paths, find_paths
from tui.scrub import EVERY_SECRET
from tui.terminal import TerminalFacts
from tui.text import one_line, showable

KEY_OPTIONS = ("--key", "--api-key", "--token")
"""What does not exist, and is written by who wants to say the key."""


class Unrepeating(click.Command):
    """Repeats no word that it does not know what to do with: it may be a key."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in KEY_OPTIONS:
                raise
        except click.UsageError as error:
            if type(error) is not click.UsageError:
                raise
        raise click.UsageError(NOT_AN_ARGUMENT, ctx) from None


@click.group("endpoints", invoke_without_command=True, subcommand_metavar="[COMMAND]")
@click.pass_context
def command(context: click.Context) -> None:
    """Servers: list, add, test and remove them.

    Without a command it lists them.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_endpoints, as_json=False)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
@click.pass_context
def list_endpoints(context: click.Context, as_json: bool) -> None:
    """List the endpoints: where they are, and where their keys come from.

    The one that is used is marked, and why it is. Nothing is sent, and no keyring or command is
    asked for a key.
    """
    from tui.generation.checkup.settings import why_used

    paths = find_paths()
    config = configuration(paths)
    named = context.find_root().params.get("endpoint")
    used, code = None, DONE
    try:
        used = choose_endpoint(config, named, os.environ, paths)
    except ConfigError as error:
        complain(str(error))
        code = USAGE if named else FAILED
    why = why_used(used, config, named, os.environ) if used else ""
    documents = [_document(name, config, paths, used, why) for name in config.endpoints]
    if as_json:
        for document in documents:
            print_object(document)
    else:
        _print_table(documents)
    sys.exit(code)


def _choice(kinds: object) -> click.Choice[str]:
    return click.Choice(list(get_args(kinds)))


def _setting_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options of `add` that say what the settings are."""
    options = [
        click.option("--from", "profile", metavar="PROFILE",
            help="Begin with the settings of openai, local, token360 or one of yours."),
        click.option("--base-url", metavar="URL", help="Its address, up to and including /v1."),
        click.option("--key-env", metavar="VAR", help="The environment variable with its key."),
        click.option("--key-file", metavar="FILE", help="A file of mode 0600 with its key."),
        click.option("--key-keyring", metavar="SERVICE",
            help="The entry in the system's keyring with its key, of the user darkroom."),
        click.option("--key-command", metavar='"CMD ARGS"', help="A command that prints its key."),
        click.option("--no-key", is_flag=True, help="It wants no key."),
        click.option("--model", metavar="ID", help="The model to begin with there."),
        click.option("--timeout", metavar="S", help="Seconds that a picture may take."),
        click.option("--connect-timeout", metavar="S", help="Seconds to wait for a connection."),
        click.option("--download-timeout", metavar="S",
            help="Seconds that fetching a picture may take."),
        click.option("--header", "headers", metavar="NAME=VALUE", multiple=True,
            help="Sent with every request; may be repeated."),
        click.option("--extra", metavar="NAME=JSON", multiple=True,
            help="Added to the body of every request; may be repeated."),
        click.option("--references", type=_choice(ReferenceWay),
            help="Send references in a field, or as files to /images/edits, which takes masks."),
        click.option("--image-field", type=_choice(ImageField),
            help="The field that carries references."),
        click.option("--image-encoding", type=_choice(ImageEncoding),
            help="How references are written."),
        click.option("--image-always-array/--no-image-always-array", default=None,
            help="Send a single reference as an array of one."),
        click.option("--response-format", type=_choice(ResponseFormat),
            help="How pictures are asked for; omit asks for none."),
        click.option("--native-params/--no-native-params", default=None,
            help="Let Token360 hand the parameters to the vendor as they are."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@command.command("add", cls=Unrepeating)
@click.argument("name", metavar="NAME")
@_setting_options
@click.option("--use", is_flag=True, help="Use it from now on where none is named.")
@click.option("--replace", is_flag=True, help="Replace what config.toml has under that name.")
def add(name: str, use: bool, replace: bool, **typed: Any) -> None:
    """Write the endpoint NAME into config.toml.

    Without --from and a --key option, its key is the one that darkroom key set NAME keeps. To
    change one that there is: darkroom endpoints add NAME --from NAME --replace ...
    """
    from tui.config_edit import (
        EndpointExists,
        UnfitEndpoint,
        check_name,
        save_endpoint,
        use_endpoint,
    )

    if looks_like_a_key(name):
        leave(f"{NOT_AN_ARGUMENT.rstrip('.')}; {NOTHING_WRITTEN}", USAGE)
    try:
        check_name(name)
    except ConfigError as error:
        leave(f"{error}; {NOTHING_WRITTEN}", USAGE)
    paths = prepared_paths()
    settings = settings_of(name, Typed(**typed), configuration(paths), paths)
    EVERY_SECRET.learn(settings.headers.values())
    file = paths.config_file
    try:
        save_endpoint(file, name, settings, replace=replace)
    except EndpointExists as error:
        leave(f"{error}; --replace replaces it; {NOTHING_WRITTEN}", USAGE)
    except UnfitEndpoint as error:
        leave(f"{error}; {NOTHING_WRITTEN}", USAGE)
    except ConfigError as error:
        leave(f"{error}; {NOTHING_WRITTEN}", FAILED)
    if settings == BUILT_IN_ENDPOINTS.get(name):
        complain(f"{name} is as built in, of which {file} has to say nothing")
    else:
        complain(f"{name} is written to {file}: {settings.base_url}")
    if use:
        with _complaining():
            use_endpoint(file, name)
        complain(f"{name} is used from now on where none is named")
    _say_what_is_next(name, settings, paths)


@command.command("use")
@click.argument("name", metavar="NAME")
def use(name: str) -> None:
    """Use the endpoint NAME from now on where none is named."""
    from tui.config_edit import use_endpoint

    paths = prepared_paths()
    with _complaining():
        use_endpoint(paths.config_file, name)
    complain(f"{name} is used from now on where none is named")


@command.command("remove")
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Remove the endpoint NAME from config.toml; of a built-in one, what changes it.

    A key that is kept for it stays; so do its entries in the history.
    """
    from tui.config_edit import remove_endpoint

    paths = find_paths()
    was_chosen = configuration(paths).endpoint == name
    with _complaining():
        remove_endpoint(paths.config_file, name)
    if name in BUILT_IN_ENDPOINTS:
        complain(f"what {paths.config_file} said of {name} is removed; it is as built in now")
    else:
        complain(f"{name} is removed from {paths.config_file}")
    if was_chosen:
        complain("it was the endpoint that is used; now none is chosen")
    store = key_store(paths.keys, name)
    if store is not None and store.is_filled():
        complain(f"its key is still kept; to remove it: darkroom key remove {name}")


@command.command("test")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def test(context: click.Context, name: str | None, as_json: bool) -> None:
    """Say whether the server is reached, takes the key, and what it offers.

    Costs nothing: no picture is asked for. Without NAME it is the endpoint that is used.

    \b
    Exit codes: 0 a generation could be sent, 1 it could not,
    2 there is no endpoint of that name.
    """
    from tui.generation.checkup.facts import document, is_ready
    from tui.generation.checkup.whole import Subject, examine_endpoint

    paths = find_paths()
    config = configuration(paths)
    named = name or context.find_root().params.get("endpoint")
    chosen = endpoint_name(config, named, paths)
    subject = Subject(paths, os.environ, TerminalFacts(), endpoint=named, online=True)
    sections = examine_endpoint(subject, config, chosen)
    if as_json:
        print_object(document(sections))
    else:
        print_sections(sections)
    sys.exit(DONE if is_ready(sections) else FAILED)


@contextmanager
def _complaining() -> Iterator[None]:
    """End the process with a sentence where config.toml cannot be changed as it is wanted."""
    from tui.config_edit import NoSuchEndpoint

    try:
        yield
    except NoSuchEndpoint as error:
        leave(str(error), USAGE)
    except ConfigError as error:
        leave(str(error), FAILED)


def _say_what_is_next(name: str, settings: EndpointSettings, paths: Paths) -> None:
    from tui.generation.checkup.redaction import secret_fields, secret_headers

    hidden = (*secret_headers(settings.headers), *secret_fields(settings.extra))
    if hidden:
        words = "what looks like secrets" if len(hidden) > 1 else "what looks like a secret"
        complain(
            f"{paths.config_file} now holds {words}: {', '.join(hidden)}; you alone can read it"
        )
    glance = key_at_a_glance(name, settings, os.environ, paths)
    if settings.key is not None and glance is not None and glance.state != "found":
        ways = ways_to_set(settings.key, key_store(paths.keys, name))
        if glance.state == "unusable":
            complain(f"its key cannot be used: {glance.reason}")
        elif glance.state == "absent":
            complain(f"no key is found for it yet: {', or '.join(ways) or 'put one there'}")
    complain(f"to see what it can do, which costs nothing: darkroom endpoints test {name}")


def _document(
    name: str, config: Config, paths: Paths, used: str | None, why: str
) -> dict[str, Any]:
    """What is listed of an endpoint; no key, no secret."""
    from tui.generation.checkup.redaction import bare_address

    settings = find_settings(config, name)
    glance = key_at_a_glance(name, settings, os.environ, paths)
    return {
        "name": name,
        "base_url": bare_address(settings.base_url),
        "model": opening_model(config, name),
        "key": None if glance is None else {"source": glance.source, "state": _state(glance)},
        "origin": _origin(name, settings),
        "used": name == used,
        "why": why if name == used else "",
    }


def _state(glance: Finding) -> str:
    return {"absent": "not found", "unusable": glance.reason}.get(glance.state, glance.state)


def _origin(name: str, settings: EndpointSettings) -> str:
    built_in = BUILT_IN_ENDPOINTS.get(name)
    if built_in is None:
        return "configured"
    return "built in" if settings == built_in else "built in, changed"


def _print_table(documents: list[dict[str, Any]]) -> None:
    rows = [_cells(document) for document in documents]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo(showable("  ".join(cells).rstrip()))


def _cells(document: dict[str, Any]) -> list[str]:
    key = document["key"]
    state = "no key wanted" if key is None else f"key {key['source']}: {key['state']}"
    origin = document["origin"]
    note = f"{origin}; used, {document['why']}" if document["used"] else origin
    address = "a rehearsal" if document["name"] == DEMO else document["base_url"]
    mark = "*" if document["used"] else " "
    cells = map(one_line, (document["name"], address, document["model"], state, note))
    name, *rest = cells
    return [f"{mark} {name}", *rest]
