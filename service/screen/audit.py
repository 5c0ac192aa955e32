"""What the limits cost, in a line each below the match list."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.audit import Audit
from matcher.explanation import shown_amount
from matcher.pipeline import Explained
from service.screen.names import Names
from service.screen.terminal import say

# How many names a line tells.
_TOLD = 3


def show_audit(explained: Explained, names: Names) -> None:
    """Print what fairness costs, which places are scarce, who regrets, and who would rather have each other."""
    if explained.outcome.given_up is not None:
        say(f"Fairness costs {explained.outcome.given_up:.3f} of the largest total.")
    audit = explained.audit
    if audit.scarce:
        told = [f"{names.experts[one.expert]} (+{shown_amount(one.adds)})" for one in audit.scarce]
        say(f"Scarce, with what one more place would add to the total: {_first(told)}.")
    if audit.regrets:
        say(_regret_line(audit, names))
    if audit.rather:
        told = [f"{names.startups[one.startup]} with {names.experts[one.expert]}" for one in audit.rather]
        say(f"Would rather have each other than somebody they got: {_first(told)}.")


def _regret_line(audit: Audit, names: Names) -> str:
    best = f"{len(audit.at_best)} of {len(audit.regrets)} startups got their own best"
    if not audit.regretting:
        return f"{best}."
    most = audit.regretting[0]
    return f"{best}; {names.startups[most.startup]} is furthest from it, by {shown_amount(most.regret)}."


def _first(told: Sequence[str]) -> str:
    rest = len(told) - _TOLD
    return ", ".join(told[:_TOLD]) + (f" and {rest} more" if rest > 0 else "")
