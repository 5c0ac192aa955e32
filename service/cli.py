"""The command line. Commands import what they need when they run, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matcher.errors import Infeasible, MatcherError
from service.collecting import collecting_seldom

if TYPE_CHECKING:
    from service.use_cases import Learned

_KINDS = click.Choice(["professor", "investor"])
_TIME_LIMIT = click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    help="Seconds that a solver may search; then the best it found is taken.",
)
_MODEL = click.option(
    "--model", type=click.Path(path_type=Path), help="A folder of `matcher train`: its rankers score the pairs."
)
_POPULARITY = click.option(
    "--popularity",
    type=click.FloatRange(0, 1),
    help="With --model: how far an expert's number of deals counts; 1 as learned (unless said), 0 for specialists.",
)
_COHORT = click.argument("cohort", type=click.Path(path_type=Path))


class _Commands(click.Group):
    """Turns our errors into messages on stderr and exit codes: 1 infeasible or failed check, 2 bad input."""

    def invoke(self, ctx: click.Context) -> Any:
        from matcher.errors import BadInput

        try:
            return super().invoke(ctx)
        except MatcherError as error:
            label = "Infeasible" if isinstance(error, Infeasible) else "Error"
            click.echo(f"{label}: {error}", err=True)
            if isinstance(error, Infeasible) and error.conflict:
                if not error.conflict.is_smallest:
                    click.echo(
                        "  nobody of these can be left out; that no fewer stand in the way is not proved", err=True
                    )
                for relaxation in error.conflict.relaxations:
                    click.echo(f"  would mend it: {relaxation.message}", err=True)
            ctx.exit(2 if isinstance(error, BadInput) else 1)


def _learned(model: Path | None, popularity: float | None) -> Learned | None:
    """Return where the rankers are and how far the number of deals counts, None without any."""
    from service.use_cases import Learned

    if model is None:
        if popularity is not None:
            raise click.UsageError(
                "found --popularity without --model, expected both: it weighs what a ranker learned."
            )
        return None
    return Learned(model, 1.0 if popularity is None else popularity)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incubator-matcher", message="%(version)s")
def main() -> None:
    """Match startups with professors and investors, and say why.

    COHORT is a folder with startups and experts as .jsonl, .csv or .xlsx, and optionally relations, documents,
    outcomes and program.toml. Exit code 0: done, 1: infeasible or failed check, 2: bad input.
    """


@main.command()
@_COHORT
@click.option("--kind", type=_KINDS, help="Assign one kind; otherwise each kind present.")
@click.option("--objective", type=click.Choice(["total", "fair"]), help="Overrides program.toml.")
@click.option("--seed", type=click.IntRange(min=0), help="Breaks ties; overrides program.toml.")
@click.option("--best-effort", is_flag=True, help="Where limits cannot all hold, leave the fewest unmet.")
@_TIME_LIMIT
@_MODEL
@_POPULARITY
@click.option("--out", type=click.Path(path_type=Path), help="Folder for csv, jsonl, xlsx, report.html and run.json.")
@collecting_seldom()
def match(
    cohort: Path,
    kind: str | None,
    objective: str | None,
    seed: int | None,
    best_effort: bool,
    time_limit: float,
    model: Path | None,
    popularity: float | None,
    out: Path | None,
) -> None:
    """Make the match list of a cohort."""
    from matcher.pipeline import may_compete
    from matcher.profiles import Kind
    from matcher.program import Objective
    from service import use_cases
    from service.screen.lists import show_matches, show_prior, show_rivals, show_warnings, show_written
    from service.screen.terminal import watching
    from service.writing.outputs import match_files, write_files

    chosen = Objective(objective) if objective else None
    request = use_cases.MatchRequest((Kind(kind),) if kind else (), chosen, seed, best_effort)
    learned = _learned(model, popularity)
    with watching() as screen:
        given = use_cases.decide(use_cases.load_cohort(cohort, screen.clock), request)
        workbench = screen.open_workbench(time_limit, learned)
        given = use_cases.told_of_model(given, request.kinds, workbench)
        explained = use_cases.match_cohort(given, request, workbench)
        files = match_files(given, request, explained, workbench) if out else {}
    show_warnings(given.warnings)
    show_rivals(may_compete(explained))
    if out:
        write_files(out, files)
    show_matches(given, explained)
    scored = [one.outcome.kind for one in explained if one.outcome.scored.any()]
    show_prior(use_cases.kinds_by_prior(scored, workbench))
    if out:
        show_written(out, files, workbench.clock.seconds)


@main.command()
@_COHORT
@click.option("--for", "side", type=click.Choice(["startups", "experts"]), required=True, help="Whose ranking.")
@click.option("--kind", type=_KINDS, help="Rank one kind of expert; otherwise all.")
@click.option("--id", "id_", help="Rank for this profile only.")
@click.option("--top", type=click.IntRange(min=0), default=10, show_default=True, help="0: every eligible pair.")
@_MODEL
@_POPULARITY
@click.option("--out", type=click.Path(path_type=Path), help="A .jsonl file, one line a pair.")
@collecting_seldom()
def rank(
    cohort: Path,
    side: str,
    kind: str | None,
    id_: str | None,
    top: int,
    model: Path | None,
    popularity: float | None,
    out: Path | None,
) -> None:
    """Rank experts for each startup, or startups for each expert."""
    from matcher.profiles import Kind, Side
    from service import use_cases
    from service.screen.lists import show_alone, show_prior, show_ranking, show_warnings, show_written
    from service.screen.terminal import watching
    from service.writing.outputs import ranking_file, write_files

    learned = _learned(model, popularity)
    request = use_cases.RankRequest(Side(side.removesuffix("s")), top, (Kind(kind),) if kind else (), id_)
    with watching() as screen:
        given = use_cases.load_cohort(cohort, screen.clock)
        workbench = screen.open_workbench(model=learned)
        given = use_cases.told_of_model(given, request.kinds, workbench)
        ranking = use_cases.rank_cohort(given, request, workbench)
    show_warnings(given.warnings)
    show_alone(given, ranking.alone, request.side)
    if out:
        files = {out.name: ranking_file(ranking.lines)}
        write_files(out.parent, files)
        show_written(out.parent, files, screen.clock.seconds)
    else:
        show_ranking(given, ranking.lines, request.side)
    show_prior(use_cases.kinds_by_prior([line.kind for line in ranking.lines], workbench))


@main.command()
@_COHORT
@click.option("--startup", required=True, help="The startup's id.")
@click.option("--expert", required=True, help="The expert's id.")
@_TIME_LIMIT
@_MODEL
@_POPULARITY
@collecting_seldom()
def explain(
    cohort: Path, startup: str, expert: str, time_limit: float, model: Path | None, popularity: float | None
) -> None:
    """Say why two are matched or not: score, parts, evidence, the cost of forcing it, and what the data is good for."""
    from service import use_cases
    from service.screen.lists import show_prior, show_warnings
    from service.screen.pair import show_pair
    from service.screen.terminal import watching

    learned = _learned(model, popularity)
    with watching() as screen:
        given = use_cases.load_cohort(cohort, screen.clock)
        workbench = screen.open_workbench(time_limit, learned)
        answer = use_cases.explain_pair(given, startup, expert, workbench)
    show_warnings(given.warnings)
    show_pair(given, answer)
    if answer.score is not None:
        show_prior(use_cases.kinds_by_prior([answer.kind], workbench))


@main.command()
@_COHORT
@click.option("--judgements", type=click.Path(path_type=Path), required=True, help="A table of startup, expert, grade.")
@_MODEL
@_POPULARITY
def evaluate(cohort: Path, judgements: Path, model: Path | None, popularity: float | None) -> None:
    """Measure how well the scores agree with what people judged.

    More than two grades, from 1 to 5: the weighted Kendall loss and easy and hard pairs over each expert's judged
    startups. One or two: recall, nDCG and MRR over each startup's experts. Intervals are 95 % by bootstrap.
    """
    from service import use_cases
    from service.reading.judgements import read_judgements
    from service.screen.evaluation import show_evaluation
    from service.screen.lists import show_prior, show_warnings
    from service.screen.terminal import watching

    learned = _learned(model, popularity)
    with watching() as screen:
        given = use_cases.load_cohort(cohort, screen.clock)
        judged = read_judgements(judgements, given.cohort)
        workbench = screen.open_workbench(model=learned)
        given = use_cases.told_of_model(given, (), workbench)
        evaluation = use_cases.evaluate_cohort(given, judged, workbench)
    show_warnings(given.warnings)
    show_evaluation(evaluation)
    show_prior(use_cases.kinds_by_prior(evaluation.spreads, workbench))


@main.command()
@_COHORT
@click.option("--outcomes", type=click.Path(path_type=Path), required=True, help="startup, expert, outcome, date.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder, one file a kind.")
def train(cohort: Path, outcomes: Path, out: Path) -> None:
    """Learn whom experts take from whom they took, for `--model` of match, rank, explain and evaluate.

    An expert's documents are what it did before. Of outcomes, `invested` and `accepted` are learned from.
    """
    from matcher.errors import BadInput
    from models.ranker import stale_rankers
    from service import use_cases
    from service.reading.outcomes import read_outcomes
    from service.screen.lists import show_warnings, show_written
    from service.screen.terminal import watching
    from service.screen.training import show_training
    from service.training import train_cohort
    from service.writing.files import write_files

    with watching() as screen:
        given = use_cases.load_cohort(cohort, screen.clock)
        known = read_outcomes(outcomes, given.cohort)
        try:
            training = train_cohort(given, known, screen.open_workbench())
        except BadInput as error:
            # Nothing is written, and what lies there goes on being used.
            raise BadInput("; ".join((str(error), *stale_rankers(out, ())))) from error
    show_warnings((*given.warnings, *training.warnings, *stale_rankers(out, training.files)))
    write_files(out, training.files)
    show_training(training)
    show_written(out, training.files, screen.clock.seconds)


@main.command()
@_COHORT
def validate(cohort: Path) -> None:
    """Check a cohort folder and report every mistake at once."""
    from service import use_cases
    from service.screen.lists import show_cohort, show_warnings
    from service.stages import StageClock

    given = use_cases.load_cohort(cohort, StageClock())
    show_warnings(given.warnings)
    show_cohort(given)


@main.command()
@click.argument("problem", type=click.Path(path_type=Path))
@click.option("--objective", type=click.Choice(["total", "fair"]), help="Overrides the file.")
@click.option("--certify", is_flag=True, help="Prove the result of vectors too; that of scores always is.")
@_TIME_LIMIT
@click.option("--expert-max", type=click.IntRange(min=0), help="The max of each expert that has none in the file.")
@click.option("--best-effort", is_flag=True, help="Where limits cannot all hold, leave the fewest unmet.")
@click.option("--out", type=click.Path(path_type=Path), help="A file of the same kind as PROBLEM.")
def assign(
    problem: Path,
    objective: str | None,
    certify: bool,
    time_limit: float,
    expert_max: int | None,
    best_effort: bool,
    out: Path | None,
) -> None:
    """Solve an assignment on given scores, without profiles or texts.

    PROBLEM is a .json with one, a .jsonl with one a line, or a .npz with the arrays of a large one; there a summary
    goes to stdout. A bad or infeasible line of a .jsonl is answered like the others.
    """
    from matcher.program import Objective
    from service.answers import AssignRequest, answer_file, check_files
    from service.screen.lists import show_warnings, show_written
    from service.screen.terminal import watching
    from service.writing.files import write_files

    check_files(problem, out)
    chosen = Objective(objective) if objective else None
    request = AssignRequest(time_limit, chosen, expert_max, certify, best_effort)
    with watching() as screen:
        answers = answer_file(problem, request, screen.clock)
    if out:
        write_files(out.parent, {out.name: answers.data})
    if answers.summary or not out:
        click.echo(answers.summary or answers.data, nl=False)
    else:
        show_written(out.parent, {out.name: answers.data}, screen.clock.seconds)
    show_warnings(answers.out_of_time)
    if answers.infeasible:
        raise answers.infeasible


_DATABASE = click.option("--database-url", help="sqlite:///FILE or postgresql://USER@HOST/NAME.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@_DATABASE
def serve(host: str, port: int, database_url: str | None) -> None:
    """Serve match lists and assignments over HTTP, to those who have a key, and keep a worker for runs."""
    from service.apart import ModelProcess
    from service.settings import settings_with
    from service.threads import limit_threads

    settings = settings_with(database_url)
    limit_threads(settings.threads)
    # What takes longest to load is begun first, on one core; the web application is imported on the other meanwhile.
    with ModelProcess(at_once=True).started() as process:
        with collecting_seldom():
            from service.serving import serve as serve_until_told

        serve_until_told(settings, host, port, process)


@main.command()
@_DATABASE
def worker(database_url: str | None) -> None:
    """Do the runs that a server queues, beside the worker that it keeps itself."""
    from service.jobs.worker import run_worker
    from service.settings import settings_with
    from service.threads import limit_threads

    settings = settings_with(database_url)
    limit_threads(settings.threads)
    run_worker(settings)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_DATABASE
def backup(file: Path, database_url: str | None) -> None:
    """Write everything the service keeps to FILE, while it runs."""
    from service.screen.terminal import say
    from service.settings import settings_with
    from service.store.backup import back_up_logged
    from service.store.database import open_database

    count = back_up_logged(open_database(settings_with(database_url).database_url), file)
    say(f"Written: {file}, {count} rows")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_DATABASE
def restore(file: Path, database_url: str | None) -> None:
    """Put everything of a backup into an empty database, SQLite or PostgreSQL."""
    from service.screen.terminal import say
    from service.settings import settings_with
    from service.store.backup import restore_logged
    from service.store.database import open_database

    count = restore_logged(open_database(settings_with(database_url).database_url), file)
    say(f"Restored: {count} rows")


@main.group()
def keys() -> None:
    """Make, list and revoke the keys of the HTTP service."""


@keys.command()
@click.option("--role", type=click.Choice(["admin", "manager", "startup", "expert"]), required=True)
@click.option("--program", help="The program it is for; otherwise every one.")
@click.option("--startup", help="Of role startup: whom it speaks for.")
@click.option("--expert", help="Of role expert: whom it speaks for.")
@click.option("--days", type=click.IntRange(min=1), help="Until it expires; otherwise never.")
@_DATABASE
def create(
    role: str,
    program: str | None,
    startup: str | None,
    expert: str | None,
    days: int | None,
    database_url: str | None,
) -> None:
    """Make a key. It is the last line, and is shown this once."""
    from matcher.errors import BadInput
    from service.screen.keys import show_new_key
    from service.settings import settings_with
    from service.store.audit import COMMAND_LINE
    from service.store.database import open_database
    from service.store.keys import Grant, Role, create_key

    parties = {"startup": startup, "expert": expert}
    foreign = [f"--{name}" for name, id_ in parties.items() if id_ and name != role]
    if foreign:
        raise BadInput(f"found {' and '.join(foreign)} for a key of role {role}, expected neither")
    grant = Grant(Role(role), program, parties.get(role), days)
    show_new_key(*create_key(open_database(settings_with(database_url).database_url), grant, COMMAND_LINE))


@keys.command("list")
@_DATABASE
def list_keys(database_url: str | None) -> None:
    """List the keys there are, without their secrets."""
    from service.screen.keys import show_keys
    from service.settings import settings_with
    from service.store.database import open_database
    from service.store.keys import all_keys

    show_keys(all_keys(open_database(settings_with(database_url).database_url)))


@keys.command()
@click.argument("id_", metavar="ID")
@_DATABASE
def revoke(id_: str, database_url: str | None) -> None:
    """Make a key open nothing from now on."""
    from service.screen.keys import show_keys
    from service.settings import settings_with
    from service.store.audit import COMMAND_LINE
    from service.store.database import open_database
    from service.store.keys import revoke_key

    show_keys([revoke_key(open_database(settings_with(database_url).database_url), id_, COMMAND_LINE)])
