from __future__ import annotations

import unicodedata

import pytest

from matcher.profiles import Party, Side
from service.reading.references import Directory

DIRECTORY = Directory(
    startups=frozenset({"s1", "both", "a:b", "org:lab", "startup:s1", "한글 id"}), experts=frozenset({"e1", "both"})
)


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("s1", Party(Side.STARTUP, "s1")),
        ("e1", Party(Side.EXPERT, "e1")),
        ("startup:s1", Party(Side.STARTUP, "s1")),
        ("expert:e1", Party(Side.EXPERT, "e1")),
        ("startup:both", Party(Side.STARTUP, "both")),
        ("expert:both", Party(Side.EXPERT, "both")),
        ("org:Acme", Party(None, "Acme")),
        ("org: Acme Inc.", Party(None, "Acme Inc.")),
        ("startup: s1", Party(Side.STARTUP, "s1")),
        ("한글 id", Party(Side.STARTUP, "한글 id")),
        ("startup:한글 id", Party(Side.STARTUP, "한글 id")),
        ("a:b", Party(Side.STARTUP, "a:b")),
        ("startup:a:b", Party(Side.STARTUP, "a:b")),
    ],
)
def test_a_text_names_a_party(text, party):
    assert DIRECTORY.party(text) == party


def test_an_id_that_looks_like_a_prefix_is_reached_by_its_full_form():
    assert DIRECTORY.party("startup:org:lab") == Party(Side.STARTUP, "org:lab")
    assert DIRECTORY.party("startup:startup:s1") == Party(Side.STARTUP, "startup:s1")


def test_an_id_on_both_sides_needs_its_prefix():
    message = DIRECTORY.party("both")
    assert isinstance(message, str)
    assert "startup:both or expert:both" in message


@pytest.mark.parametrize("text", ["s9", "startup:e1", "expert:s1", "startup:", "org:", "org:  ", "", "S1"])
def test_whom_nobody_knows_is_a_problem(text):
    assert isinstance(DIRECTORY.party(text), str)


@pytest.mark.parametrize("prefix", ["", "startup:"])
def test_an_id_in_letters_that_are_composed_otherwise_is_told_so(prefix):
    parts = unicodedata.normalize("NFD", "한글 id")
    assert parts != "한글 id"
    told = DIRECTORY.party(f"{prefix}{parts}")
    assert "expected the id 한글 id as its row has it: its letters look the same" in told
    assert "look the same" not in DIRECTORY.party("expert:s1")
