"""What counts of many files, against a dict of the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tui.history.ledger import Ledger

names = st.sampled_from([f"20261122T0703124{number:02}-4f2a9c.toml" for number in range(12)])
stamps = st.integers(-(1 << 63), (1 << 63) - 1)
charges = st.sampled_from([0.04, 0.08, None])


class LedgerMachine(RuleBasedStateMachine):
    """What is put in, and taken out again."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger: Ledger[float | None] = Ledger()
        self.known: dict[str, tuple[int, float | None]] = {}

    @rule(name=names, stamp=stamps, charge=charges)
    def put(self, name: str, stamp: int, charge: float | None) -> None:
        self.ledger.put(name, stamp, charge)
        self.known[name] = stamp, charge

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.ledger.remove(name)
        self.known.pop(name, None)

    @rule(kept=st.sets(names))
    def keep(self, kept: set[str]) -> None:
        self.ledger.keep(set(map(hash, kept)))
        self.known = {name: known for name, known in self.known.items() if name in kept}

    @rule(name=names)
    def ask(self, name: str) -> None:
        stamp, charge = self.known.get(name, (None, None))
        assert self.ledger.stamp(name) == stamp
        assert self.ledger.charge(name) == charge

    @invariant()
    def it_holds_what_the_dict_holds(self) -> None:
        assert len(self.ledger) == len(self.known)
        assert self.ledger.counts() == Counter(charge for _, charge in self.known.values())


TestLedger = LedgerMachine.TestCase
