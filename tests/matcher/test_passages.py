"""Profiles become passages: every word of them, cut at sentence ends, none too long for an encoder."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.languages import Language, language_of
from matcher.passages import Field, chunks, expert_passages, startup_passages
from matcher.profiles import Document, Expert, Kind, Need, Startup
from tests.matcher.strategies import FEW

LONGEST = {Language.KOREAN: 700, Language.ENGLISH: 1500, Language.OTHER: 500}
KOREAN = "초음파 영상에서 유방암을 판독하는 모델을 만듭니다."
ENGLISH = "We build a model that reads breast ultrasound images."

# Written texts, and any text at all; some are many times as long as a passage may be.
SENTENCES = st.sampled_from(
    [KOREAN, ENGLISH, 'She said: "It works."', "(see Fig. 2.)", "정말요?!", "No end", "가" * 900]
)
WRITTEN = st.lists(SENTENCES, max_size=80).map(" ".join)
TEXTS = st.one_of(WRITTEN, st.text(max_size=200), st.text(alphabet="가a. \n", max_size=3000))


def letters_of(text: str) -> str:
    return re.sub(r"\s", "", text)


@FEW
@given(TEXTS)
def test_nothing_of_a_text_is_lost(text: str) -> None:
    """A dash or an emoji alone says nothing, and gives nothing."""
    expected = unicodedata.normalize("NFC", text) if any(character.isalnum() for character in text) else ""
    assert letters_of("".join(chunks(text))) == letters_of(expected)


@FEW
@given(TEXTS)
def test_no_chunk_is_empty_or_longer_than_the_language_of_its_text_allows(text: str) -> None:
    assert all(0 < len(chunk) <= LONGEST[language_of(text)] for chunk in chunks(text))


@FEW
@given(TEXTS)
def test_a_short_text_is_one_chunk(text: str) -> None:
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if len(composed) <= min(LONGEST.values()) and any(character.isalnum() for character in text):
        assert chunks(text) == [composed]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert chunks('He wrote "It works." Then he left. (In May.) 끝.') == [
        'He wrote "It works." Then he left. (In May.) 끝.'
    ]


@pytest.mark.parametrize("sentence", [KOREAN, ENGLISH])
def test_a_long_text_is_cut_at_sentence_ends(sentence: str) -> None:
    numbered = [f"{number}: {sentence}" for number in range(100)]
    pieces = chunks(" ".join(numbered))
    assert len(pieces) > 1
    assert " ".join(pieces) == " ".join(numbered)
    assert all(piece.endswith(".") and piece[0].isdigit() for piece in pieces)
    # No piece could have taken the next sentence too.
    longest = LONGEST[language_of(sentence)]
    assert all(len(piece) + 1 + len(numbered[-1]) > longest for piece in pieces[:-1])


def test_lines_end_sentences_too_and_decimals_do_not() -> None:
    lines = "\n".join(["정확도 3.5 % 향상"] * 200)
    assert all(set(piece.split("정확도 3.5 % 향상")) <= {"", " "} for piece in chunks(lines))


def test_a_sentence_that_is_too_long_is_cut_at_spaces_and_a_word_at_its_length() -> None:
    endless = " ".join(["단어"] * 1000)
    assert {word for piece in chunks(endless) for word in piece.split()} == {"단어"}
    assert [len(piece) for piece in chunks("가" * 1500)] == [700, 700, 100]


def test_the_korean_half_of_a_bilingual_text_is_cut_as_korean() -> None:
    pieces = chunks(" ".join([ENGLISH] * 100 + [KOREAN] * 50))
    assert all(len(piece) <= LONGEST[language_of(piece)] for piece in pieces)


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
def test_no_text_gives_no_chunk(blank: str) -> None:
    assert chunks(blank) == []


STARTUP = Startup(
    "s1",
    summary="요약입니다.",
    needs=(Need("need one", 2.0), Need("need two")),
    data_assets=("asset",),
    documents=(Document("Deck", "slides"), Document()),
    confidential=("needs", "documents"),
)


def test_a_startup_gives_needs_data_assets_summary_and_documents_in_this_order() -> None:
    passages = startup_passages(4, STARTUP)
    assert [(p.field, p.item, p.text) for p in passages] == [
        (Field.NEED, 0, "need one"),
        (Field.NEED, 1, "need two"),
        (Field.DATA_ASSET, 0, "asset"),
        (Field.SUMMARY, 0, "요약입니다."),
        (Field.DOCUMENT, 0, "Deck. slides"),
    ]
    assert {p.owner for p in passages} == {4}
    assert [p.weight for p in passages] == [2.0, 1.0, 1.0, 1.0, 1.0]


def test_every_passage_of_a_confidential_field_is_marked() -> None:
    marked = {passage.field for passage in startup_passages(0, STARTUP) if passage.confidential}
    assert marked == {Field.NEED, Field.DOCUMENT}
    long = Startup("s1", summary=" ".join([KOREAN] * 100), confidential=("summary",))
    assert all(passage.confidential for passage in startup_passages(0, long))


def test_an_expert_gives_expertise_then_documents_and_hides_nothing() -> None:
    expert = Expert("e1", Kind.PROFESSOR, expertise=("영상 처리", "robotics"), documents=(Document("T", "abstract"),))
    passages = expert_passages(0, expert)
    assert [(p.field, p.item) for p in passages] == [(Field.EXPERTISE, 0), (Field.EXPERTISE, 1), (Field.DOCUMENT, 0)]
    assert [p.language for p in passages] == [Language.KOREAN, Language.ENGLISH, Language.ENGLISH]
    assert not any(p.confidential for p in passages)


def test_the_title_stands_on_every_chunk_of_its_document() -> None:
    document = Document(" Deep ultrasound. ", " ".join([ENGLISH] * 100))
    passages = expert_passages(0, Expert("e1", Kind.PROFESSOR, documents=(document,)))
    assert len(passages) > 1
    assert all(passage.text.startswith("Deep ultrasound. We build") for passage in passages)
    assert {(passage.title, passage.item) for passage in passages} == {("Deep ultrasound.", 0)}


def test_a_document_of_a_title_alone_is_one_passage() -> None:
    passages = expert_passages(0, Expert("e1", Kind.PROFESSOR, documents=(Document("Only a title"),)))
    assert [passage.text for passage in passages] == ["Only a title"]


def test_a_title_that_holds_a_whole_abstract_is_cut_as_well() -> None:
    document = Document(" ".join([KOREAN] * 100))
    passages = expert_passages(0, Expert("e1", Kind.PROFESSOR, documents=(document,)))
    assert max(len(passage.text) for passage in passages) <= 2 * LONGEST[Language.KOREAN]


@pytest.mark.parametrize("text", ["-", "…", "🙂🙂", "---\n***", "()", "—"])
def test_a_text_that_says_nothing_gives_no_passage(text):
    startup = Startup(id="s", needs=(Need(text),), summary=text, documents=(Document(title=text, text=text),))
    assert startup_passages(0, startup) == []


def test_decomposed_korean_is_composed():
    spelt_in_jamo = unicodedata.normalize("NFD", "식물 병리")
    assert chunks(spelt_in_jamo) == ["식물 병리"]
