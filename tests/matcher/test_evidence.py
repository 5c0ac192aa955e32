"""The passages that earned a pair its score, and the words in them that both sides say."""

from __future__ import annotations

import pytest

from matcher.evidence import Evidence, Marks, evidence
from matcher.lexicon import Word
from matcher.profiles import Cohort, Document, Expert, Startup
from matcher.program import Part, Program
from matcher.scored_pairs import score_kinds
from tests.matcher.lexicons import COMMON, RARE, Spaced, Told, reading
from tests.matcher.people import asks, knows

COMMON_WORDS = Spaced({"the": COMMON, "of": COMMON})


def found(startup: Startup, expert: Expert, lexicon: Spaced | Told = COMMON_WORDS) -> tuple[Evidence, ...]:
    scored = next(score_kinds(Cohort((startup,), (expert,)), Program(), reading(lexicon)))
    return evidence(scored.scorer, 0, 0)


def marked(text: str, marks: Marks) -> list[str]:
    return [text[begin:end] for begin, end in marks]


def test_marks_are_where_both_sides_say_the_same_telling_word() -> None:
    (one,) = found(asks("s", "Robot arm calibration"), knows("e", "gripper and robot ARM"))
    assert marked(one.startup_passage, one.startup_marks) == ["Robot", "arm"]
    assert marked(one.expert_passage, one.expert_marks) == ["robot", "ARM"]
    assert one.startup_marks == ((0, 5), (6, 9))


def test_a_word_that_one_side_says_alone_is_not_marked() -> None:
    (one,) = found(asks("s", "robot gripper"), knows("e", "robot tax"))
    assert marked(one.startup_passage, one.startup_marks) == ["robot"]
    assert one.words == ["robot"]


def test_common_words_are_not_marked() -> None:
    (one,) = found(asks("s", "the arm of the robot"), knows("e", "the law of the robot"))
    assert marked(one.startup_passage, one.startup_marks) == ["robot"]
    assert marked(one.expert_passage, one.expert_marks) == ["robot"]


@pytest.mark.parametrize(("rarity", "words"), [(1.60, []), (1.62, ["robot"])])
def test_a_word_is_telling_where_fewer_than_one_passage_in_five_holds_it(rarity: float, words: list[str]) -> None:
    (one,) = found(asks("s", "robot"), knows("e", "robot"), Spaced({"robot": rarity}))
    assert one.words == words


def test_words_come_as_the_expert_writes_them_each_once() -> None:
    (one,) = found(asks("s", "robot arm arm"), knows("e", "Arm robot arm Arm robot"))
    assert one.words == ["Arm", "robot", "arm"]
    assert len(one.expert_marks) == 5


def test_morphemes_that_overlap_are_marked_as_one_and_those_side_by_side_are_not() -> None:
    text = "측정했다로봇팔"
    morphemes = [("측정", 0, 2), ("하", 2, 3), ("었", 2, 4), ("로봇", 4, 6), ("팔", 6, 7)]
    words = tuple(Word(form, begin, end, RARE) for form, begin, end in morphemes)
    (one,) = found(asks("s", text), knows("e", text), Told({text: words}))
    assert one.startup_marks == one.expert_marks == ((0, 2), (2, 4), (4, 6), (6, 7))


def test_marks_lie_inside_the_text_ascending_and_without_overlap() -> None:
    long = " ".join(f"word{number}." for number in range(600))
    pairs = found(
        asks("s", "robot word7 arm", long, data_assets=("arm word599 of word1",), summary=long),
        knows("e", "word599 robot", long, documents=(Document(title="word3", text=long),)),
    )
    assert len(pairs) == 4
    for one in pairs:
        assert one.startup_marks
        for text, marks in ((one.startup_passage, one.startup_marks), (one.expert_passage, one.expert_marks)):
            flat = [place for mark in marks for place in mark]
            assert flat == sorted(flat)
            assert all(begin < end for begin, end in marks)
            assert flat[0] >= 0
            assert flat[-1] <= len(text)
        said = {word.casefold() for word in marked(one.startup_passage, one.startup_marks)}
        assert said == {word.casefold() for word in one.words}


def test_each_need_gets_its_own_best_answer_and_the_other_fields_one() -> None:
    startup = asks("s", "robot arm", "tax law", data_assets=("robot joints", "arm videos"), summary="tax of the robot")
    answers = found(startup, knows("e", "tax law", "robot arm", "arm videos"), Told({}))
    assert [(one.part, one.startup_passage, one.expert_passage) for one in answers] == [
        (Part.NEEDS, "robot arm", "robot arm"),
        (Part.NEEDS, "tax law", "tax law"),
        (Part.DATA_ASSETS, "arm videos", "arm videos"),
        (Part.SUMMARY, "tax of the robot", answers[3].expert_passage),
    ]
    assert [one.worth for one in answers[:3]] == pytest.approx([1, 1, 1], abs=1e-6)
    assert 0 < answers[3].worth < 1


@pytest.mark.parametrize(
    ("startup", "expert"),
    [
        (asks("s", "robot"), knows("e", sectors=("robotics",))),
        (asks("s", sectors=("robotics",)), knows("e", "robot")),
        (asks("s", sectors=("robotics",)), knows("e", sectors=("robotics",))),
    ],
)
def test_a_pair_without_text_on_a_side_has_no_evidence(startup: Startup, expert: Expert) -> None:
    assert found(startup, expert) == ()
