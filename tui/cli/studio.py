"""Opening the studio."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import sys
from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from msgspec import Struct
from msgspec.structs import replace

from tui import __version__, allocator, garbage
from tui.catalog.loading import load_catalogue
from tui.cli.exits import USAGE, leave
from tui.cli.logs import begin_log
from tui.cli.setting import configuration, endpoint_name, prepared_paths
from tui.commands import stop_commands
from tui.config import Config, GraphicsSetting, opening_model
from tui.graphics_choice import choose_graphics, limits_within
from tui.lifeline import Lifeline
from tui.log import keep_quiet, stop_log
from tui.paths import Paths
from tui.terminal import begin_probe
from tui.themes import load_themes
from tui.tmux import ask_tmux

if TYPE_CHECKING:
    from tui.app import DarkroomApp
from tui.setup import Setup

_log = logging.getLogger(__name__)

TO_WRITE = 0.5
"""Seconds that jobs have to write down what became of them when something else ends them."""
GRACE = 0.1
"""Seconds a terminal may still take to answer once everything is loaded."""


class StudioOptions(Struct, frozen=True):
    """What the command line or the environment asks for; None leaves it to the configuration."""

    endpoint: str | None = None
    model: str | None = None
    theme: str | None = None
    graphics: str | None = None

    @classmethod
    def from_environment(cls) -> StudioOptions:
        """The options as DARKROOM_ENDPOINT and the like give them."""
        names = ("endpoint", "model", "theme", "graphics")
        return cls(*(os.environ.get(f"DARKROOM_{name.upper()}") or None for name in names))


def open_studio(options: StudioOptions) -> int:
    """Run the studio until the user leaves, and return the exit code."""
    garbage.put_off()
    allocator.share_memory()
    keep_quiet()
    paths = prepared_paths()
    lifeline = Lifeline(paths.reports)
    lifeline.begin()
    lifeline.at_end(stop_commands)
    lifeline.at_end(partial(_end_log, lifeline))
    probe, question = begin_probe(), ask_tmux(os.environ)
    grace = 0.0
    try:
        # The terminal answers while these load.
        from tui.app import DarkroomApp

        setup = _setup(options, paths)
        grace = GRACE
    finally:
        terminal = probe.finish(grace)
        tmux = question.answer()
    _need_terminal()
    choice = choose_graphics(_graphics(options, setup.config), terminal, os.environ, tmux)
    setup = replace(
        setup,
        graphics=choice.graphics,
        terminal=replace(terminal, sixel_limits=limits_within(tmux, terminal.sixel_limits)),
        through_tmux=tmux is not None,
    )
    if terminal.true_colour:
        # xterm has true colour and does not say so in the environment, where Textual looks.
        os.environ.setdefault("COLORTERM", "truecolor")
    if _log.isEnabledFor(logging.INFO):
        _log_start(setup)
    return asyncio.run(_live(DarkroomApp(setup, lifeline), lifeline))


def _need_terminal() -> None:
    """End the process where there is nobody to draw for."""
    # Textual reads the one and draws on the other.
    for stream, name in ((sys.__stdin__, "input"), (sys.__stderr__, "error")):
        if stream is None or not stream.isatty():
            problem = f"the studio needs a terminal, and standard {name} is none"
            leave(f"{problem}; see darkroom --help for what works without one", USAGE)


async def _live(app: DarkroomApp, lifeline: Lifeline) -> int:
    """Run `app` to its end, which is not waited for where something else decided it."""
    lifeline.guard(app, asyncio.get_running_loop())
    try:
        await app.run_async()
    finally:
        # Jobs among them, which still write down what became of them.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            # The demo endpoint finishes what it was asked for, as real ones do.
            await asyncio.wait(others, timeout=None if lifeline.code is None else TO_WRITE)
    code = app.return_code or 0
    if lifeline.code is None:
        _log.info("end: exit code %d", code)
    return lifeline.finish(code)


def _log_start(setup: Setup) -> None:
    from importlib.metadata import version

    _log.info(
        "start: Darkroom %s, Python %s, Textual %s, TERM %s, graphics %s, endpoint %s, "
        "%d cards, %d themes",
        __version__,
        platform.python_version(),
        version("textual"),
        os.environ.get("TERM"),
        setup.graphics,
        setup.endpoint,
        len(setup.catalogue.cards),
        len(setup.themes.found),
    )


def _end_log(lifeline: Lifeline) -> None:
    """The last that the log is told, where the studio itself did not get to it."""
    if lifeline.code is not None:
        _log.info("end: exit code %d", lifeline.code)
    stop_log()


def _setup(options: StudioOptions, paths: Paths) -> Setup:
    from tui.setup import Setup

    config = configuration(paths)
    no_log = begin_log(config, paths)
    catalogue = load_catalogue(paths.cards)
    themes = load_themes(paths.themes)
    theme = options.theme or config.theme
    problems: list[str] = []
    if no_log is not None:
        problems.append(no_log)
    if theme not in themes.found:
        known = ", ".join(sorted(themes.found))
        if options.theme:
            leave(f"there is no theme {theme}. Known: {known}", USAGE)
        problems.append(f"There is no theme {theme}. Known: {known}")
    endpoint = endpoint_name(config, options.endpoint, paths)
    return Setup(
        paths=paths,
        config=config,
        catalogue=catalogue,
        themes=themes,
        endpoint=endpoint,
        model=opening_model(config, endpoint, options.model),
        names_model=options.model is not None,
        theme=theme,
        problems=(*problems, *catalogue.problems, *themes.problems),
    )


def _graphics(options: StudioOptions, config: Config) -> GraphicsSetting:
    if options.graphics is None:
        return config.graphics
    if options.graphics not in get_args(GraphicsSetting):
        leave(f"graphics is one of {', '.join(get_args(GraphicsSetting))}", USAGE)
    return cast("GraphicsSetting", options.graphics)
