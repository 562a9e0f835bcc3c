"""Queries as they are typed after a command."""

from __future__ import annotations

from datetime import datetime

from tui.cli.exits import complain
from tui.history.query import Query, parse_query


def asked(text: str) -> Query:
    """The query in `text`; says what in it cannot be meant."""
    query = parse_query(text, datetime.now().astimezone())
    for problem in query.problems:
        complain(problem)
    return query
