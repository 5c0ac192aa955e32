"""A cohort with one pair for every rule: the best pair of all, were it not forbidden."""

from __future__ import annotations

from pathlib import Path

from tests.service.cohorts import Profile, WriteCohort, investor, professor, startup

# For each rule: what makes the startup and the expert of this name a forbidden pair. Both say the same words.
RULES = {
    "family": ({}, {}),
    "competitor": ({}, {}),
    "declined": ({}, {}),
    "rejected": ({}, {}),
    "coauthor": ({"date": "2026-03-01"}, {}),
    "employer": ({}, {"affiliation": "Tidewater Institute"}),
    "namesake": ({"name": "Lark and Fennel Inc."}, {"affiliation": "Lark and Fennel Inc."}),
    "avoided": ({}, {"avoids": ["s-avoided"]}),
    "sector-avoided": ({"sectors": ["gambling"]}, {"avoids": ["gambling"]}),
    "banned": ({}, {}),
    "stage": ({"stage": "Seed"}, {"stages": ["Series B"]}),
    "region": ({"region": "Busan"}, {"regions": ["Seoul"]}),
    "sector": ({"sectors": ["logistics"]}, {"sectors": ["healthcare"]}),
    "language": ({"languages": ["ko"]}, {"languages": ["en"]}),
    "check": ({"raise_usd": 5_000_000}, {"check_usd": [100_000, 500_000]}),
    "unsought": ({"seeks": ["investor"]}, {}),
    "aliased": ({}, {}),
    "both": ({}, {}),
}
RELATIONS = [
    {"source": "s-family", "target": "e-family", "type": "family"},
    {"source": "e-competitor", "target": "s-competitor", "type": "Competitor"},
    {"source": "s-declined", "target": "e-declined", "type": "declined"},
    {"source": "s-coauthor", "target": "e-coauthor", "type": "co-author", "since": "2024-05-01"},
    {"source": "startup:s-employer", "target": "org:Tidewater Institute", "type": "employer"},
    {"source": "s-aliased", "target": "e-earlier", "type": "family"},
]
# Of the expert that the startup must not meet, the conflict is told under another id alone.
ALIASES = [{"canonical": "expert:e-aliased", "alias": "expert:e-earlier", "same": "yes"}]
OUTCOMES = [{"startup": "s-rejected", "expert": "e-rejected", "outcome": "declined"}]
BANS = 'bans = [["s-banned", "e-banned"]]\n'
FORBIDDEN = {(f"s-{rule}", f"e-{rule}") for rule in RULES if rule != "both"} | {("both", "both")}

# Those whose ids are no words that a sentence needs.
NAMED = FORBIDDEN - {("both", "both")}


def profiles(rules: bool) -> tuple[list[Profile], list[Profile]]:
    """Return a startup and an expert for every rule, with or without what the rule is about."""
    startups, experts = [], []
    for at, (rule, (of_startup, of_expert)) in enumerate(RULES.items()):
        ids = ("both", "both" if rules else "e-both") if rule == "both" else (f"s-{rule}", f"e-{rule}")
        text = f"{rule} alpha{at} beta{at} gamma{at}"
        as_kind = professor if at % 2 or rule == "unsought" else investor
        startups.append(startup(ids[0], text, data_assets=[text], **(of_startup if rules else {})))
        experts.append(as_kind(ids[1], text, max_load=1, **(of_expert if rules else {})))
        if rules and rule == "aliased":
            experts.append(as_kind("e-earlier", text))
    return startups, experts


def forbidding(cohort: WriteCohort, program: str = BANS, **of_experts: object) -> Path:
    """Write the cohort with every rule. of_experts: fields that every expert has besides."""
    startups, experts = profiles(rules=True)
    folder = cohort(startups, [{**one, **of_experts} for one in experts], RELATIONS, OUTCOMES, program=program)
    rows = [",".join(row.values()) for row in ALIASES]
    (folder / "aliases.csv").write_text("\n".join([",".join(ALIASES[0]), *rows]), encoding="utf-8")
    return folder
