"""Checks of exercise 23: fraud, streaming and arrival times."""

from __future__ import annotations

from typing import Any

from workbench.checks import Mutant, close, equal, manual, mistake, near, part, question

KNOWN = [0.9, 0.1, 0.8, 0.8, 0.3, 0.05, 0.7]
NOVEL = [3.0, 9.0, 1.0, 2.0, 8.0, 8.0, 0.5]
KINDS = ["known", "new", "known", "odd", "new", "honest", "known"]
TOOK, LOW, HIGH = [10.0, 12.5, 30.0, 8.0, 15.0], [8.0, 12.5, 14.0, 9.0, 10.0], [12.0, 16.0, 20.0, 11.0, 14.0]
SCORES = {"b": 2.0, "a": 2.0, "d": 0.5, "c": 3.0, "e": -1.0}
VIEWERS = {"x": SCORES, "y": {"a": 0.1, "b": 0.4, "c": 0.3, "d": 0.2, "e": 0.0}}
KNOWN_TITLES, WATCHED = {"x": {"c"}, "y": {"b", "e"}}, {"x": {"a", "d"}, "y": {"a"}}
TRIPS = [
    {"start": 0.0, "end": 30.0, "promised": 10.0},
    {"start": 1.0, "end": 11.0, "promised": 20.0},
    {"start": 11.0, "end": 16.0, "promised": 10.0},
    {"start": 31.0, "end": 40.0, "promised": 10.0},
    {"start": 31.0, "end": 50.0, "promised": 5.0},
]


@question(
    "fraud_streaming_arrivals.hybrid",
    title="One budget, two scores",
    points=4,
    hints=[
        "Rank positions, not scores: `sorted(range(len(scores)), key=...)`.",
        "The strangest are chosen among those that the first part has not taken: otherwise some places are spent twice.",
        "`sorted` keeps the order of equal ones, if it is not told to turn everything round.",
    ],
    mutants=[
        Mutant("places spent twice", replace=("if position not in first", "if True")),
        Mutant("novelty first", replace=("ranked(known)[: budget - strange]", "ranked(novel)[: budget - strange]")),
        Mutant("on top of the budget", replace=("ranked(known)[: budget - strange]", "ranked(known)[:budget]")),
        Mutant(
            "the lowest",
            replace=(
                "key=lambda position: (-scores[position], position)",
                "key=lambda position: (scores[position], position)",
            ),
        ),
        Mutant("precision", replace=("/ len(positions)", "/ len(picked)")),
        Mutant("none is zero", replace=("return None", "return 0.0")),
        Mutant("later of equals", replace=("(-scores[position], position)", "(-scores[position], -position)")),
    ],
)
def one_budget_two_scores(answer, key):
    with part(2, "`pick` should hold for any scores"):
        for budget, strange in ((3, 0), (4, 2), (3, 3), (2, 1)):
            said = _positions(answer.call("pick", KNOWN, NOVEL, budget, strange))
            right = key.call("pick", KNOWN, NOVEL, budget, strange)
            mistake(len(said) != budget, f"`pick` alerts on {len(said)} payments, for a budget of {budget}")
            equal(said, right, f"`pick` with a budget of {budget}, {strange} of it for the strangest, is wrong")
    with part(1, "`recall` counts one kind"):
        for picked, kind in (({1, 2}, "new"), ({0, 1, 4}, "new"), (set(), "known"), ({3}, "nobody")):
            said, right = answer.call("recall", picked, KINDS, kind), key.call("recall", picked, KINDS, kind)
            if right is None:
                equal(said, None, "`recall` of a kind that is not there should be `None`")
            else:
                close(said, right, f"`recall` of `{kind}` is wrong", rtol=1e-9, atol=1e-9)
    with part(1, "`alone` and `hybrid` on the supplied scores"):
        for name in ("alone", "hybrid"):
            close(answer.read(name), key.read(name), f"`{name}` is wrong: of the new ones alone", rtol=1e-6, atol=1e-9)


@question(
    "fraud_streaming_arrivals.budget",
    title='"Either of them"',
    points=4,
    hints=[
        "A payment that is high in both lists is one alert, not two: sets.",
        "Go deeper by one as long as the next depth still fits. Never deeper than there are payments.",
        "A limit learned last month says nothing of how many will reach it this month.",
    ],
    mutants=[
        Mutant("counted twice", replace=("len(set(highest(known, depth)) | set(highest(novel, depth)))", "2 * depth")),
        Mutant("both of them", replace=("set(highest(known, depth)) | set", "set(highest(known, depth)) & set")),
        Mutant("one too deep", replace=("return depth\n", "return depth + 1\n")),
        Mutant("half each", replace=("    depth = 0\n", "    return budget // 2\n    depth = 0\n")),
        Mutant("both limits", replace=("one >= limits[0] or other", "one >= limits[0] and other")),
        Mutant("assumed", replace=("within = next_alerts <= 40", "within = True")),
    ],
)
def either_of_them(answer, key):
    with part(1, "`alerts_at` counts different payments"):
        for depth in (1, 2, 3, 7):
            said = answer.call("alerts_at", KNOWN, NOVEL, depth)
            mistake(
                said == 2 * depth and said != key.call("alerts_at", KNOWN, NOVEL, depth), "`alerts_at` counts some twice"
            )
            equal(said, key.call("alerts_at", KNOWN, NOVEL, depth), f"`alerts_at` is wrong at a depth of {depth}")
    with part(1, "`deepest` stays within the budget"):
        for budget in (1, 2, 4, 6, 7, 50):
            said, right = answer.call("deepest", KNOWN, NOVEL, budget), key.call("deepest", KNOWN, NOVEL, budget)
            mistake(isinstance(said, int) and said > right, f"`deepest` goes beyond a budget of {budget}")
            equal(said, right, f"`deepest` is wrong for a budget of {budget}")
    with part(1, "`depth` on the supplied scores"):
        equal(answer.read("depth"), key.read("depth"), "`depth` is not the deepest within 40 alerts")
    with part(1, "`next_alerts` and `within` in the month after"):
        said, right = answer.read("next_alerts"), key.read("next_alerts")
        again = key.call("alerts_at", key.read("next_known"), key.read("next_novel"), key.read("depth"))
        mistake(said == again != right, "`next_alerts` uses the depth again; the limits are what was learned")
        equal(said, right, "`next_alerts` is wrong: either limit is reached")
        equal(answer.read("within"), key.read("within"), "`within` does not say whether the alerts fit into 40")


@question(
    "fraud_streaming_arrivals.promise",
    title="A promise, and how often it holds",
    points=4,
    hints=[
        "How far outside of its bounds is a trip? `low - took` or `took - high`, the larger of the two; negative inside.",
        "Sort these distances. If the bounds are widened by the third smallest, three trips lie between them.",
        "The widening is learned on one week and tried on another: that is what makes it a promise.",
    ],
    mutants=[
        Mutant("errors cancel", replace=("sum(abs(one - other) for", "sum((one - other) for")),
        Mutant("squared", replace=("sum(abs(one - other) for", "sum((one - other) ** 2 for")),
        Mutant("ends left out", replace=("bottom <= one <= top", "bottom < one < top")),
        Mutant("one side", replace=("max(bottom - one, one - top)", "one - top")),
        Mutant("never inwards", replace=("max(bottom - one, one - top)", "max(bottom - one, one - top, 0)")),
        Mutant(
            "one too far",
            replace=("max(ceil(share * len(outside) - 1e-9), 1) - 1", "min(ceil(share * len(outside)), len(outside) - 1)"),
        ),
        Mutant(
            "tried on itself",
            replace=(
                'held(this_week["took"].tolist(), (this_week["low"] - by).tolist(), (this_week["high"] + by).tolist())',
                'held(last_week["took"].tolist(), (last_week["low"] - by).tolist(), (last_week["high"] + by).tolist())',
            ),
        ),
        Mutant(
            "not widened",
            replace=(
                '(this_week["low"] - by).tolist(), (this_week["high"] + by)',
                'this_week["low"].tolist(), this_week["high"]',
            ),
        ),
    ],
)
def a_promise_that_holds(answer, key):
    with part(1, "`mae` and `error`"):
        for took, promised in ((TOOK, LOW), ([1.0, 2.0], [3.0, 0.0])):
            said = answer.call("mae", took, promised)
            close(said, key.call("mae", took, promised), "`mae` is not the mean of the absolute differences", rtol=1e-6)
        close(answer.read("error"), key.read("error"), "`error` is wrong", rtol=1e-6)
    with part(1, "`held` and `share_held`"):
        said = answer.call("held", TOOK, LOW, HIGH)
        mistake(said == 0.2 and key.call("held", TOOK, LOW, HIGH) == 0.4, "`held` leaves the ends out; they count")
        close(said, key.call("held", TOOK, LOW, HIGH), "`held` is wrong", rtol=1e-6)
        close(answer.read("share_held"), key.read("share_held"), "`share_held` is wrong", rtol=1e-6)
    with part(1, "`widening` is the smallest that suffices"):
        for share in (0.2, 0.4, 0.6, 0.8, 0.9, 1.0):
            said, right = answer.call("widening", TOOK, LOW, HIGH, share), key.call("widening", TOOK, LOW, HIGH, share)
            mistake(right < 0 <= said, "`widening` may be negative: bounds that are too wide move inwards")
            close(said, right, f"`widening` for {share:.0%} is wrong", rtol=1e-6, atol=1e-9)
    with part(1, "`share_widened` is of this week"):
        close(answer.read("share_widened"), key.read("share_widened"), "`share_widened` is wrong", rtol=1e-6)


@question(
    "fraud_streaming_arrivals.ranking",
    title="The first k",
    points=4,
    hints=[
        "Leave out first, then sort, then cut: in this order.",
        "`sorted` with a key that is a pair sorts by the second where the first is equal.",
        "A viewer who is shown two titles for three places has three places.",
    ],
    mutants=[
        Mutant("seen ones shown", replace=("if title not in seen", "if True")),
        Mutant(
            "cut, then left out",
            replace=(
                "    return sorted(left, key=lambda title: (-scores[title], title))[:k]",
                "    cut = sorted(scores, key=lambda title: (-scores[title], title))[:k]\n"
                "    return [title for title in cut if title not in seen]",
            ),
        ),
        Mutant(
            "alphabet turned round",
            replace=(
                "sorted(left, key=lambda title: (-scores[title], title))[:k]",
                "sorted(left, key=lambda title: (scores[title], title), reverse=True)[:k]",
            ),
        ),
        Mutant("recall", replace=("for title in shown[:k]) / k", "for title in shown[:k]) / max(len(watched), 1)")),
        Mutant(
            "empty places forgiven",
            replace=("for title in shown[:k]) / k", "for title in shown[:k]) / max(len(shown[:k]), 1)"),
        ),
        Mutant("all that is shown", replace=("shown[:k]", "shown")),
        Mutant("always fifty viewers", replace=("sum(each) / len(each)", "sum(each) / 50")),
        Mutant("naive is not", replace=("{name: set() for name in scores}", "seen")),
    ],
)
def the_first_k(answer, key):
    with part(1, "`order` for any viewer"):
        for seen, k in ((set(), 2), ({"c"}, 2), ({"a", "c", "d"}, 4), (set(), 5)):
            said, right = list(answer.call("order", SCORES, seen, k)), key.call("order", SCORES, seen, k)
            mistake(bool(set(said) & seen), "`order` shows a title that the viewer knows")
            mistake(set(said) == set(right) and said != right, "`order` has the right titles, not in the right order")
            equal(said, right, f"`order` is wrong for k = {k}")
    with part(1, "`precision_at` divides by k"):
        for shown, watched, k in (
            (["a", "b", "c"], {"a", "c"}, 3),
            (["a", "b", "c"], {"c"}, 2),
            (["a"], {"a", "b", "d", "e"}, 3),
        ):
            said, right = answer.call("precision_at", shown, watched, k), key.call("precision_at", shown, watched, k)
            mistake(
                near(said, right * k / len(watched)) and not near(said, right),
                "`precision_at` divides by what was watched",
            )
            close(said, right, f"`precision_at` is wrong for k = {k}", rtol=1e-6, atol=1e-9)
    with part(1, "`mean_precision` for any viewers, `at_3` and `at_10`"):
        for k in (1, 3):
            said, right = (side.call("mean_precision", VIEWERS, KNOWN_TITLES, WATCHED, k) for side in (answer, key))
            close(said, right, f"`mean_precision` is wrong for two other viewers and k = {k}", rtol=1e-6, atol=1e-9)
        for name in ("at_3", "at_10"):
            close(answer.read(name), key.read(name), f"`{name}` is wrong", rtol=1e-6)
    with part(1, "`naive` shows again what was seen"):
        mistake(near(answer.read("naive"), key.read("at_3")), "`naive` is `at_3`: nothing was shown again")
        close(answer.read("naive"), key.read("naive"), "`naive` is wrong", rtol=1e-6, atol=1e-9)


@question(
    "fraud_streaming_arrivals.feedback",
    title="Learn from trips that have ended",
    points=4,
    hints=[
        "Keep a list of trips under way. Before each promise, those that have ended teach and leave the list.",
        "They teach in the order of their ends, which is not the order of their starts.",
        "What teaches is taken over promised, with the promise before it was corrected.",
    ],
    mutants=[
        Mutant("before the end", replace=('if other["end"] <= trip["start"]), key', "if True), key")),
        Mutant("in order of starts", replace=('key=lambda other: other["end"]', 'key=lambda other: other["start"]')),
        Mutant("the end itself left out", replace=('other["end"] <= trip["start"]', 'other["end"] < trip["start"]')),
        Mutant("teaches for ever", replace=("            waiting.remove(done)\n", "")),
        Mutant("weights exchanged", replace=("(1 - weight) * factor + weight *", "weight * factor + (1 - weight) *")),
        Mutant("the whole list", replace=("[first:]", "")),
        Mutant("the wrong way", replace=("beats = adaptive < static", "beats = adaptive > static")),
    ],
)
def learn_from_what_ended(answer, key):
    with part(2, "`corrected` knows only what has ended"):
        for weight in (0.5, 0.1, 1.0):
            said, right = list(answer.call("corrected", TRIPS, weight)), key.call("corrected", TRIPS, weight)
            mistake(len(said) != len(right), "`corrected` should give a promise for each trip")
            # Trip 0 takes three times its promise, and ends after all others began.
            early = (1 - weight + weight * 3.0) * 20.0
            mistake(near(said[1], early), "`corrected` learns from a trip that has not ended yet")
            for number, (one, other) in enumerate(zip(said, right, strict=True)):
                close(one, other, f"`corrected` is wrong from trip {number} on", rtol=1e-6)
    with part(1, "`static` and `adaptive` on the second half"):
        for name in ("static", "adaptive"):
            close(answer.read(name), key.read(name), f"`{name}` is wrong", rtol=1e-6)
    with part(1, "`beats`"):
        equal(answer.read("beats"), key.read("beats"), "`beats` should say whether the adaptive error is the smaller one")


plan = manual(
    "fraud_streaming_arrivals.plan",
    title="Before it blocks by itself",
    criteria=[
        ("says that the 100 % compare decisions with themselves, and how precision would be measured", 1),
        ("says what learning from own decisions does, and adds judged payments, and a gate or a way back", 1),
        (
            "gives a plan beyond PSI: views with owner and limit, the truth's delay, a watch for what is new, and a runbook",
            1,
        ),
        ("says why loans are another case: late or missing truth, harm, regulation, approval", 1),
    ],
    hints=[
        "Which number could the pilot have shown at all, with these labels?",
        "For each watch: who, from which value on, after how many days can it be known, and what is done first?",
    ],
)


def _positions(value: Any) -> set[int]:
    """Sets of positions, however they are held."""
    mistake(not isinstance(value, set | frozenset | list | tuple), "`pick` should give a set of positions")
    return {int(each) for each in value}
