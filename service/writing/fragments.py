"""Pieces of the report that it holds by the thousand, as HTML; in macros of the template they took twice as long."""

from __future__ import annotations

from enum import StrEnum

from markupsafe import Markup

from matcher.evidence import Evidence, Marks
from matcher.explanation import Match
from matcher.offers import Taker
from matcher.profiles import Expert, Startup
from matcher.program import Part
from matcher.ranker import PART_NAMES
from service.marks import pieces

PART_TITLES: dict[StrEnum, str] = {
    Part.NEEDS: "needs answered",
    Part.DATA_ASSETS: "data put to use",
    Part.SUMMARY: "field in common",
    Part.FIT: "sector, stage, region",
    Part.WANTS: "asked for",
    Part.WARM_PATH: "warm path",
    **{part: part.replace("_", " ") for part in PART_NAMES},
}
# Characters of an expert's passage that are shown.
_LONGEST = 420
# Characters of a passage that shows what data is good for.
_LONGEST_TAKER, _LEEWAY = 220, 5


def label(profile: Startup | Expert) -> str:
    """Return how a profile is called: its name, or its id where it has none."""
    return profile.name or profile.id


def who(profile: Startup | Expert) -> Markup:
    """Return the name of a profile, and its id in small."""
    id_ = f' <small class="id">{_escaped(profile.id)}</small>' if profile.name else ""
    return Markup(f"<strong>{_escaped(label(profile))}</strong>{id_}")  # noqa: S704 (escaped, like all below)


def evidence(found: Evidence) -> Markup:
    """Return a passage of the startup beside the one that answers it, what they have in common marked."""
    asked = marked(found.startup_passage, found.startup_marks)
    begin = title_end(found.expert_passage, found.source)
    answer = marked(found.expert_passage, found.expert_marks, begin, _LONGEST)
    title = f"{PART_TITLES[found.part]}{lock(found.confidential)}"
    return Markup(  # noqa: S704
        f'<div class="evidence">\n<div class="{found.part}"><small>{title}</small><br><q>{asked}</q></div>\n'
        f'<div class="{found.part}"><small>{_escaped(found.source)}</small><br><q>{answer}</q></div>\n</div>\n'
    )


def lock(hidden: bool) -> Markup:
    """Return the sign of what is shown to managers only."""
    title = "The startup shows this to managers only"
    return Markup(f' <span class="tag" title="{title}">confidential</span>' if hidden else "")  # noqa: S704


def bar(match: Match, learned: bool) -> Markup:
    """Return the score of a match as a bar of its parts; a learned one, whose parts may be negative, in one."""
    if learned:
        shares = [f'<span class="p-learned" style="width:{(match.score or 0) * 100:.1f}%"></span>']
    else:
        shares = [
            f'<span class="p-{part}" style="width:{value * 100:.1f}%" title="{PART_TITLES[part]} {value:.2f}"></span>'
            for part in Part
            if (value := match.parts[part])
        ]
    told = f'<div class="bar" role="img" aria-label="score {match.score or 0:.2f}">'
    return Markup(f"{told}{''.join(shares)}</div>\n")  # noqa: S704


def parts_of(match: Match) -> str:
    """Return what the score of a match is the sum of."""
    amounts = (
        (PART_TITLES[part], "unknown" if value is None else f"{value:.6f}") for part, value in match.parts.items()
    )
    return " + ".join(f"{title} {amount}" for title, amount in amounts)


def marked(text: str, marks: Marks, begin: int = 0, longest: int | None = None) -> Markup:
    """Return a passage with what is marked in <mark>; see `service.marks.pieces`."""
    shown = [
        f"<mark>{_escaped(piece)}</mark>" if is_marked else _escaped(piece)
        for piece, is_marked in pieces(text, marks, begin, longest)
    ]
    return Markup("".join(shown))  # noqa: S704


def taker(expert: Expert, found: Taker) -> Markup:
    """Return an expert that could use a data asset, and the passage that shows it."""
    guess = "" if found.stands_out else ", a guess: no better than chance"
    passage = _shortened(untitled(found.passage, found.source))
    return Markup(  # noqa: S704
        f'<p>{who(expert)} <small>{found.worth:.2f}{guess}</small><br><span class="soft">{_escaped(found.source)}: '
        f"{_escaped(passage)}</span></p>"
    )


def _shortened(text: str) -> str:
    """Return the text with whole words only, where it is longer than is shown by more than a few characters."""
    if len(text) <= _LONGEST_TAKER + _LEEWAY:
        return text
    return f"{text[: _LONGEST_TAKER - len('...')].rsplit(' ', 1)[0]}..."


def _escaped(text: str) -> str:
    """Return what `markupsafe.escape` does, which spends most of its time on what it makes of each text."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;")


def untitled(passage: str, source: str) -> str:
    """Return a passage without the title that `matcher.passages` put before it, unless it is all there is."""
    return passage.removeprefix(f"{source.rstrip('.')}. ")


def title_end(passage: str, source: str) -> int:
    """Return where a passage begins that `matcher.passages` put its title before."""
    return len(passage) - len(untitled(passage, source))
