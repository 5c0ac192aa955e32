"""A passage in pieces, marked and not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.marks import pieces


@pytest.mark.parametrize(
    ("marks", "begin", "longest", "expected"),
    [
        ((), 0, None, "robot arm grasping"),
        (((0, 5),), 0, None, "[robot] arm grasping"),
        (((6, 9), (10, 18)), 0, None, "robot [arm] [grasping]"),
        (((0, 5), (6, 9)), 6, None, "[arm] grasping"),
        (((0, 8),), 6, None, "[ar]m grasping"),
        (((6, 9), (10, 18)), 0, 12, "robot [arm] [gr]…"),
        (((10, 18),), 0, 8, "robot ar…"),
        ((), 0, 18, "robot arm grasping"),
    ],
)
def test_pieces_show_what_is_marked(marks, begin, longest, expected):
    shown = "".join(f"[{piece}]" if is_marked else piece for piece, is_marked in pieces(TEXT, marks, begin, longest))
    assert shown == expected


TEXT = "robot arm grasping"


@given(st.text(max_size=40), st.lists(st.integers(0, 40), max_size=8), st.integers(0, 10))
def test_no_character_is_lost_or_said_twice(text, ends, begin):
    cuts = sorted(set(ends))
    marks = tuple((first, last) for first, last in zip(cuts[::2], cuts[1::2], strict=False))
    assert "".join(piece for piece, _ in pieces(text, marks, begin)) == text[begin:]
