"""Sentences of the core in the reader's language: every wording is known, and what is not stays whole."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import matcher
from service.sentences import parties_in, patterns, say, wordings

CORE = Path(matcher.__file__).parent
NAMES = {
    ("startup", "s1"): "한별로봇",
    ("startup", "s2"): "두리물산",
    ("expert", "e1"): "홍길동",
    ("expert", "e2"): "김교수",
}
# What is told to people by these functions of the core.
TOLD = {
    "explanation.py": {"_why_not", "_places", "_scarce"},
    "unmatched.py": {"_why_left_out", "_why_impossible", "_why_idle"},
    "eligibility.py": {"reason", "_ban_gate"},
    "mandates.py": {"reason", "_done_all_the_same"},
    "ecosystem.py": {"_same_ids", "_same_employers", "_sentence", "_held_competitors"},
    "doubts.py": {"_suspected", "_who_may_be_whom", "_of_one", "_ruled_out"},
    "identity.py": {"_groups", "_on_both_sides", "_one_without_place", "_alike_in_sound", "told"},
    "rivals.py": {"_reason", "_why"},
    "choice.py": {"_check_pins_are_sought", "_check_pins_are_eligible"},
    "program_check.py": {"unknown_names", "_quota_misfits"},
    "assignment/closed.py": {"tell_closed"},
    "assignment/infeasibility/changes.py": {"told", "_told"},
    "assignment/infeasibility/conflict_message.py": {"conflict_message", "_needs", "_limits", "_open_places", "_open"},
}


def stretches(node: ast.AST) -> list[str]:
    """Return the texts of two words and more that a function writes, without its docstring."""
    docs = {id(one.body[0].value) for one in ast.walk(node) if isinstance(one, ast.FunctionDef) and _doc(one)}
    texts = [
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in docs
    ]
    return [text for text in texts if re.search(r"[a-z]{2,} [a-z]{2,}", text)]


def _doc(function: ast.FunctionDef) -> bool:
    return isinstance(function.body[0], ast.Expr) and isinstance(function.body[0].value, ast.Constant)


@pytest.mark.parametrize("file", TOLD)
def test_every_wording_of_the_core_is_known(file):
    known = [text for one in patterns("ko") for text in wordings(one.english)]
    tree = ast.parse((CORE / file).read_text(encoding="utf-8"))
    functions = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    assert TOLD[file] <= set(functions)
    missing = [
        text
        for name in TOLD[file]
        for text in stretches(functions[name])
        if not any(text.strip(" ;:,.(") in one for one in known)
    ]
    assert missing == []


def test_every_step_of_a_warm_path_is_known():
    from matcher.warm_paths import _ALUMNI_OF_ONE, _SAID

    for said in (*_SAID.values(), _ALUMNI_OF_ONE):
        sentence = said.format("One", "Other", " in Company")
        assert say("ko", sentence, {}) != sentence


def test_what_is_expected_of_every_column_is_known():
    from service.reading.program import QuotaRow
    from service.reading.schema import ExpertRow, RelationRow, StartupRow

    for row in (StartupRow, ExpertRow, RelationRow, QuotaRow):
        for field in row.model_fields.values():
            sentence = f"found 'x', expected {field.description}"
            assert "expected" not in say("ko", sentence, {}), field.description


def test_a_translation_uses_the_texts_of_its_pattern():
    for one in patterns("ko"):
        used = set(re.findall(r"(?<!\{)\{([a-z_]+)\}", one.told))
        assert used <= set(one.names), one.english
        assert re.search("[가-힣]", one.told) or used, one.english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("lower s1's min from 1 to 0", "한별로봇: 최소를 1에서 0으로 낮춥니다"),
        (
            "e1 invested in Nabi, which may compete with 한별로봇 (both in robotics, "
            "and their texts say nearly the same: 0.81)",
            "홍길동 측이 한별로봇의 경쟁사일 수 있는 Nabi에 투자했습니다(같은 분야: robotics, 설명이 거의 같음: 0.81)",
        ),
        (
            "e1 may be e2 (the same e-mail address), who may be e3 (the same name), for whom: a ban of the program",
            "홍길동은(는) 김교수와(이메일 주소가 같음), 김교수은(는) e3와(이름이 같음) 같은 당사자일 수 있습니다. "
            "e3: 프로그램에서 금지한 쌍",
        ),
        (
            "3 startups (s1, s2, s3) need 3 pairs, only 2 places are open to them: e1 (1), e2 (1)",
            "스타트업 3곳(한별로봇, 두리물산, s3)에 3쌍이 필요합니다. 그러나 열린 자리는 2개뿐입니다: 홍길동 (1)",
        ),
        (
            "no place left with its 2 eligible professors; best would be e1 (0.24), full: its only place goes to "
            "s2 (0.42); scarce: one more place would add 0.24 to the total",
            "매칭할 수 있는 교수 2명에게 남은 자리가 없습니다. 가장 나은 상대는 홍길동(0.24)입니다. 자리가 찼습니다. "
            "하나뿐인 자리: 두리물산 (0.42). 자리가 귀합니다. 한 자리 늘면 합계가 0.24 커집니다",
        ),
        (
            "none of the 3 investors is eligible: 2 by conflict, 1 by check size",
            "투자자 3명 가운데 매칭할 수 있는 사람이",
        ),
        (
            "coauthor (e1 – s1, since 2025-02-01, until 2025-11-30)",
            "공동 저자(홍길동 – 한별로봇, 2025-02-01부터, 2025-11-30까지)",
        ),
        (
            "raise e1's max from 2 to 10 and lower s1's min from 3 to 2 and drop the pin of s2 with e1 "
            "and 7 more changes",
            "홍길동: 최대를 2에서 10으로 올립니다. 한별로봇: 최소를 3에서 2로 낮춥니다. "
            "두리물산 – 홍길동 고정을 풉니다. 그 밖에 7건",
        ),
        ("A mentored B; B invested in C", "A: B의 멘토. B: C에 투자"),
        (
            "startup 's1' was changed since it was read; read it again",
            "그 사이 다른 사람이 바꾸었습니다(스타트업 's1')",
        ),
    ],
)
def test_a_sentence_is_written_anew_with_names(english, korean):
    assert say("ko", english, NAMES).startswith(korean)


def test_in_english_ids_alone_change():
    told = say("en", "full: its 2 places go to s1 (0.61), s2 (0.60)", NAMES)
    assert told == "full: its 2 places go to 한별로봇 (0.61), 두리물산 (0.60)"


@pytest.mark.parametrize(
    "text", ["", "hello", "conflict: hello", "<b>; x and y, until z", "; " * 900, "a and b; c " * 90]
)
def test_what_is_not_known_stays_whole(text):
    assert say("ko", text, NAMES) == text


def test_whom_a_sentence_names_is_known_before_it_is_told():
    found = parties_in("full: its only place goes to s14 (0.31); scarce: one more place would add 0.22 to the total")
    assert ("startup", "s14") in found
    assert ("expert", "e1") in parties_in("raise e1's max from 2 to 4 and lower s1's min from 1 to 0")
    assert parties_in("nothing of this is known") == set()
