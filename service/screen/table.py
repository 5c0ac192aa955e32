"""Tables: fitted into a terminal, and off it one whole line a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from service.screen.terminal import open_console

Row = Sequence[Text]


def show_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table with these column heads, a blank line before its title if it has one."""
    console = open_console()
    if console.is_terminal:
        console.print(_fitted(title, columns, rows))
    else:
        click.echo("\n".join(_whole_lines(title, columns, rows)))


def _fitted(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
    heading = Text(f"\n{title}") if title else None
    table = Table(title=heading, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(column, style="dim"), overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _whole_lines(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines, every column as wide as its widest cell; rich measures a cell six times to say the same."""
    cells = [list(columns), *([cell.plain for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if title:
        yield from ("", title)
    for row in cells:
        yield "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))
