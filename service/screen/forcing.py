"""What making a pair would change, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcher.explanation import shown_amount
from matcher.forcing import Fair, Forcing, Move, Weighed
from matcher.profiles import Kind
from service.screen.names import Names

_NOT_WEIGHED = {
    Weighed.NOT_PROPOSED: "retrieval did not propose the pair, so it was not weighed",
    Weighed.UNKNOWN_SCORE: "a pair of unknown score is made only where it is pinned",
}


def forcing_sentences(forcing: Forcing | None, startup: str, expert: str, kind: Kind, names: Names) -> Iterator[str]:
    """Yield what making the pair of this startup and expert would change, or why it cannot be said or made."""
    if forcing is None:
        yield "what forcing it would cost is not known: the assignment is not proved the best"
        return
    if forcing.weighed is not Weighed.YES:
        yield _NOT_WEIGHED[forcing.weighed]
    if forcing.impossible:
        yield f"it cannot be forced: {forcing.impossible}"
        return
    moves = [_move(move, startup, expert, kind, names) for move in forcing.moves] or ["nobody would move"]
    yield f"forcing it: {'; '.join([*_amounts(forcing), *moves])}"


def _amounts(forcing: Forcing) -> Iterator[str]:
    """Yield what changes for all; what the objective looks at first comes first."""
    if forcing.fair:
        yield from _fair(*forcing.fair)
    weights = " (scores times priority)" if forcing.prioritised else ""
    yield f"{_signed(forcing.adds)} in total{weights}"


def _signed(amount: float) -> str:
    if not amount:
        return "±0"
    return f"{'−' if amount < 0 else '+'}{shown_amount(abs(amount))}"


def _fair(before: Fair, after: Fair) -> Iterator[str]:
    if before.served != after.served:
        yield f"{after.served} instead of {before.served} startups served"
    if before.worst_off != after.worst_off and before.worst_off is not None and after.worst_off is not None:
        yield f"worst-off {after.worst_off:.2f} instead of {before.worst_off:.2f}"


def _move(move: Move, startup: str, expert: str, kind: Kind, names: Names) -> str:
    who, joined = names.startup(move.startup), _list([names.expert(id_) for id_ in move.joined])
    # Whom others leave for the pair is said already: it is the pair's own expert.
    left = _list([names.expert(id_) for id_ in move.left if id_ != expert or not move.joined])
    if move.alone:
        return f"{who} would be left without {kind.one}"
    if not move.joined:
        return f"{who} would {'leave' if move.startup == startup else 'lose'} {left}"
    if not move.left:
        return f"{who} would get {joined}"
    return f"{who} would move {f'from {left} ' if left else ''}to {joined}"


def _list(names: Sequence[str]) -> str:
    return " and ".join(names)
