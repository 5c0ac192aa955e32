"""What a startup does and what a deal was about, said in the same way, so that the two can be compared.

A line such as "DEX" or "Lending" says little without the sector it stands in, and related sectors ("NFT", "Gaming",
"Metaverse") share no term; said together they are compared in meaning. A sector stands in its canonical spelling:
"핀테크" and "Fintech" are one word. The name of a company tells nothing of what it does, so a title stands only where
there is neither sector nor text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.profiles import Document, Expert, Kind, Startup
from matcher.track_record import deals_of, sectors_said

# The number of the description of a deal that says nothing: the place behind the last one.
UNSAID = -1


@dataclass(frozen=True)
class Descriptions:
    """What d deals were about: texts, each once, and of_deal, (d,), the number of each deal's text or `UNSAID`."""

    texts: tuple[str, ...]
    of_deal: NDArray[np.intp]


def deals_described(experts: Sequence[Expert]) -> Descriptions:
    """Return what the deals of these experts were about, in the order of their track record."""
    numbers: dict[str, int] = {}
    about = (_about(document) for expert in experts for document in deals_of(expert))
    of_deal = [numbers.setdefault(text, len(numbers)) if text else UNSAID for text in about]
    return Descriptions(tuple(numbers), np.array(of_deal, dtype=np.intp))


def startup_described(startup: Startup) -> Startup:
    """Return the startup with its sectors in its summary."""
    return replace(startup, summary=_described(startup.sectors, startup.summary))


def experts_described(experts: Sequence[Expert], descriptions: Descriptions) -> list[Expert]:
    """Return the experts without their documents, and after them one who holds every description once.

    Deals are many and what they were about is not: in a list of rounds every investor tells the same of each.
    """
    documents = tuple(Document("", text) for text in descriptions.texts)
    holder = Expert("descriptions", Kind.INVESTOR, documents=documents)
    return [*(replace(expert, documents=()) for expert in experts), holder]


def _about(document: Document) -> str:
    return _described(document.sectors, document.text) or document.title.strip()


def _described(sectors: Iterable[str], text: str) -> str:
    return ". ".join(part for part in (", ".join(sectors_said(sectors)), text.strip()) if part)
