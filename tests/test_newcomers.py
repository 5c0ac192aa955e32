"""A new profile, or one that leaves, moves no other pair's score: the peers' failure of openreview-expertise#55."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.calibration import Calibration, View
from matcher.encoding import Role
from matcher.engine import Engine, calibrated_for
from matcher.languages import Language
from matcher.lexicon import Word, Words
from matcher.pipeline import match
from matcher.profiles import Cohort, Document, Expert, Kind, Need, Startup
from matcher.program import Program
from matcher.scored_pairs import score_kinds
from models.disk_cache import DiskCache
from models.encoders import CACHE_FILE, CachedEncoder, ModelIdentity
from models.opening import open_models
from models.sentence_encoder import NumberFormat
from tests.fakes import DIMENSION, TODAY, NoWords, WordEncoder, plain_calibration
from tests.matcher.lexicons import Spaced, reading
from tests.matcher.people import years_ago
from tests.real_model import Conversion

Key = tuple[Kind, str, str]
Scores = dict[Key, tuple[object, ...]]

STEMS = {
    Language.KOREAN: ["로봇", "진단", "배터리", "반도체", "농업", "유방암", "데이터", "센서", "단백질", "물류"],
    Language.ENGLISH: ["robot", "diagnosis", "battery", "wafer", "farming", "cancer", "data", "sensor", "protein"],
    Language.OTHER: ["робот", "батарея", "датчик", "белок", "данные", "半導体", "診断", "機械"],
}
SECTORS = ["robotics", "health", "energy", "agriculture"]


class UnevenlyRare(Spaced):
    """Words of many rarities, as in a language."""

    def words(self, texts: Sequence[str]) -> list[Words]:
        return [
            tuple(Word(one.form, one.begin, one.end, zlib.crc32(one.form.encode()) % 9973 / 1200) for one in words)
            for words in super().words(texts)
        ]


def uneven_calibration() -> Calibration:
    """Return one with a centre for each language, other knots for each pair, and a view of English beside."""
    draw = np.random.default_rng(7)
    views = View(0, DIMENSION), View(20, DIMENSION, (Language.ENGLISH,))
    centres = {role: (0.05 * draw.normal(size=(3, DIMENSION))).astype(np.float32) for role in Role}
    knots = np.cumsum(draw.uniform(0.05, 0.6, size=(3, 3, 4)), axis=2) - 0.1
    return replace(plain_calibration(), views=views, centres=centres, knots=knots)


def text(draw: np.random.Generator, longest: int = 12) -> str:
    stems = STEMS[list(Language)[draw.integers(3)]]
    return " ".join(f"{draw.choice(stems)}{draw.choice(['', '', 'a', '7'])}" for _ in range(draw.integers(1, longest)))


def documents(draw: np.random.Generator) -> tuple[Document, ...]:
    dates = [None, TODAY, years_ago(3), years_ago(25)]
    return tuple(
        Document(title=text(draw, 4), text=text(draw, 200), date=dates[draw.integers(4)])
        for _ in range(draw.integers(0, 6))
    )


def startup(draw: np.random.Generator, id_: str) -> Startup:
    return Startup(
        id_,
        summary=text(draw) if draw.random() < 0.7 else "",
        needs=tuple(Need(text(draw), float(draw.integers(1, 4))) for _ in range(draw.integers(0, 4))),
        data_assets=tuple(text(draw) for _ in range(draw.integers(0, 3))),
        documents=documents(draw),
        sectors=tuple(str(one) for one in draw.choice(SECTORS, draw.integers(0, 3), replace=False)),
    )


def expert(draw: np.random.Generator, id_: str) -> Expert:
    return Expert(
        id_,
        list(Kind)[draw.integers(2)],
        expertise=tuple(text(draw) for _ in range(draw.integers(0, 6))),
        documents=documents(draw),
        sectors=tuple(str(one) for one in draw.choice(SECTORS, draw.integers(0, 3), replace=False)),
    )


def scores_of(cohort: Cohort, engine: Engine) -> Scores:
    """Return of each eligible pair the score, its parts, and to the bit how well each passage is answered."""
    found: Scores = {}
    for pairs in score_kinds(cohort, Program(), engine, every_pair=True):
        for row, scores in enumerate(pairs.scores):
            answered = pairs.scorer.comparer.answered(row, np.arange(len(pairs.experts)))
            for column in scores.experts.tolist():
                key = pairs.kind, pairs.startups[row].id, pairs.experts[column].id
                found[key] = *scores.of(column), np.ascontiguousarray(answered[:, column]).tobytes()
    return found


def without(scores: Scores, *ids: str) -> Scores:
    return {key: value for key, value in scores.items() if not {*key[1:]} & {*ids}}


@pytest.mark.parametrize("seed", range(12))
def test_a_profile_that_comes_or_goes_changes_no_other_score_to_the_bit(seed: int) -> None:
    draw = np.random.default_rng(seed)
    startups = tuple(startup(draw, f"s{at}") for at in range(draw.integers(2, 7)))
    experts = tuple(expert(draw, f"e{at}") for at in range(draw.integers(4, 12)))
    engine = reading(UnevenlyRare(), uneven_calibration())
    whole = scores_of(Cohort(startups, experts), engine)
    assert len({value[0] for value in whole.values()}) > len(whole) / 4
    for at, one in enumerate(experts):
        fewer = Cohort(startups, experts[:at] + experts[at + 1 :])
        assert scores_of(fewer, engine) == without(whole, one.id)
    for at, one in enumerate(startups):
        fewer = Cohort(startups[:at] + startups[at + 1 :], experts)
        assert scores_of(fewer, engine) == without(whole, one.id)
    newcomers = Cohort((startup(draw, "new s"), *startups), (expert(draw, "new e"), *experts, expert(draw, "newer e")))
    assert without(scores_of(newcomers, engine), "new s", "new e", "newer e") == whole


def test_the_order_of_profiles_changes_no_score_to_the_bit() -> None:
    draw = np.random.default_rng(99)
    startups = tuple(startup(draw, f"s{at}") for at in range(5))
    experts = tuple(expert(draw, f"e{at}") for at in range(9))
    engine = reading(UnevenlyRare(), uneven_calibration())
    assert scores_of(Cohort(startups[::-1], experts[::-1]), engine) == scores_of(Cohort(startups, experts), engine)


def test_everybody_said_again_by_a_newcomer_changes_no_score() -> None:
    """Copies make every word of the cohort less rare in it, which must not count."""
    draw = np.random.default_rng(5)
    startups = tuple(startup(draw, f"s{at}") for at in range(4))
    experts = tuple(expert(draw, f"e{at}") for at in range(6))
    copies = tuple(replace(one, id=f"copy {number} of {one.id}") for one in experts for number in range(5))
    engine = reading(UnevenlyRare(), uneven_calibration())
    found = scores_of(Cohort(startups, experts + copies), engine)
    assert without(found, *(copy.id for copy in copies)) == scores_of(Cohort(startups, experts), engine)


def test_row_14_ore_55_a_new_document_moves_the_scores_of_its_author_alone() -> None:
    draw = np.random.default_rng(14)
    startups = tuple(startup(draw, f"s{at}") for at in range(5))
    experts = tuple(expert(draw, f"e{at}") for at in range(6))
    engine = reading(UnevenlyRare(), uneven_calibration())
    text_of_all = " ".join(need.text for one in startups for need in one.needs)
    wrote = replace(experts[0], documents=(*experts[0].documents, Document(title="new", text=text_of_all)))
    before = scores_of(Cohort(startups, experts), engine)
    after = scores_of(Cohort(startups, (wrote, *experts[1:])), engine)
    assert without(after, "e0") == without(before, "e0")
    assert after != before


def test_row_12_orp_595_ore_75_of_a_late_arrival_only_its_own_texts_are_encoded(tmp_path: Path) -> None:
    draw = np.random.default_rng(12)
    startups = tuple(startup(draw, f"s{at}") for at in range(4))
    experts = tuple(expert(draw, f"e{at}") for at in range(5))
    late = Expert("late", Kind.PROFESSOR, expertise=("a subject that nobody has",))

    def encoded_for(*coming: Expert) -> list[str]:
        words = WordEncoder()
        identity = ModelIdentity("words", "1", NumberFormat.FLOAT32)
        encoder = CachedEncoder(identity, lambda: words, DiskCache(tmp_path / CACHE_FILE))
        calibration = replace(plain_calibration(), fingerprint=calibrated_for(encoder, NoWords()))
        match(Cohort(startups, (*experts, *coming)), Program(), Engine(encoder, NoWords(), calibration, TODAY))
        return words.encoded

    assert len(encoded_for()) > len(experts)
    assert encoded_for(late) == ["a subject that nobody has"]
    assert encoded_for(late) == []


ENCODER = "multilingual-e5-small+all-minilm-l6-v2"
STARTUPS = (
    Startup("s1", needs=(Need("로봇 팔의 힘 제어와 충돌 감지 기술"),), summary="협동 로봇을 만드는 스타트업입니다."),
    Startup("s2", needs=(Need("Early detection of breast cancer in mammograms"),), data_assets=("40,000 mammograms",)),
    Startup("s3", needs=(Need("리튬 이온 배터리 수명 예측"), Need("battery management firmware"))),
    Startup("s4", summary="We forecast crop yields from satellite images.", data_assets=("위성 영상 10년치",)),
)
EXPERTS = (
    Expert("e1", Kind.PROFESSOR, expertise=("로봇 매니퓰레이터 제어", "force control of robot arms")),
    Expert("e2", Kind.PROFESSOR, expertise=("Deep learning for mammography screening",)),
    Expert("e3", Kind.PROFESSOR, documents=(Document("배터리 열화 모델", "리튬 이온 전지의 용량 감소를 예측한다."),)),
    Expert("e4", Kind.PROFESSOR, expertise=("remote sensing for agriculture", "작물 수확량 예측")),
)
LONG = "Robots and batteries and mammograms in one laboratory. " * 20
NEW_EXPERT = Expert("new e", Kind.PROFESSOR, expertise=("로봇", "battery", LONG, "유방암 진단을 위한 영상 분석 " * 15))
NEW_STARTUP = Startup("new s", needs=(Need("반도체 웨이퍼 결함 검출"), Need(LONG)))


@pytest.fixture(scope="session")
def caches(converted_model: Conversion, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two cache folders that share the converted model and nothing else."""
    first, second = (converted_model.link_into(tmp_path_factory.mktemp(name)) for name in ("first", "second"))
    return first, second


def real_engine(cache: Path) -> Engine:
    models = open_models(ENCODER, cache, NumberFormat.FLOAT32)
    return Engine(models.encoder, models.lexicon, models.calibration, TODAY)


@pytest.fixture(scope="session")
def real_scores(caches: tuple[Path, Path]) -> Scores:
    return scores_of(Cohort(STARTUPS, EXPERTS), real_engine(caches[0]))


def test_with_vectors_kept_a_newcomer_changes_no_real_score_to_the_bit(
    caches: tuple[Path, Path], real_scores: Scores
) -> None:
    newcomers = Cohort((NEW_STARTUP, *STARTUPS), (*EXPERTS, NEW_EXPERT))
    found = scores_of(newcomers, real_engine(caches[0]))
    assert without(found, "new s", "new e") == real_scores
    assert len({value[0] for value in real_scores.values()}) > 10


def test_encoded_anew_beside_a_newcomer_real_scores_differ_by_a_millionth_at_most(
    caches: tuple[Path, Path], real_scores: Scores
) -> None:
    assert not (caches[1] / CACHE_FILE).exists()
    newcomers = Cohort((NEW_STARTUP, *STARTUPS), (*EXPERTS, NEW_EXPERT))
    found = scores_of(newcomers, real_engine(caches[1]))
    for key, value in real_scores.items():
        assert found[key][0] == pytest.approx(value[0], rel=0, abs=1.000001e-6), key
        answers, expected = (np.frombuffer(one[-1], dtype=np.float32) for one in (found[key], value))
        np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-6)
