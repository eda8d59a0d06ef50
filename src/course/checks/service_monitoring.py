"""Checks of exercise 11: service monitoring."""

from __future__ import annotations

import math

from workbench.checks import Mutant, close, equal, mistake, part, question

_ROUNDED = 6e-4  # three decimals will do; the intervals that are not Wilson's are further off
_SUPPLIED = 'Counter(cause for _, status, cause in last_attempts(attempts) if status == "failed")'
_RUNS = {
    "tried twice": [(1, "a", 1, "failed", "bug"), (1, "a", 2, "ok", None), (1, "b", 1, "ok", None)],
    "the later attempt comes first": [(1, "a", 2, "ok", None), (1, "a", 1, "failed", "bug"), (2, "a", 1, "ok", None)],
    "all good": [(day, "a", 1, "ok", None) for day in range(10)],
    "none good": [(day, "a", 1, "failed", "timeout" if day else "bug") for day in range(4)],
    "another cause the second time": [(1, "a", 1, "failed", "bug"), (1, "a", 2, "failed", "timeout")],
}


@question(
    "service_monitoring.success",
    title="94.4 % of what?",
    points=3,
    hints=[
        "First find the last attempt of each run: a run is one day and one slot.",
        "`statsmodels.stats.proportion.proportion_confint` knows Wilson's interval by name; its default is another one.",
        "The shares of the causes add up to 1: they are shares of the bad runs, not of all runs.",
    ],
    mutants=[
        Mutant("attempts, not runs", replace=("runs = last_attempts(attempts)", "runs = [each[2:] for each in attempts]")),
        Mutant(
            "good if any attempt failed is bad",
            replace=("if attempt > last.get((day, slot), (0,))[0]:", "if status == 'failed' or (day, slot) not in last:"),
        ),
        Mutant("the last line, not the last attempt", replace=("if attempt > last.get((day, slot), (0,))[0]:", "if True:")),
        Mutant("the normal interval", replace=('len(runs), method="wilson")', "len(runs))")),
        Mutant("the exact interval", replace=('method="wilson"', 'method="beta"')),
        Mutant("90 %", replace=('method="wilson"', 'alpha=0.1, method="wilson"')),
        Mutant("a percentage", replace=("return good / len(runs), ", "return 100 * good / len(runs), ")),
        Mutant("shares of all runs", replace=("count / found.total()", "count / len(last_attempts(attempts))")),
        Mutant("counts", replace=("count / found.total()", "count")),
        Mutant("causes of attempts", replace=(_SUPPLIED, "Counter(each[4] for each in attempts if each[3] == 'failed')")),
    ],
)
def success(answer, key):
    with part(1, "`share`, `low` and `high` are those of the month"):
        said, right = answer.read("share"), key.read("share")
        mistake(math.isclose(said, 100 * right, rel_tol=1e-3), "`share` is a percentage; a share lies between 0 and 1")
        mistake(said < right - _ROUNDED, "`share` is too small: a run whose second attempt went well is good")
        close(said, right, "`share` is the share of good runs", rtol=0, atol=_ROUNDED)
        low, high = key.read("low"), key.read("high")
        mistake(answer.read("high") > 1, "`high` is above 1, where no share can be: that is not Wilson's interval")
        close(answer.read("low"), low, "`low` is the lower end of Wilson's 95 % interval", rtol=0, atol=_ROUNDED)
        close(answer.read("high"), high, "`high` is the upper end of Wilson's 95 % interval", rtol=0, atol=_ROUNDED)
    with part(1, "`success` holds for other months"):
        for what, attempts in _RUNS.items():
            said, right = answer.call("success", attempts), key.call("success", attempts)
            mistake(len(said) != 3, "`success` should return three numbers")
            close(list(said), list(right), f"`success` is wrong for a month that is: {what}", rtol=0, atol=_ROUNDED)
    with part(1, "`causes` and `shares` are of bad runs"):
        shares = answer.read("shares")
        mistake(bool(shares) and sum(shares.values()) < 0.5, "`shares` are of all runs; take the bad ones for the whole")
        mistake(bool(shares) and max(shares.values()) >= 1, "`shares` are counts; divide by the number of bad runs")
        equal(set(shares), set(key.read("shares")), "`shares` has other causes than the bad runs have")
        close(
            shares["data quality"],
            key.read("shares")["data quality"],
            "`shares` counts more than the last attempts",
            rtol=1e-6,
        )
        for what, attempts in _RUNS.items():
            said, right = answer.call("causes", attempts), key.call("causes", attempts)
            equal(set(said), set(right), f"`causes` names other causes for a month that is: {what}")
            for cause in right:
                close(said[cause], right[cause], f"`causes` is wrong for a month that is: {what}", rtol=1e-6)


@question(
    "service_monitoring.budget",
    title="What a promise allows",
    points=3,
    hints=[
        "Down is what is left of 1, times the minutes that the days have.",
        "The budget allows `1 - objective` of the requests. Five times that share is gone in a fifth of the time.",
        "`each` has decimals, `needed` has none: part of an instance serves nobody.",
    ],
    mutants=[
        Mutant("minutes up", replace=("(1 - availability) * days", "availability * days")),
        Mutant("always thirty days", replace=("(1 - availability) * days", "(1 - availability) * 30")),
        Mutant("hours", replace=("* 24 * 60", "* 24")),
        Mutant("the share that is good", replace=("days * (1 - objective) / error_share", "days * objective / error_share")),
        Mutant("upside down", replace=("days * (1 - objective) / error_share", "days * error_share / (1 - objective)")),
        Mutant(
            "nothing fails, nothing is left",
            replace=(' if error_share else float("inf")', " if error_share else 0.0"),
        ),
        Mutant("no thought of nothing", replace=(' if error_share else float("inf")', "")),
        Mutant("keeps both", replace=("keeps_9999 = keeps(0.9995, 0.9999)", "keeps_9999 = True")),
        Mutant("keeps neither", replace=("keeps_999 = keeps(0.9995, 0.999)", "keeps_999 = None")),
        Mutant("the wrong way round", replace=("return availability >= promise", "return availability <= promise")),
        Mutant("better than promised", replace=("return availability >= promise", "return availability > promise")),
        Mutant("yes or no", replace=("return availability >= promise", "return 'yes' if availability >= promise else 'no'")),
        Mutant("less than for ever", replace=('if error_share else float("inf")', 'if error_share else float("-inf")')),
        Mutant("of ten instances", replace=("each = 1250 / 8", "each = 1250 / 10")),
        Mutant("not rounded", replace=("ceil(rate / load)", "rate / load")),
        Mutant("rounded to the nearest", replace=("ceil(rate / load)", "round(rate / load)")),
        Mutant("one to spare", replace=("ceil(rate / load)", "int(rate / load) + 1")),
        Mutant("the ceiling", replace=("needed = instances(10_000, each)", "needed = 10")),
    ],
)
def budget(answer, key):
    with part(1, "`minutes_down`, `down`, and which promise is kept"):
        for call, named in (
            ((0.999,), {}),
            ((0.99,), {"days": 7}),
            ((1.0,), {}),
            ((0.0,), {"days": 1}),
            ((0.99999,), {"days": 365}),
        ):
            said, right = answer.call("minutes_down", *call, **named), key.call("minutes_down", *call, **named)
            mistake(right > 0 and math.isclose(said * 60, right, rel_tol=1e-6), "`minutes_down` gives hours")
            close(said, right, f"`minutes_down` is wrong for {call[0]} and {named or 'a month'}", rtol=1e-6, atol=1e-6)
        close(answer.read("down"), key.read("down"), "`down` is the time that an uptime of 99.95 % is down", rtol=1e-6)
        for call in ((0.9995, 0.999), (0.9995, 0.9999), (0.99, 0.99), (0.97, 0.98), (1.0, 0.5)):
            equal(answer.call("keeps", *call), key.call("keeps", *call), f"`keeps` is wrong for {call}")
        for name in ("keeps_999", "keeps_9999"):
            equal(answer.read(name), key.read(name), f"`{name}` should be what `keeps` says of 99.95 %")
    with part(1, "`days_left` says how long the budget lasts"):
        for call, named in (
            ((0.005, 0.999), {}),
            ((0.001, 0.999), {}),
            ((0.02, 0.99), {"days": 28}),
            ((0.0001, 0.999), {"days": 90}),
            ((0.0, 0.999), {}),
        ):
            said, right = answer.call("days_left", *call, **named), key.call("days_left", *call, **named)
            mistake(right == math.inf != said, "`days_left`: a budget of which nothing is spent never ends")
            if not math.isinf(right):
                close(said, right, f"`days_left` is wrong for {call} and {named or 'a month'}", rtol=1e-6)
    with part(1, "`instances`, `each` and `needed`"):
        for call in ((10_000, 156.25), (10_000, 150), (1, 400), (1201, 400), (0, 10), (99.5, 33)):
            said, right = answer.call("instances", *call), key.call("instances", *call)
            mistake(right - 1 < said < right, f"`instances` is no whole number, or too small, for {call}")
            equal(said, right, f"`instances` is wrong for {call}: part of an instance serves nobody")
        mistake(answer.read("each") == 125, "`each` counts instances that are not running")
        close(answer.read("each"), key.read("each"), "`each` is the load of one of the eight", rtol=1e-6)
        mistake(answer.read("needed") == 10, "`needed` is the ceiling of the board; what would the load take?")
        equal(answer.read("needed"), key.read("needed"), "`needed` carries 10,000 at the load that each has now")


_SERIES = {
    "nothing happens": [1, 2, 1],
    "nothing is measured": [],
    "one measurement short": [1, 9, 9, 9, 1],
    "just long enough": [1, 9, 9, 9, 9, 1],
    "high to the end": [1, 1, 9, 9, 9, 9],
    "high from the start": [9, 9, 9, 9, 9, 1],
    "at the limit": [5, 5, 5, 5, 5, 5],
    "a gap in the middle": [9, 9, 9, None, 9, 9, 9],
    "a gap at the end": [9, 9, 9, 9, 9, None],
    "twice": [9, 9, 9, 9, 1, 9, 9, 9, 9, 9, 1],
    "only gaps": [None, None, None, None, None],
}


@question(
    "service_monitoring.alerts",
    title="Who was rung, and when?",
    points=4,
    hints=[
        "Keep one number while you go through the minutes: since when has the condition held? None if it does not hold now.",
        "It fires at minute `since + minutes`, if it still holds there. Five minutes lie between six measurements.",
        "What is still firing when the list ends has no resolved minute. Ask after the loop, or add a missing value to it.",
    ],
    mutants=[
        Mutant("no duration", replace=("minute - 1 - since >= minutes", "True")),
        Mutant("counts measurements", replace=("minute - 1 - since >= minutes", "minute - since >= minutes")),
        Mutant("one more than asked", replace=("minute - 1 - since >= minutes", "minute - 1 - since > minutes")),
        Mutant("told when it began", replace=("(since + minutes, None", "(since, None")),
        Mutant("at the limit is above it", replace=("value > limit", "value >= limit")),
        Mutant("forgets what goes on", replace=("[*values, None]", "values")),
        Mutant("ends with the list", replace=("None if minute == len(values) else minute", "minute")),
        Mutant(
            "a gap is as good as high", replace=("value is not None and value > limit", "value is None or value > limit")
        ),
        Mutant("resolved a minute early", replace=("else minute)", "else minute - 1)")),
        Mutant("the same limit for all", replace=('("memory", 0.9, 10)', '("memory", 0.9, 5)')),
        Mutant("not in order", replace=("rang = sorted(", "rang = list(")),
    ],
)
def alerts(answer, key):
    with part(2, "`alerts` should honour the duration"):
        for what, values in _SERIES.items():
            for minutes in (3, 0):
                said, right = answer.call("alerts", values, 5, minutes), key.call("alerts", values, 5, minutes)
                said, right = [tuple(each) for each in said], [tuple(each) for each in right]
                fired = [each[0] for each in right]
                mistake(len(said) > len(right), f"`alerts` rings too often where: {what}")
                mistake(len(said) < len(right), f"`alerts` does not ring where: {what}")
                mistake([e[0] + minutes for e in said] == fired != [e[0] for e in said], "`alerts` says when it was pending")
                equal([each[0] for each in said], fired, f"`alerts` rings at another minute where: {what}")
                if minutes == 3:
                    equal(said, right, f"`alerts` is resolved at another minute where: {what}")
    with part(1, "`alerts` without a duration"):
        for what, values in _SERIES.items():
            said, right = answer.call("alerts", values, 5, 0), key.call("alerts", values, 5, 0)
            equal([tuple(each) for each in said], [tuple(each) for each in right], f"`alerts` for 0 minutes where: {what}")
    with part(1, "`rang` is what the supplied rules rang"):
        said, right = [tuple(each) for each in answer.read("rang")], [tuple(each) for each in key.read("rang")]
        mistake(said != right and sorted(said) == right, "`rang` should be in order of time")
        mistake(len(said) > len(right), "`rang` has alerts that did not last long enough")
        equal(said, right, "`rang` should list each alert of the three rules: minute and name")


_BOUNDS = [1, 2, 5, float("inf")]
_HISTOGRAMS = [
    ([10, 20, 30, 40], 0.5),
    ([10, 20, 30, 40], 0.25),
    ([10, 20, 30, 40], 0.95),
    ([0, 0, 8, 8], 0.9),
    ([4, 4, 4, 4], 0.5),
]
_HISTOGRAMS += [([3, 3, 6, 6], 0.51), ([0, 0, 0, 7], 0.1), ([1, 90, 100, 100], 0.01), ([5, 10, 10, 20], 1.0)]


@question(
    "service_monitoring.buckets",
    title="The p95 of three copies",
    points=3,
    hints=[
        "Counts can be added, bound by bound; quantiles cannot.",
        "The first cumulative count that reaches `share` of the last count names the bucket: it begins at the bound before.",
        "How far into the bucket? Requests still missing when it begins, over requests in it.",
    ],
    mutants=[
        Mutant("one copy", replace=("return [sum(counts) for", "return [max(counts) for")),
        Mutant("the mean of the copies", replace=("return [sum(counts) for", "return [sum(counts) / len(counts) for")),
        Mutant(
            "a bucket later", replace=("count >= share * counts[-1])", "count > share * counts[-1] or count == counts[-1])")
        ),
        Mutant("no lower bound", replace=("bounds[place - 1] if place else 0", "0")),
        Mutant("begins at the first bound", replace=("bounds[place - 1] if place else 0", "bounds[max(place - 1, 0)]")),
        Mutant("the upper bound", replace=("return low + (high - low) *", "return high + 0 *")),
        Mutant("the middle", replace=("(share * counts[-1] - before) / (counts[place] - before)", "0.5")),
        Mutant("counts not cumulative", replace=("/ (counts[place] - before)", "/ counts[place]")),
        Mutant("infinite", replace=("        return low\n", "        return high\n")),
        Mutant(
            "the mean of three p95",
            replace=(
                "p95_shown = guess(bounds, together, 0.95)",
                "p95_shown = sum(guess(bounds, c, 0.95) for c in copies) / 3",
            ),
        ),
        Mutant(
            "kept by the guess",
            replace=("return bucket(bounds, counts, share)[1] <=", "return guess(bounds, counts, share) <="),
        ),
        Mutant("never sure", replace=("return bucket(bounds, counts, share)[1] <= limit", "return False")),
        Mutant(
            "sure below it",
            replace=("return bucket(bounds, counts, share)[1] <= limit", "return bucket(bounds, counts, share)[1] < limit"),
        ),
        Mutant("kept as text", replace=("kept = kept_for_sure(bounds, together, 0.95, 100)", "kept = 'no'")),
    ],
)
def buckets(answer, key):
    with part(1, "`merged` and `bucket`"):
        for histograms in ([[1, 2, 3]], [[1, 2, 3], [0, 5, 9]], [[0, 0], [4, 4], [1, 3]]):
            said, right = list(answer.call("merged", histograms)), list(key.call("merged", histograms))
            equal(said, right, "`merged` should add the counts of all copies, bound by bound")
        for counts, share in _HISTOGRAMS:
            said, right = answer.call("bucket", _BOUNDS, counts, share), key.call("bucket", _BOUNDS, counts, share)
            mistake(len(said) != 2, "`bucket` should return two bounds")
            equal([float(b) for b in said], [float(b) for b in right], f"`bucket` is wrong for counts {counts} and {share}")
    with part(1, "`guess` spreads the requests evenly over their bucket"):
        for counts, share in _HISTOGRAMS:
            said, right = answer.call("guess", _BOUNDS, counts, share), key.call("guess", _BOUNDS, counts, share)
            mistake(math.isinf(said), "`guess` is infinite in the last bucket; its lower bound is all that is known")
            close(said, right, f"`guess` is wrong for counts {counts} and {share}", rtol=1e-6)
    with part(1, "`p95_bucket`, `p95_shown` and `kept` are those of all requests"):
        said, right = answer.read("p95_bucket"), key.read("p95_bucket")
        equal([float(b) for b in said], [float(b) for b in right], "`p95_bucket` is the bucket of all requests together")
        close(
            answer.read("p95_shown"), key.read("p95_shown"), "`p95_shown` is made from the counts of all copies", rtol=1e-4
        )
        for (counts, share), limit in zip(_HISTOGRAMS, (2, 1.5, 100, 5, 1, 4.9, 5, 1, float("inf")), strict=True):
            said, right = (each.call("kept_for_sure", _BOUNDS, counts, share, limit) for each in (answer, key))
            equal(said, right, f"`kept_for_sure` is wrong for counts {counts}, {share} and a limit of {limit}")
        equal(answer.read("kept"), key.read("kept"), "`kept` follows from the bucket, not from the guess")


def _log(*events):
    """A log of 60 minutes: a beat a minute, and (minute, message, times) besides."""
    lines = [(minute, f"beat {minute}") for minute in range(60)]
    return lines + [(minute, f"{message} {k}") for minute, message, times in events for k in range(times)]


_LOGS = {
    "nothing happens": _log(),
    "a known line bursts": _log((3, "slow read", 1), (45, "slow read", 9)),
    "a line that was never seen": _log((50, "fallback", 6)),
    "a single new line": _log((50, "fallback", 1)),
    "a burst in the healthy part": _log((10, "slow read", 30), (40, "slow read", 3)),
    "two in one minute": _log((44, "slow read", 5), (44, "fallback", 9)),
    "two after each other": _log((52, "fallback", 20), (41, "slow read", 6)),
    "at the first minute after": _log((30, "fallback", 7)),
    "in the last healthy minute": _log((29, "fallback", 7)),
    "nine beats in one minute, which is not rare enough": _log((45, "beat", 8)),
    "ten beats in one minute": _log((45, "beat", 9)),
    "a minute with few lines of a common kind": _log(*((minute, "tick", 8 if minute == 45 else 40) for minute in range(60))),
}


@question(
    "service_monitoring.log",
    title="The minute in which the log changed",
    points=4,
    hints=[
        "`re.sub` replaces whatever a pattern finds; `\\d+` finds a whole run of digits.",
        "Count by template before `learn`, and by minute and template from there on.",
        "`scipy.stats.poisson.sf(k, mean)` is the chance of *more* than k. You want as many as count, or more.",
    ],
    mutants=[
        Mutant("digit by digit", replace=('r"\\d+"', 'r"\\d"')),
        Mutant("any mark", replace=('"<n>"', '"#"')),
        Mutant("messages, not templates", replace=('return re.sub(r"\\d+", "<n>", message)', "return message")),
        Mutant("more than, not as many", replace=("poisson.sf(count - 1, mean)", "poisson.sf(count, mean)")),
        Mutant("exactly as many", replace=("poisson.sf(count - 1, mean)", "poisson.pmf(count, mean)")),
        Mutant("one in a hundred", replace=("chance < 1e-6", "chance < 1e-2")),
        Mutant("the new is never strange", replace=("(known[name] or 0.5) / learn", "max(known[name] / learn, 1)")),
        Mutant("the new is always strange", replace=("(known[name] or 0.5) / learn", "known[name] / learn")),
        Mutant("a sum, not a mean", replace=("(known[name] or 0.5) / learn", "(known[name] or 0.5)")),
        Mutant("learns from itself", replace=("if minute < learn:", "if minute <= learn:")),
        Mutant(
            "the least likely of all",
            replace=("suspects.append((minute, chance, name))", "suspects.append((chance, minute, name))"),
        ),
        Mutant(
            "z-scores",
            replace=("chance = poisson.sf(count - 1, mean)", "chance = 0 if count > mean + 3 * mean**0.5 else 1"),
        ),
    ],
)
def log(answer, key):
    with part(1, "`template` puts <n> in place of digits"):
        for message in ("read 12 rows in 41.7 ms", "no digits here", "7", "a1b22c333", "", "08:05:00 part-7"):
            said, right = answer.call("template", message), key.call("template", message)
            mistake(said.count("<n>") > right.count("<n>"), "`template` replaces each digit; a run of them is one `<n>`")
            equal(said, right, f"`template` is wrong for {message!r}")
    with part(2, "`anomaly` should find the first minute, and only what is really rare"):
        for what, lines in _LOGS.items():
            said, right = answer.call("anomaly", lines, 30), key.call("anomaly", lines, 30)
            mistake(right is None and said is not None, f"`anomaly` rings for nothing where: {what}")
            mistake(right is not None and said is None, f"`anomaly` finds nothing where: {what}")
            if right is not None:
                equal(said[0], right[0], f"`anomaly` names another minute where: {what}")
                equal(said[1], right[1], f"`anomaly` names another template where: {what}")
    with part(1, "`found` is the anomaly of the supplied log"):
        said, right = answer.read("found"), key.read("found")
        mistake(said is None, "`found` is None; there is one")
        mistake(said[0] < right[0], "`found` is too early: a rare line that comes once is no anomaly")
        equal(list(said), list(right), "`found` should be the minute and the template")


_ARRIVALS = [([0, 30, 60], 30), ([0, 30, 60], 25), ([], 10), ([200], 30), ([0, 100], 30), ([60, 30, 0], 30), ([50], 1000)]
_RETRIES = [
    (0, 5, 2, 30, 6),
    (480, 5, 1, 30, 3),
    (10, 7, 3, 20, 4),
    (0, 10, 2, 10, 3),
    (100, 1, 2, 1000, 8),
    (5, 3, 2, 60, 0),
]
_STEPS = [(700, [(600, 10)]), (None, [(600, 10), (700, 5)]), (485, [(600, 20), (690, 5)]), (665, [(600, 20), (690, 5)])]
_STEPS += [(690, [(600, 20), (690, 5), (700, 1)]), (0, [])]
_PLAN = {"start": 480, "first": 5, "factor": 2, "longest": 30, "number": 9}  # 480, 485, 495, 515, 545, 575, ... 695
_REPAIRS = [
    (_PLAN, 5, [(600, 20), (690, 5)], 720),
    (_PLAN, 5, [(600, 20), (690, 5)], 690),
    (_PLAN, 24, [(600, 20), (690, 5)], 714),
    (_PLAN, 25, [(600, 20), (690, 5)], 714),
    (_PLAN, 30, [(500, 10)], 555),
    (_PLAN | {"number": 1}, 0, [(600, 20)], 620),
    (_PLAN, 5, [(600, 121)], 720),
]


@question(
    "service_monitoring.morning",
    title="Right by noon",
    points=4,
    hints=[
        "At each check: which files are there by then, and how old is the newest? More than the limit rings, equal not.",
        "Let the wait grow and cap it before you add it. The times are sums of waits, not start plus wait.",
        "The source only helps when somebody asks it: between two attempts it does not matter when it was mended.",
    ],
    mutants=[
        Mutant("equal rings", replace=("now - newest > limit", "now - newest >= limit")),
        Mutant("sees the future", replace=("(each for each in arrivals if each <= now)", "arrivals")),
        Mutant("the oldest file", replace=("newest = max(", "newest = min(")),
        Mutant("no file, no alarm", replace=('default=float("-inf")', "default=now")),
        Mutant("waits that do not grow", replace=("wait = min(wait * factor, longest)", "wait = first")),
        Mutant(
            "no longest wait",
            replace=(
                "times.append(times[-1] + min(wait, longest))\n        wait = min(wait * factor, longest)",
                "times.append(times[-1] + wait)\n        wait = wait * factor",
            ),
        ),
        Mutant("waits counted from the start", replace=("times[-1] + min(wait, longest)", "start + min(wait, longest)")),
        Mutant("the first attempt is missing", replace=("    return times\n", "    return times[1:]\n")),
        Mutant("as scheduled", replace=("max(scheduled, ready) + minutes", "scheduled + minutes")),
        Mutant("never waits for the clock", replace=("max(scheduled, ready) + minutes", "ready + minutes")),
        Mutant(
            "the minutes of ingestion forgotten", replace=("right_from(time + minutes, steps)", "right_from(time, steps)")
        ),
        Mutant("always five minutes", replace=("right_from(time + minutes, steps)", "right_from(time + 5, steps)")),
        Mutant("any minute will do", replace=("time for time in retries(**plan) if", "time for time in range(480, 720) if")),
        Mutant("always by noon", replace=("<= wanted]", "<= 12 * 60]")),
        Mutant("just too late", replace=("<= wanted]", "< wanted]")),
        Mutant("the first that will do", replace=("return max(times, default=None)", "return min(times, default=None)")),
    ],
)
def morning(answer, key):
    checks = list(range(0, 240, 5))
    with part(1, "`rings` watches the age of the newest file"):
        for arrivals, limit in _ARRIVALS:
            said, right = answer.call("rings", arrivals, limit, checks), key.call("rings", arrivals, limit, checks)
            mistake(
                said is None and right is not None, f"`rings` never rings for files at {arrivals} and a limit of {limit}"
            )
            mistake(
                right is not None and said < right, f"`rings` is too early for files at {arrivals} and a limit of {limit}"
            )
            equal(said, right, f"`rings` is wrong for files at {arrivals} and a limit of {limit}")
        supplied = answer.read("arrivals")
        equal(
            answer.call("rings", supplied, 30, checks[:1]),
            key.call("rings", supplied, 30, checks[:1]),
            "`rings` before any file",
        )
    with part(1, "`retries` waits longer each time, up to the longest"):
        for call in _RETRIES:
            said, right = list(answer.call("retries", *call)), list(key.call("retries", *call))
            mistake(len(said) == len(right) - 1, "`retries` has one attempt too few: the first one counts")
            equal(said, right, f"`retries` is wrong for {call}")
    with part(1, "`right_from` starts a step when clock and input allow it"):
        for ready, steps in _STEPS:
            said, right = answer.call("right_from", ready, steps), key.call("right_from", ready, steps)
            equal(said, right, f"`right_from` is wrong for input at {ready} and steps {steps}")
    with part(1, "`latest_repair` and `latest` leave time for all that follows"):
        for plan, minutes, steps, wanted in _REPAIRS:
            said, right = (each.call("latest_repair", plan, minutes, steps, wanted) for each in (answer, key))
            equal(said, right, f"`latest_repair` is wrong for {plan}, {minutes} minutes, steps {steps} and {wanted}")
        said, right = answer.read("latest"), key.read("latest")
        mistake(said > right, "`latest` is too late: the next attempt after it comes too late for 12:00")
        equal(said, right, "`latest` can be later: the dashboard would still be right at 12:00")
