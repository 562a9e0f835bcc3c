"""API keys: found, checked, kept for later, and held out of sight."""

from tui.keys.secret import KeyProblem, NoKey, NoKeyring, Secret, judge, looks_like_a_key
from tui.keys.sources import Finding, find_key, promising, survey, ways_to_set
from tui.keys.store import KeyStore, key_store
from tui.keys.system_keyring import keyring_problem

__all__ = [
    "Finding",
    "KeyProblem",
    "KeyStore",
    "NoKey",
    "NoKeyring",
    "Secret",
    "find_key",
    "judge",
    "key_store",
    "keyring_problem",
    "looks_like_a_key",
    "promising",
    "survey",
    "ways_to_set",
]
