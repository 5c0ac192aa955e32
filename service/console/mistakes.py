"""The mistakes of an upload as a file: a page shows the first of them, the file has all."""

from __future__ import annotations

import csv
import io

from anyio.to_thread import run_sync
from cachetools import FIFOCache
from fastapi import Request
from fastapi.responses import Response

from service.console.api import Refused
from service.console.languages import Tongue
from service.console.pages import console_router, place
from service.console.visitor import Reading
from service.sentences import say
from service.writing.files import csv_cell

Mistakes = tuple[tuple[str, str], ...]  # where, what
router = console_router()
_SESSIONS = 20


def kept_mistakes() -> FIFOCache[str, Mistakes]:
    """Return what keeps the mistakes of the latest upload of a session; of many sessions the oldest are forgotten."""
    return FIFOCache(_SESSIONS)


@router.get("/mistakes.csv")
async def download(request: Request, who: Reading) -> Response:
    """Give all mistakes of the reader's latest upload."""
    kept: FIFOCache[str, Mistakes] = request.app.state.mistakes
    found = kept.get(who.token)
    if found is None:
        raise Refused(404, "found no upload with mistakes: upload the file again")
    content = await run_sync(_written, found, who.tongue)
    headers = {"Content-Disposition": 'attachment; filename="mistakes.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _written(mistakes: Mistakes, tongue: Tongue) -> bytes:
    word = tongue.words.gettext
    # Ten thousand rows make few different mistakes.
    told = {what: say(tongue.code, what, {}) for _, what in mistakes}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([word("Where"), word("What is wrong")])
    writer.writerows([csv_cell(place(where, word("row {}"))), csv_cell(told[what])] for where, what in mistakes)
    return text.getvalue().encode("utf-8-sig")  # which tells Excel that it is UTF-8
