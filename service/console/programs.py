"""Programs: the list, a new one from files or the sample, and rows for one that is there."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

import service
from service.console.api import Refused
from service.console.mistakes import Mistakes
from service.console.overview import show_overview
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Form, Reader, Reading, Upload, read_form
from service.http.paths import ProgramId
from service.reading.schema import AliasRow, ExpertRow, RelationRow, StartupRow

router = console_router()
TABLES = ("startups", "experts", "relations", "aliases")
_TYPES = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ROWS: dict[str, type[BaseModel]] = {
    "startups": StartupRow,
    "experts": ExpertRow,
    "relations": RelationRow,
    "aliases": AliasRow,
}
# What names startups and experts waits until those are right.
_NAMING = ("relations", "aliases")
_EXAMPLES: dict[str, dict[str, str]] = {
    "startups": {
        "id": "s1",
        "name": "예시 스타트업 Example Robotics",
        "summary": "Robots that sort parcels.",
        "data_assets": "2 million labelled parcel images",
        "needs": "grasping objects never seen before | 2; 실시간 물체 인식",
        "sectors": "robotics; logistics",
        "max_matches": "1",
    },
    "experts": {
        "id": "e1",
        "kind": "professor",
        "name": "홍예시 Hong Yesi",
        "affiliation": "Example University",
        "expertise": "robotic grasping; 컴퓨터 비전",
        "max_load": "2",
    },
    "relations": {"source": "startup:s1", "target": "expert:e1", "type": "coauthor", "since": "2024-03-01"},
    "aliases": {"canonical": "expert:e1", "alias": "name:Hong Yesi", "same": "yes"},
}


@router.api_route("/programs", methods=["GET", "HEAD"])
async def list_all(request: Request, who: Reading, cursor: str = "") -> Response:
    """Show the programs."""
    return await _list(request, who, cursor=cursor)


@router.post("/programs")
async def create(request: Request, who: Reading) -> Response:
    """Make a program from a name and files, all of it or nothing."""
    form = await read_form(request, who)
    name = str(form.get("name", "")).strip()
    if not name:
        return await _list(request, who, Said(who.tongue.words.gettext("Give the program a name.")), 422)
    try:
        made = await who.api.post("programs", json={"name": name})
    except Refused as refused:
        return await _list(request, who, Said(refused.detail, errors=tuple(refused.errors)), refused.status, name)
    _, wrong = await _put_in(who, made["id"], form)
    if wrong:
        await who.api.ask("DELETE", "programs", made["id"])
        request.app.state.mistakes[who.token] = wrong
        text = who.tongue.words.gettext("Nothing was kept. Mend these rows and upload again.")
        return await _list(request, who, Said(text, errors=wrong), 422, name)
    return go(link("programs", made["id"]))


@router.post("/programs/sample")
async def create_sample(request: Request, who: Reading) -> Response:
    """Make a program of the sample cohort."""
    await read_form(request, who)
    folder = sample_folder()
    decisions = tomllib.loads((folder / "program.toml").read_text(encoding="utf-8"))
    made = await who.api.post("programs", json=decisions)
    for file in ("startups.jsonl", "experts.jsonl", "relations.csv"):
        content = await run_sync((folder / file).read_bytes)
        await _import(who, made["id"], file, content)
    return go(link("programs", made["id"]))


@router.post("/programs/{p}/import")
async def import_files(request: Request, p: ProgramId, who: Reading) -> Response:
    """Put the rows of a file into a program; what is wrong is told row by row."""
    form = await read_form(request, who)
    kept, wrong = await _put_in(who, p, form)
    word = who.tongue.words.gettext
    if not kept and not wrong:
        return await show_overview(request, who, p, Said(word("Choose a file first.")), 422)
    told = word("The rows of %(files)s are in the program.") % {"files": ", ".join(kept)} if kept else ""
    if not wrong:
        return await show_overview(request, who, p, Said(told, is_wrong=False))
    request.app.state.mistakes[who.token] = wrong
    left = word("Mend these rows and upload their file again: nothing of it was kept.")
    return await show_overview(request, who, p, Said(f"{told} {left}".strip(), errors=wrong), 422)


@router.get("/template/{name}")
async def template(request: Request, name: str, who: Reading) -> Response:
    """Give an empty table with its columns and a row to go by."""
    table, _, suffix = name.rpartition(".")
    if table not in _ROWS or f".{suffix}" not in (".csv", ".xlsx"):
        raise Refused(
            404, f"found the template {name!r}, expected startups, experts, relations or aliases as csv or xlsx"
        )
    columns = list(_ROWS[table].model_fields)
    rows = [columns, [_EXAMPLES[table].get(column, "") for column in columns]]
    content = await run_sync(_xlsx if suffix == "xlsx" else _csv, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[f".{suffix}"], headers=headers)


def sample_folder() -> Path:
    """Return the folder of the sample cohort: in a wheel beside the code, in a checkout among the examples."""
    packed = Path(service.__file__).with_name("sample")
    return packed if packed.is_dir() else Path(service.__file__).parents[1] / "examples" / "seoul"


async def _list(
    request: Request, who: Reader, said: Said | None = None, status: int = 200, name: str = "", cursor: str = ""
) -> Response:
    page = await who.api.get("programs", limit=50, cursor=cursor)
    return show(
        request, who, "programs.html.j2", status, said=said, programs=page["items"], next=page["next"], name=name
    )


async def _put_in(who: Reader, program: str, form: Form) -> tuple[list[str], Mistakes]:
    """Import the files that were chosen; return those that were kept, and what is wrong with the others.

    Relations and aliases name startups and experts: they wait until those are right.
    """
    kept: list[str] = []
    wrong: list[tuple[str, str]] = []
    for table in TABLES:
        given = form.get(table)
        if not isinstance(given, Upload) or not given.name or (wrong and table in _NAMING):
            continue
        suffix = Path(given.name).suffix.casefold()
        try:
            if suffix not in _TYPES:
                raise Refused(415, f"found the file {given.name}, expected .csv, .xlsx or .jsonl")
            await _import(who, program, f"{table}{suffix}", given.content)
            kept.append(given.name)
        except Refused as refused:
            told = refused.errors or [("", refused.detail)]
            wrong += [(given.name + where.removeprefix(f"{table}{suffix}"), what) for where, what in told]
    return kept, tuple(wrong)


async def _import(who: Reader, program: str, file: str, content: bytes) -> None:
    table, _, suffix = file.rpartition(".")
    headers = {"Content-Type": _TYPES[f".{suffix}"]}
    await who.api.ask("POST", "programs", program, "import", query={"what": table}, content=content, headers=headers)


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[str]]) -> bytes:
    import openpyxl  # a tenth of a second that no start of a server waits for

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
