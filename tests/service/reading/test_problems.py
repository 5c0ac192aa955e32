from __future__ import annotations

from matcher.errors import BadInput
from service.reading.problems import BadCohort, Problem, expected


def test_a_problem_names_file_row_and_column():
    problem = Problem("startups.csv", 4, "raise_usd", "found -1, expected 0 or more")
    assert str(problem) == "startups.csv, row 4, raise_usd: found -1, expected 0 or more"


def test_a_problem_of_a_whole_file_names_no_row():
    assert str(Problem("startups.csv", 0, "", "is empty")) == "startups.csv: is empty"


def test_a_long_value_is_cut_to_a_length_people_read():
    message = expected("x" * 200_000, "a date")
    assert len(message) < 150
    assert message.endswith("…, expected a date")


def test_an_absent_value_is_told_as_nothing():
    assert expected(None, "an id") == expected("", "an id") == "found nothing, expected an id"


def test_zero_and_false_are_told_as_they_are():
    assert expected(0, "more") == "found 0, expected more"
    assert expected(False, "more") == "found False, expected more"


def test_problems_stand_in_the_order_of_files_and_rows():
    # row 10 comes after row 9: they are numbers, not texts
    problems = [Problem("b", 1, "", ""), Problem("a", 10, "", ""), Problem("a", 9, "z", ""), Problem("a", 9, "c", "")]
    places = [(problem.file, problem.row, problem.column) for problem in BadCohort(problems).problems]
    assert places == [("a", 9, "c"), ("a", 9, "z"), ("a", 10, ""), ("b", 1, "")]


def test_the_report_counts_and_shows_every_problem():
    problems = [Problem("a", row, "id", "wrong") for row in (1, 2, 3)]
    lines = str(BadCohort(problems)).splitlines()
    assert lines[0] == "3 problems in the cohort:"
    assert lines[1:] == [f"  a, row {row}, id: wrong" for row in (1, 2, 3)]


def test_one_problem_is_not_called_problems():
    assert str(BadCohort([Problem("a", 1, "", "wrong")])).startswith("1 problem in the cohort")


def test_a_bad_cohort_is_bad_input():
    assert issubclass(BadCohort, BadInput)
