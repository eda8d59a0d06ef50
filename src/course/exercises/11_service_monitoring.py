# %% [markdown]
# # Exercise 11 · Service monitoring
#
# Six questions on [lesson 11](../notebooks/11_service_monitoring.ipynb), about 45 minutes. Each starts from inputs that
# are supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("service_monitoring.success")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 11  # random seed of the supplied runs, measurements and logs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · 94.4 % of what? (3 points)
#
# `attempts` holds a month of a pipeline that runs three times a day: day, slot, attempt, status (`"ok"` or `"failed"`)
# and the cause of a failure. A run that fails may be tried again, in a second attempt. **A run is good if its last
# attempt is.** The lines are in no order.
#
# - `success(attempts)` returns `(share, low, high)`: the share of good runs, and its 95 % interval after Wilson.
# - `causes(attempts)` returns a dictionary from cause to its share of the *bad runs*; an empty one if there are none. The
#   cause of a bad run is that of its last attempt.
#
# Put the results for the month into `share`, `low`, `high` and `shares`.

# %%
import numpy as np

rng = np.random.default_rng(seed)
slots = [(day, slot) for day in range(1, 31) for slot in ("06:00", "10:00", "11:30")]
drawn = [slots[place] for place in rng.permutation(90)]
bad = dict(zip(drawn, ["data quality"] * 3 + ["timeout", "bug"], strict=False))
attempts = []
for slot in slots:
    again = slot in drawn[3:12]  # tried twice, the first time in vain
    if again:
        attempts.append((*slot, 1, "failed", "timeout"))
    attempts.append((*slot, 1 + again, "failed" if slot in bad else "ok", bad.get(slot)))
attempts = [attempts[place] for place in rng.permutation(len(attempts))]

# %% tags=["question:service_monitoring.success"]
### BEGIN SOLUTION
from collections import Counter

from statsmodels.stats.proportion import proportion_confint


def last_attempts(attempts):
    last = {}
    for day, slot, attempt, status, cause in attempts:
        if attempt > last.get((day, slot), (0,))[0]:
            last[day, slot] = (attempt, status, cause)
    return list(last.values())


def success(attempts):
    runs = last_attempts(attempts)
    good = sum(status == "ok" for _, status, _ in runs)
    low, high = proportion_confint(good, len(runs), method="wilson")
    return good / len(runs), float(low), float(high)


def causes(attempts):
    found = Counter(cause for _, status, cause in last_attempts(attempts) if status == "failed")
    return {cause: count / found.total() for cause, count in found.items()}


share, low, high = success(attempts)
shares = causes(attempts)
### END SOLUTION

# %%
check("service_monitoring.success")

# %% [markdown]
# ## Question 2 · What a promise allows (3 points)
#
# - `minutes_down(availability, days=30)`: minutes that a service with this availability is down within `days`.
# - `days_left(error_share, objective, days=30)`: how many days a full error budget for `days` lasts, if this share of
#   the requests fails all the time and `objective` (as 0.999) is promised. If nothing fails it lasts for ever:
#   `float("inf")`.
#
# - `keeps(availability, promise)`: whether a service with this availability keeps the promise (`True` or `False`); one
#   that is exactly as good as promised does.
# - `instances(rate, load)`: how many instances `rate` requests a second take, if each carries `load`. A whole number.
#
# Then read a board: 1,250 requests a second on 8 instances, uptime 99.95 % over 30 days. Put the minutes of that uptime
# into `down`, whether it keeps promises of 99.9 % and of 99.99 % into `keeps_999` and `keeps_9999`, the requests a second
# on each instance into `each`, and the instances that 10,000 a second would take at this load into `needed`.

# %% tags=["question:service_monitoring.budget"]
### BEGIN SOLUTION
from math import ceil


def minutes_down(availability, days=30):
    return (1 - availability) * days * 24 * 60


def days_left(error_share, objective, days=30):
    return days * (1 - objective) / error_share if error_share else float("inf")


def keeps(availability, promise):
    return availability >= promise


def instances(rate, load):
    return ceil(rate / load)


down = minutes_down(0.9995)
keeps_999 = keeps(0.9995, 0.999)
keeps_9999 = keeps(0.9995, 0.9999)
each = 1250 / 8
needed = instances(10_000, each)
### END SOLUTION

# %%
check("service_monitoring.budget")

# %% [markdown]
# ## Question 3 · Who was rung, and when? (4 points)
#
# `watched` has measurements of two hours, one a minute: `p95` in ms, `errors` and `memory` as shares. Where the service
# did not answer there is no measurement: `None`.
#
# Write `alerts(values, limit, minutes)`, which returns a list of `(fired, resolved)`, in order. The condition is a value
# *above* the limit. It is pending from the first minute that meets it, and fires at the first minute at which it has held
# for `minutes` minutes without a break, so that 5 minutes take six measurements in a row. It is resolved at the first
# minute that does not meet it; `None` if it goes on to the end. A missing measurement meets no condition.
#
# Then put everything that rang into `rang`, a list of `(fired, name)` in order of time, for these rules:
#
# | name | condition |
# |---|---|
# | `"slow"` | p95 above 150 for 5 minutes |
# | `"errors"` | errors above 0.01 for 2 minutes |
# | `"memory"` | memory above 0.9 for 10 minutes |

# %%
rng = np.random.default_rng(seed + 1)


def spell(values, start, length, value):
    values[start : start + length] = [value] * length


def with_spells(usual, high, lengths):
    values, start = [round(float(x), 4) for x in rng.normal(usual, 0.04 * usual, 120)], int(rng.integers(2, 8))
    for length in lengths:
        spell(values, start, length, high)
        start += length + int(rng.integers(6, 11))
    return values


watched = {
    "p95": with_spells(95, 171.0, [5, 1, 6, 3, 12]),
    "errors": with_spells(0.0006, 0.03, [2, 3, 1, 7]),
    "memory": with_spells(0.7, 0.93, [10, 4, 14]),
}
spell(watched["p95"], 100, 4, 180.0)
spell(watched["p95"], 104, 1, None)
spell(watched["p95"], 105, 15, 180.0)
spell(watched["memory"], 108, 12, 0.95)


# %% tags=["question:service_monitoring.alerts"]
### BEGIN SOLUTION
def alerts(values, limit, minutes):
    found, since = [], None
    for minute, value in enumerate([*values, None]):
        if value is not None and value > limit:
            since = minute if since is None else since
            continue
        if since is not None and minute - 1 - since >= minutes:
            found.append((since + minutes, None if minute == len(values) else minute))
        since = None
    return found


rules = {"slow": ("p95", 150, 5), "errors": ("errors", 0.01, 2), "memory": ("memory", 0.9, 10)}
rang = sorted(
    (fired, name) for name, (series, limit, minutes) in rules.items() for fired, _ in alerts(watched[series], limit, minutes)
)
### END SOLUTION

# %%
check("service_monitoring.alerts")

# %% [markdown]
# ## Question 4 · The p95 of three copies (3 points)
#
# Three copies of a service report a histogram each: for every bound in `bounds` (in ms) how many requests took *at most*
# that long, so the counts are cumulative. The last bound is infinite.
#
# - `merged(histograms)`: the counts of all copies together.
# - `bucket(bounds, counts, share)`: `(low, high)`, the bounds of the bucket that holds the `share` quantile, which is the
#   first whose count reaches `share` of all. Below the first bound lies 0.
# - `guess(bounds, counts, share)`: the value that Prometheus would show. The requests of a bucket are taken to be spread
#   evenly over it; in the last bucket the value is its lower bound.
#
# - `kept_for_sure(bounds, counts, share, limit)`: `True` if the counts alone prove that the quantile is at most `limit`,
#   whatever the value in the bucket; else `False`.
#
# Put the bucket of the p95 of all requests into `p95_bucket`, the value that a dashboard shows into `p95_shown`, and
# whether the promise "p95 at most 100 ms" is kept for sure into `kept`.

# %%
rng = np.random.default_rng(seed + 2)
bounds = [10, 20, 50, 100, 200, 500, float("inf")]
quick, usual = rng.lognormal(2.7, 0.4, 900), rng.lognormal(3.0, 0.5, 700)
stuck = rng.uniform(110, 190, 240)
copies = [[int((values <= bound).sum()) for bound in bounds] for values in (quick, usual, stuck)]


# %% tags=["question:service_monitoring.buckets"]
### BEGIN SOLUTION
def merged(histograms):
    return [sum(counts) for counts in zip(*histograms, strict=True)]


def place_of(counts, share):
    return next(place for place, count in enumerate(counts) if count >= share * counts[-1])


def bucket(bounds, counts, share):
    place = place_of(counts, share)
    return (bounds[place - 1] if place else 0, bounds[place])


def guess(bounds, counts, share):
    place, (low, high) = place_of(counts, share), bucket(bounds, counts, share)
    if high == float("inf"):
        return low
    before = counts[place - 1] if place else 0
    return low + (high - low) * (share * counts[-1] - before) / (counts[place] - before)


def kept_for_sure(bounds, counts, share, limit):
    return bucket(bounds, counts, share)[1] <= limit


together = merged(copies)
p95_bucket = bucket(bounds, together, 0.95)
p95_shown = guess(bounds, together, 0.95)
kept = kept_for_sure(bounds, together, 0.95, 100)
### END SOLUTION

# %%
check("service_monitoring.buckets")

# %% [markdown]
# ## Question 5 · The minute in which the log changed (4 points)
#
# `lines` is the log of a scoring service, four hours of `(minute, message)`. The first two hours are healthy.
#
# - `template(message)` puts `<n>` in place of every run of digits: `"read 12 rows in 41.7 ms"` becomes
#   `"read <n> rows in <n>.<n> ms"`.
# - `anomaly(lines, learn)` returns `(minute, template)` of the first anomaly, or `None`. For each template take its mean
#   per minute in the minutes before `learn`; for one that never came there, take `0.5 / learn`. A minute from `learn` on
#   is anomalous if, with that mean, a Poisson count would be **as large or larger** with a chance below one in a million.
#   If a minute has two such templates, the less likely one counts.
#
# Put the answer for the supplied log into `found`, with `learn=120`.

# %%
rng = np.random.default_rng(seed + 3)
often = {"scored request %d in %d.%d ms": 9, "cache hit for client %d": 5, "flushed %d entries": 1, "slow read: %d ms": 0.06}
hit = int(rng.integers(150, 220))
lines = []
for minute in range(240):
    for message, mean in often.items():
        count = rng.poisson(mean) + (7 if minute == hit and "slow" in message else 0)
        for _ in range(count):
            lines.append((minute, message % tuple(rng.integers(1, 9999, message.count("%")).tolist())))
lines += [(130, "certificate expires in 30 days"), (140, "certificate expires in 30 days")]

# %% tags=["question:service_monitoring.log"]
### BEGIN SOLUTION
import re
from collections import Counter

from scipy.stats import poisson


def template(message):
    return re.sub(r"\d+", "<n>", message)


def anomaly(lines, learn):
    known, later = Counter(), Counter()
    for minute, message in lines:
        if minute < learn:
            known[template(message)] += 1
        else:
            later[minute, template(message)] += 1
    suspects = []
    for (minute, name), count in later.items():
        mean = (known[name] or 0.5) / learn
        chance = poisson.sf(count - 1, mean)
        if chance < 1e-6:
            suspects.append((minute, chance, name))
    return (min(suspects)[0], min(suspects)[2]) if suspects else None


found = anomaly(lines, 120)
### END SOLUTION

# %%
check("service_monitoring.log")

# %% [markdown]
# ## Question 6 · Right by noon (4 points)
#
# A pipeline's morning, in minutes of the day (08:00 is 480). Files are due every 30 minutes from 06:00 to 08:00; the one
# at `lost` never came in a sound state, nor did those after it. Ingestion is tried at 08:00 and then again and again; it
# succeeds at the first attempt at which the source is mended, and takes 5 minutes.
#
# - `rings(arrivals, limit, checks)`: the first of the minutes `checks` at which the newest file is **more** than `limit`
#   minutes old, or `None`. A file that comes later than a check is not there yet; with no file at all it rings.
# - `retries(start, first, factor, longest, number)`: the minutes of all attempts: `start`, then `number` more. The first
#   wait is `first` minutes, each further one `factor` times the wait before, and none is longer than `longest`.
# - `right_from(ready, steps)`: when the last of the `steps` is finished, each `(scheduled, minutes)`. A step begins as
#   scheduled, or when the one before it (the first: `ready`) is finished, whichever is later. With `ready` `None` it is
#   `None`.
#
# - `latest_repair(plan, minutes, steps, wanted)`: the latest minute at which the source may be mended, so that the last of
#   the `steps` is finished by the minute `wanted`; ingestion takes `minutes`, and `plan` has the five arguments of
#   `retries` by name. `None` if there is no such minute.
#
# (`checks` ends at 08:05: a newest file that is old says nothing in the hours in which none is due.) Last, `latest`: the
# latest repair for the supplied `plan` and `steps` and ingestion's 5 minutes, with the dashboard wanted at 12:00.

# %%
rng = np.random.default_rng(seed + 4)
lost = 360 + 30 * int(rng.integers(2, 5))
arrivals = list(range(360, lost, 30))
checks = list(range(360, 490, 5))
plan = {"start": 480, "first": int(rng.integers(3, 8)), "factor": 2, "longest": int(rng.choice([20, 30, 40])), "number": 12}
steps = [(600, int(rng.integers(12, 25))), (690, 5)]


# %% tags=["question:service_monitoring.morning"]
### BEGIN SOLUTION
def rings(arrivals, limit, checks):
    for now in checks:
        newest = max((each for each in arrivals if each <= now), default=float("-inf"))
        if now - newest > limit:
            return now
    return None


def retries(start, first, factor, longest, number):
    times, wait = [start], first
    for _ in range(number):
        times.append(times[-1] + min(wait, longest))
        wait = min(wait * factor, longest)
    return times


def right_from(ready, steps):
    for scheduled, minutes in steps:
        ready = None if ready is None else max(scheduled, ready) + minutes
    return ready


def latest_repair(plan, minutes, steps, wanted):
    times = [time for time in retries(**plan) if right_from(time + minutes, steps) <= wanted]
    return max(times, default=None)


latest = latest_repair(plan, 5, steps, 12 * 60)
### END SOLUTION

# %%
check("service_monitoring.morning")

# %%
check.progress()
