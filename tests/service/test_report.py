"""report.html: one page that holds everything, loads nothing and takes no text for markup."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.service.cohorts import PROGRAM, RELATIONS, investor, professor, startup
from tests.service.outputs import PARTS, read_matches, read_run, read_unmatched
from tests.service.page import matched_on, read_report, section

EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "</td></table></main></body></html>",
    "</style></title><h1>",
    "<!-- a comment",
    "&lt;b&gt; &amp; &#x3c;i&#x3e;",
    "{{ program }} {% raw %}",
    "javascript:alert(1) http://evil.example/x.js",
]
LOADING = {"script", "link", "img", "iframe", "object", "embed", "base", "audio", "video", "source", "form", "svg"}


@pytest.fixture
def written(matcher, cohort, out):
    matcher("match", cohort(relations=RELATIONS, program=PROGRAM), "--out", out)
    return out


def test_the_page_loads_nothing_and_runs_nothing(written):
    page = read_report(written)
    assert not {element.tag for element in page.walk()} & LOADING
    names = {name for element in page.walk() for name in element.attributes}
    assert not names & {"src", "href", "srcset", "action", "data", "background", "poster"}
    assert not [name for name in names if name.startswith("on")]
    styles = "".join(str(child) for style in page.all("style") for child in style.children)
    assert not re.search(r"url\(|@import|https?:", styles)
    assert not [meta for meta in page.all("meta") if meta.attributes.get("http-equiv")]


def test_the_page_contains_every_match_of_every_kind(written):
    page = read_report(written)
    made = [(match["startup"], match["expert"]) for match in read_matches(written)]
    assert sorted(matched_on(page)) == sorted(made)
    for kind in ("professor", "investor"):
        of_kind = {(one["startup"], one["expert"]) for one in read_matches(written) if one["kind"] == kind}
        assert set(matched_on(section(page, kind))) == of_kind


def test_the_matches_of_a_kind_stand_best_first(written):
    page = read_report(written)
    scores = {(match["startup"], match["expert"]): match["score"] for match in read_matches(written)}
    for kind in ("professor", "investor"):
        shown = [scores[pair] for pair in matched_on(section(page, kind))]
        assert shown == sorted(shown, reverse=True)


def test_a_match_is_shown_with_its_score_parts_and_all_its_evidence(written):
    page = read_report(written)
    shown = dict(zip(matched_on(page), page.all("article"), strict=True))
    for match in read_matches(written):
        text = shown[match["startup"], match["expert"]].text
        assert f"{match['score']:.6f}" in text
        assert all(f"{match['parts'][part]:.6f}" in text for part in PARTS if match["parts"][part] is not None)
        assert all(found["startup_passage"] in text for found in match["evidence"])
        assert all(found["source"] in text for found in match["evidence"])
        assert all(warning in text for warning in match["warnings"])


def test_the_page_contains_everybody_unmatched_with_the_reason(written):
    page = read_report(written)
    unmatched = read_unmatched(written)
    assert unmatched
    for one in unmatched:
        rows = [row for row in section(page, one["kind"]).all("tr") if one["reason"] in row.text]
        assert one.get("startup", one.get("expert")) in [id_ for row in rows for id_ in row.people]


def test_the_page_lists_the_data_of_a_startup_without_needs(written):
    rows = [row for row in section(read_report(written), "offers").all("tr") if "s3" in row.people]
    assert len(rows) == 2
    assert "recorded phone calls of elderly speakers" in rows[0].text
    assert rows[0].people[1:]
    assert all("p1" not in row.people for row in rows)


def test_a_data_asset_names_no_expert_twice(matcher, cohort, out):
    twice = startup("s1", "plans", data_assets=["leaf photos", "leaf photos"])
    matcher("match", cohort([twice], [professor("p1", "leaf photos"), professor("p2", "photos")]), "--out", out)
    for row in section(read_report(out), "offers").all("tr"):
        assert len(row.people) == len(set(row.people))


def test_confidential_passages_are_marked_and_no_others(matcher, cohort, out):
    hidden = startup(
        "s1",
        "secret need",
        summary="open summary",
        data_assets=["secret photos"],
        confidential=["needs", "data_assets"],
    )
    shown = startup("s2", "open need", data_assets=["open photos"])
    experts = [professor("p1", "need photos summary"), professor("p2", "need photos summary")]
    matcher("match", cohort([hidden, shown], experts), "--out", out)
    page = read_report(out)
    asked = [element for element in page.all("div", class_="evidence") for element in element.children[1:2]]
    assert len(asked) == 5
    for element in asked:
        marked = [tag for tag in element.all("span", class_="tag") if tag.text == "confidential"]
        assert bool(marked) == ("secret" in element.text)
    for row in section(page, "offers").all("tr")[1:]:
        assert ("confidential" in row.text) == ("secret" in row.text)


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_the_cohort_is_markup(matcher, cohort, out, evil):
    name = evil.replace("\\", "\\\\").replace('"', '\\"')
    folder = cohort(
        [
            startup(
                f"id {evil}",
                f"need {evil}",
                name=f"name {evil}",
                summary=f"summary {evil}",
                data_assets=[f"data {evil}"],
                sectors=[f"sector {evil}"],
                stage=f"stage {evil}",
                region=f"region {evil}",
            ),
            startup(f"idle {evil}", f"need {evil}", max_matches=0),
        ],
        [
            professor(
                f"id2 {evil}",
                f"expertise {evil}",
                name=f"professor {evil}",
                affiliation=f"university {evil}",
                documents=[{"title": f"title {evil}", "text": f"need text {evil}"}],
            )
        ],
        [{"source": f"startup:id {evil}", "target": f"id2 {evil}", "type": f"friend {evil}"}],
        program=f'name = "program {name}"',
    )
    assert matcher("match", folder, "--out", out).exit_code == 0
    page = read_report(out)
    assert matched_on(page) == [(f"id {evil}", f"id2 {evil}")]
    assert not {element.tag for element in page.walk()} & LOADING
    assert not [name for element in page.walk() for name in element.attributes if name.startswith("on")]
    assert [heading.text for heading in page.all("h1")] == [f"program {evil}"]
    assert [title.text for title in page.all("title")] == [f"program {evil}"]
    for field in ("id", "id2", "name", "need", "data", "sector", "stage", "region", "professor", "university", "title"):
        assert f"{field} {evil}" in page.text
    assert f"need text {evil}" in page.text
    assert f"idle {evil}" in page.text


@pytest.mark.parametrize("line", [".NET services for clinics", "expertise in crop robotics", "...and more of it"])
def test_a_line_of_expertise_is_shown_whole(matcher, cohort, out, line):
    matcher("match", cohort([startup("s1", line)], [professor("p1", line)]), "--out", out)
    quotes = [quote.text for quote in read_report(out).all("q")]
    assert quotes == [line, line]


def test_a_document_is_shown_without_its_title_before_every_passage(written):
    (article,) = [one for one in read_report(written).all("article") if one.people[:2] == ["s1", "p1"]]
    quotes = [quote.text for quote in article.all("q")]
    assert quotes[:2] == ["few labelled photos of plant disease", "few labelled photos of plant disease"]


def test_the_page_tells_the_program_the_model_and_the_cohort(written):
    page, run = read_report(written), read_run(written)
    assert page.all("h1")[0].text == "Spring program"
    assert run["encoder"]["fingerprint"] in page.text
    assert run["cohort"]["sha256"][:16] in page.text
    assert "Seed 3." in page.text
    assert "4 startups, 5 experts" in page.text


def test_the_load_of_every_expert_is_shown(written):
    page = read_report(written)
    loads = {row.people[0]: row.text for row in section(page, "professor").all("tr") if " of " in row.text}
    assert "1 of 1" in loads["p1"]
    assert "2 of 2" in loads["p2"]
    assert "0 of 0" in loads["p3"]


# The one place of p1 goes to s2, who counts three times; p1 and s1 go better together.
RIVALS = (
    [startup("s1", "robot arm", name="로봇팔"), startup("s2", "robot ship", name="Shipwright", priority=3)],
    [professor("p1", "robot arm", name="윤서", max_load=1), professor("p2", "tax", name="Ada", max_load=1)],
)


THREE = [*RIVALS[0], startup("s3", "ship", priority=3)], [*RIVALS[1], professor("p3", "ship", max_load=1)]
CROSSING = '[[quotas]]\nname = "two"\nmax = 2\nstartups = ["s1", "s2"]\nexperts = ["p1", "p2"]\n'


def table_under(page, heading):
    """Return the rows of the table below this heading as texts, without its head; none where it is not there."""
    whole = [element for element in section(page, "professor").walk() if element.tag in ("h3", "table")]
    for at, element in enumerate(whole):
        if element.tag == "h3" and element.text == heading and whole[at + 1].tag == "table":
            return [[cell.text for cell in row.all("td")] for row in whole[at + 1].all("tr")[1:]]
    return []


def test_what_one_more_place_would_add_stands_beside_the_load_of_each_expert_the_scarcest_first(matcher, cohort, out):
    matcher("match", cohort(*RIVALS), "--out", out)
    page, (result,) = read_report(out), read_run(out)["results"]
    # With a second place at p1, s1 has 1.00 there instead of 0.09 with p2.
    assert result["one_more_place"] == {"p1": Decimal("0.905165")}
    rows = table_under(page, "Load of each professor")
    assert [(row[0], row[3]) for row in rows] == [("윤서 p1", "0.91"), ("Ada p2", "")]
    assert "where scores count times priority" in page.text


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ('objective = "fair"', "under the fair objective"),
        (CROSSING, "where quotas cross"),
    ],
)
def test_where_no_price_is_exact_none_is_told_and_why(matcher, cohort, out, program, why):
    matcher("match", cohort(*THREE, program=program), "--out", out)
    assert f"What one more place would add to the total is not known {why}." in read_report(out).text
    assert [row[3] for row in table_under(read_report(out), "Load of each professor")] == ["", "", ""]
    assert read_run(out)["results"][0]["one_more_place"] is None


def test_startups_without_their_own_best_are_shown_with_what_they_got(matcher, cohort, out):
    matcher("match", cohort(*RIVALS), "--out", out)
    assert read_run(out)["results"][0]["regrets"] == {"s1": Decimal("0.905165"), "s2": 0}
    assert table_under(read_report(out), "Startups and their own best") == [
        ["로봇팔 s1", "Ada 0.09", "윤서 1.00", "0.91"]
    ]
    assert "1 of 2 startups got the best that is eligible for them" in read_report(out).text


def test_pairs_that_would_rather_have_each_other_are_shown_with_what_both_got(matcher, cohort, out):
    matcher("match", cohort(*RIVALS), "--out", out)
    assert read_run(out)["results"][0]["blocking_pairs"] == [{"startup": "s1", "expert": "p1", "score": 1.0}]
    (row,) = table_under(read_report(out), "Would rather have each other")
    # s2 counts three times: 3 × 0.54 + 0.09 as it is, 1.00 + 3 × 0.00 with the pair
    assert row == ["로봇팔 s1", "Ada 0.09", "윤서 p1", "Shipwright 0.54", "1.00", "0.71"]


def test_a_pair_that_the_limits_do_not_let_in_has_no_cost(matcher, cohort, out):
    matcher("match", cohort(*RIVALS, program='pins = [["s2", "p1"]]'), "--out", out)
    (row,) = table_under(read_report(out), "Would rather have each other")
    assert row[5] == "cannot be"


def test_where_no_price_is_exact_pairs_that_would_rather_have_each_other_have_no_cost(matcher, cohort, out):
    matcher("match", cohort(*THREE, program=CROSSING), "--out", out)
    (row,) = table_under(read_report(out), "Would rather have each other")
    assert row == ["로봇팔 s1", "Ada 0.09", "윤서 p1", "Shipwright 0.54", "1.00"]


def test_where_everybody_got_their_best_there_is_no_table_of_wishes(matcher, cohort, out):
    matcher("match", cohort([startup("s1", "plan")], [professor("p1", "plan")]), "--out", out)
    page = read_report(out)
    assert "1 of 1 startups got the best that is eligible for them." in page.text
    assert not table_under(page, "Startups and their own best")
    assert "Would rather have each other" not in page.text
    assert "No place is scarce" in page.text


def test_long_tables_of_wishes_show_the_largest_and_count_the_rest(matcher, cohort, out):
    many = [startup(f"s{at}", "plan") for at in range(20)]
    matcher("match", cohort(many, [professor("p1", "plan", max_load=1)]), "--out", out)
    assert len(table_under(read_report(out), "Startups and their own best")) == 15
    assert "and 4 more startups: run.json" in read_report(out).text


def test_what_fairness_costs_is_shown(matcher, cohort, out):
    experts = [professor("p1", "robot arm", max_load=1), professor("p2", "robot tax", max_load=1)]
    matcher("match", cohort([startup("s1", "robot arm"), startup("s2", "ship arm")], experts), "--out", out)
    assert "for fairness" not in read_report(out).text
    matcher("match", cohort(), "--objective", "fair", "--out", out)
    assert "of the total for fairness" in read_report(out).text


def test_the_map_shows_every_pair_and_outlines_the_matches(written):
    page = section(read_report(written), "professor")
    (table,) = page.all("table", class_="map")
    cells = table.all("td")
    assert len(cells) == 3 * 3
    assert len([cell for cell in cells if cell.attributes.get("class") == "made"]) == len(page.all("article"))
    # s3 and p1, by a ban
    assert len([cell for cell in cells if cell.attributes.get("class") == "shut"]) == 1


def test_a_cohort_too_large_for_the_map_says_so(matcher, cohort, out):
    sides = [startup(f"s{at}", "plan") for at in range(71)], [professor(f"p{at}", "plan") for at in range(71)]
    matcher("match", cohort(*sides), "--out", out)
    page = read_report(out)
    assert not page.all("table", class_="map")
    assert "here there are 5041" in page.text


def test_a_pair_that_is_forbidden_is_no_tie_of_the_picture_whatever_kinds_are_matched(matcher, cohort, out):
    startups = [startup("s1", "plans", seeks=["professor"]), startup("s2", "plans"), startup("s3", "plans")]
    experts = [professor("p1", "plans"), investor("v1", "plans"), investor("v2", "plans", avoids=["s3"])]
    ties = [("v1", "s1"), ("v2", "s1"), ("v2", "s2"), ("v2", "s3"), ("p1", "s2")]
    relations = [{"source": one, "target": other, "type": "invested_in"} for one, other in ties]
    relations += [{"source": "v1", "target": "s1", "type": "declined"}]
    path = cohort(startups, experts, relations, program='bans = [["s2", "p1"]]\n')
    for kinds in ((), ("--kind", "professor"), ("--kind", "investor")):
        matcher("match", path, "--out", out, *kinds)
        assert "with 2 ties between them" in read_report(out).text
