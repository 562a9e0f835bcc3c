"""darkroom images: the endpoint's records, listed, downloaded, adopted and deleted."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import click
import msgspec

from tui.cli.documents import as_json_option, entry_document, print_object
from tui.cli.entry_lines import counted, prompt_width
from tui.cli.exits import DONE, FAILED, INTERRUPTED, REFUSED, USAGE, complain, leave
from tui.cli.foreground import cancelled_when_told_to_end
from tui.cli.record_files import RecordFiles
from tui.cli.setting import bare_catalogue, configuration, endpoint_name, prepared_paths
from tui.commands import stop_commands
from tui.generation.choosing import asked_by_card
from tui.generation.clients import Clients
from tui.history.desk import HistoryDesk
from tui.history.wording import age
from tui.text import one_line, showable

if TYPE_CHECKING:
    from tui.api.errors import ApiError
    from tui.generation.adopting import Adopted, Result
    from tui.generation.library import Library, Listed
    from tui.generation.record_removal import Removal

LISTED = 20
REFUSALS = frozenset({"auth", "no_credit", "forbidden"})
"""Kinds of failure in which the endpoint says no."""
_STATE_WIDTH = 26
_WORSE = (REFUSED, FAILED, DONE)
Work: TypeAlias = Callable[["Library"], Awaitable[int]]

endpoint_option = click.option(
    "--endpoint", metavar="NAME", help="The endpoint, instead of the configured one."
)
ids_argument = click.argument("record_ids", metavar="[ID]...", nargs=-1)


class ListOrVerb(click.Group):
    """Lists where no verb is named, and shows the options of that."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[list] [--all] [--limit N] [--json]")
        others = "|".join(name for name in self.commands if name != "list")
        formatter.write_usage(ctx.command_path, f"{others} [ID]... [--all]", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        list_records.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group("images", cls=ListOrVerb)
def command() -> None:
    """The records that the endpoint keeps of generations, newest first.

    With each stands the entry that has it; with "?" where one asked for the same
    at that time, and neither knows of the other. Nothing here costs anything.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the endpoint,
    130 interrupted.
    """


@command.command("list")
@click.option("--all", "is_all", is_flag=True, help="List all that there are.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=LISTED,
    help=f"List N records at most; {LISTED} if not given.",
)
@endpoint_option
@as_json_option
@click.pass_context
def list_records(
    context: click.Context, is_all: bool, limit: int, endpoint: str | None, as_json: bool
) -> None:
    """List records, newest first, each with the entry that has it."""

    async def work(library: Library) -> int:
        count = 0
        left = sys.maxsize if is_all else limit
        pages = library.all() if is_all else _pages(library)
        async for page in pages:
            for listed in page[:left]:
                _print(listed, as_json=as_json)
            count += len(page[:left])
            left -= len(page)
            if left <= 0:
                break
        if not count:
            complain(f"{library.endpoint} has no records")
        elif not (is_all or (library.is_whole and left >= 0)):
            complain(f"{counted(count, 'record')}; there are older ones, which --all lists")
        return DONE

    _run(context, endpoint, work, page=100 if is_all else limit)


@command.command("download")
@ids_argument
@click.option("--all", "is_all", is_flag=True, help="Download all that are not in the folder yet.")
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    default=".",
    help="Where to; the folder one is in if not given.",
)
@endpoint_option
@click.pass_context
def download(
    context: click.Context,
    record_ids: tuple[str, ...],
    is_all: bool,
    output: str,
    endpoint: str | None,
) -> None:
    """Download the pictures of records into a folder, and make no entries.

    Prints the paths. Nothing is ever overwritten. What history has already is
    copied from there.
    """
    _check_ids(record_ids, is_all=is_all)
    files = RecordFiles(Path(output), is_alone=len(record_ids) == 1 and not is_all)
    if problem := files.problem(is_folder=output.endswith(os.sep)):
        leave(problem, USAGE)

    async def work(library: Library) -> int:
        if is_all:
            listed = [each async for page in library.all() for each in page if not each.is_failed]
            listed = [each for each in listed if not files.has(each.id)]
        else:
            listed = list((await library.find(record_ids)).values())
        code = _tell_unlisted(record_ids, listed, library.endpoint)
        for number, each in enumerate(listed, start=1):
            _say_progress("downloading", number, len(listed))
            code = _worst(code, await files.fetch(library, each))
        complain(f"{counted(files.count, 'picture')} in {files.folder}")
        return code

    _run(context, endpoint, work)


@command.command("adopt")
@ids_argument
@click.option("--all", "is_all", is_flag=True, help="Adopt all that no entry has; not failed ones.")
@endpoint_option
@as_json_option
@click.pass_context
def adopt(
    context: click.Context,
    record_ids: tuple[str, ...],
    is_all: bool,
    endpoint: str | None,
    as_json: bool,
) -> None:
    """Make entries of records that no entry has, with their pictures.

    Prints the entries' ids and the pictures' paths. What was cut off is gone on
    with, and nothing is adopted twice. What a record does not tell, such as its
    parameters, stays empty.
    """
    _check_ids(record_ids, is_all=is_all)

    async def work(library: Library) -> int:
        if is_all:
            listed = [each async for page in library.all() for each in page if each.is_missing]
        else:
            listed = list((await library.find(record_ids)).values())
        code = _tell_unlisted(record_ids, listed, library.endpoint)
        if not listed:
            if is_all:
                complain("nothing is missing: entries have all records that have a picture")
            return code
        told = partial(_tell_adopted, library, len(listed), as_json=as_json)
        found = await library.adopt([each.record for each in listed], _Counting(told))
        return _worst(code, *(_code_of(each.result) for each in found))

    _run(context, endpoint, work)


@command.command("delete")
@ids_argument
@click.option("--all", "is_all", is_flag=True, help="Delete all that there are; needs --yes.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@endpoint_option
@click.pass_context
def delete(
    context: click.Context,
    record_ids: tuple[str, ...],
    is_all: bool,
    yes: bool,
    endpoint: str | None,
) -> None:
    """Delete records and their pictures at the endpoint.

    Says what will be lost, and asks once. Entries keep their pictures. To throw
    an entry away: darkroom history rm.
    """
    _check_ids(record_ids, is_all=is_all)
    if is_all and not yes:
        leave("--all deletes all records of the endpoint, and needs --yes", USAGE)
    is_asked = not yes
    if is_asked and not (sys.stdin is not None and sys.stdin.isatty()):
        leave("nobody can be asked here; --yes deletes without a question", USAGE)

    listed: list[Listed] = []

    async def find(library: Library) -> int:
        if is_all:
            listed.extend([each async for page in library.all() for each in page])
        else:
            listed.extend((await library.find(record_ids)).values())
        if listed:
            complain(_loss(listed, library.endpoint))
        return _tell_unlisted(record_ids, listed, library.endpoint)

    async def work(library: Library) -> int:
        so_far: list[Removal] = []

        def told(removal: Removal) -> None:
            so_far.append(removal)
            _say_progress("deleting", len(removal.deleted) + len(removal.gone), len(listed))

        try:
            return _tell_removal(await library.delete(listed, told))
        except asyncio.CancelledError:
            done = len(so_far[-1].deleted) if so_far else 0
            complain(f"{counted(done, 'record')} deleted of {len(listed):,}; one more may be")
            raise

    code = _done(context, endpoint, find)
    if not listed:
        sys.exit(code)
    # Between the two, since a question that waits in a thread could not be interrupted.
    if is_asked and not click.confirm("Delete?", default=False, err=True):
        leave("nothing was deleted", FAILED)
    sys.exit(_worst(code, _done(context, endpoint, work)))


def _run(context: click.Context, endpoint: str | None, work: Work, page: int = 100) -> NoReturn:
    """Do `work` with the library of the endpoint, and end the process."""
    sys.exit(_done(context, endpoint, work, page))


def _done(context: click.Context, endpoint: str | None, work: Work, page: int = 100) -> int:
    """Do `work` with the library of the endpoint; the exit code. Ends the process where it is
    interrupted."""
    paths = prepared_paths()
    config = configuration(paths)
    named = endpoint or context.find_root().params.get("endpoint")
    name = endpoint_name(config, named, paths)
    catalogue = bare_catalogue(paths)

    async def run() -> int:
        # Imported here since they bring httpx and Pillow along.
        from tui.api.errors import ApiError
        from tui.generation.library import Library

        clients = Clients(config, paths)
        desk = HistoryDesk(paths, lambda: datetime.now().astimezone())
        with cancelled_when_told_to_end():
            try:
                client = await clients.get(name)
                await asyncio.to_thread(desk.catch_up)
                library = Library(
                    paths,
                    desk,
                    name,
                    client,
                    asked=lambda entry: asked_by_card(entry, catalogue.card(entry.model)),
                    page=min(page, 100),
                )
                return await work(library)
            except ApiError as error:
                return _tell_failure(error, name)
            except BrokenPipeError:
                # Nobody reads on; click ends quietly.
                raise
            except OSError as error:
                complain(f"the history cannot be used: {error.strerror or error}")
                return FAILED
            except asyncio.CancelledError:
                # One that asks for a passphrase would be waited for.
                stop_commands()
                raise
            finally:
                await clients.aclose()
                await asyncio.to_thread(desk.close)

    try:
        return asyncio.run(run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        complain("interrupted; what was done is kept, and the same command goes on with it")
        sys.exit(INTERRUPTED)


async def _pages(library: Library) -> Any:
    while page := await library.more():
        yield page


def _print(listed: Listed, *, as_json: bool) -> None:
    record, owner = listed.record, listed.owner
    if as_json:
        document = msgspec.to_builtins(record)
        document["entry"] = owner.entry.id if owner else None
        document["certain"] = owner.is_certain if owner else None
        document["in_trash"] = owner.is_trashed if owner else False
        print_object(document)
        return
    since = age(record.created, datetime.now(UTC)) if record.created.year > 1970 else "?"
    state = one_line(_state(listed), limit=_STATE_WIDTH)
    words = record.prompt if not record.error else f"{record.error}: {record.prompt}"
    before = len(record.id) + _STATE_WIDTH + 12
    prompt = one_line(words, limit=prompt_width(before))
    sign = "✕" if listed.is_failed else "●" if listed.entry else "○"
    line = f"{sign} {one_line(record.id)}  {since:>4}  {state:<{_STATE_WIDTH}}  {prompt}"
    click.echo(showable(line))


def _state(listed: Listed) -> str:
    owner = listed.owner
    if owner is None:
        return listed.record.status if listed.record.status != "completed" else "not in history"
    if owner.is_trashed:
        return "in the trash"
    return owner.entry.id + ("" if owner.is_certain else "?")


class _Counting:
    """Tells of each with its number."""

    def __init__(self, told: Callable[[int, Adopted], object]) -> None:
        self._told = told
        self._count = 0

    def __call__(self, adopted: Adopted) -> None:
        self._count += 1
        self._told(self._count, adopted)


def _tell_adopted(
    library: Library, count: int, number: int, adopted: Adopted, *, as_json: bool
) -> None:
    entry, store = adopted.entry, library.store
    if as_json:
        print_object(
            {
                "record": adopted.record.id,
                "result": adopted.result,
                "text": adopted.text,
                "entry": entry_document(entry, store) if entry else None,
            }
        )
    elif entry is not None and adopted.result in ("adopted", "failed", "had"):
        if not entry.images:
            click.echo(showable(entry.id))
        for image in entry.images:
            with suppress(ValueError):
                click.echo(showable(f"{entry.id}  {store.absolute(image.file)}"))
    if adopted.result != "adopted":
        complain(f"{one_line(adopted.record.id)}: {adopted.text}")
    _say_progress("adopting", number, count)


def _code_of(result: Result) -> int:
    return DONE if result in ("adopted", "failed", "had") else FAILED


def _tell_removal(removal: Removal) -> int:
    for record_id in removal.deleted:
        click.echo(showable(record_id))
    for record_id in removal.gone:
        complain(f"{record_id}: the endpoint did not have it any more")
    for record_id, error in removal.failed:
        complain(f"{record_id}: not deleted. {error.message}")
    if removal.untried:
        complain(f"not tried: {', '.join(removal.untried)}")
    complain(f"{counted(len(removal.deleted), 'record')} deleted")
    if removal.is_complete:
        return DONE
    is_refused = any(error.kind in REFUSALS for _, error in removal.failed)
    return REFUSED if is_refused else FAILED


def _loss(listed: Sequence[Listed], endpoint: str) -> str:
    """What will be lost when these are deleted."""
    names = ", ".join(one_line(each.id) for each in listed[:5])
    more = f" and {len(listed) - 5:,} more" if len(listed) > 5 else ""
    missing = sum(each.is_missing for each in listed)
    text = (
        f"{counted(len(listed), 'record')} will be deleted at {endpoint} for good: {names}{more}."
    )
    if missing:
        what = "picture is" if missing == 1 else "pictures are"
        return f"{text} {missing:,} {what} nowhere else: darkroom images adopt keeps them."
    return f"{text} Entries here keep their pictures."


def _check_ids(record_ids: Sequence[str], *, is_all: bool) -> None:
    if bool(record_ids) == is_all:
        leave("name the IDs of records, or --all", USAGE)


def _tell_unlisted(record_ids: Sequence[str], listed: Sequence[Listed], endpoint: str) -> int:
    """Say which are not listed, and give the exit code so far."""
    found = {each.id for each in listed}
    missing = [each for each in dict.fromkeys(record_ids) if each not in found]
    for record_id in missing:
        complain(f"{endpoint} lists no record {record_id}")
    return FAILED if missing else DONE


def _tell_failure(error: ApiError, endpoint: str) -> int:
    from tui.generation.record_listing import keeps_no_list

    if keeps_no_list(error):
        complain(f"{endpoint} keeps no list of what it made. {error.message}")
        return FAILED
    hint = "Check the connection." if error.kind == "not_sent" else error.hint
    complain(f"{error.message} {hint}".rstrip())
    return REFUSED if error.kind in REFUSALS else FAILED


def _say_progress(what: str, number: int, count: int) -> None:
    if count > 1 and sys.stderr is not None and sys.stderr.isatty():
        complain(f"{what} {number:,} of {count:,}")


def _worst(*codes: int) -> int:
    return min(codes, key=_WORSE.index)
