"""Checks of exercise 16: A/B tests."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, mistake, part, question

_SIZES = [(0.05, 0.005, 0.8, 2), (0.2, 0.01, 0.9, 2), (0.05, 0.005, 0.8, 1), (0.5, -0.03, 0.8, 2), (0.9, 0.02, 0.6, 1)]


@question(
    "ab_testing.size",
    title="How many visitors?",
    points=4,
    hints=[
        "Two promises stand in the bracket: one quantile for alpha (on each side, if there are two), one for the power.",
        "2 z² p(1 - p) / lift², with p in the middle between the two rates. A smaller lift stands squared below the line.",
    ],
    mutants=[
        Mutant("always two sides", replace=("0.05 / sides", "0.05 / 2")),
        Mutant("always one side", replace=("0.05 / sides", "0.05")),
        Mutant("one group's variance", replace=("ceil(2 * z**2", "ceil(z**2")),
        Mutant("both groups", replace=("ceil(2 * z**2", "ceil(4 * z**2")),
        Mutant("the baseline alone", replace=("baseline + lift / 2", "baseline")),
        Mutant("no power", replace=(" + norm.ppf(power)", "")),
        Mutant("rounded down", replace=("return ceil(", "return int(")),
        Mutant("the ratio turned round", replace=("smaller / two_sided", "two_sided / smaller")),
        Mutant("a quarter point is 0.25", replace=("0.05, 0.0025, 0.80, 2", "0.05, 0.025, 0.80, 2")),
    ],
)
def size(answer, key):
    with part(2, "`visitors_per_group` should hold for any baseline, lift, power and number of sides"):
        for arguments in _SIZES:
            said, right = (who.call("visitors_per_group", *arguments) for who in (answer, key))
            mistake(abs(said - 2 * right) <= 2, "`visitors_per_group` counts both groups; each of them is asked for")
            mistake(abs(2 * said - right) <= 2, "`visitors_per_group` has the variance of one group; a difference has two")
            mistake(said == right - 1, "`visitors_per_group` rounds down, and then just misses its power")
            close(said, right, f"`visitors_per_group` is wrong for {arguments}", rtol=1e-5, atol=0)
    with part(1, "`two_sided`, `one_sided` and `smaller`"):
        mistake(answer.read("two_sided") < answer.read("one_sided"), "`one_sided` should take fewer than `two_sided`")
        for name in ("two_sided", "one_sided", "smaller"):
            close(answer.read(name), key.read(name), f"`{name}` is not what the plan takes")
    with part(1, "`ratio` says how many times as many"):
        said = answer.read("ratio")
        mistake(said < 1, "`ratio` is below 1; a smaller lift takes more visitors")
        mistake(said == 4, "`ratio` is nearly 4, but the variance is a little smaller, too")
        close(said, key.read("ratio"), "`ratio` is not the larger number over the smaller")


@question(
    "ab_testing.power",
    title="What do 50,000 buy?",
    points=2,
    hints=[
        "How many standard errors is the lift? And how many of them does alpha ask for?",
        "The normal distribution function of (lift / standard error - 1.96).",
    ],
    mutants=[
        Mutant("one side", replace=("norm.ppf(0.975)", "norm.ppf(0.95)")),
        Mutant("one group's variance", replace=("(2 * rate", "(rate")),
        Mutant("the chance to miss it", replace=("return norm.cdf(", "return 1 - norm.cdf(")),
        Mutant("a deviation without n", replace=(" / n) ** 0.5", ") ** 0.5")),
        Mutant("n for both groups", replace=("/ n)", "/ (n / 2))")),
    ],
)
def power(answer, key):
    with part(1, "`power_with` should hold for any group, baseline and lift"):
        for n, baseline, lift in ((50_000, 0.05, 0.005), (31_235, 0.05, 0.005), (1_000, 0.3, 0.05), (200, 0.5, 0.01)):
            said, right = answer.call("power_with", n, baseline, lift), key.call("power_with", n, baseline, lift)
            mistake(not 0 <= said <= 1, "`power_with` is a chance, between 0 and 1")
            mistake(abs(said + right - 1) < 1e-6 and abs(right - 0.5) > 0.01, "`power_with` is the chance to miss the lift")
            close(said, right, f"`power_with` is wrong for {n:,}, {baseline} and {lift}", rtol=1e-3)
    with part(1, "`bought` is for 50,000 in each group"):
        close(answer.read("bought"), key.read("bought"), "`bought` is not the power of 50,000 in each group", rtol=0.003)


_NAMES = {
    "supplied": [f"customer-{10 * number}" for number in range(4_000)],
    "all of one length": [f"{number:06d}" for number in range(4_000)],
    "of letters": [chr(97 + number % 26) + chr(97 + number // 26 % 26) + chr(97 + number // 676) for number in range(4_000)],
}


@question(
    "ab_testing.lot",
    title="A lot that remembers",
    points=3,
    hints=[
        "A digest of a text is a number that nobody chose. The agreed text has both the experiment and the user in it.",
        "`int(sha256(text.encode()).hexdigest(), 16)`: is it even?",
    ],
    mutants=[
        Mutant("no salt", replace=('f"{experiment}/{user}"', "user")),
        Mutant("drawn anew", code=(
            "import random\n\n\ndef group_of(user, experiment):\n    return random.choice('AB')"
        )),
        Mutant("by the last digit", code=(
            "def group_of(user, experiment):\n    return 'A' if int(user[-2:]) % 20 else 'B'"
        )),
        Mutant("by the length", code="def group_of(user, experiment):\n    return 'AB'[len(user + experiment) % 2]"),
        Mutant("one in four", replace=('"AB"[number % 2]', '"AAAB"[number % 4]')),
        Mutant("44 and 56", replace=('"AB"[number % 2]', '"AB"[number % 100 >= 44]')),
        Mutant("Python's own hash", code=(
            "def group_of(user, experiment):\n    return 'AB'[hash(f'{experiment}/{user}') % 2]"
        )),
        Mutant("a table of one process", code=(
            "import random\n\ndrawn = {}\n\n\ndef group_of(user, experiment):\n"
            "    return drawn.setdefault((user, experiment), random.choice('AB'))"
        )),
        Mutant("another text", replace=('f"{experiment}/{user}"', 'f"{user}/{experiment}"')),
        Mutant("the experiment turns all of them round", code=(
            "from hashlib import sha256\n\n\ndef group_of(user, experiment):\n"
            "    number = int(sha256(user.encode()).hexdigest(), 16) + len(experiment)\n    return 'AB'[number % 2]"
        )),
    ],
)  # fmt: skip
def lot(answer, key):
    def groups(names, experiment):
        return [answer.call("group_of", name, experiment) for name in names]

    names = _NAMES["supplied"][:600]
    first = groups(names, "ranking")
    with part(1, "`group_of` gives the same group again, here and on every machine"):
        mistake(not set(first) <= {"A", "B"}, '`group_of` should return `"A"` or `"B"`')
        mistake(first != groups(names, "ranking"), "`group_of` gives another group when it is asked again")
        agreed = [key.call("group_of", name, "ranking") for name in names[:100]]
        mistake(
            all(one != two for one, two in zip(first, agreed, strict=False)), "`group_of` has A and B the wrong way round"
        )
        equal(
            first[:100],
            agreed,
            "`group_of` does not give the groups of the other team; is it a number of one process, or of another text?",
        )
    with part(1, "`group_of` should halve users, whatever the names look like"):
        for kind, some in _NAMES.items():
            share = groups(some[::7], "ranking").count("B") / len(some[::7])
            close(share, 0.5, f"`group_of` does not halve names that are {kind}", rtol=0, atol=0.055)
    with part(1, "`group_of` draws anew for another experiment"):
        for other in ("prices", "price-2"):
            second = groups(names, other)
            together = sum(one == two for one, two in zip(first, second, strict=True)) / len(names)
            mistake(together > 0.99, "`group_of` gives the same halves in another experiment; one falls on the other")
            mistake(together < 0.01, "`group_of` swaps the halves in another experiment; that is the same split again")
            close(together, 0.5, "`group_of`: the halves of two experiments have to do with each other", rtol=0, atol=0.07)


@question(
    "ab_testing.ratio",
    title="Who is missing?",
    points=3,
    hints=[
        "What did you expect in each group, given the shares and everybody who came?",
        "`scipy.stats.chi2.sf(statistic, groups - 1)` is the chance of a larger deviation.",
    ],
    mutants=[
        Mutant("halves are planned", replace=("share * sum(counts) for", "sum(counts) / len(counts) for")),
        Mutant("over the counts", replace=("** 2 / one for", "** 2 / count for")),
        Mutant("one degree too many", replace=("len(counts) - 1)", "len(counts))")),
        Mutant("the chance of less", replace=("return chi2.sf(", "return chi2.cdf(")),
        Mutant("all that are unequal", replace=('< 0.01]', "< 0.9999]")),
        Mutant("those in order", replace=('< 0.01]', ">= 0.01]")),
    ],
)  # fmt: skip
def ratio(answer, key):
    with part(1, "`mismatch_p` should hold for two groups or more, and for any shares"):
        for counts, shares in (
            ([50_000, 51_000], [0.5, 0.5]),
            ([900, 130], [0.9, 0.1]),
            ([330, 350, 310], [1 / 3, 1 / 3, 1 / 3]),
            ([70, 12, 18], [0.7, 0.1, 0.2]),
        ):
            said, right = answer.call("mismatch_p", counts, shares), key.call("mismatch_p", counts, shares)
            mistake(abs(said + right - 1) < 1e-6, "`mismatch_p` gives the chance of a *smaller* deviation")
            close(said, right, f"`mismatch_p` is wrong for {counts} with shares {[round(s, 2) for s in shares]}", rtol=1e-3)
    with part(1, "`p_split` is for 50,000 and 51,000"):
        close(answer.read("p_split"), key.read("p_split"), "`p_split` is not the p-value of that split")
    with part(1, "`suspects` are the experiments whose sizes are no chance"):
        said = answer.read("suspects")
        mistake(not isinstance(said, list), "`suspects` should be a list of names")
        mistake(set(said) > set(key.read("suspects")), "`suspects` accuses an experiment whose sizes are within chance")
        equal(said, key.read("suspects"), "`suspects` are not those with p below 0.01, in order")


_RESULTS = [(2550, 50_000, 2850, 50_000), (300, 1000, 260, 800), (90, 1200, 60, 1000), (500, 1000, 500, 1000)]


@question(
    "ab_testing.result",
    title="Better, and by how much?",
    points=3,
    hints=[
        "Two standard errors: one in which both groups share a rate (for z), one with each group's own (for the interval).",
        "Both weeks together: add clicks to clicks and visitors to visitors.",
    ],
    mutants=[
        Mutant("A minus B", replace=("z = (b - a)", "z = (a - b)")),
        Mutant("fractions", replace=('"low": 100 * (b - a - half)', '"low": b - a - half')),
        Mutant("one side", replace=("2 * norm.sf(abs(z))", "norm.sf(abs(z))")),
        Mutant("an interval of 90 %", replace=("norm.ppf(0.975)", "norm.ppf(0.95)")),
        Mutant("a single standard error", replace=("norm.ppf(0.975)", "1")),
        Mutant("a thousand visitors", replace=("(5050, 100_000, 5650, 100_000", "(50, 1000, 56, 1000")),
        Mutant("the variance without n of B", replace=("(1 / n_a + 1 / n_b)", "(1 / n_a)")),
    ],
)  # fmt: skip
def result(answer, key):
    with part(1, "`compared` should give `z` and `p` for any counts"):
        for counts in _RESULTS:
            said, right = answer.call("compared", *counts), key.call("compared", *counts)
            mistake(
                not isinstance(said, dict) or not {"z", "p", "low", "high"} <= set(said), "`compared` lacks one of its keys"
            )
            mistake(
                right["z"] != 0 and abs(said["z"] + right["z"]) < 1e-6, "`compared`: z has the wrong sign; it is B minus A"
            )
            mistake(abs(2 * said["p"] - right["p"]) < 1e-9 < right["p"] / 3, "`compared`: p is one-sided")
            for name in ("z", "p"):
                close(said[name], right[name], f"`compared`: `{name}` is wrong for {counts}", rtol=1e-3, atol=1e-12)
    with part(1, "`compared` should give the interval in percentage points"):
        for counts in _RESULTS:
            said, right = answer.call("compared", *counts), key.call("compared", *counts)
            mistake(abs(100 * said["low"] - right["low"]) < 1e-6, "`compared`: `low` is a fraction, not percentage points")
            for name in ("low", "high"):
                close(said[name], right[name], f"`compared`: `{name}` is wrong for {counts}", rtol=1e-3, atol=1e-6)
    with part(1, "`week_2` and `both_weeks`"):
        for name in ("week_2", "both_weeks"):
            said, right = answer.read(name), key.read(name)
            for figure in ("z", "low", "high"):
                close(said[figure], right[figure], f"`{name}`: `{figure}` does not belong to these visitors")


_PATHS = [
    [[0.5, 2.2, 0.1], [0.1, -0.3, 0.2], [-1.0, -2.5, -3.0], [1.0, 1.1, 1.9]],
    [[1.96], [-1.96], [0.0], [1.0], [2.5]],
]


@question(
    "ab_testing.peeking",
    title="What does peeking cost?",
    points=4,
    hints=[
        "`np.abs(paths)` against the bound, then `any` along a row, then the mean.",
        "A test raises an alarm when the largest |z| on its path reaches the bound. Which value do 5 % of these exceed?",
    ],
    mutants=[
        Mutant("the last look only", replace=("(np.abs(paths) >= bound).any(axis=1)", "(np.abs(paths[:, -1]) >= bound)")),
        Mutant("one side", replace=("(np.abs(paths) >= bound).any", "(paths >= bound).any")),
        Mutant("looks as tests", replace=(".any(axis=1).mean()", ".mean()")),
        Mutant("at all looks", replace=(".any(axis=1)", ".all(axis=1)")),
        Mutant("the first look as the last", replace=("alarms(paths[:, -1:], 1.96)", "alarms(paths, 1.96)")),
        Mutant("alpha divided by the looks", replace=(
            "float(np.quantile(np.abs(paths).max(axis=1), 0.95))", "2.576"
        )),
        Mutant("a quantile of all z", replace=("np.abs(paths).max(axis=1)", "np.abs(paths)")),
        Mutant("found for any bound", replace=("float((lifted >= fair_bound).any(axis=1).mean())", "0.75")),
        Mutant("found at 1.96", replace=("lifted >= fair_bound", "lifted >= 1.96")),
        Mutant("found at the end", replace=("(lifted >= fair_bound).any(axis=1)", "(lifted[:, -1] >= fair_bound)")),
    ],
)  # fmt: skip
def peeking(answer, key):
    import numpy as np

    with part(1, "`alarms` counts tests that reach the bound at any look, on either side"):
        for paths in _PATHS:
            for bound in (1.96, 2.4):
                said, right = (who.call("alarms", np.array(paths), bound) for who in (answer, key))
                mistake(said > 1, "`alarms` is a count; a share is asked for")
                close(said, right, f"`alarms` is wrong for {paths} and a bound of {bound}", rtol=1e-6, atol=1e-9)
    with part(1, "`peeking` and `single`"):
        said = answer.read("peeking")
        mistake(not 0.13 <= said <= 0.155, "`peeking` should be near 14 %; does every look of a test count?")
        close(said, key.read("peeking"), "`peeking` is not the share of the supplied tests that ever reach 1.96", rtol=1e-6)
        close(answer.read("single"), key.read("single"), "`single` is about the last look alone", rtol=1e-6)
    with part(1, "`fair_bound` keeps false alarms at 5 %"):
        said = answer.read("fair_bound")
        mistake(abs(said - 2.576) < 0.002, "`fair_bound`: 5 % divided by five looks is safe, and stricter than needed")
        mistake(said < 2, "`fair_bound` is hardly above 1.96, which gives three times the alarms that are allowed")
        close(said, key.read("fair_bound"), "`fair_bound` lets another share than 5 % of the tests through", rtol=0.02)
    with part(1, "`found` counts tests of the better model that reach `fair_bound` upwards"):
        own = float((key.read("lifted") >= answer.read("fair_bound")).any(axis=1).mean())
        close(answer.read("found"), own, "`found` is not that share of `lifted`, at your `fair_bound`", rtol=0.005)


_NAN = float("nan")
_GOOD = {"ratio_p": 0.3, "users": 900, "planned": 800, "gain": [0.001, 0.01], "guardrails": {}}
_SAFE, _HARMED, _OPEN = [-0.01, 0.001, 0.002], [0.003, 0.01, 0.002], [-0.001, 0.01, 0.002]
_CASES = {
    "`decision` should name an experiment that is invalid, before anything else": [
        {"ratio_p": 0.0099}, {"ratio_p": 0.001, "guardrails": {"x": _HARMED}, "users": 1}, {"ratio_p": 0.01},
        {"ratio_p": _NAN}, {"ratio_p": 1.0},
    ],
    "`decision` should stop for harm, and wait for users, before it looks at the gain": [
        {"guardrails": {"x": _SAFE, "y": _HARMED}}, {"guardrails": {"y": _HARMED}, "users": 1},
        {"guardrails": {"y": _HARMED}, "gain": [-1.0, -0.5]}, {"users": 799}, {"users": 800},
        {"users": 799, "gain": [-1.0, 1.0]}, {"users": _NAN}, {"guardrails": {"x": [0.002, 0.002, 0.002]}},
    ],
    "`decision` should replace only what is better, with guardrails that are surely safe": [
        {}, {"gain": [0.0, 0.01]}, {"gain": [-0.01, 0.01]}, {"gain": [-0.02, -0.01]}, {"guardrails": {"x": _SAFE}},
        {"guardrails": {"x": _SAFE, "z": _OPEN}}, {"guardrails": {"z": _OPEN}, "gain": [-0.01, 0.01]},
        {"guardrails": {"x": [-0.01, 0.002, 0.002]}},
    ],
    "`decision` should never replace on what is not known": [
        {"gain": [_NAN, 0.01]}, {"guardrails": {"x": [-0.01, _NAN, 0.002]}}, {"guardrails": {"x": [_NAN, _NAN, 0.002]}},
        {"guardrails": {"x": [-0.01, 0.001, _NAN]}},
    ],
}  # fmt: skip


@question(
    "ab_testing.decision",
    title="What is to be done?",
    points=5,
    hints=[
        "One `if` after the other, in the order of the list, each with a `return`.",
        "Every comparison with NaN is false. So ask for what is *good*, and turn that round with `not`.",
    ],
    mutants=[
        Mutant("NaN is in order", replace=('not seen["ratio_p"] >= 0.01', 'seen["ratio_p"] < 0.01')),
        Mutant("the estimate decides about harm", replace=("any(low > margin", "any(high > margin")),
        Mutant("one safe guardrail is enough", replace=("not all(low <=", "not any(low <=")),
        Mutant("an unknown guardrail is safe", replace=("if not all(low <= high <= margin", "if any(high > margin")),
        Mutant("NaN is a gain", replace=('not 0 < seen["gain"][0] <= seen["gain"][1]', 'seen["gain"][0] <= 0')),
        Mutant("the upper end of the gain", replace=('0 < seen["gain"][0] <= seen["gain"][1]', 'seen["gain"][1] > 0')),
        Mutant("no waiting", replace=('not seen["users"] >= seen["planned"]', "False")),
        Mutant("the plan just reached is too few", replace=('["users"] >= seen', '["users"] > seen')),
        Mutant("size first", replace=(
            '    if not seen["ratio_p"]',
            '    if seen["users"] < seen["planned"]:\n        return "wait"\n    if not seen["ratio_p"]',
        )),
    ],
)  # fmt: skip
def decision(answer, key):
    for words, cases in _CASES.items():
        with part(1, words):
            for case in cases:
                seen = _GOOD | case
                said, right = answer.call("decision", seen), key.call("decision", seen)
                mistake(said == "replace" != right, f"`decision` replaces the champion on {case}")
                equal(said, right, f"`decision` is wrong for an experiment that is in order but for {case}")
    with part(1, "`decisions` has all supplied experiments"):
        said, right = answer.read("decisions"), key.read("decisions")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`decisions` should have each name once")
        for name in right:
            equal(said[name], right[name], f"`decisions` is wrong for {name}")
