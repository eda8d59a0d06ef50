"""Checks of exercise 15: champion, challenger and shadow."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "shadow.split",
    title="The split",
    points=2,
    hints=[
        "Where two yes-or-no decisions differ, exactly one of them is right. So the two shares add up to something.",
        "The gain is the difference of the two shares, and the disagreement is their sum.",
    ],
    mutants=[
        Mutant("all of the disagreement", replace=("return (disagreement + gain) / 2,", "return disagreement,")),
        Mutant("the gain is the share", replace=("(disagreement + gain) / 2, (disagreement - gain) / 2",
                                                "gain, disagreement - gain")),
        Mutant("the two swapped", replace=("(disagreement + gain) / 2, (disagreement - gain) / 2",
                                           "(disagreement - gain) / 2, (disagreement + gain) / 2")),
        Mutant("a fall is impossible too", replace=("abs(gain) > disagreement", "not 0 <= gain <= disagreement")),
        Mutant("nothing is impossible", replace=("if abs(gain) > disagreement:", "if False:")),
    ],
)  # fmt: skip
def the_split(answer, key):
    with part(1, "`split` should hold for any pair of figures"):
        for arguments in ((0.02, 0.06), (-0.01, 0.05), (0.0, 0.1), (0.03, 0.03), (0.04, 0.02), (-0.5, 0.1)):
            said, right = answer.call("split", *arguments), key.call("split", *arguments)
            if right is None:
                equal(said, None, f"`split{arguments}` is impossible: who differs on few cases cannot gain more than these")
                continue
            mistake(not isinstance(said, tuple | list) or len(said) != 2, "`split` should return two shares as a tuple")
            mistake(
                math.isclose(said[0], right[1]) and not math.isclose(*right),
                "`split` has its two shares the wrong way round",
            )
            mistake(not math.isclose(sum(said), arguments[1]), "the two shares of `split` should add up to the disagreement")
            close(said, right, f"`split{arguments}` is wrong: the gain is what the two shares differ by", rtol=1e-6)
    with part(1, "`new_right` and `old_right` for 2 points and 5 %"):
        mistake(answer.read("new_right") > 1, "`new_right` is a percentage; a fraction is wanted")
        for name in ("new_right", "old_right"):
            close(answer.read(name), key.read(name), f"`{name}` is wrong for a gain of 0.02 and a disagreement of 0.05")


def _cases(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, n), rng.integers(0, 2, n), rng.integers(0, 2, n)


@question(
    "shadow.mcnemar",
    title="Which of them is better?",
    points=3,
    hints=[
        "A model is right where its decision equals the truth. Combine the two conditions with `&`.",
        "`scipy.stats.binom.cdf(k, n, 0.5)` is the chance of k or fewer heads. Two sides, and never above 1.",
    ],
    mutants=[
        Mutant("the two swapped", replace=("truth, old, new = (np.asarray(each) for each in (truth, old, new))",
                                           "truth, new, old = (np.asarray(each) for each in (truth, old, new))")),
        Mutant("flagged by one only", replace=("((old == truth) & (new != truth))", "((old == 1) & (new == 0))")),
        Mutant("one side", replace=("2 * float(", "float(")),
        Mutant("above one", replace=("min(1.0, 2 * float(binom.cdf(min(only_old, only_new), n, 0.5)))",
                                     "2 * float(binom.cdf(min(only_old, only_new), n, 0.5))")),
        Mutant("asymptotic", replace=("min(1.0, 2 * float(binom.cdf(min(only_old, only_new), n, 0.5)))",
                                      "__import__('math').erfc(abs(only_old - only_new) / (2 * max(n, 1)) ** 0.5)")),
        Mutant("fewer than seen", replace=("min(only_old, only_new), n", "min(only_old, only_new) - 1, n")),
        Mutant("p of the supplied cases without the pairing", replace=("p = exact_p(*discordant(truth, old, new))",
                                                      "p = exact_p(int((old == truth).sum()), int((new == truth).sum()))")),
    ],
)  # fmt: skip
def which_is_better(answer, key):
    with part(1, "`discordant` counts the cases on which exactly one model is right"):
        for case in (_cases(1, 40), _cases(2, 75), _cases(3, 1)):
            said, right = answer.call("discordant", *case), key.call("discordant", *case)
            mistake(not isinstance(said, tuple | list) or len(said) != 2, "`discordant` should return two counts as a tuple")
            mistake(
                list(said) == [right[1], right[0]] and right[0] != right[1],
                "`discordant` has its counts the wrong way round",
            )
            equal(list(said), list(right), "`discordant` is wrong: a model is right where its decision equals the truth")
    with part(1, "`exact_p` for any two counts"):
        for counts in ((15, 35), (35, 15), (1, 7), (0, 5), (4, 4), (3, 4)):
            said, right = answer.call("exact_p", *counts), key.call("exact_p", *counts)
            mistake(math.isclose(said, right / 2), "`exact_p` looks at one side only; the other model might have been ahead")
            mistake(said > 1, "`exact_p` is above 1, which no probability is")
            close(said, right, "`exact_p` is not the exact two-sided value: as uneven as seen, or more so", rtol=1e-6)
        close(answer.call("exact_p", 0, 0), key.call("exact_p", 0, 0), "`exact_p` should be 1 where the models never part")
    with part(1, "`p` of the supplied cases"):
        close(answer.read("p"), key.read("p"), "`p` is not that of the supplied cases", rtol=1e-4)


@question(
    "shadow.size",
    title="How many cases does a proof take?",
    points=4,
    hints=[
        "`scipy.stats.norm.ppf` gives the quantiles; two-sided means 1 - alpha / 2.",
        "Round up with `math.ceil`, and only at the very end. Two arms need twice `per_arm`.",
    ],
    mutants=[
        Mutant("one-sided", replace=("1 - alpha / 2) * sqrt", "1 - alpha) * sqrt")),
        Mutant("no square of the gain", replace=("sqrt(disagreement - gain**2)", "sqrt(disagreement)")),
        Mutant("rounded down", replace=("return ceil((reach / gain) ** 2)", "return int((reach / gain) ** 2)")),
        Mutant("pooled", replace=("(p1 * (1 - p1) + p2 * (1 - p2))", "(p1 + p2) * (1 - (p1 + p2) / 2)")),
        Mutant("not rounded", replace=("return ceil(z**2 *", "return (z**2 *")),
        Mutant("one arm only", replace=("2 * n_arm - n_paired", "n_arm - n_paired")),
    ],
)
def how_many_cases(answer, key):
    with part(1, "`paired_n` for any gain and disagreement"):
        for arguments in ((0.02, 0.05, 0.05, 0.8), (0.01, 0.03, 0.01, 0.9), (0.05, 0.05, 0.05, 0.8), (-0.02, 0.2, 0.1, 0.5)):
            said, right = answer.call("paired_n", *arguments), key.call("paired_n", *arguments)
            mistake(said == right - 1, "`paired_n` is rounded down: with one case less the promise is not kept")
            mistake(said != round(said), "`paired_n` is no whole number")
            equal(int(said), right, f"`paired_n` is wrong for {arguments}; look at the quantiles and at the second root")
    with part(1, "`per_arm` for any two rates"):
        for arguments in ((0.92, 0.94, 0.05, 0.8), (0.05, 0.06, 0.01, 0.9), (0.5, 0.4, 0.1, 0.7)):
            said, right = answer.call("per_arm", *arguments), key.call("per_arm", *arguments)
            mistake(said == right - 1, "`per_arm` is rounded down")
            mistake(said != round(said), "`per_arm` is no whole number")
            equal(int(said), right, f"`per_arm` is wrong for {arguments}; add the two variances, and do not pool them")
    with part(1, "`n_paired` and `n_arm`"):
        for name in ("n_paired", "n_arm"):
            equal(answer.read(name), key.read(name), f"`{name}` is not that of 92 against 94 % at 5 %, with a power of 80 %")
    with part(1, "`saved` counts all labelled cases"):
        mistake(answer.read("saved") == key.read("n_arm") - key.read("n_paired"), "`saved` forgets that there are two arms")
        equal(answer.read("saved"), key.read("saved"), "`saved` is the cases of both arms less those of the pairs")


_FINE = {"gain": 0.02, "fall": 0.0, "latency": 0.0, "shift": 0.0, "critical": 0, "compliant": True}


def _evidences() -> list[tuple[str, dict[str, object]]]:
    odd = {
        "a gain of exactly 1 point": {"gain": 0.01},
        "a gain of exactly 5 points": {"gain": 0.05},
        "a fall of exactly half a point": {"fall": 0.005},
        "a fall of exactly 2 points": {"fall": 0.02},
        "a latency that rises by exactly 10 %": {"latency": 0.10},
        "a shift of exactly 5 %": {"shift": 0.05},
        "a shift of 6 %": {"shift": 0.06},
        "a latency that doubles": {"latency": 1.0},
        "a fall of 1 point": {"fall": 0.01},
        "a latency that falls": {"latency": -0.3},
    }
    return [(name, _FINE | change) for name, change in odd.items()]


@question(
    "shadow.rules",
    title="Reject, manual, automatic",
    points=4,
    hints=[
        "Three `if`s, in the order of precedence; what none of them is sure of goes to a person.",
        "Every comparison with NaN is false. So for *automatic* ask for what is good, all six, and let the rest be manual.",
        "`evidence.get(name)` is `None` where the name is missing. `None` cannot be compared; turn it into NaN first.",
    ],
    mutants=[
        Mutant("manual before reject", replace=("if fall > 0.02 or critical > 0 or compliant == 0:",
                                                "if not (gain > 0.05 or fall > 0.005 or latency > 0.10 or shift > 0.05) "
                                                "and (fall > 0.02 or critical > 0 or compliant == 0):")),
        Mutant("automatic by default", replace=('return "automatic" if automatic else "manual"', 'return "automatic"')),
        Mutant("reject by default", replace=('return "automatic" if automatic else "manual"',
                                             'return "automatic" if automatic else "reject"')),
        Mutant("automatic before manual", replace=("if gain > 0.05 or fall > 0.005", "if fall > 0.005")),
        Mutant("bounds included", replace=("gain > 0.01 and", "gain >= 0.01 and")),
        Mutant("a bound of reject included", replace=("fall > 0.02", "fall >= 0.02")),
        Mutant("unknown is zero", replace=("return nan if given is None else float(given)",
                                           "return 0.0 if given is None or given != given else float(given)")),
        Mutant("compliance is not asked", replace=(" or compliant == 0:", ":")),
        Mutant("one critical failure is no matter", replace=("critical > 0", "critical > 1")),
        Mutant("latency is not asked", replace=("latency < 0.10 and ", "")),
        Mutant("one that crashes on None", replace=("return nan if given is None else float(given)", "return float(given)")),
        Mutant("one that crashes on what is missing", replace=("evidence.get(name)", "evidence[name]")),
    ],
)  # fmt: skip
def rules(answer, key):
    with part(1, "`decide` where all is known"):
        for name, evidence in _evidences():
            said, right = answer.call("decide", evidence), key.call("decide", evidence)
            mistake(said not in ("reject", "manual", "automatic"), "`decide` should return one of the three words")
            mistake(
                said == "automatic" and right == "manual",
                f"`decide` replaces without a person: {name} is above or *on* a bound",
            )
            equal(said, right, f"`decide` is wrong for {name}, all else fine")
    with part(1, "`decide` where several rules hold"):
        for name, change in {
            "a gain of 6 points that is not compliant": {"gain": 0.06, "compliant": False},
            "one critical failure, all else fine": {"critical": 1},
            "a fall of 3 points and a latency that doubles": {"fall": 0.03, "latency": 1.0},
            "a gain of 6 points with all else fine": {"gain": 0.06},
        }.items():
            evidence = _FINE | change
            equal(
                answer.call("decide", evidence),
                key.call("decide", evidence),
                f"`decide` is wrong for {name}: which goes first?",
            )
    with part(1, "`decide` where something is unknown"):
        for name in _FINE:
            for value in (float("nan"), None):
                evidence = _FINE | {name: value}
                said, right = answer.call("decide", evidence), key.call("decide", evidence)
                mistake(said == "automatic", f"`decide` replaces a model although `{name}` is unknown ({value})")
                equal(said, right, f"`decide` is wrong where `{name}` is {value}: no rule about it holds, so what is left?")
        for missing in _FINE:
            evidence = {name: value for name, value in _FINE.items() if name != missing}
            said, right = answer.call("decide", evidence), key.call("decide", evidence)
            equal(said, right, f"`decide` is wrong where `{missing}` is missing: that is unknown, too")
    with part(1, "`rulings` of the four supplied evidences"):
        said, right = answer.read("rulings"), key.read("rulings")
        mistake(not isinstance(said, list) or len(said) != 4, "`rulings` should be a list of four words")
        equal(said, right, "`rulings` is wrong for at least one of the four")


def _log(champion: list[float], challenger: list[float], label: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"champion": champion, "challenger": challenger, "label": label}, dtype=float)


_NAN = float("nan")
_LOGS = [
    _log([1, 1, 0, 0, 0], [1, 0, 0, 1, 0], [1, _NAN, 0, _NAN, _NAN]),
    _log([1, 0, _NAN, 0], [_NAN, 0, 1, 0], [1, 0, 1, _NAN]),
    _log([0, 0, 0], [0, 0, 0], [_NAN, _NAN, _NAN]),
    _log([1, _NAN], [_NAN, 1], [1, 1]),
    _log([1, 1, 1], [0, 0, 1], [0, 0, 0]),
]


@question(
    "shadow.log",
    title="What a week of shadow says",
    points=4,
    hints=[
        "Drop the lines on which one of the two decisions is missing first; everything else is counted on the rest.",
        "`overlap` is both divided by either: `(a & b).sum() / (a | b).sum()`.",
        "Which of the four figures needs to know what really happened?",
    ],
    mutants=[
        Mutant("dropped ones count", replace=('both = log.dropna(subset=["champion", "challenger"])', "both = log")),
        Mutant("only labelled ones", replace=('log.dropna(subset=["champion", "challenger"])', "log.dropna()")),
        Mutant("overlap of all", replace=("(old_flag | new_flag).sum()", "len(both)")),
        Mutant("overlap of the champion's", replace=("(old_flag | new_flag).sum()", "old_flag.sum()")),
        Mutant("a share of nothing is zero", replace=("return None if whole == 0 else", "return 0.0 if whole == 0 else")),
        Mutant(
            "labelled of the whole log",
            replace=('both["label"].notna().sum(), len(both)', 'log["label"].notna().sum(), len(log)'),
        ),
        Mutant("accuracy after a week", replace=('["agreement", "error rate of the service"]', '["accuracy", "agreement"]')),
        Mutant("agreement alone", replace=('["agreement", "error rate of the service"]', '["agreement"]')),
    ],
)
def week_of_shadow(answer, key):
    with part(2, "`summary` of any log"):
        for log in _LOGS:
            said, right = answer.call("summary", log), key.call("summary", log)
            mistake(not isinstance(said, dict) or set(said) != set(right), "`summary` should have exactly the four names")
            mistake(
                said["pairs"] != right["pairs"], "`summary` counts as pairs what only one of the two models decided, or less"
            )
            for name in ("agreement", "overlap", "labelled"):
                if right[name] is None:
                    equal(said[name], None, f"`{name}` is a share of nothing here, and should be `None`")
                else:
                    mistake(said[name] is None, f"`{name}` is `None` although there is something to count")
                    close(said[name], right[name], f"`{name}` is wrong for a log of {len(log)} lines", rtol=1e-6)
    with part(1, "`week` is the summary of the supplied log"):
        said, right = answer.read("week"), key.read("week")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`week` should be what `summary` returns")
        for name, value in right.items():
            close(said[name], value, f"`{name}` in `week` is wrong", rtol=1e-6)
    with part(1, "`report` has what needs no truth"):
        said, right = answer.read("report"), key.read("report")
        mistake(not isinstance(said, list | tuple), "`report` should be a list of names")
        mistake(
            bool({"accuracy", "recall"} & set(said)), "`report` has a figure that needs labels, and next to none are known"
        )
        equal(sorted(said), sorted(right), "`report` lacks something that needs no labels")


@question(
    "shadow.mirror",
    title="A mirror that nobody waits for",
    points=4,
    hints=[
        "`answer` talks to the champion only. What it remembers, `work` takes up later.",
        "First in, first out: `collections.deque` with `append` and `popleft`.",
        "Put `try` around the challenger's call alone, and nowhere else.",
    ],
    mutants=[
        Mutant("asks both at once", replace=("        said = self.champion(request)\n",
                                             "        said = self.champion(request)\n        self.challenger(request)\n")),
        Mutant("no limit", replace=("if len(self.waiting) < self.limit:", "if True:")),
        Mutant("one too many", replace=("len(self.waiting) < self.limit", "len(self.waiting) <= self.limit")),
        Mutant("the last one first", replace=("self.waiting.popleft()", "self.waiting.pop()")),
        Mutant("a failure is forgotten", replace=("            copy = None\n", "            return\n")),
        Mutant("a failure comes through", replace=("except Exception:", "except KeyError:")),
        Mutant("drops the oldest", replace=("            self.dropped += 1\n",
                                   "            self.dropped += 1\n            self.waiting.popleft()\n"
                                   "            self.waiting.append((request, said))\n")),
        Mutant("asks the champion twice", replace=("popleft()\n", "popleft()\n        self.champion(request)\n")),
        Mutant("fails with nothing to do", replace=("        if not self.waiting:\n            return\n", "")),
    ],
)  # fmt: skip
def mirror(answer, key):
    answer.call("Mirror.__name__.lower")  # no such class yet: not attempted
    with part(1, "callers hear the champion, and nobody else"):
        for day in ("aaa", "awaw", "w"):
            said, right = answer.call("played", day, 10), key.call("played", day, 10)
            equal(said["said"], right["said"], "`answer` should return what the champion says")
            mistake("w" not in day and "challenger" in said["asked"], "`answer` calls the challenger: callers wait for it")
    with part(1, "pairs in order"):
        for day in ("aawaww", "aaaww", "aww"):
            said, right = answer.call("played", day, 10), key.call("played", day, 10)
            mistake(
                len(said["pairs"]) != len(right["pairs"]), "`work` should make one pair a turn, as long as one is waiting"
            )
            mistake(
                said["asked"].count("champion") > right["asked"].count("champion"),
                "the champion is asked more than once about a request; remember what it said",
            )
            equal(
                said["asked"],
                right["asked"],
                "ask each model once: the champion in `answer`, the challenger in `work`",
            )
            equal([list(each) for each in said["pairs"]], [list(each) for each in right["pairs"]],
                  "`pairs` should hold request, champion's and challenger's answer, the longest waiting first")  # fmt: skip
    with part(1, "a queue with an end"):
        for day, limit in (("aaaa", 2), ("aaawawww", 2), ("aawaww", 1)):
            said, right = answer.call("played", day, limit), key.call("played", day, limit)
            equal(said["dropped"], right["dropped"], f"`dropped` is wrong with a limit of {limit}")
            equal([list(each) for each in said["pairs"]], [list(each) for each in right["pairs"]],
                  "where the queue is full, the new request is dropped, and those that wait stay")  # fmt: skip
    with part(1, "failures"):
        said, right = answer.call("played", "aaww", 10, [], [0]), key.call("played", "aaww", 10, [], [0])
        equal([list(each) for each in said["pairs"]], [list(each) for each in right["pairs"]],
              "a challenger that fails leaves a pair with `None`")  # fmt: skip
        said, right = answer.call("played", "aaww", 10, [1], []), key.call("played", "aaww", 10, [1], [])
        equal(said["said"], right["said"], "an error of the champion should come through to the caller")
        equal(
            len(said["pairs"]), len(right["pairs"]), "a request that the champion could not answer should not be remembered"
        )
