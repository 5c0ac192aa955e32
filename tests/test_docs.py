"""What the documents say exists, and what exists is said."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcher.program import DEFAULT_RULES, DEFAULT_WEIGHTS, Part
from service import use_cases
from service.cli import main
from service.reading.program import ProgramRow
from service.reading.schema import ExpertRow, OutcomeRow, RelationRow, StartupRow
from service.settings import Settings
from tests.service.conftest import open_words

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    \.venv/bin/matcher (.+)$", README, re.MULTILINE)


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


# The others are run in test_serve, test_jobs and test_backup.
ELSEWHERE = ("serve", "worker", "restore")


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.split()[0] not in ELSEWHERE])
def test_every_command_of_the_readme_runs(command, tmp_path, monkeypatch):
    monkeypatch.setattr(use_cases, "open_models", open_words)
    monkeypatch.setenv("MATCHER_DATABASE_URL", f"sqlite:///{tmp_path / 'matcher.db'}")
    monkeypatch.chdir(ROOT)
    arguments = [argument.replace("out/", f"{tmp_path}/") for argument in command.split()]

    done = CliRunner().invoke(main, arguments)

    assert done.exit_code == 0, done.output


def test_the_readme_shows_commands():
    assert {command.split()[0] for command in COMMANDS} == set(main.commands)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name):
    assert f"| `MATCHER_{name.upper()}` |" in document("settings.md")


def test_no_setting_is_documented_that_does_not_exist():
    told = set(re.findall(r"^\| `MATCHER_(\w+)` \|", document("settings.md"), re.MULTILINE))
    assert told == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("row", [StartupRow, ExpertRow, RelationRow, OutcomeRow, ProgramRow])
def test_every_column_is_documented(row):
    format_ = document("cohort-format.md")
    missing = [name for name in row.model_fields if not re.search(rf"\b{name}\b", format_)]
    assert missing == []


def test_every_relation_type_with_a_rule_is_documented():
    format_ = document("cohort-format.md")
    assert [name for name in DEFAULT_RULES if name != "same_employer" and f"`{name}`" not in format_] == []


@pytest.mark.parametrize("part", Part)
def test_the_documented_weights_are_the_default_ones(part):
    row = next(line for line in document("how-it-works.md").splitlines() if line.startswith(f"| `{part}` |"))
    told = [float(cell) for cell in row.split("|")[-3:-1]]
    assert told == [weights[part] for weights in DEFAULT_WEIGHTS.values()]


def test_every_dependency_has_earned_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    packages = {re.match(r"[\w-]+", name)[0] for name in named} - {"incubator-matcher"}
    decisions = document("decisions/0002-dependencies.md")
    assert sorted(package for package in packages if package not in decisions) == []


def test_every_file_that_the_documents_link_to_is_there():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
