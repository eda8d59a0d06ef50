"""Checks of exercise 02: data and exploration."""

from __future__ import annotations

from collections import Counter
from itertools import product

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "data.rarity",
    title="How rare?",
    points=2,
    hints=[
        "A prevalence divides by all rows; a ratio of classes divides one class by the other.",
        "The idle model is right on every normal payment. What share of all rows is that?",
    ],
    mutants=[
        Mutant("prevalence in percent", replace=("prevalence = frauds / rows", "prevalence = 100 * frauds / rows")),
        Mutant("ratio to all rows", replace=("ratio = (rows - frauds) / frauds", "ratio = rows / frauds")),
        Mutant(
            "rate instead of accuracy", replace=("idle_accuracy = (rows - frauds) / rows", "idle_accuracy = frauds / rows")
        ),
        Mutant("accuracy rounded to one", replace=("idle_accuracy = (rows - frauds) / rows", "idle_accuracy = 1.0")),
    ],
)
def rarity(answer, key):
    with part(1, "`prevalence` is a fraction of all rows"):
        mistake(answer.read("prevalence") > 0.1, "`prevalence` looks like a percentage; a fraction lies between 0 and 1")
        close(answer.read("prevalence"), key.read("prevalence"), "`prevalence` is the frauds among all rows", rtol=1e-3)
    with part(1, "`ratio` and `idle_accuracy`"):
        close(
            answer.read("ratio"),
            key.read("ratio"),
            "`ratio` counts the normal payments to one fraud, not all payments",
            rtol=1e-4,
        )
        close(
            answer.read("idle_accuracy"),
            key.read("idle_accuracy"),
            "`idle_accuracy` is the share of rows that 'always normal' gets right",
            rtol=1e-4,
        )


def _source(consent, border, safeguards, age):
    return {"consent": consent, "crosses_border": border, "safeguards": safeguards, "age_days": age, "retention_days": 365}


@question(
    "data.gate",
    title="May we use it?",
    points=3,
    hints=[
        "Test what stops before what asks: a refusal outweighs everything else.",
        "`None` is not `False`: nobody has said no, nobody has said yes. Compare with `is`.",
    ],
    mutants=[
        Mutant("not recorded counts as refused", replace=('source["consent"] is False', 'not source["consent"]')),
        Mutant(
            "safeguards forgotten",
            replace=('(source["crosses_border"] and not source["safeguards"])', 'source["crosses_border"]'),
        ),
        Mutant("retention forgotten", replace=(' or source["age_days"] > source["retention_days"]', "")),
        Mutant("off by one day", replace=(">", ">=")),
        Mutant(
            "names left out",
            replace=("{name: decide(source) for name, source in sources.items()}", "[decide(s) for s in sources.values()]"),
        ),
    ],
)
def gate(answer, key):
    with part(2, "`decide` should hold for any source"):
        for consent, border, safeguards, age in product((True, False, None), (True, False), (True, False), (10, 365, 366)):
            source = _source(consent, border, safeguards, age)
            said, right = answer.call("decide", source), key.call("decide", source)
            mistake(
                consent is None and said == "stop" and right != "stop",
                "`decide` stops where consent is only not recorded; `None` means ask",
            )
            mistake(
                age == 365 and said == "stop" and right != "stop",
                "`decide` stops on the last permitted day; older means more than",
            )
            equal(said, right, f"`decide` is wrong for {source}")
    with part(1, "`decisions` maps each name to its verdict"):
        equal(
            answer.read("decisions"),
            key.read("decisions"),
            "`decisions` should be a dictionary: name of the source to verdict",
        )


@question(
    "data.faults",
    title="What is wrong with this delivery?",
    points=3,
    hints=[
        "pandas has `duplicated` for rows and `isna` for cells; both give booleans that can be summed.",
        "Divide the difference of the class means by the standard deviation before you compare the features.",
    ],
    mutants=[
        Mutant("both copies counted", replace=("delivery.duplicated()", "delivery.duplicated(keep=False)")),
        Mutant(
            "rows with a gap, not cells, of the wrong table",
            replace=("delivery.isna().sum().sum()", "delivery.notna().sum().sum()"),
        ),
        Mutant("raw difference", replace=(" / features.std()", "")),
    ],
)
def faults(answer, key):
    with part(1, "`duplicates` counts the rows that repeat an earlier one"):
        found, right = answer.read("duplicates"), key.read("duplicates")
        mistake(found == 2 * right, "`duplicates` counts the first copies too; only the repetitions are superfluous")
        equal(found, right, "`duplicates` is not the number of repeated rows")
    with part(1, "`missing` counts the empty cells of all columns"):
        equal(answer.read("missing"), key.read("missing"), "`missing` is not the number of empty cells")
    with part(1, "`driver` names the feature that separates the classes best"):
        named = answer.read("driver")
        mistake(named == "bad", "`driver` should be a feature; `bad` is what is to be explained")
        equal(named, key.read("driver"), "`driver` is another feature; are the differences measured in standard deviations?")


@question(
    "data.amounts",
    title="Smaller, by which statistic?",
    points=2,
    hints=["Split the amounts by label first.", "Three outcomes: do not forget the equal one."],
    mutants=[
        Mutant("mean for both", replace=('("median", np.median)', '("median", np.mean)')),
        Mutant("the other way round", replace=("difference < 0", "difference > 0")),
        Mutant("equal forgotten", replace=('"equal" if difference == 0 else ', "")),
    ],
)
def amounts(answer, key):
    cases = [
        ([12, 25, 31, 40, 58, 77, 1, 2, 9, 900], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]),
        ([5, 6, 7, 1, 2, 3], [1, 1, 1, 0, 0, 0]),
        ([1, 2, 3, 2, 2, 2], [0, 0, 0, 1, 1, 1]),
        ([10, 10, 10, 1, 1, 100], [0, 0, 0, 1, 1, 1]),
    ]
    for values, labels in cases:
        said, right = answer.call("compare", values, labels), key.call("compare", values, labels)
        equal(sorted(said), sorted(right), "`compare` should return a dictionary with the keys 'mean' and 'median'")
        for statistic in ("mean", "median"):
            equal(
                said[statistic],
                right[statistic],
                f"`compare` is wrong about the {statistic} of {values} with labels {labels}",
            )


@question(
    "data.effect",
    title="Significant, or important?",
    points=2,
    hints=[
        "Pool the variances, weighted by their degrees of freedom, then take the root.",
        "A large negative d is as important as a large positive one.",
    ],
    mutants=[
        Mutant("sign lost", replace=("(one.mean() - other.mean())", "abs(one.mean() - other.mean())")),
        Mutant(
            "variance instead of deviation",
            replace=("np.sqrt(squares / (len(one) + len(other) - 2))", "(squares / (len(one) + len(other) - 2))"),
        ),
        Mutant(
            "only positive effects",
            replace=(
                "if abs(cohens_d(survey[name][group == 1], survey[name][group == 0])) >= 0.2",
                "if cohens_d(survey[name][group == 1], survey[name][group == 0]) >= 0.2",
            ),
        ),
        Mutant("everything is significant", replace=(">= 0.2", ">= 0.0")),
    ],
)
def effect(answer, key):
    with part(1, "`cohens_d` for samples of any size"):
        for one, other in [([1, 2, 3, 4], [2, 4, 6]), ([0, 0, 1, 5], [9, 7, 8, 8, 1]), ([3, 1], [1, 1, 2])]:
            said, right = answer.call("cohens_d", one, other), key.call("cohens_d", one, other)
            mistake(right < 0 and abs(said + right) < 1e-9, "`cohens_d` lost its sign: it is one minus other")
            close(said, right, f"`cohens_d` is wrong for {one} and {other}; pool the two variances", rtol=1e-6)
    with part(1, "`important` lists the columns that matter"):
        said, right = answer.read("important"), key.read("important")
        mistake(len(said) > len(right), "`important` holds columns with a small effect; significance is not importance")
        equal(list(said), right, "`important` misses a column; a negative effect counts as well")


@question(
    "data.folds",
    title="Balance without cheating",
    points=4,
    hints=[
        "Split first. Then resample the training rows of each fold, and those only.",
        "`StratifiedKFold` keeps the class mix; `numpy`'s `choice` draws row numbers with replacement.",
        "The rows to add are drawn from the rarer class of this fold's training rows.",
    ],
    mutants=[
        Mutant("nothing resampled", replace=("np.concatenate([train, again])", "train")),
        Mutant(
            "drawn from all rows of the class",
            replace=("generator.choice(few,", "generator.choice(np.flatnonzero(labels == 1),"),
        ),
        Mutant("test fold balanced too", replace=("test))", "np.concatenate([test, test[labels[test] == 1]])))")),
        Mutant(
            "the frequent class cut down",
            replace=("np.concatenate([train, again])", "np.concatenate([few, many[: len(few)]])"),
        ),
    ],
)
def folds(answer, key):
    for labels, count, seed in [([0] * 180 + [1] * 20, 5, 0), ([0, 0, 0, 1] * 15, 3, 7), ([1] * 40 + [0] * 12, 4, 3)]:
        pairs = answer.call("balanced_folds", labels, count, seed)
        equal(
            len(pairs),
            len(key.call("balanced_folds", labels, count, seed)),
            "`balanced_folds` should return one pair a fold",
        )
        sets = [([int(i) for i in train], [int(i) for i in test]) for train, test in pairs]
        with_test = Counter(i for _, test in sets for i in test)
        mix = sum(labels) / len(labels)
        for train, test in sets:
            positives = sum(labels[i] for i in test)
            mistake(
                bool(set(train) & set(test)),
                "a row of the test fold is trained on: resample after the split, from training rows",
            )
            mistake(len(test) != len(set(test)), "a test fold holds a row twice; it must stay as it is")
            mistake(
                abs(positives - mix * len(test)) > 1,
                "a test fold does not have the class mix of the data; stratify the split",
            )
            ones = sum(labels[i] for i in train)
            mistake(2 * ones != len(train), "the classes of a training fold are not equally frequent")
            rest = set(range(len(labels))) - set(test)
            mistake(set(train) != rest, "a training fold lost rows: draw the rarer class again, keep all the others")
        equal(sorted(with_test), list(range(len(labels))), "the test folds together should hold every row once")
        equal(max(with_test.values()), 1, "a row stands in two test folds")
