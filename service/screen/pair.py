"""All that is known of one pair."""

from __future__ import annotations

from rich.text import Text

from matcher.evidence import Marks
from matcher.offers import Offer, Taker
from service.marks import pieces
from service.reading.cohort import CohortInput
from service.screen.forcing import forcing_sentences
from service.screen.names import Names
from service.screen.terminal import plain, say, say_nothing
from service.use_cases import PairAnswer


def show_pair(cohort: CohortInput, answer: PairAnswer) -> None:
    """Print score, parts and evidence, why the pair was made or not, and what the startup's data is good for."""
    names = Names.of(cohort)
    title = f"{names.startups[answer.startup]} ({answer.startup}) and {names.experts[answer.expert]} ({answer.expert})"
    say(plain(title, "bold"))
    for reason in answer.ruled_out:
        say(Text("Ruled out by ", "red"), reason)
    if not answer.ruled_out:
        _show_score(answer, names)
    for offer in answer.offers:
        _show_offer(offer, names)


def _show_score(answer: PairAnswer, names: Names) -> None:
    parts = ", ".join(
        f"{part} {'unknown' if value is None else f'{value:.6f}'}" for part, value in answer.parts.items()
    )
    known = "unknown" if answer.score is None else f"{answer.score:.6f}"
    say(f"score {known} = {parts}")
    for sentence in answer.sentences:
        say(sentence)
    if not answer.matched:
        for sentence in forcing_sentences(answer.forcing, answer.startup, answer.expert, answer.kind, names):
            say(sentence)
    if answer.warm_path:
        say(f"warm path: {answer.warm_path}")
    for warning in answer.warnings:
        say(f"look at: {warning}")
    for found in answer.evidence:
        say_nothing()
        say(Text(found.part, "cyan"), f" ({found.worth:.2f})", _secret(found.confidential))
        say("  asks     ", *_marked(found.startup_passage, found.startup_marks))
        say("  answers  ", *_marked(found.expert_passage, found.expert_marks), "  ", plain(found.source, "dim"))


def _marked(text: str, marks: Marks) -> list[Text]:
    """Return the text with the words underlined that the other side says too."""
    return [plain(piece, "underline" if is_marked else "") for piece, is_marked in pieces(text, marks)]


def _show_offer(offer: Offer, names: Names) -> None:
    say_nothing()
    say(Text("data offered", "cyan"), _secret(offer.confidential), f" {offer.data_asset}")
    for taker in offer.takers:
        say(f"  {names.experts[taker.expert]} ({taker.worth:.2f}{_guess(taker)}): {taker.passage}")
    if not offer.takers:
        say("  no eligible expert of this kind says anything that could be compared with it")


def _secret(hidden: bool) -> str:
    return " confidential" if hidden else ""


def _guess(taker: Taker) -> str:
    return "" if taker.stands_out else ", a guess: no better than chance"
