"""Checks of exercise 06: explainability."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.checks import Mutant, close, equal, is_number, mistake, near, part, question

ONE_ORDER = """
def shapley(game):
    players = sorted(max(game, key=len))
    return {p: float(game["".join(players[: k + 1])] - game["".join(players[:k])]) for k, p in enumerate(players)}


pair = shapley(two)
trio = shapley(three)
"""
ALONE = """
def shapley(game):
    players = sorted(max(game, key=len))
    return {player: float(game[player]) for player in players}


pair = shapley(two)
trio = shapley(three)
"""
EQUAL_SHARES = """
def shapley(game):
    players = sorted(max(game, key=len))
    return {player: (game["".join(players)] - game[""]) / len(players) for player in players}


pair = shapley(two)
trio = shapley(three)
"""
CHANGED = """
def smallest_rise(applicant):
    before = applicant["credit_score"]
    while chance(applicant) < 0.5:
        applicant["credit_score"] += 1
        if applicant["credit_score"] > 850:
            return None
    return applicant["credit_score"] - before


rise = smallest_rise(refused)
"""
STRAIGHT = """
def smallest_rise(applicant):
    odds = np.log(chance(applicant) / (1 - chance(applicant)))
    return max(0, int(np.ceil(-odds / steepness)))


rise = smallest_rise(refused)
"""


@question(
    "explainability.baseline",
    title="What the letter leaves out",
    points=2,
    hints=[
        "Base plus effects is the score. Which of the three is missing?",
        "Sort by the absolute value of the effect: -.15 is a larger effect than +.01.",
    ],
    mutants=[
        Mutant("the sum alone", replace=("score - sum(effects.values())", "sum(effects.values())")),
        Mutant("the wrong way", replace=("score - sum", "score + sum")),
        Mutant("helpful effects left out", replace=("sum(effects.values())", "sum(v for v in effects.values() if v < 0)")),
        Mutant("by sign", replace=("key=lambda name: abs(effects[name])", "key=lambda name: effects[name]")),
        Mutant("smallest first", replace=(", reverse=True", "")),
        Mutant("by name", replace=("key=lambda name: abs(effects[name]), ", "")),
    ],
)
def missing_baseline(answer, key):
    with part(1, "`baseline` is where the effects were counted from"):
        said, effects = answer.read("baseline"), sum(key.read("effects").values())
        mistake(near(said, effects), "`baseline` is the sum of the effects; the score does not start from 0")
        mistake(near(said, 0.23 + effects), "`baseline` goes the wrong way: the effects lead *to* .23")
        close(said, key.read("baseline"), "`baseline` plus all effects should be the score", rtol=1e-6)
    with part(1, "`ranked` has the factors by the size of their effect"):
        said, right = answer.read("ranked"), key.read("ranked")
        mistake(said == right[::-1], "`ranked` has the smallest effect first")
        equal(said, right, "`ranked` should go by the size of the effects, whatever their sign")


@question(
    "explainability.shapley",
    title="Fair shares",
    points=4,
    hints=[
        "Let the players arrive in some order. Each gets what the group is worth with them less what it was worth before.",
        "Average that over *all* orders: `itertools.permutations`.",
        'The key of a group is its letters in alphabetical order: `"".join(sorted(group))`.',
    ],
    mutants=[
        Mutant("one order", code=ONE_ORDER),
        Mutant("what each is worth alone", code=ALONE),
        Mutant("equal shares", code=EQUAL_SHARES),
        Mutant(
            "nobody is worth nothing",
            replace=("game[after] - game[before]", "game[after] - (game[before] if before else 0)"),
        ),
        Mutant("not averaged", replace=(" / len(orders)", "")),
        Mutant("two players only", replace=("sorted(max(game, key=len))", '["a", "b"]')),
        Mutant(
            "groups counted alike", replace=("orders = list(permutations(players))", "orders = [players, players[::-1]]")
        ),
    ],
)
def fair_shares(answer, key):
    games = _games()
    with part(2, "`shapley` should hold for any game"):
        for game in games:
            said, right = answer.call("shapley", game), key.call("shapley", game)
            mistake(not isinstance(said, dict), "`shapley` should return a dictionary of player to value")
            total = max(game, key=len)
            if set(said) == set(right) and all(is_number(each) for each in said.values()):
                given = sum(said.values())
                mistake(
                    near(given, game[total], rtol=1e-6) and game[""] != 0,
                    "`shapley` also gives away what nobody is worth; divide the rest",
                )
                mistake(
                    not near(given, game[total] - game[""], rtol=1e-6),
                    "the values of `shapley` do not add up to the worth of all less that of nobody",
                )
            close(
                said, right, "`shapley` should average over all orders in which the players can arrive", rtol=1e-6, atol=1e-9
            )
    with part(1, "`pair` has the values of the game of two"):
        close(answer.read("pair"), key.read("pair"), "`pair` should be the Shapley values of `two`", rtol=1e-6)
    with part(1, "`trio` has the values of the game of three"):
        close(answer.read("trio"), key.read("trio"), "`trio` should be the Shapley values of `three`", rtol=1e-6, atol=1e-9)


@question(
    "explainability.additivity",
    title="Whose explanation is this?",
    points=3,
    hints=[
        "Add up each row of contributions, and add the base.",
        "The differences of some rows may cancel in a mean. What is the worst row?",
        "Only one version stays below 1e-9; the other two are close, and not the same.",
    ],
    mutants=[
        Mutant("without the base", replace=("added = base + ", "added = ")),
        Mutant(
            "a mean lets errors cancel",
            replace=(
                "np.abs(np.asarray(scores, dtype=float) - added).max()",
                "abs((np.asarray(scores, dtype=float) - added).mean())",
            ),
        ),
        Mutant("sums the columns", replace=(".sum(axis=1)", ".sum()")),
        Mutant(
            "largest, with its sign",
            replace=(
                "np.abs(np.asarray(scores, dtype=float) - added).max()",
                "(np.asarray(scores, dtype=float) - added).max()",
            ),
        ),
        Mutant("counts from 0", replace=("1 + gaps.index", "gaps.index")),
        Mutant("the worst one", replace=("gaps.index(min(gaps))", "gaps.index(max(gaps))")),
    ],
)
def whose_explanation(answer, key):
    with part(2, "`residual` should hold for any account"):
        for base, table, scores in _accounts():
            said, right = answer.call("residual", base, table, scores), key.call("residual", base, table, scores)
            mistake(is_number(said) and said < 0, "`residual` is the largest *absolute* difference")
            added = [sum(row) for row in table]
            without = max(abs(score - each) for score, each in zip(scores, added, strict=True))
            mistake(near(said, without) and not near(right, without), "`residual` forgets the base")
            close(said, right, "`residual` should be the largest gap of any row", rtol=1e-6, atol=1e-12)
    with part(1, "`belongs` and `left_over`"):
        equal(answer.read("belongs"), key.read("belongs"), "`belongs` should be the version whose residual stays below 1e-9")
        said = answer.read("left_over")
        mistake(not is_number(said) or not 0 <= said < 1e-9, "`left_over` should be a residual below 1e-9")


@question(
    "explainability.reasons",
    title="The principal reasons",
    points=3,
    hints=[
        "Which effects counted against the applicant, if a low score is bad?",
        "Ask about the protected attributes before you cut the list to its length.",
        "A protected attribute matters only where its effect was against the applicant.",
    ],
    mutants=[
        Mutant("what helped is listed", replace=("if effect < 0", "if effect")),
        Mutant("the mildest first", replace=("key=lambda name: effects[name])", "key=lambda name: -effects[name])")),
        Mutant("by name", replace=("sorted(against, key=lambda name: effects[name])", "sorted(against)")),
        Mutant("all of them", replace=("[:most]", "")),
        Mutant(
            "protected passed over in silence",
            replace=("        return None", "        against = [name for name in against if name not in protected]"),
        ),
        Mutant(
            "protected listed", replace=("if any(name in protected for name in against):\n        return None\n    ", "")
        ),
        Mutant("protected must not even help", replace=("for name in against):", "for name in effects):")),
        Mutant(
            "only where it makes the list",
            replace=("for name in against):", "for name in sorted(against, key=lambda name: effects[name])[:most]):"),
        ),
        Mutant("always four", replace=("[:most]", "[:4]")),
    ],
)
def principal_reasons(answer, key):
    plain = {"a": -0.02, "b": 0.4, "c": -0.3, "d": -0.1}
    many = {"g": -0.07, "a": -0.01, "b": -0.02, "c": -0.03, "d": -0.04, "e": -0.05, "f": 0.06}
    with part(1, "`principal_reasons` lists what counted against the applicant"):
        for effects, most in ((plain, 4), (many, 4), (many, 2), (many, 6), ({"a": 0.1}, 4)):
            said = answer.call("principal_reasons", effects, ["sex"], most)
            right = key.call("principal_reasons", effects, ["sex"], most)
            mistake(not isinstance(said, list), "`principal_reasons` should return a list of names")
            mistake(any(effects.get(name, -1) > 0 for name in said), "`principal_reasons` lists a factor that helped")
            mistake(len(said) > most, "`principal_reasons` lists more than `most` factors")
            mistake(said == right[::-1] and len(said) > 1, "`principal_reasons` has the mildest first")
            equal(said, right, "`principal_reasons` should have the worst first, and nothing that helped")
    with part(1, "a protected attribute is neither listed nor passed over"):
        for effects, most in ((plain | {"sex": -0.2}, 4), (many | {"sex": -0.001}, 4), (plain | {"sex": 0.2}, 4)):
            said = answer.call("principal_reasons", effects, ["sex", "age"], most)
            right = key.call("principal_reasons", effects, ["sex", "age"], most)
            mistake(isinstance(said, list) and "sex" in said, "`principal_reasons` lists a protected attribute")
            mistake(
                said is not None and right is None,
                "a protected attribute counted against the applicant, and `principal_reasons` says nothing of it",
            )
            mistake(said is None and right is not None, "a protected attribute that *helped* stops no letter")
            equal(said, right, "`principal_reasons` is wrong where there is a protected attribute")
    with part(1, "`reasons` is for the supplied effects"):
        equal(answer.read("reasons"), key.read("reasons"), "`reasons` should hold the principal reasons of `drawn_effects`")


@question(
    "explainability.rise",
    title="The smallest rise that changes the answer",
    points=3,
    hints=[
        "Do not compute, ask the model: try one credit score after the other.",
        '`{**applicant, "credit_score": points}` is a changed copy.',
        "What if the first score that you try is enough? And if 850 is not?",
    ],
    mutants=[
        Mutant("a straight line is assumed", code=STRAIGHT),
        Mutant("the score, not the rise", replace=('return points - applicant["credit_score"]', "return points")),
        Mutant("never 0", replace=('range(applicant["credit_score"], 851)', 'range(applicant["credit_score"] + 1, 851)')),
        Mutant("steps of ten", replace=(", 851)", ", 851, 10)")),
        Mutant("beyond 850", replace=(", 851)", ", 1500)")),
        Mutant("the applicant is changed", code=CHANGED),
        Mutant("850 is left out", replace=(", 851)", ", 850)")),
        Mutant("a higher bar", replace=(">= 0.5", ">= 0.6")),
    ],
)
def smallest_rise(answer, key):
    with part(2, "`smallest_rise` should hold for any applicant"):
        for applicant in _applicants(key.read("steepness")):
            said, right = answer.call("smallest_rise", applicant), key.call("smallest_rise", applicant)
            mistake(right is None and said is not None, "`smallest_rise` promises what no credit score up to 850 can do")
            mistake(right == 0 and said != 0, "`smallest_rise` should be 0 for whoever is approved already")
            mistake(
                right is not None and said == applicant["credit_score"] + right and said != right,
                "`smallest_rise` gives the credit score that is needed; by how much must it rise?",
            )
            mistake(right is not None and said is None, "`smallest_rise` gives up where a credit score would do")
            mistake(
                is_number(said) and said < right,
                "after the rise that `smallest_rise` promises, the model still refuses; ask it",
            )
            equal(said, right, "`smallest_rise` is not the smallest rise that gets approval from the model")
    with part(1, "`rise` is for the supplied applicant"):
        mistake(answer.read("refused") != key.read("refused"), "`refused` was changed; look at a changed copy")
        equal(answer.read("rise"), key.read("rise"), "`rise` should be the smallest rise for `refused`")


@question(
    "explainability.noise",
    title="What is noise worth?",
    points=4,
    hints=[
        "First the accuracy as it is; then shuffle one column of a copy, and take the accuracy again.",
        "`rng.permutation(rows[:, column])` gives the column in another order. All other columns stay.",
        "Importance is what is *lost*: the accuracy before less the mean accuracy after.",
    ],
    mutants=[
        Mutant("the wrong sign", replace=("whole - np.mean(left)", "np.mean(left) - whole")),
        Mutant(
            "all columns shuffled",
            replace=("shuffled[:, column] = rng.permutation(rows[:, column])", "shuffled = rng.permutation(rows)"),
        ),
        Mutant("rows are changed", replace=("shuffled = rows.copy()", "shuffled = rows")),
        Mutant(
            "always the first column",
            replace=(
                "shuffled[:, column] = rng.permutation(rows[:, column])",
                "shuffled[:, 0] = rng.permutation(rows[:, 0])",
            ),
        ),
        Mutant("accuracy after, not the loss", replace=("whole - np.mean(left)", "np.mean(left)")),
        Mutant(
            "judged on past rows",
            replace=("permutation_importance(unseen, unseen_labels,", "permutation_importance(past, past_labels,"),
        ),
        Mutant("another column's", replace=("abs(on_unseen[2])", "abs(on_unseen[0])")),
        Mutant("the most of the shuffles", replace=("whole - np.mean(left)", "whole - np.min(left)")),
    ],
)
def worth_of_noise(answer, key):
    rows, labels = _rows()
    with part(2, "`permutation_importance` should hold for any rows and column"):
        for column in range(3):
            said = answer.call("permutation_importance", rows, labels, column, 8, 1)
            right = key.call("permutation_importance", rows, labels, column, 8, 1)
            mistake(is_number(said) and right > 0.05 and abs(said + right) < 0.02, "the sign of the importance is wrong")
            close(said, right, "`permutation_importance` is the accuracy lost by shuffling one column", rtol=0, atol=0.015)
    with part(1, "`on_unseen` and `on_past` have the importances of the three columns"):
        unseen, past = answer.read("on_unseen"), answer.read("on_past")
        mistake(unseen == past, "`on_unseen` and `on_past` come from the same rows")
        close(unseen, key.read("on_unseen"), "`on_unseen` should have three importances on unseen rows", rtol=0, atol=0.01)
        close(past, key.read("on_past"), "`on_past` should have three importances on past rows", rtol=0, atol=0.03)
    with part(1, "`noise_is_harmless` follows from the unseen rows"):
        equal(answer.read("noise_is_harmless"), key.read("noise_is_harmless"), "`noise_is_harmless` asks for 0 ± .01")


@question(
    "explainability.twins",
    title="Twins",
    points=3,
    hints=[
        "Each contribution is a weight times a distance from the mean, and nothing else.",
        "In `pooled`, first the families; then every feature that is in none of them.",
        "By the first model the euros have no credit. Which part of the income's credit do they have by the second?",
    ],
    mutants=[
        Mutant("means forgotten", replace=("weight * (row[name] - means[name])", "weight * row[name]")),
        Mutant("the wrong way round", replace=("(row[name] - means[name])", "(means[name] - row[name])")),
        Mutant("members stay", replace=(" if name not in taken}", "}")),
        Mutant(
            "others are lost",
            replace=("sums | {name: value for name, value in account.items() if name not in taken}", "sums"),
        ),
        Mutant(
            "a mean of the family",
            replace=("sum(account[name] for name in members)", "sum(account[name] for name in members) / len(members)"),
        ),
        Mutant(
            "largest member",
            replace=("sum(account[name] for name in members)", "max((account[name] for name in members), key=abs)"),
        ),
        Mutant("not a share", replace=('accounts[1]["euros"] / other["income"]', 'accounts[1]["euros"]')),
        Mutant(
            "what stays with dollars",
            replace=('accounts[1]["euros"] / other["income"]', 'accounts[1]["dollars"] / other["income"]'),
        ),
    ],
)
def twins(answer, key):
    weights, row, means = {"x": 2.0, "y": -1.0, "z": 0.5}, {"x": 1.0, "y": 5.0, "z": 4.0}, {"x": 3.0, "y": 1.0, "z": 4.5}
    with part(1, "`linear_account` should hold for any line"):
        said, right = (who.call("linear_account", weights, row, means) for who in (answer, key))
        mistake(
            isinstance(said, dict) and said.get("x") == 2.0 and said.get("y") == -5.0,
            "`linear_account` forgets the means: a contribution is counted from them",
        )
        close(said, right, "`linear_account` is weight times distance from the mean", rtol=1e-6)
    with part(1, "`pooled` adds up families and keeps the others"):
        account = {"a": 1.0, "b": -3.0, "c": 0.25, "d": 2.0, "e": 7.0}
        for families in ({"ab": ["a", "b"], "cd": ["c", "d"]}, {"all": ["a", "b", "c", "d", "e"]}, {}):
            said, right = answer.call("pooled", account, families), key.call("pooled", account, families)
            mistake(not isinstance(said, dict), "`pooled` should return a dictionary")
            mistake(
                any(name in said for members in families.values() for name in members),
                "`pooled` keeps the members beside their family, so their credit counts twice",
            )
            mistake(any(name in right and name not in said for name in account), "`pooled` loses features without a family")
            close(said, right, "`pooled` should add up the contributions of a family", rtol=1e-6, atol=1e-12)
    with part(1, "`one`, `other` and `disputed`"):
        close(answer.read("one"), key.read("one"), "`one` should be the pooled account of `by_dollars`", rtol=1e-6)
        close(answer.read("other"), key.read("other"), "`other` should be the pooled account of `by_euros`", rtol=1e-6)
        said = answer.read("disputed")
        mistake(is_number(said) and not 0 <= said <= 1, "`disputed` is a share of the income's credit, from 0 to 1")
        close(said, key.read("disputed"), "`disputed` is the part of the income's credit that the euros get", rtol=1e-4)


def _games() -> list[dict[str, float]]:
    """Two, three and four players; in some of them nobody is worth something."""
    rng = np.random.default_rng(0)
    four = ["", "a", "b", "c", "d", "ab", "ac", "ad", "bc", "bd", "cd", "abc", "abd", "acd", "bcd", "abcd"]
    glove = {"": 0, "a": 0, "b": 0, "c": 0, "ab": 1, "ac": 1, "bc": 0, "abc": 1}
    return [
        {"": 0, "a": 4, "b": 6, "ab": 20},
        {"": 3, "a": 4, "b": 9, "ab": 12},
        glove,
        dict(zip(four, rng.integers(0, 50, 16).tolist(), strict=True)),
    ]


def _accounts() -> list[tuple[float, list[list[float]], list[float]]]:
    table = [[0.5, -1.0], [2.0, 0.25], [-1.0, -1.0]]
    return [
        (0.5, table, [0.0, 2.75, -1.5]),
        (1.0, table, [0.5, 3.0, -1.0]),
        (-2.0, table, [-2.75, 0.75, -4.0]),
        (0.0, [[1.0], [1.0]], [1.5, 0.5]),
    ]


def _applicants(steepness: float) -> list[dict[str, float]]:
    """Applicants of all kinds: approved already, beyond help, and one for whom exactly 850 is enough."""
    income = 50 + (0.1 - 164.5 * steepness) / 0.015
    rows = [(600, 50, 35, 24), (820, 90, 10, 60), (700, 48, 36, 12), (350, 20, 100, 0), (500, 44, 40, 30), (625, 55, 33, 8)]
    rows.append((790, income, 35, 24))
    return [dict(zip(("credit_score", "income", "debt", "months"), row, strict=True)) for row in rows]


def _rows() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng(1)
    flags = rng.integers(0, 2, size=(4_000, 2))
    labels = (rng.random(4_000) < 0.05 + 0.6 * flags[:, 0] + 0.3 * flags[:, 1]).astype(int)
    return np.column_stack([flags, rng.random(4_000)]), labels
