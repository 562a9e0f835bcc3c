"""darkroom batch: many requests, from a file of prompts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from tui.catalog.price import images_expected
from tui.catalog.validation import request_fields
from tui.cli.documents import as_json_option, print_object
from tui.cli.drafting import assigned, begin_draft, refuse
from tui.cli.entry_lines import counted
from tui.cli.exits import DONE, FAILED, INTERRUPTED, REFUSED, UNKNOWN, USAGE, complain, leave
from tui.cli.foreground import cancelled_when_told_to_end
from tui.cli.generate import exit_code, print_outcome
from tui.cli.setting import configuration, endpoint_name, model_catalogue, prepared_paths
from tui.commands import stop_commands
from tui.generation.batch import BatchEnd, Planned, plan_batch, run_batch
from tui.generation.batch_file import BatchLine, read_batch
from tui.generation.batch_marks import BatchIsRunning, BatchMarks, batch_name, read_marks
from tui.generation.budget import Budget
from tui.generation.clients import Clients
from tui.generation.progress import Pause, Progress
from tui.generation.request import GenerationRequest, expected_cost
from tui.history.entry import Entry
from tui.history.spending import SpendingToday
from tui.history.store import HistoryStore
from tui.history.wording import dollars
from tui.paths import find_paths
from tui.text import one_line, showable

_STANDARD_INPUT = "-"
_SEVERITY = (UNKNOWN, REFUSED, FAILED, DONE)
"""Of several exit codes the first counts."""
_LEAST = 0.000001
_AGAIN = "--again begins anew"


@click.command("batch")
@click.argument("file", metavar="FILE|-")
@click.option("-m", "--model", metavar="ID", help="The model of lines that name none.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of lines that do not set it, and of that model.",
)
@click.option("--yes", is_flag=True, help="Go above a cap of the budget by the price told.")
@click.option("--dry-run", is_flag=True, help="Print the lines and the price; send nothing.")
@click.option("--again", is_flag=True, help="Send lines that were sent before, too.")
@as_json_option
@click.option("--endpoint", metavar="NAME", help="The endpoint, instead of the configured one.")
@click.pass_context
def command(
    context: click.Context,
    file: str,
    model: str | None,
    parameters: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    again: bool,
    as_json: bool,
    endpoint: str | None,
) -> None:
    """Make pictures from a file of prompts; - reads standard input.

    \b
    a fox in the snow --ar 16:9
    --prompt "an owl at dusk" --model kling-image-o1 --seed 1
    {"prompt": "a hare", "model": "seedream-4.5", "size": "2K"}
    # a comment

    Where anything is wrong with a line all is told, and nothing sent. The price is told
    first. Progress goes to standard error, the paths of pictures to standard output.

    Interrupted or killed, the same command goes on where it was: a line that was sent,
    or may have been, is not sent again, nor is it where lines were added or moved.
    Lines that failed and were not charged are tried again.

    \b
    Exit codes: 0 done, 1 failed or not all sent, 2 wrong usage or above a cap,
    3 refused by the endpoint, 4 some outcome unknown, 130 interrupted.
    """
    paths = find_paths() if dry_run else prepared_paths()
    config = configuration(paths)
    everywhere = context.find_root().params
    name = endpoint_name(config, endpoint or everywhere.get("endpoint"), paths)
    catalogue = model_catalogue(paths, config, name)
    store = HistoryStore(paths)
    named = model or everywhere.get("model")
    draft = begin_draft(config, name, catalogue, store, model=named, origin=None)
    draft = assigned(draft, catalogue.card(draft.model), parameters)
    data, source = _read(file)
    batch = read_batch(data, draft, catalogue)
    if batch.problems:
        refuse(map(str, batch.problems))
    if not batch.lines:
        leave(f"there is no prompt in {file}; nothing was sent", USAGE)
    path = paths.batches / batch_name(name, source, data)
    if dry_run:
        planned = plan_batch(batch.lines, {} if again else read_marks(path), store)
        _print_lines(planned, name, as_json)
        complain(_price_of(planned, name))
        return
    with ExitStack() as held:
        marks = BatchMarks(path)
        try:
            held.enter_context(marks)
        except BatchIsRunning:
            leave("another darkroom is at this batch; nothing was sent", FAILED)
        if again:
            marks.forget()
        planned = plan_batch(batch.lines, marks.marks, store)
        complain(_price_of(planned, name))
        budget = Budget(config.budget, SpendingToday(store).charges)
        prices = [_price(each.line, name) for each in _to_send(planned)]
        _agree(budget, prices, yes=yes)
        at_once = config.queue.limit_of(name)
        send = _Sending(
            planned, name, marks, store, budget, as_json=as_json, agreed=yes, at_once=at_once
        )
        try:
            end = asyncio.run(send.all(Clients(config, paths)))
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.exit(INTERRUPTED)
        except OSError as error:
            leave(f"{error.strerror}; what is left was not sent; the same command goes on", FAILED)
    codes = [exit_code(entry) for entry in end.entries]
    codes += [UNKNOWN for each in planned if each.unsure]
    if end.stopped:
        complain(f"{end.stopped} What is left was not sent; the same command goes on.")
        codes.append(FAILED)
    sys.exit(next(code for code in _SEVERITY if code in [*codes, DONE]))


class _Sending:
    """Sends what is left of a batch, and says what becomes of it."""

    def __init__(
        self,
        planned: Sequence[Planned],
        endpoint: str,
        marks: BatchMarks,
        store: HistoryStore,
        budget: Budget,
        *,
        as_json: bool,
        agreed: bool,
        at_once: int,
    ) -> None:
        self._planned = planned
        self._endpoint = endpoint
        self._marks = marks
        self._store = store
        self._budget = budget
        self._as_json = as_json
        self._agreed = agreed
        self._at_once = at_once
        self._count = len(_to_send(planned))
        self._ended = 0

    async def all(self, clients: Clients) -> BatchEnd:
        with cancelled_when_told_to_end():
            try:
                return await run_batch(
                    self._planned,
                    self._endpoint,
                    self._marks,
                    self._store,
                    clients.get,
                    self._budget,
                    self._say_end,
                    _say_pause,
                    agreed=self._agreed,
                    at_once=self._at_once,
                )
            except asyncio.CancelledError:
                stop_commands()
                complain(
                    f"interrupted after {self._ended} of {self._count};"
                    " the same command goes on with what was not sent"
                )
                raise
            finally:
                await clients.aclose()

    def _say_end(self, planned: Planned, entry: Entry) -> None:
        self._ended += 1
        where = f"{self._ended} of {self._count}, line {planned.line.number}"
        complain(f"{where}: {entry.status}, {entry.id}")
        print_outcome(entry, planned.line.card, self._store, self._as_json)


def _say_pause(progress: Progress) -> None:
    if isinstance(progress, Pause):
        complain(f"{progress.sentences} The interrupt key gives up.")


def _read(file: str) -> tuple[bytes, Path | None]:
    """The bytes of the batch, and its file; None for standard input."""
    if file == _STANDARD_INPUT:
        return (sys.stdin.buffer.read() if sys.stdin is not None else b""), None
    try:
        return Path(file).read_bytes(), Path(file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        leave(f"{file}: {reason}; nothing was sent", USAGE)


def _agree(budget: Budget, prices: Sequence[float | None], *, yes: bool) -> None:
    """Make room for jobs of `prices` where the user said yes; ends the process otherwise."""
    objections = budget.objections(prices)
    if not objections:
        return
    if not yes:
        for objection in objections:
            complain(objection)
        leave("nothing was sent; --yes goes above", USAGE)
    # A cap that is only just reached would stop those whose price is unknown.
    budget.make_room(sum(price for price in prices if price is not None) + _LEAST)


def _to_send(planned: Sequence[Planned]) -> list[Planned]:
    return [each for each in planned if not each.before]


def _price(line: BatchLine, endpoint: str) -> float | None:
    draft = line.draft
    request = GenerationRequest(endpoint, draft.model, draft.prompt, draft.own_values)
    cost = expected_cost(request, line.card)
    return cost.estimate_usd if cost else None


def _price_of(planned: Sequence[Planned], endpoint: str) -> str:
    """What is left of the batch and its price, in words."""
    left = _to_send(planned)
    before = len(planned) - len(left)
    said = f"{counted(before, 'line')} sent before" if before else ""
    if unsure := sum(each.unsure for each in planned):
        said += f", of which {unsure} nobody knows the outcome of"
    if not left:
        return f"nothing is left to send: {said}; {_AGAIN}"
    prices = [_price(each.line, endpoint) for each in left]
    images = sum(images_expected(each.line.card, each.line.draft.own_values) for each in left)
    known = [price for price in prices if price is not None]
    unknown = len(prices) - len(known)
    price = dollars(round(sum(known), 4)) if known else ""
    parts = [price, f"{unknown} of unknown price" if unknown else ""]
    what = f"{counted(len(left), 'request')}, {counted(images, 'image')} at most"
    return f"{what}: {' and '.join(filter(None, parts))}" + (f"; {said}" if said else "")


def _print_lines(planned: Sequence[Planned], endpoint: str, as_json: bool) -> None:
    width = max(len(str(each.line.number)) for each in planned)
    for each in planned:
        draft, price = each.line.draft, _price(each.line, endpoint)
        if as_json:
            print_object(
                {
                    "line": each.line.number,
                    "model": draft.model,
                    "prompt": draft.prompt,
                    "parameters": request_fields(each.line.card, draft.own_values),
                    "estimate_usd": price,
                    "sent_before": each.before or None,
                }
            )
            continue
        told = "sent" if each.before else dollars(price)
        text = f"{one_line(draft.model)}  {one_line(draft.prompt)}"
        click.echo(showable(f"{each.line.number:>{width}}  {told:>8}  {text}"))
