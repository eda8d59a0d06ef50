"""Hidden questions on exercise 06: the same games and models, for players and applicants that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question

_AIRPORT = {"": 0, "x": 12, "y": 28, "z": 30, "xy": 28, "xz": 30, "yz": 30, "xyz": 30}
_STARTED = {"": 7, "k": 1, "m": 9, "km": 2}


@question(
    "explainability.shapley_elsewhere",
    of="explainability.shapley",
    title="Fair shares, in other games",
    points=2,
    mutants=[
        Mutant(
            "players are called a, b, c", replace=("sorted(max(game, key=len))", 'list("abc"[: len(max(game, key=len))])')
        ),
        Mutant(
            "nobody is worth nothing",
            replace=("game[after] - game[before]", "game[after] - (game[before] if before else 0)"),
        ),
        Mutant("one order only", replace=("orders = list(permutations(players))", "orders = [tuple(players)]")),
    ],
)
def shapley_elsewhere(answer, key):
    for game in (_AIRPORT, _STARTED):
        said, right = answer.call("shapley", game), key.call("shapley", game)
        close(said, right, "`shapley` fails for a game that it was not shown", rtol=1e-6, atol=1e-9)


@question(
    "explainability.rise_elsewhere",
    of="explainability.rise",
    title="The smallest rise, for other applicants",
    points=1,
    mutants=[
        Mutant("always from 600", replace=('range(applicant["credit_score"], 851)', "range(600, 851)")),
        Mutant("steps of five", replace=(", 851)", ", 851, 5)")),
        Mutant("beyond 850", replace=(", 851)", ", 2000)")),
    ],
)
def rise_elsewhere(answer, key):
    rows = ((433, 72, 31, 40), (641, 39, 47, 2), (850, 12, 80, 0), (578, 61, 22, 33), (760, 80, 20, 50))
    for row in rows:
        applicant = dict(zip(("credit_score", "income", "debt", "months"), row, strict=True))
        said, right = answer.call("smallest_rise", applicant), key.call("smallest_rise", applicant)
        equal(said, right, "`smallest_rise` fails for an applicant that it was not shown")


@question(
    "explainability.reasons_elsewhere",
    of="explainability.reasons",
    title="The principal reasons of another decision",
    points=1,
    mutants=[
        Mutant("always four", replace=("[:most]", "[:4]")),
        Mutant("only age is protected", replace=("name in protected for", 'name == "age" for')),
        Mutant(
            "protected only where listed",
            replace=("for name in against):", "for name in sorted(against, key=lambda n: effects[n])[:most]):"),
        ),
    ],
)
def reasons_elsewhere(answer, key):
    effects = {"q": -0.5, "r": -0.25, "s": 0.75, "t": -0.75, "religion": -0.01}
    for protected, most in (([], 1), ([], 5), (["religion"], 2), (["s"], 3)):
        said = answer.call("principal_reasons", effects, protected, most)
        right = key.call("principal_reasons", effects, protected, most)
        equal(said, right, "`principal_reasons` fails for effects that it was not shown")
