"""The configuration and the endpoint that it leads to, examined."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping

from tui.api.endpoints import find_settings
from tui.api.errors import ApiError
from tui.catalog.loading import Catalogue
from tui.config import DEMO, TOKEN360, Config, EndpointSettings, KeySource, NoticeSettings
from tui.generation.checkup.facts import Fact
from tui.generation.checkup.redaction import bare_address
from tui.keys import Finding, key_store, survey, ways_to_set
from tui.paths import Paths
from tui.themes import Themes

_THEME_VARIABLE = "DARKROOM_THEME"
_ENDPOINT_VARIABLE = "DARKROOM_ENDPOINT"


def configuration_facts(
    paths: Paths,
    config: Config,
    complaint: str | None,
    catalogue: Catalogue,
    themes: Themes,
    environment: Mapping[str, str],
) -> Iterator[Fact]:
    """config.toml, of which `complaint` says what is wrong, the cards and the themes."""
    file = paths.config_file
    if complaint is not None:
        advice = "Correct it; nothing is generated before."
        yield Fact("config.toml", complaint, advice=advice, blocks=True)
    elif file.exists():
        open_to_others = any(settings.headers for settings in config.endpoints.values()) and bool(
            file.stat().st_mode & 0o077
        )
        advice = f"It holds headers, and others can read it. Run: chmod 600 {file}"
        yield Fact("config.toml", str(file), advice=advice if open_to_others else "")
    else:
        yield Fact("config.toml", None, f"none at {file}: all is as built in")
    if complaint is None:
        card = catalogue.find(config.model)
        shown = config.model if card else f"{config.model}, which no card describes"
        yield Fact("model", config.model, shown)
    yield _theme(config, themes, environment)
    yield _notices(config.notices, environment)
    yield Fact("cards", len(catalogue.cards))
    for problem in catalogue.problems:
        yield Fact("card not used", problem, advice="Correct the file, or remove it.")
    yield Fact("themes", len(themes.found))
    for problem in themes.problems:
        yield Fact("theme not used", problem, advice="Correct the file, or remove it.")


def endpoint_facts(
    name: str, config: Config, named: str | None, paths: Paths, environment: Mapping[str, str]
) -> Iterator[Fact]:
    """Where the endpoint `name` is, and what its key comes to.

    `named` is the name that was asked for, if one was.
    """
    settings = find_settings(config, name)
    if name == DEMO:
        instead = find_settings(config, TOKEN360).key if not (named or config.endpoint) else None
        to_be_real = _how_to_set(TOKEN360, instead, paths) if instead else ""
        advice = f"For real pictures: {to_be_real}." if to_be_real else ""
        yield Fact("kind", "rehearsal", "a rehearsal, which costs nothing", advice)
        return
    yield Fact("address", bare_address(settings.base_url))
    if settings.model:
        yield Fact("model", settings.model, f"{settings.model}, to begin with here")
    if settings.references == "edits":
        yield Fact("references", "edits", "as files to /images/edits, which takes masks too")
    if settings.headers:
        yield Fact("headers", ", ".join(settings.headers))
    if fault := _fault(settings):
        yield fault
    yield Fact("timeout", settings.timeout, f"{settings.timeout:g} s")
    yield from _key_facts(name, settings.key, paths, environment)


def _theme(config: Config, themes: Themes, environment: Mapping[str, str]) -> Fact:
    wanted = environment.get(_THEME_VARIABLE)
    theme = wanted or config.theme
    if theme in themes.found:
        return Fact("theme", theme)
    advice = f"Choose one of: {', '.join(sorted(themes.found))}."
    # The studio does not open on a theme that the environment names and there is not.
    return Fact("theme", theme, f"there is no theme {theme}", advice, blocks=wanted is not None)


def _notices(settings: NoticeSettings, environment: Mapping[str, str]) -> Fact:
    ways = ["bell"] if settings.bell else []
    advice = ""
    if settings.desktop != "off":
        ways.append(f"desktop ({settings.desktop})")
        if environment.get("TMUX"):
            advice = "tmux passes desktop notices on with: set -g allow-passthrough on"
    if settings.command:
        program = settings.command[0]
        ways.append(f"the command {program}")
        # Without PATH, `which` looks where programs usually are, as starting one does.
        if shutil.which(program, path=environment.get("PATH")) is None:
            advice = f"There is no program {program}; see [notices] in config.toml."
    shown = ", ".join(ways)
    return Fact("notices", shown or None, shown or "none, when a job is done", advice)


def why_used(name: str, config: Config, named: str | None, environment: Mapping[str, str]) -> str:
    """Why it is the endpoint `name` that is used, for the end of a sentence."""
    if named:
        by_environment = environment.get(_ENDPOINT_VARIABLE) == named
        return f"named by {_ENDPOINT_VARIABLE if by_environment else '--endpoint'}"
    if config.endpoint:
        return "as config.toml says"
    return "since no key was found" if name == DEMO else "since it has a key"


def _fault(settings: EndpointSettings) -> Fact | None:
    """What makes the settings unusable, if anything does."""
    from tui.api.settings_check import check_settings

    try:
        check_settings(settings)
    except ApiError as error:
        return Fact("settings", error.message, advice=error.hint, blocks=True)
    return None


def _key_facts(
    name: str, source: KeySource | None, paths: Paths, environment: Mapping[str, str]
) -> Iterator[Fact]:
    if source is None:
        yield Fact("key", None, "none is wanted")
        return
    findings = survey(source, environment, key_store(paths.keys, name))
    for finding in findings:
        yield _finding(finding)
    if any(finding.used for finding in findings):
        return
    unusable = any(finding.state == "unusable" for finding in findings)
    ways = _how_to_set(name, source, paths)
    to_begin = "Put right what is unusable, or remove it and" if unusable else "To set one,"
    yield Fact("key", None, "no usable one was found", f"{to_begin} {ways}.", blocks=True)


def _finding(finding: Finding) -> Fact:
    state = "none" if finding.state == "absent" else finding.reason or finding.state
    if finding.used:
        state = "found, and used"
    elif finding.differs:
        state = "found, another one than is used"
    shown = state if finding.source in state else f"{finding.source}: {state}"
    return Fact("key from", finding.source, shown)


def _how_to_set(name: str, source: KeySource, paths: Paths) -> str:
    ways = ways_to_set(source, key_store(paths.keys, name))
    return ", or ".join(ways) or f"see to `key` of endpoints.{name} in config.toml"
