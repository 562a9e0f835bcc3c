"""Redirects, followed by hand: where each leads, and when to stop."""

from __future__ import annotations

from tui.api.addresses import Address, BadAddress, joined, read_address

MAX_REDIRECTS = 5


class Trail:
    """The addresses asked one after the other in search of one file, `first` to begin with."""

    def __init__(self, first: Address) -> None:
        self._asked = [first]

    def follow(self, location: str) -> Address:
        """The address that the one asked last points to. Raises BadAddress for one not to ask.

        `location` may be relative. Whether the network behind it may be asked is for `Reach`.
        """
        last = self._asked[-1]
        address = read_address(joined(last.url, location))
        if last.scheme == "https" and address.scheme == "http":
            raise BadAddress("it is not https")
        if address in self._asked:
            raise BadAddress("it leads round in a circle")
        if len(self._asked) > MAX_REDIRECTS:
            raise BadAddress(f"there are more than {MAX_REDIRECTS} redirects")
        self._asked.append(address)
        return address
