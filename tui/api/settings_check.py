"""An endpoint's settings judged before anything is sent, and without opening a client."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tui.api import errors
from tui.api.addresses import Address, BadAddress, read_base_url
from tui.config import EndpointSettings

LONGEST_TIMEOUT = 24 * 60 * 60.0

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
_OWN_HEADERS = frozenset(
    "accept-encoding connection content-length content-type host te trailer transfer-encoding"
    " upgrade user-agent".split()
)
_TIMES = ("timeout", "connect_timeout", "download_timeout")


def check_settings(settings: EndpointSettings) -> None:
    """Raise ApiError, with what to correct as its hint, for settings that cannot be used.

    No header's value is quoted.
    """
    base_address(settings)
    usable_headers(settings)
    for name in _TIMES:
        if not 0 < getattr(settings, name) <= LONGEST_TIMEOUT:
            raise errors.bad_settings(
                f"The endpoint's {name} is not a number of seconds above 0, a day at most.",
                f"Correct {name} in config.toml.",
            )


def base_address(settings: EndpointSettings) -> Address:
    """What the paths of the API are added to. Raises ApiError."""
    try:
        return read_base_url(settings.base_url)
    except BadAddress as error:
        raise errors.bad_settings(
            f"The endpoint's base_url cannot be used: {error}.",
            "Correct base_url in config.toml; it ends in /v1 and begins with https://.",
        ) from None


def usable_headers(settings: EndpointSettings) -> Mapping[str, str]:
    """The headers to send with every request. Raises ApiError."""
    for name, value in settings.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            reason = "holds characters that no header can carry"
        elif name.lower() in _OWN_HEADERS:
            reason = "is not for the configuration to set"
        else:
            continue
        raise errors.bad_settings(
            f"The endpoint's header {name!r} {reason}.", "Correct headers in config.toml."
        )
    return settings.headers
