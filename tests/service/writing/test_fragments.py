"""Pieces of the report: whatever a text holds, it is a text there."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import escape

from matcher.evidence import Evidence
from matcher.program import Part
from service.writing.fragments import evidence, marked


@given(st.text())
@example("<script>alert('x & y')</script> \"")
def test_a_passage_is_escaped_as_everything_else_on_the_page(text: str) -> None:
    assert marked(text, ()) == escape(text)


def test_marks_are_the_only_markup() -> None:
    assert marked("a <b> c", ((2, 5),)) == "a <mark>&lt;b&gt;</mark> c"


def test_evidence_shows_no_markup_of_its_texts() -> None:
    shown = evidence(Evidence("<i>asks</i>", "Title & co. <i>answers</i>", "Title & co", Part.NEEDS, 0.5, True))
    assert "<i>" not in shown
    assert "Title &amp; co</small>" in shown
    assert "<q>&lt;i&gt;answers&lt;/i&gt;</q>" in shown
    assert "The startup shows this to managers only" in shown
