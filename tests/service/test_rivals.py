"""Who may compete, as a run tells it: all of it in run.json, in few lines on the screen and in the report."""

from __future__ import annotations

from tests.service.cohorts import professor, startup
from tests.service.outputs import read_run
from tests.service.page import read_report

CRACKS = "drones find cracks in bridges before they fall"
SAME = [startup(f"s{at}", summary=CRACKS, sectors=["law"], name=f"가상 {at}") for at in range(40)]
NEAR = startup("near", summary="drones find cracks in bridges before trains fall", sectors=["law"], name="Nearby")


def test_a_group_is_named_whole_in_the_record_and_in_short_elsewhere(matcher, cohort, out):
    done = matcher("match", cohort([*SAME, NEAR], [professor("p1", "law")]), "--out", out)
    within, between = read_run(out)["may_compete"]
    assert all(f"가상 {at} (startup:s{at})" in within for at in range(40))
    assert between.startswith("가상 0 (and 39 more that say the same) and Nearby may be competitors (both in legal")
    told = [line for line in done.stderr.splitlines() if line.startswith("Suggestion: ")]
    assert [line.removeprefix("Suggestion: ") for line in told] == [
        "40 startups may be competitors of each other (all in legal, and word for word the same: 1.00)",
        between.split("; say so")[0],
        "run.json of --out names all who say the same",
    ]
    page = read_report(out)
    (table,) = [one for one in page.all("table") if "may compete with" in one.text]
    rows = [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
    assert [row[:3] for row in rows] == [
        ["가상 0 (and 39 more that say the same)", "each other", "legal"],
        ["가상 0 (and 39 more that say the same)", "Nearby startup", "legal"],
    ]
    assert "All who say the same are named in run.json." in page.text


def test_two_that_may_compete_are_told_as_a_couple_everywhere(matcher, cohort, out):
    done = matcher("match", cohort([SAME[0], NEAR], [professor("p1", "law")]), "--out", out)
    (sentence,) = read_run(out)["may_compete"]
    assert f"Suggestion: {sentence}\n" in done.stderr
    assert "who say the same" not in done.stderr + read_report(out).text
