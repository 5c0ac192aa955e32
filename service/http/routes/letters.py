"""Letters to everybody who has a match in a published run, and the page that each of them links to."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from sqlalchemy import Connection

from matcher.languages import Language
from matcher.profiles import Side
from service.console.fitting import cut, fit, shortened
from service.console.languages import Tongue
from service.console.pages import Said, tell
from service.http.access import MANAGERS
from service.http.paths import ProgramId
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.schemas import LettersAnswer, errors_of
from service.http.state import shared
from service.http.writes import key_of, write
from service.letters import Letter, called, language_of_party, place_of, write_letter
from service.overtaken import look_again, look_for_conflicts
from service.redaction import for_party, public_name
from service.sentences import say
from service.store import links as store
from service.store.errors import NotThere
from service.store.forgetting import REMOVED
from service.store.profiles import confidential_fields
from service.store.programs import find_program
from service.store.runs import Made, find_run, list_matches, snapshot_of
from service.store.writes import Reply, perform, reading
from service.writing.files import csv_cell

router = api_router(tags=["letters"])
_ERRORS = (401, 403, 404, 429, 503)
# Matches on a page of a party.
_PAGE = 20
# Letters that a program's name may have in a subject and in every letter; a name may be as long as a text.
_TITLE = 200
Fields = dict[str, Any]


class LettersFormat(StrEnum):
    """How letters are answered: csv for a mail merge."""

    JSON = "json"
    CSV = "csv"


@router.post(
    "/v1/programs/{p}/runs/{r}/letters",
    dependencies=[Depends(MANAGERS)],
    response_model=None,
    responses={200: {"model": LettersAnswer}, **errors_of(409, 422, *_ERRORS)},
)
async def make(
    request: Request,
    p: ProgramId,
    r: str,
    days: Annotated[int, Query(ge=1, le=365, description="How long the links open.")] = 30,
    format: LettersFormat = LettersFormat.JSON,  # noqa: A002
) -> Response:
    """Write a letter with a link to each party of a published run. Links made before for this run open nothing more."""
    base = str(request.base_url).rstrip("/")
    made: list[Letter] = []

    def look() -> int:
        with reading(shared(request).database) as connection:
            return look_for_conflicts(connection, p, r)

    def work(connection: Connection) -> Reply:
        run = find_run(connection, p, r)
        if run.published is None:
            raise ApiError(HTTPStatus.CONFLICT, f"run {r} is not published, expected the one that is shown")
        look_again(connection, p, r, revision)
        made.extend(_letters(connection, p, r, days, base, key_of(request).id))
        return Reply(200)

    revision = await run_sync(look)
    # Secrets are shown once: the answer is not kept for a repetition.
    await run_sync(perform, shared(request).database, work)
    if format is LettersFormat.CSV:
        return Response(_merge(made), media_type="text/csv; charset=utf-8")
    return JSONResponse({"letters": [letter.record for letter in made]})


@router.delete(
    "/v1/programs/{p}/runs/{r}/letters",
    dependencies=[Depends(MANAGERS)],
    status_code=204,
    response_model=None,
    responses=errors_of(409, *_ERRORS),
)
async def revoke(request: Request, p: ProgramId, r: str) -> Response:
    """Make the links of a run open nothing from now on."""

    def work(connection: Connection) -> Reply:
        find_run(connection, p, r)
        store.revoke_links(connection, p, r, key_of(request).id)
        return Reply(204)

    return await write(request, b"", work)


@router.get("/p/{secret}", response_class=HTMLResponse, responses=errors_of(404, 503), include_in_schema=False)
async def page(request: Request, secret: str, page: int = 1) -> Response:
    """Show a party its matches and why, so many at a time."""

    def look() -> Fields:
        with shared(request).database.connect() as connection:
            link = store.find_link(connection, secret)
            return _page_of(connection, link, page)

    try:
        values = await run_sync(look)
    except NotThere as error:  # people follow these links
        return await tell(request, HTTPStatus.NOT_FOUND, Said(str(error)))
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(fit(lambda room: _template().render(values, room=room)), headers=headers)


def _letters(connection: Connection, program: str, run: str, days: int, base: str, by: str) -> list[Letter]:
    partners = _partners(list_matches(connection, run))
    profiles = _profiles(connection, program, run)
    there = sorted(party for party in partners if profiles[party].get("name") != REMOVED)
    secrets = store.make_links(connection, program, run, there, days, by)
    title = shortened(str(find_program(connection, program).decisions.get("name") or program), _TITLE)
    written = []
    for party, (secret, until) in secrets.items():
        others = [profiles[one] for one in partners[party]]
        written.append(write_letter(party[0], profiles[party], others, title, f"{base}/p/{secret}", until))
    return written


def _partners(made: list[Made]) -> dict[store.Party, list[store.Party]]:
    """Return by party whom it was matched with."""
    found: defaultdict[store.Party, list[store.Party]] = defaultdict(list)
    for one in made:
        if one.startup is not None and one.expert is not None:
            startup, expert = (Side.STARTUP, one.startup), (Side.EXPERT, one.expert)
            found[startup].append(expert)
            found[expert].append(startup)
    return found


def _profiles(connection: Connection, program: str, run: str) -> dict[store.Party, Fields]:
    """Return the parties as they stood when the run was asked for, with what startups mark confidential by now."""
    taken = snapshot_of(connection, run)
    now = confidential_fields(connection, program)
    marked = [
        {**one, "confidential": [*one.get("confidential", ()), *now.get(one["id"], ())]} for one in taken["startups"]
    ]
    tables = {Side.STARTUP: marked, Side.EXPERT: taken["experts"]}
    return {(side, one["id"]): one for side, table in tables.items() for one in table}


def _page_of(connection: Connection, link: store.Link, number: int) -> Fields:
    profiles = _profiles(connection, link.program, link.run)
    other = Side.EXPERT if link.side is Side.STARTUP else Side.STARTUP
    own = profiles[link.side, link.party]
    shown, found = [], list_matches(connection, link.run, (link.side, [link.party]))
    pages = max(1, -(-len(found) // _PAGE))
    number = min(max(1, number), pages)
    for made in found[(number - 1) * _PAGE : number * _PAGE]:
        named = made.expert if link.side is Side.STARTUP else made.startup
        if named is not None:
            partner = profiles[other, named]
            record = for_party(link.side, made.fields, profiles[Side.STARTUP, str(made.startup)]["confidential"])
            record["warm_path"] = say(language_of_party(own).value, record.get("warm_path") or "", {})
            shown.append({**record, "partner": public_name(partner), "place": place_of(partner)})
    title = find_program(connection, link.program).decisions.get("name") or link.program
    language = language_of_party(own)
    return {
        "page": number,
        "pages": pages,
        "program": title,
        "name": called(own),
        "matches": shown,
        "until": Tongue(language.value).day(link.expires.date().isoformat()),
        "korean": language is Language.KOREAN,
    }


def _merge(letters: list[Letter]) -> bytes:
    text = io.StringIO(newline="")
    rows = [letter.record for letter in letters]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["side", "id", "name", "email", "language", "subject", "text", "link"])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row.values()])
    return text.getvalue().encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("service.http", "pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cut"] = cut
    return environment.get_template("party.html.j2")
