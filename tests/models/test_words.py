from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcher.lexicon import Words
from models import words as rules
from models.disk_cache import DiskCache
from models.words import CachedLexicon, Cutter

ROOT = Path(__file__).parents[2]
CUTTER = Cutter()
CALLS = "고객센터 통화 12,000시간을 학습했습니다"
TEXTS = [CALLS, "We model call-centre speech.", "", "BERT 기반 검색", "🚀 launch"]


def cut(text: str) -> Words:
    (words,) = CUTTER.words([text])
    return words


def forms(text: str) -> list[str]:
    return [word.form for word in cut(text)]


def rarity(text: str) -> float:
    (word,) = cut(text)
    return word.rarity


# ---- Korean


def test_korean_is_cut_into_the_morphemes_that_carry_meaning_where_they_stand():
    found = [(word.form, word.begin, word.end, CALLS[word.begin : word.end]) for word in cut(CALLS)]
    assert found == [
        ("고객", 0, 2, "고객"),
        ("센터", 2, 4, "센터"),
        ("통화", 5, 7, "통화"),
        ("12000", 8, 14, "12,000"),
        ("시간", 14, 16, "시간"),
        ("학습", 18, 20, "학습"),
    ]


@pytest.mark.parametrize("written", ["고추를", "고추가", "고추에서는", "고추의", "고추"])
def test_particles_are_no_part_of_a_word(written):
    assert forms(written) == ["고추"]


@pytest.mark.parametrize("written", ["찾는다", "찾습니다", "찾았고", "찾아서"])
def test_endings_are_no_part_of_a_verb(written):
    assert forms(written)[0] == "찾"


def test_an_irregular_verb_has_one_form():
    assert forms("아름다운 꽃")[0] == forms("꽃이 아름답다")[1] == "아름답"


def test_a_contracted_verb_stands_where_it_is_written():
    text = "우리가 했다"
    found = [text[word.begin : word.end] for word in cut(text) if word.form == "하"]
    assert found == ["했"]


# ---- English


@pytest.mark.parametrize(
    ("one", "other"), [("modelling", "models"), ("Detecting", "detected"), ("batteries", "battery"), ("It", "it")]
)
def test_english_words_of_one_stem_share_a_form(one, other):
    assert forms(one) == forms(other)


@pytest.mark.parametrize(("one", "other"), [("university", "law"), ("model", "mode"), ("AIDS", "aid")])
def test_different_words_keep_different_forms(one, other):
    assert forms(one) != forms(other)


def test_english_words_stand_where_they_are_written():
    text = "Modelling (lung) nodules."
    assert [(word.form, text[word.begin : word.end]) for word in cut(text)] == [
        ("model", "Modelling"),
        ("lung", "lung"),
        ("nodul", "nodules"),
    ]


def test_an_acronym_is_no_word_that_looks_like_its_plural():
    assert forms("AIDS aids aid") == ["aids", "aid", "aid"]
    assert forms("GPS") == ["gps"]


def test_names_with_digits_are_kept_whole():
    assert forms("GPT-4 and GPT4") == ["gpt", "4", "and", "gpt4"]
    assert forms("CO2 H2O 5G") == ["co2", "h2o", "5g"]


@pytest.mark.parametrize("text", ["x", "x y Z", "A", "(a) or", "x축"])
def test_single_letters_are_left_out(text):
    assert not {"x", "y", "z", "a"} & set(forms(text))


def test_a_single_digit_and_a_single_syllable_are_words():
    assert forms("7") == ["7"]
    assert forms("김") == ["김"]
    assert forms("法") == ["法"]


# ---- numbers


@pytest.mark.parametrize("text", ["12,000", "12000", "12,000시간", "12000 시간", "12,000 hours", "약 12,000개"])
def test_a_number_has_one_form_with_and_without_its_commas(text):
    assert "12000" in forms(text)


@pytest.mark.parametrize("text", ["3.5", "3.5% of it", "3.5% 증가", "3.5."])
def test_a_decimal_number_is_one_word(text):
    assert forms(text)[0] == "3.5"


def test_a_list_of_numbers_is_not_one_number():
    assert forms("12, 14") == ["12", "14"]
    assert forms("12. 14") == ["12", "14"]


# ---- both languages


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("BERT 기반 검색", "BERT for retrieval"),
        ("BERT를 쓴다", "We use BERT"),
        ("Transformer기반 모델", "transformers"),
        ("LLM fine-tuning을 위한 자료", "fine-tuned LLM"),
        ("GPT-4 모델", "GPT-4"),
        ("GPT4 모델", "GPT4"),
        ("ResNet50을 쓴다", "ResNet50"),
        ("CO2 배출", "CO2"),
        ("H2O를 만든다", "H2O"),
        ("5G 통신", "5G"),
        ("3D 프린팅", "3D"),
        ("p53 유전자", "p53"),
        ("COVID-19 환자", "COVID-19"),
        ("3.5% 증가", "3.5%"),
        ("2024년", "2024"),
    ],
)
def test_an_english_term_has_the_same_form_in_a_korean_text(korean, english):
    terms = {"for", "retriev", "we", "use"}
    shared = [form for form in forms(english) if form not in terms]
    assert shared
    assert set(shared) <= set(forms(korean))


def test_english_terms_stand_where_they_are_written_in_a_korean_text():
    text = "검색에 BERT를, 또 fine-tuning을 쓴다"
    found = {word.form: text[word.begin : word.end] for word in cut(text)}
    assert found["bert"] == "BERT"
    assert found["fine"] == "fine"
    assert found["tune"] == "tuning"


def test_chinese_characters_are_words_in_a_korean_text_too():
    assert {"机器学习", "고추"} <= set(forms("机器学习 고추"))


# ---- texts of any kind


@pytest.mark.parametrize("text", ["", " ", "\n\t", "?!… ·", "🚀", "👨\u200d👩", "___", ",.,"])
def test_a_text_that_says_nothing_has_no_words(text):
    assert cut(text) == ()


def test_what_stands_behind_an_emoji_is_found_where_it_is():
    text = "🚀 고추 🚀 launch 👨\u200d👩 잎"
    assert [text[word.begin : word.end] for word in cut(text)] == ["고추", "launch", "잎"]


@pytest.mark.parametrize("text", ["고추\u200b 잎", "\u200b고추 잎", "\ufeff고추 잎", "고추\x00 잎", "고추\n\n\t잎\r\n"])
def test_what_cannot_be_seen_is_no_word(text):
    assert forms(text) == ["고추", "잎"]


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("가나다한글고추했ㅋᄒ각 \n\t,.-0129aZA🚀\u200b\u0301é法"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
@example("\U0001f468\u200d\U0001f469 가족 12,000.5e")
@example("하\u0301였했 ᄒᆞᆫ글 한글")
def test_words_stand_inside_the_text_in_ascending_order(text):
    words = cut(text)
    begins = [word.begin for word in words]
    assert begins == sorted(begins)
    for word in words:
        assert 0 <= word.begin < word.end <= len(text)
        assert word.form
        assert math.isfinite(word.rarity)
        assert word.rarity >= 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), max_size=8))
def test_every_english_word_is_found_once_where_it_stands(written):
    text = "-".join(written)
    assert [text[word.begin : word.end] for word in cut(text)] == written


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**12))
def test_a_number_is_one_word_in_either_language(number):
    for text in (f"{number:,} hours", f"{number} hours", f"{number:,}시간", f"{number} 시간"):
        assert forms(text)[0] == str(number)


def test_a_text_is_cut_the_same_alone_and_beside_others():
    together = list(CUTTER.words([*TEXTS, *reversed(TEXTS)]))
    assert together == [cut(text) for text in [*TEXTS, *reversed(TEXTS)]]


# ---- rarity


@pytest.mark.parametrize(
    "ascending",
    [
        ["the", "model", "nodule", "sinkhorn"],
        ["it", "law", "patent", "liposome"],
        ["하다", "시간", "학습", "결절"],
        ["7", "42", "317", "12,345"],
        ["2024", "31,415"],
    ],
    ids=lambda words: words[0],
)
def test_a_rarer_word_has_a_greater_rarity(ascending):
    rarities = [rarity(word) for word in ascending]
    assert rarities == sorted(set(rarities))


def test_a_word_that_is_in_every_passage_weighs_nothing_and_an_unknown_one_the_most():
    assert rarity("the") < 0.01
    assert rarity("qwrtzpl") == max(rarity(word) for word in ("qwrtzpl", "sinkhorn", "model", "김", "2024"))
    assert rarity("qwrtzpl") == pytest.approx(-math.log(100 * 1e-7), abs=1e-3)


def test_rarity_is_that_of_a_passage_of_a_hundred_words():
    # about 9 numbers of one digit: 0.01 / 9 of all words
    assert rarity("7") == pytest.approx(-math.log(1 - (1 - 0.01 / 9) ** 100))


def test_rarity_is_that_of_the_stem_so_that_forms_of_one_word_weigh_the_same():
    assert rarity("models") == rarity("model") == rarity("modelling")
    assert rarity("lipid") == rarity("lipids") > rarity("model")


def test_zeros_at_the_end_of_a_number_do_not_make_it_rarer():
    assert rarity("12,000") == rarity("12") == rarity("1.2")
    assert rarity("12,345") > rarity("12,000")


def test_a_word_weighs_the_same_in_either_language():
    (korean,) = [word for word in cut("BERT 기반 검색") if word.form == "bert"]
    assert korean.rarity == rarity("BERT")


# ---- the cache


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "cache.sqlite"


def lexicon(path: Path) -> CachedLexicon:
    # Loading the analyser takes seconds, and it keeps nothing between two texts; what is loaded when is told below.
    return CachedLexicon(DiskCache(path), CUTTER)


def test_cached_words_equal_words_cut_anew(path):
    expected = [cut(text) for text in TEXTS]
    assert lexicon(path).words(TEXTS) == expected
    again = lexicon(path)
    assert again.words(TEXTS) == expected
    assert again.cut == 0


def test_words_come_in_the_order_of_the_texts_and_each_text_is_cut_once(path):
    first = lexicon(path)
    assert first.words(["law", "잎", "law"]) == [cut("law"), cut("잎"), cut("law")]
    assert first.cut == 2
    assert first.words(["new", "잎"]) == [cut("new"), cut("잎")]
    assert first.cut == 3


def test_no_texts_have_no_words(path):
    assert lexicon(path).words([]) == []


def test_words_of_other_rules_are_not_used(path, monkeypatch):
    before = lexicon(path)
    before.words(["law"])
    monkeypatch.setattr(rules, "_RULES", rules._RULES + 1)
    after = lexicon(path)
    assert after.fingerprint != before.fingerprint
    assert after.words(["law"]) == [cut("law")]
    assert after.cut == 1


@pytest.mark.parametrize("package", ["kiwipiepy", "kiwipiepy_model", "pystemmer", "wordfreq"])
def test_the_fingerprint_names_all_that_decides_over_words(path, package):
    assert re.search(rf"(^| ){package}@\d", lexicon(path).fingerprint.casefold())


def test_a_damaged_cache_costs_time_and_nothing_else(path):
    lexicon(path).words(TEXTS)
    path.write_bytes(b"garbage" * 1000)
    with pytest.warns(UserWarning, match="was damaged"):
        assert lexicon(path).words(TEXTS) == [cut(text) for text in TEXTS]


# ---- what is loaded


def loaded(path: Path, *texts: str) -> list[str]:
    """Return which of the slow packages a new process loads for these texts."""
    code = """if True:
        import sys, pathlib
        from models.disk_cache import DiskCache
        from models.words import CachedLexicon, Cutter
        CachedLexicon(DiskCache(pathlib.Path(sys.argv[1])), Cutter()).words(sys.argv[2:])
        print(*sorted({"kiwipiepy", "wordfreq", "Stemmer", "torch"} & sys.modules.keys()))
    """
    command = [sys.executable, "-c", code, str(path), *texts]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return told.stdout.split()


def test_the_korean_analyser_is_loaded_for_korean_texts_only(path):
    assert loaded(path, "We model speech.", "机器学习", "12,000") == ["Stemmer", "wordfreq"]
    assert "kiwipiepy" in loaded(path, "We model speech.", "고추")


def test_nothing_is_loaded_for_texts_that_are_cached(path):
    lexicon(path).words(TEXTS)
    assert loaded(path, *TEXTS) == []
    assert loaded(path) == []


def test_a_text_in_capitals_meets_the_same_in_small_letters(path):
    loud, quiet = lexicon(path).words(["WE NEED LABELLED MODELS OF CRANES", "We need labelled models of cranes"])
    assert [word.form for word in loud] == [word.form for word in quiet]


def test_an_acronym_stays_one_in_a_short_line_of_capitals(path):
    (words,) = lexicon(path).words(["AIDS GPS"])
    assert [word.form for word in words] == ["aids", "gps"]


def test_a_large_number_is_one_word_in_both_languages(path):
    korean, english = lexicon(path).words(["사투리 통화 1만 2천 시간", "12,000 hours of calls, 12 thousand"])
    assert "12000" in {word.form for word in korean}
    assert [word.form for word in english].count("12000") == 2
    assert not {"1", "2", "1만", "thousand"} & {word.form for word in (*korean, *english)}


def test_a_lexicon_that_let_go_of_what_it_loaded_cuts_as_before(tmp_path):
    lexicon = CachedLexicon(DiskCache(tmp_path / "cache.sqlite"), Cutter())
    before = lexicon.words(["robots welding steel frames"])
    lexicon.release()
    assert not {"_kiwi", "_stemmer", "_frequencies"} & vars(lexicon._cutter).keys()
    assert lexicon.words(["robots welding steel frames", "robots welding"])[0] == before[0]
    assert [word.form for word in lexicon.words(["robots welding"])[0]] == [word.form for word in before[0][:2]]
