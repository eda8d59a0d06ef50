# %% [markdown]
# # 15 · Champion, challenger and shadow
#
# **You will be able to** compare two models on the same cases and say how sure the result is, let a candidate answer live
# requests without anybody noticing, find the cases on which two models differ, and write rules of replacement that leave
# no case open. **You need** [lesson 14](14_retraining.ipynb), and the service of [lesson 08](08_live_scoring.ipynb).
# **Time** 50 minutes. **Next** [exercise 15](../exercises/15_shadow.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
seed: int = 15  # random seed of traffic, resampling and simulations

# %% [markdown]
# ## Is 94 more than 92?
#
# Version 2.3 runs; it is the **champion**. Version 2.4 would like to; it is the **challenger**. Somebody puts this table
# into a mail and asks for a yes by noon:
#
# | | v2.3 | v2.4 |
# |---|---|---|
# | accuracy | 92 % | 94 % |
# | precision | 88 % | 90 % |
# | recall | 85 % | 89 % |
# | time for an answer | 50 ms | 45 ms |
#
# Every line is better. What would you ask before you say yes? The first step is dull and must not be left out: both
# versions answer the **same development data, in a locked version**; *all* metrics are computed, not only the ones that
# improved; a wide change in any of them, better or worse, goes to a person; the result is recorded, and somebody approves
# it by name. "Wide" shall be 5 % here.

# %%
from lifecycle import show

old = {"accuracy": 0.92, "precision": 0.88, "recall": 0.85, "ms": 50}
new = {"accuracy": 0.94, "precision": 0.90, "recall": 0.89, "ms": 45}

# %%
from lifecycle.iterate import wide_changes

changes = wide_changes(old, new, wide=0.05)
table = [{"metric": each.metric, "relative change": each.relative, "to a person": each.to_a_person} for each in changes]
show.table(table, formats={"relative change": "+.1%"})

# %% [markdown]
# The speed goes to a person, although it is better. A model that suddenly answers 10 % faster may be a better model, or
# one that lost a few of its trees on the way.
#
# Were both really judged on the same rows? The table itself can be asked. Accuracy, precision and recall together fix the
# share of positives among the rows; if two columns need different shares, they come from different data.

# %%
from lifecycle.iterate import implied_positives

for name, m in {"v2.3": old, "v2.4": new}.items():
    low, high = implied_positives(m["accuracy"], m["precision"], m["recall"])
    print(f"{name}: between {low:.1%} and {high:.1%} of the rows are positive")

# %% [markdown]
# (All three are rounded: 92 % may be anything from 91.5 to 92.5, hence two limits.) Had the ranges nothing in common, you
# need not read on. They overlap, so the same rows are *possible*. That does not show that they were the same; ask.
#
# ## Which cases can tell them apart?
#
# The mail does not say how many rows there were. Suppose 1,000: the champion is right on 920 and the challenger on 940.
# Twenty more. Luck? It depends on something that the table does not show. Look at both models *case by case*: on most
# cases both are right or both are wrong, and such a case cannot prefer one of them. What counts is where they part.

# %%
from lifecycle.iterate import mcnemar

close = {"both right": 905, "only v2.3 right": 15, "only v2.4 right": 35, "both wrong": 45}
far = {"both right": 860, "only v2.3 right": 60, "only v2.4 right": 80, "both wrong": 0}

# %%
for name, counts in {"close relatives": close, "strangers": far}.items():
    a, b, c, d = counts.values()
    print(f"{name}: v2.3 right on {a + b}, v2.4 on {a + c}, decided differently: {b + c}, p = {mcnemar(b, c):.4f}")

# %% [markdown]
# Same two accuracies, and p-values of .0066 and .108. If both models were equally good, each case on which they differ
# would be a coin toss between them: 35 heads in 50 tosses is odd, 80 in 140 is not. That is all of **McNemar's test**.
# Exactly, it is a binomial distribution:

# %%
from scipy.stats import binom

for fewer, tosses in ((15, 50), (60, 140)):
    print(f"{fewer} or fewer of {tosses}, either way round: {2 * binom.cdf(fewer, tosses, 0.5):.4f}")

# %% [markdown]
# Other forms of the test exist. *Mid-p* counts what was seen by half and is less cautious; *asymptotic* is the
# chi-squared that textbooks print, too bold when there are few disagreements. Decide before you look.

# %%
methods = ("exact", "mid-p", "asymptotic", "corrected")
rows = [{"only v2.3": b, "only v2.4": c, **{m: mcnemar(b, c, method=m) for m in methods}} for b, c in ((15, 35), (1, 7))]
show.table(rows)

# %% [markdown]
# With one against seven the asymptotic form says .034, "significant", and the exact one .070. Eight coin tosses prove
# little.
#
# ### How far can two models be apart?
#
# Two yes-or-no decisions that differ cannot both be wrong: exactly one is right. So disagreement and gain fix the split.
# Suppose that v2.4 gains 2 points while the two agree on 95 % of the cases:

# %%
from lifecycle.iterate import split_of

only_new, only_old = split_of(0.02, disagreement=0.05)
print(f"only the new one is right: {only_new:.1%}; only the old one: {only_old:.1%}")
with show.error():
    split_of(0.02, disagreement=0.01)

# %% [markdown]
# 3.5 % and 1.5 %. Read the first figure as a promise and the second as a bill: for one and a half cases in a hundred, the
# new model is *worse*, and these people will call. The error is useful too. A report with "2 points better, 99 %
# agreement" is impossible, whoever signed it.
#
# ### How many cases does a proof take?
#
# Pairing is worth a lot, because what both models find hard, or easy, drops out. Here is what it takes to see 92 → 94
# with a chance of 80 %, at 5 %: on the same cases, and with two groups of cases, each judged by one model.

# %%
from lifecycle.iterate import paired_sample_size, sample_size

paired = paired_sample_size(0.02, disagreement=0.05)
per_arm = sample_size(0.92, 0.02, variance="unpooled")
print(f"paired (McNemar, asymptotic): {paired:,} labelled cases")
print(f"unpaired (two rates): {per_arm:,} for each model, {2 * per_arm:,} in all")

# %% [markdown]
# 979 against 2,551 for each of two arms. "A shadow needs no statistics", you will read, because both models see every
# request. It needs *less* statistics. Try it: draw 979 cases a thousand times from a world in which the gain is real, and
# a thousand times from one in which there is none.

# %%
import numpy as np

rng = np.random.default_rng(seed)
found = {}
for gain in (0.02, 0.0):
    only_new, only_old = split_of(gain, disagreement=0.05)
    worlds = rng.multinomial(paired, [only_old, only_new, 1 - only_old - only_new], size=1000)
    for method in ("mid-p", "exact"):
        found[gain, method] = np.mean([mcnemar(b, c, method=method) < 0.05 for b, c, _ in worlds])
    print(f"true gain {gain:.0%}: significant in {found[gain, 'mid-p']:.0%} (mid-p), {found[gain, 'exact']:.0%} (exact)")

# %% [markdown]
# About four in five, and about one in twenty. The formula is that of the asymptotic test, and mid-p keeps its promise. The
# *exact* test, which never calls too much significant, also sees a little less: whoever decides by it adds a few per cent
# of cases. Now the same as a picture: what the *disagreement* does to the price.

# %%
from lifecycle.iterate import paired_power

shares = np.linspace(0.021, 0.13, 60)
figure, axes = show.figure(height=3)
axes.plot(100 * shares, [paired_sample_size(0.02, disagreement=share) for share in shares], label="paired")
axes.axhline(2 * per_arm, color=show.COLOURS["vermilion"], ls="--", label="two groups, in all")
axes.plot(5, paired, "o", color=show.COLOURS["black"])
axes.annotate(f"{paired:,}", (5, paired), (5.4, paired - 500))
axes.set(xlabel="cases that the two models decide differently (%)", ylabel="labelled cases needed", ylim=(0, 5600))
axes.set_title("Seeing 92 → 94 % with a chance of 80 %", loc="left")
legend = axes.legend(frameon=False)

# %%
for share in (0.02, 0.05, 0.13):
    print(f"{share:.0%} decided differently: {paired_sample_size(0.02, disagreement=share):,} cases")
print(f"200 cases would see the gain with a chance of {paired_power(200, gain=0.02, disagreement=0.05):.0%}")

# %% [markdown]
# Close relatives are cheap to compare: a retrained model differs from its parent on few cases. Two models that know
# nothing of each other (13 %) need as many cases as one arm of an A/B test, and still only half of the two.
#
# ## Your two models
#
# The champion is the package of lesson 07, the challenger that of lesson 14. Both score the rows that production has seen
# since.

# %%
from lifecycle import artifacts, develop
from lifecycle.deploy import open_package

champion = open_package(artifacts.path("07/package.zip", use_case=use_case))
challenger = open_package(artifacts.path("14/challenger.zip", use_case=use_case))
case, inputs = develop.use_case(use_case), list(champion.features)
rows = artifacts.read_frame("11/production.parquet", use_case=use_case)
rows["old"], rows["new"] = champion.scores(rows[inputs]), challenger.scores(rows[list(challenger.features)])
print(f"{champion.version} and {challenger.version} on {len(rows):,} rows, {rows[case.target].mean():.2%} positive")

# %% [markdown]
# Which of the two ranks better? The AUC, with the limits of a paired comparison:

# %%
from lifecycle.develop import delong_difference


def better_by(part):
    found = delong_difference(part[case.target], part["new"], part["old"])
    sure = "surely better" if found.low > 0 else "surely worse" if found.high < 0 else "these rows do not tell"
    return f"AUC by {found.estimate:+.4f} ({found.low:+.4f} to {found.high:+.4f}): {sure}"


# %%
print(better_by(rows))

# %% [markdown]
# Would you send this line to the mail's author? Think of where the challenger comes from: lesson 14 retrained on *recent*
# rows, and some of these are among them. Its record says up to which row. Take the two parts apart.

# %%
learnt = artifacts.read_json("14/retraining.json", use_case=use_case)["learnt_from"]["production_rows_to"]
print(f"the first {learnt:,} rows, learnt by the challenger:", better_by(rows[:learnt]))
print(f"the other {len(rows) - learnt:,}, new to both models:", better_by(rows[learnt:]))
rows = rows[learnt:].reset_index(drop=True)

# %% [markdown]
# The first rows are an exam whose answers one candidate had: whatever the first line says, it does not count. A comparison
# is only fair on what *neither* has seen. From here on we keep to the others.
#
# Now the decisions. Every metric follows from eight counts (truth, champion, challenger), so a bootstrap that draws rows
# with replacement only needs to draw eight numbers:

# %%
from lifecycle.iterate import paired_decisions

truth = rows[case.target].to_numpy()
flags = {"old": champion.decide(rows["old"].to_numpy()), "new": challenger.decide(rows["new"].to_numpy())}
both = paired_decisions(truth, flags["old"], flags["new"])

# %%
print(f"agreement {both.agreement:.1%}")
print(f"only the champion is right: {both.champion_only}; only the challenger: {both.challenger_only}")
print(f"McNemar, exact: p = {show.number(both.p_value(method='exact'))}")

# %%
metrics = ("accuracy", "precision", "recall", "false_positive_rate", "flag_rate")
table = [{"metric": name, **both.change(name, seed=seed)._asdict()} for name in metrics]
costs = (case.cost_false_positive, case.cost_false_negative)
table.append({"metric": f"cost of a case ({case.currency})", **both.change("cost", costs=costs, seed=seed)._asdict()})
show.table(table)

# %% [markdown]
# Look at the columns `low` and `high` first. Where they have different signs, or are missing, the rows cannot tell which
# model is better at this. A missing limit is an honest one: with `use_case="fraud"` the two differ on a handful of cases,
# and resampling a handful gives limits that look sure and are not. The exact test of above has no such trouble. How many
# labelled cases would this pair need to show a gain of one point in accuracy?

# %%
apart = 1 - both.agreement
if apart > 0.01:
    print(f"{paired_sample_size(0.01, disagreement=apart):,} cases (asymptotic); there are {both.n:,}")
else:
    print(f"they differ on {apart:.2%} of the cases, so a gain of one point is impossible")

# %% [markdown]
# ## The lab is not the service
#
# | | scoring environment | retraining environment |
# |---|---|---|
# | wants | low latency, high throughput, nothing superfluous | fast, flexible, GPUs, freedom |
# | changes | by release only | whenever somebody tries something |
# | experiments | none | all |
#
# Large firms keep the two apart, with good reason: one must not fall over because somebody tries a new library in the
# other. The price: an evaluation in the lab may not carry over. Other versions, other hardware, another code path. What
# does our package ask for, and is the lab's engine the service's engine?

# %%
import json

environment = json.loads(challenger.files["environment.json"])
print("to score:", ", ".join(environment["scoring"]))
print("made with, and not needed to score:", ", ".join(sorted(set(environment["made_with"]) - set(environment["scoring"]))))

# %%
lab = challenger.scorer("xgboost").scores(challenger.guard(rows[list(challenger.features)]))
differing = (challenger.decide(lab) != flags["new"]).sum()
print(f"decisions that differ between the lab's engine and the service's: {differing}")

# %% [markdown]
# The trees are the same and no decision differs, this time. Nobody can promise it for next time, nor for real requests at
# real load. Which is why the proof is moved out of the lab.
#
# ## A shadow
#
# In a **shadow** run, champion and challenger both get *every* request. Only the champion answers. Both answers are
# logged as a pair, and what the challenger says is seen by nobody but you. No user is at risk from a wrong prediction,
# the data are real, the comparison is paired, and those who have to sign see the candidate at work for a week before it
# counts.
#
# `Shadow` is such a mirror, an application in front of two services. We start both models as real services, put the
# mirror before them, and send it a week of traffic; callers only know the mirror's address. (The week is drawn from the very
# rows that we judged above. So it shows how a shadow works; a second, independent proof it is not. Yours will be one.)

# %%
import tempfile
from pathlib import Path

from lifecycle.deploy import create_app, serving
from lifecycle.iterate import Shadow, read_pairs
from lifecycle.monitor import Delay, replay

folder = tempfile.TemporaryDirectory()
late = Delay(median=12, positive_factor=1.5)  # days until a label is known; bad news takes longer
week = replay(rows, target=case.target, scores="old", features=inputs, days=7, per_day=300, delay=late, seed=seed)
apps = [create_app(each, reasons=False) for each in (champion, challenger)]

# %%
import httpx

with serving(apps[0]) as old_service, serving(apps[1]) as new_service:
    shadow = Shadow(old_service.url, new_service.url, log=Path(folder.name) / "pairs.sqlite", drain=30)
    with serving(shadow, timeout=60) as front, httpx.Client(base_url=front.url, timeout=30) as caller:
        for day in range(7):
            sent = {"rows": week.day(day)[inputs].to_dict("records"), "request_id": f"day-{day}"}
            answer = caller.post("/score/batch", json=sent).json()
counts = shadow.counts
print("callers heard from:", answer["model"]["version"])
print(f"requests {counts.requests}, copied {counts.copied}, dropped {counts.dropped}, failed {counts.failed}")

# %% [markdown]
# Seven requests of 300 rows each, seven copies, nothing dropped, nothing failed. The callers heard from the champion, and
# from nobody else. The log has a line for each row:

# %%
pairs = read_pairs(Path(folder.name) / "pairs.sqlite").sort_values(["request_id", "row"], ignore_index=True)
seen = week.requests[inputs].reset_index(drop=True)
seen["old"], seen["new"] = pairs["champion_probability"], pairs["challenger_probability"]
columns = ["request_id", "row", "fate", "champion_prediction", "challenger_prediction"]
show.table(pairs[columns].head(4))

# %% [markdown]
# ### What can be said after a week?
#
# How often they agree, at once, because that needs no truth. Whoever came twice that week counts once: two answers about
# one case are not two proofs.

# %%
from lifecycle.develop import wilson
from lifecycle.iterate import agreement

pairs["entity"] = week.requests["entity"].to_numpy()
once = pairs.drop_duplicates("entity")
alike = agreement(once["champion_prediction"].astype(int), once["challenger_prediction"].astype(int))

# %%
print(f"{len(pairs):,} answers about {alike.n:,} cases; decided alike: {wilson(alike.both + alike.neither, alike.n)}")
print(f"flagged by either: {alike.n - alike.neither:,}, of these by both: {alike.overlap:.1%}")
print(f"kappa, agreement beyond chance: {alike.kappa:.3f}")

# %% [markdown]
# Never quote the first figure alone. Where one answer is rare, two models agree nearly always whatever they do: two
# detectors that each flag 20 of 10,000 payments, *no payment in common*, agree on 99.6 %.

# %%
from lifecycle.iterate import Agreement

strangers = Agreement(both=0, champion_only=20, challenger_only=20, neither=9960)
print(f"agreement {strangers.share:.1%}, overlap {strangers.overlap:.0%}, kappa {strangers.kappa:.3f}")

# %% [markdown]
# And the accuracy after seven days? The report of a shadow often looks like this one:
#
# | 7 days, 1,000,000 requests | champion | challenger |
# |---|---|---|
# | accuracy | 92 % | 94 % |
# | mean, p95 | 50, 80 ms | 45, 75 ms |
# | errors | .10 % | .08 % |
# | memory | 2.0 GB | 2.1 GB |
# | agreement | 95 %; differences at edge cases | |
# | verdict | approved | |
#
# Time and errors are in our log, too, one measurement a request (the error rate of both is over the same requests, as a
# champion that fails leaves a pair as well):

# %% tags=["nbval-ignore-output"]
# Not compared: latency differs from machine to machine and from run to run.
from lifecycle.deploy import percentile

by_request = pairs.drop_duplicates("request_id")
for who in ("champion", "challenger"):
    ms, errors = by_request[f"{who}_ms"].tolist(), (by_request[f"{who}_status"] != 200).mean()
    print(f"{who}: mean {np.mean(ms):.0f} ms, p95 {percentile(ms, 0.95):.0f} ms a batch, errors {errors:.2%}")

# %% [markdown]
# (Of seven batches; a real p95 wants thousands.) Most lines of the report can be known after a week. Labels take 7 to 30
# days, so which one cannot?

# %%
answers = pairs.assign(request_id=week.requests["request_id"].to_numpy())
right = {}
for day in (6, 13, 20, 36):
    known = week.known(day).merge(answers, on="request_id").drop_duplicates("entity")
    said = [known["champion_prediction"], known["challenger_prediction"]]
    right[day] = [f"{(each == known['label']).mean():.1%}" for each in said] if len(known) else ["unknown"] * 2
    share = f"{len(known) / alike.n:.1%} of labels known, {known['label'].mean():.1%} of them positive"
    print(f"{day - 6:>2} days after the week: {share}; accuracy {' and '.join(right[day])}")
print(f'"seven-day shadow accuracy": {right[6][0]} and {right[6][1]}; in the end: {right[36][0]} and {right[36][1]}')

# %% [markdown]
# "Seven-day shadow accuracy" rests on the sliver of the first line. And bad news travels slowly: look at the share of
# positives among the labels so far, and at where it ends. The first labels are no random sample. So report agreement and
# latency now, then *wait*; the pairs do not go bad. When the labels are there, they are joined by request.

# %%
judged = paired_decisions(known["label"], known["champion_prediction"], known["challenger_prediction"])
print(f"McNemar, exact: p = {show.number(judged.p_value(method='exact'))}")
show.table([judged.change("accuracy", seed=seed)._asdict()])

# %% [markdown]
# ### Where do they differ?
#
# "At edge cases", said the report. Which edges? A **mismatch browser** answers in two steps: the cases on which the two
# are furthest apart, and what the differing cases have in common. (Apart by their *places* in the two rankings: two models
# may score on different scales.)

# %%
from lifecycle.iterate import mismatches

limits = (champion.threshold, challenger.threshold)
found = mismatches(seen, champion="old", challenger="new", thresholds=limits)
show.table(found.drop_duplicates().head(4).iloc[:, :7], formats={"apart": ".3f"})

# %%
by_new = (found["flagged_by"] == "challenger").sum()
print(f"{len(found)} of {len(seen):,} decided differently; flagged by the challenger alone: {by_new}")

# %%
from lifecycle.iterate import segments

differs = (seen["old"] >= limits[0]) != (seen["new"] >= limits[1])
parts = segments(seen[inputs], differs)
show.table(parts.head(5) if differs.any() else parts.head(2))

# %%
places = seen[["old", "new"]].rank(pct=True)
corner = [(seen[name] < limit).mean() for name, limit in zip(("old", "new"), limits, strict=True)]
near = ((places - corner).abs() < 0.05).all(axis=1)

# %%
figure, axes = show.figure(width=5, height=4)
for who, colour, label in ((~differs, "grey", "alike"), (differs, "vermilion", "differently")):
    axes.plot(100 * places.loc[who, "old"], 100 * places.loc[who, "new"], ".", ms=4, color=show.COLOURS[colour], label=label)
axes.axvline(100 * corner[0], color=show.COLOURS["black"], lw=0.8, label="champion's threshold")
axes.axhline(100 * corner[1], color=show.COLOURS["black"], lw=0.8, ls="--", label="challenger's threshold")
axes.set(xlabel="place in the champion's ranking (%)", ylabel="place in the challenger's ranking (%)")
axes.set_title("How both rank the week's requests", loc="left")
legend = axes.legend(frameon=True, markerscale=2, fontsize=8)

# %%
close_calls = (near & differs).sum()
print(f"decided differently: {differs.sum()}; of these within 5 % of both thresholds, by place: {close_calls}")
print(f"further away from one of them, to be shown to an expert: {differs.sum() - close_calls}")

# %% [markdown]
# Red points near the corner where the two thresholds cross were a toss-up for both models. That is the harmless kind of
# difference. Red points far from it are the ones to show to an expert, one by one.
#
# ## Does anybody wait for the shadow?
#
# A mirror is easy to write. Ask both, return the champion's answer:

# %%
import asyncio

from fastapi import FastAPI, Request, Response

JSON = {"content-type": "application/json"}


def naive_mirror(old_url, new_url):
    naive = FastAPI()

    @naive.post("/score")
    async def both_of_them(request: Request):
        body = await request.body()
        async with httpx.AsyncClient(timeout=5, headers=JSON) as client:
            asking = [client.post(f"{url}/score", content=body) for url in (old_url, new_url)]
            first, _second = await asyncio.gather(*asking)
        return Response(first.content, first.status_code, headers=JSON)

    return naive


# %% [markdown]
# It works, on the day on which it is tried. Two things may happen to a challenger: it is slow, or it is gone. Put a
# challenger that takes half a second behind both mirrors, and then an address at which nobody listens. Who waits is told by
# the order of events and not by a clock: had the challenger finished when the caller had its answer?


# %%
class Slow:
    """An application that takes its time."""

    def __init__(self, app, seconds):
        self.app, self.seconds, self.finished = app, seconds, 0

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await asyncio.sleep(self.seconds)
            self.finished += 1
        await self.app(scope, receive, send)


# %%
import time

bodies = [json.dumps({"features": row}) for row in rows[inputs].head(6).to_dict("records")]


def asked(front, challenger):
    waited, statuses, before = [], set(), challenger.finished
    with httpx.Client(base_url=front.url, timeout=30, headers=JSON | {"connection": "close"}) as caller:
        for body in bodies:
            began = time.perf_counter()
            statuses.add(caller.post("/score", content=body).status_code)
            waited.append(1000 * (time.perf_counter() - began))
            if len(waited) == 1:
                first = challenger.finished - before
    return {"status": statuses, "finished before the answer": first, "median ms": float(np.median(waited))}


# %%
results, log, slow = {}, Path(folder.name) / "slow.sqlite", Slow(apps[1], 0.5)
with serving(apps[0]) as old_service, serving(slow) as slow_service:
    for fate, address in {"slow": slow_service.url, "gone": "http://127.0.0.1:9"}.items():
        mirrors = {"naive": naive_mirror(old_service.url, address), "shadow": Shadow(old_service.url, address, log=log)}
        for name, mirror in mirrors.items():
            with serving(mirror, timeout=60) as front:
                results[name, fate] = asked(front, slow)

# %%
for (name, fate), result in results.items():
    waits = "waited for the challenger" if result["finished before the answer"] else "did not wait"
    print(f"{name:>6}, challenger {fate}: status {', '.join(map(str, result['status']))}; callers {waits}")
fates = read_pairs(log)["fate"].value_counts()
print("pairs in the log:", ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())))

# %% tags=["nbval-ignore-output"]
# Not compared: latency differs from machine to machine and from run to run.
show.table([{"mirror": name, "challenger": fate, "median ms": r["median ms"]} for (name, fate), r in results.items()])

# %% [markdown]
# Behind the naive mirror callers wait for the slower of the two, and when the challenger is gone they get status 500: the
# one that nobody should notice has taken the service down. `Shadow` puts the copy into a queue *after* the champion's
# answer has left, and keeps failures as pairs without a second half.
#
# A queue that may grow without end only moves the problem into the memory. So it is bounded, in number and in bytes, and
# when it is full, copies are dropped, counted and logged:

# %%
with serving(apps[0]) as old_service, serving(slow) as slow_service:
    small = Shadow(old_service.url, slow_service.url, waiting=2, workers=1, drain=0.5)
    with serving(small) as front:
        statuses = asked(front, slow)["status"]
counts = small.counts
print(f"callers saw {statuses}; copies dropped: {counts.dropped > 0}")
print("every request either copied or dropped:", counts.copied + counts.dropped == counts.requests)

# %% [markdown]
# Dropped copies are a loss of evidence, and not at random: they are dropped when it is busy. So the count belongs into
# the report.
#
# ### "A shadow carries zero risk"
#
# No *wrong answer* reaches a user, that much is true. But every request is now computed twice. If the challenger shares
# the champion's machine, the load doubles. Here is a worker that is busy 45 % of the time, and the same one with the
# copies in its line (lesson 08's waiting line, computed and not waited for):

# %%
from lifecycle.deploy import waiting_line

arrivals = np.cumsum(np.random.default_rng(seed).exponential(10 / 0.45, 20_000))
for name, copies in {"alone": 1, "with its shadow": 2}.items():
    came = np.repeat(arrivals, copies)
    visits = waiting_line(came.tolist(), [10.0] * len(came), workers=1)
    own = [visit.latency for visit in visits[::copies]]
    print(f"{name}: p95 of the champion's answers {percentile(own, 0.95):.0f} ms")

# %% [markdown]
# The work takes 10 ms in both cases. So the shadow gets machines of its own, or a share of the traffic (`Shadow(...,
# share=0.1)`), and one watches the champion's latency when the shadow is switched on. Not before and after: *while*.
#
# The second risk is the **side effect**. This service sends a letter to each client whom it flags:

# %%
from lifecycle.deploy import in_process


def postal_service(name, letters, *, careful):
    app = FastAPI()

    @app.post("/score")
    async def score(request: Request):
        if not (careful and request.headers.get("x-shadow")):
            letters.append(f"letter from {name}")
        return {"prediction": 1, "probability": 0.9, "request_id": "one"}

    return app


# %%
for careful in (False, True):
    letters = []
    services = [postal_service(name, letters, careful=careful) for name in ("champion", "challenger")]
    in_process(Shadow(*services)).post("/score", json={})
    print(f"challenger looks at the header: {careful}; the client gets {len(letters)} letter(s)")

# %% [markdown]
# `Shadow` marks each copy with `x-shadow: 1`; whoever acts on a prediction has to look. (A caller's own `x-shadow` is taken
# away, or anybody could switch the letters off.) Better still, do not let a service act: let it answer, and have somebody
# else post the letters. The third risk is **what the copy carries**: a real request comes with passwords and cookies, and
# the candidate is less well guarded than the champion. So the copy goes without `authorization` and `cookie`.
#
# ## Shadow or A/B test?
#
# | | shadow | A/B test (lesson 16) |
# |---|---|---|
# | risk to users | none visible | low |
# | one request goes to | both | one of them |
# | compares | predictions, paired | outcomes |
# | takes | days | weeks |
# | answers questions that are | technical | of the business |
# | stakeholders get | a preview | a business metric |
# | statistics | needed, paired; often waived, wrongly | essential, unpaired |
#
# A shadow is the first choice for a proof, and the A/B test comes second, for what a shadow cannot answer. The usual
# path: a week of shadow → two weeks of A/B test, from 10 % of the users up to 50 % → everybody, and keep watching.
#
# ### Where a shadow fails
#
# **When the answer causes work.** Investigators look into flagged cases, and there are only so many of them. Two models
# flag different cases, and to compare them somebody has to look into *both* lists. Each model may flag 5 % of our rows:

# %%
k = len(rows) // 20
top = {name: set(rows[name].nlargest(k).index) for name in ("old", "new")}
either = top["old"] | top["new"]

# %%
print(f"each flags {k}; both lists together: {len(either)}, that is {len(either) / k - 1:+.0%} of work")
flagged = [[int(row in top[name]) for row in rows.index] for name in ("old", "new")]
print(f"as `extra_work`: {agreement(*flagged).extra_work:+.0%}")

# %% [markdown]
# Relatives overlap; two strangers would double the work. And if the second list is *not* looked into? Then only the
# champion's cases get a label, and everything that the challenger alone found counts as nothing:

# %%
y = set(np.flatnonzero(truth == 1))
for name, looked_into in {"everything": set(rows.index), "the champion's list only": top["old"]}.items():
    hits = {model: len(listed & y & looked_into) for model, listed in top.items()}
    print(f"looked into {name}: the champion's list has {hits['old']} hits, the challenger's {hits['new']}")

# %% [markdown]
# With labels from the champion's list alone, no challenger can ever win: each of its hits is, at best, one of the
# champion's. In such a case give the challenger a small share of the cases for its own: an A/B test.
#
# **When the target is indirect.** A model chooses which offer a visitor sees, and is judged by the purchase. One visitor
# sees one page, the champion's, and reacts once. What they would have done with the challenger's page cannot be logged by
# any mirror. Again: an A/B test.
#
# ## Who decides?
#
# After shadow and labels somebody decides. Teams write down rules for that, before the figures are known, so that the
# clear cases need no meeting:
#
# | | automatic | manual | reject |
# |---|---|---|---|
# | gain | > 1 pp | > 5 pp | |
# | accuracy falls by | < 0.5 pp | > 0.5 pp | > 2 pp |
# | latency rises by | < 10 % | > 10 % | |
# | distribution shifts by | < 5 % | > 5 % | |
# | other | | | a critical failure; compliance fails |
#
# (Gain and fall in percentage points. "Shift" is a word and no measure until somebody defines it; we take the largest
# difference between the two models' distributions of scores, the Kolmogorov-Smirnov distance of lesson 12.)
#
# Good rules? Try two cases: a gain of 6 points, and a gain of half a point; everything else is fine.

# %%
from lifecycle.iterate import REPLACEMENT, read_rules

book = read_rules(REPLACEMENT)
fine = {"accuracy_fall": 0, "latency_rise": 0.05, "shift": 0.02, "critical_failures": 0, "compliant": True}
for gain in (0.06, 0.005):
    print(f"gain {gain:.1%}: {' and '.join(book.applying(fine | {'gain': gain})) or 'no answer'}")

# %% [markdown]
# A gain of 6 points is automatic *and* manual; half a point is nothing at all. How many such holes are there? Rules
# compare with bounds, so the space of all evidence falls into finitely many cells: below the first bound, on it, between,
# above, and "not a number". Some cannot occur, and rules do not know that: accuracy does not gain and fall at once, and no
# count is below zero. `coverage` asks about every other one:

# %%
from lifecycle.iterate import coverage


def occurs(e):
    return not (e["gain"] > 0 and e["accuracy_fall"] > 0) and not e["critical_failures"] < 0


# %%
seen_cells = coverage(book, possible=occurs)
for answers_given, cells_found in seen_cells.answers.items():
    print(f"number of answers {answers_given}: {cells_found:>5,} kinds of evidence")
print("a gap:", ", ".join(f"{name} {show.number(value)}" for name, value in seen_cells.gap.items()))

# %% [markdown]
# The gap is the most harmless evidence of all: a model that changes nothing. (Nor is a *fall of exactly half a point*
# anywhere, being neither below nor above.) Two lines mend all of it: an order, **reject before manual before
# automatic**, and a **default, manual**. What is doubtful goes to a person. So it stands in the file, in which
# *automatic* also asks for what the table only rejects: no critical failure, and compliance.

# %%
print(REPLACEMENT)

# %%
cases = {
    "gain 6 pp, latency +5 %, shift 2 %": fine | {"gain": 0.06},
    "gain 0.5 pp, all fine": fine | {"gain": 0.005},
    "fall 3 pp": fine | {"gain": 0, "accuracy_fall": 0.03},
    "gain 2 pp, shift 3 %, latency +4 %": fine | {"gain": 0.02, "shift": 0.03, "latency_rise": 0.04},
    "the same, latency not measured": fine | {"gain": 0.02, "shift": 0.03, "latency_rise": float("nan")},
}
rulings = {name: book.decide(each) for name, each in cases.items()}
show.table([{"evidence": name, "ruling": r.outcome, "because": r.reasons[0]} for name, r in rulings.items()])

# %% [markdown]
# Manual, manual, reject, automatic. The last line is the one to remember: a latency that nobody measured is not a good
# latency. (`nan > 0.10` is false, and so is `nan < 0.10`: a rule that asks for what is *bad* would have let it pass.)
# With order and default every kind of evidence has one answer:

# %%
total = sum(seen_cells.outcomes.values())
print(", ".join(f"{outcome} {count:,}" for outcome, count in sorted(seen_cells.outcomes.items())), f"of {total:,}")
print("kinds of evidence that need no person:", seen_cells.outcomes["automatic"])

# %% [markdown]
# Two kinds: all is well and the gain lies between 1 and 5 points, or exactly on 5. A picture of a slice through that
# space, along accuracy and latency:

# %%
from matplotlib.colors import ListedColormap

gains, rises = np.linspace(-0.04, 0.08, 61), np.linspace(-0.05, 0.2, 51)
outcomes = ["reject", "manual", "automatic"]
grid = [
    [outcomes.index(book.decide(fine | {"gain": g, "accuracy_fall": max(0, -g), "latency_rise": r}).outcome) for g in gains]
    for r in rises
]

# %%
figure, axes = show.figure(width=6.4, height=3)
colours = ListedColormap([show.COLOURS[name] for name in ("vermilion", "yellow", "green")])
axes.imshow(grid, origin="lower", aspect="auto", extent=(-4.1, 8.1, -5.25, 20.25), cmap=colours, vmin=0, vmax=2, alpha=0.75)
for text, at in {"reject": (-3.6, 7), "manual": (-1.2, 15), "automatic": (1.6, 1)}.items():
    axes.text(*at, text)
axes.set(xlabel="change in accuracy (pp)", ylabel="latency rises by (%)", title="What the rules say, all else fine")
axes.grid(visible=False)

# %%
flat = np.ravel(grid)
print(", ".join(f"{name} {np.mean(flat == code):.0%}" for code, name in enumerate(outcomes)), "of this picture")

# %% [markdown]
# The green field is small, and that is how it should be. A file of rules has traps of its own, each of them quickly made:

# %%
faulty = {
    "no unit": ("gain > 1 pp", "gain > 0.01"),
    "two units for one measure": ("accuracy_fall > 2 pp", "accuracy_fall > 2 %"),
    "no default": ("default: manual\n", ""),
    "a name that is no outcome": ("default: manual", "default: approve"),
}
for right, wrong in faulty.values():
    with show.error(lines=1):
        read_rules(REPLACEMENT.replace(right, wrong))

# %% [markdown]
# The fifth trap is *time*: a latency of whom, over how long? Five good minutes are no week. Nothing new is needed for
# that, since a duration is one more measure with a bound:

# %%
patient = read_rules(REPLACEMENT + "- days_measured >= 7\n")
for days in (2, 7):
    ruling = patient.decide(fine | {"gain": 0.02, "days_measured": days})
    print(f"{days} days: {ruling.outcome}")

# %% [markdown]
# ### What they say about yours
#
# Which gain goes into the rules: the one that was measured, or the one that is sure? A measured gain may be luck, so we
# take the cautious end of its interval; a fall counts as it was measured. And the latency? A laptop on which callers,
# champion and challenger share two processors is no place to measure it. Nobody has looked into compliance either. Both
# are left open, and the rules know what to do.

# %%
from scipy.stats import ks_2samp

change = both.change("accuracy", seed=seed)
evidence = {
    "gain": change.low,
    "accuracy_fall": -change.difference,
    "shift": float(ks_2samp(rows["old"], rows["new"]).statistic),
    "critical_failures": shadow.counts.failed,
}
ruling = book.decide(evidence)
unknown = [name for name in book.measures if not np.isfinite(evidence.get(name, np.nan))]

# %%
print(", ".join(f"{name} {show.number(value)}" for name, value in evidence.items() if np.isfinite(value)))
print(f"unknown: {', '.join(unknown)}")
print(f"{ruling.outcome}, because of: {'; '.join(ruling.reasons)}")

# %% [markdown]
# Not automatic, whatever the figures: something is unknown. That is a result. A person gets the table, the mismatches and
# the interval, and a reason why the machine did not decide.
#
# ## Two changes that are not routine
#
# ### A: five more features
#
# Version 2.5 takes 55 features in place of 50; still boosting, the last six months, 92 → 95 %. "The same development data
# for both" is impossible now: the old table has no such columns. The features have to be **rebuilt** for the past, and
# two accidents happen on the way. The first is **leakage**: a column is computed from what the database holds *today*. We
# add such a column to our rows: `letters_sent`, how many letters were written about a case. Most are written when it has
# happened already.

# %%
from xgboost import XGBClassifier

table = artifacts.read_frame("03/features.parquet", use_case=use_case)
rng = np.random.default_rng(seed)
table["letters_sent"] = rng.binomial(2, np.where(table[case.target] == 1, 0.7, 0.02))
lab = {name: table[table["split"] == name] for name in ("train", "validation")}


def fitted(columns):
    model = XGBClassifier(n_estimators=60, max_depth=3, n_jobs=1, random_state=0)
    return model.fit(lab["train"][columns], lab["train"][case.target])


# %%
wide = [*inputs, "letters_sent"]
narrow_model, wide_model = fitted(inputs), fitted(wide)
today = rows.assign(letters_sent=0)  # none has been written yet when the prediction is due
for where, data in {"in the lab": lab["validation"], "in the service": today}.items():
    chances = [model.predict_proba(data[model.feature_names_in_])[:, 1] for model in (narrow_model, wide_model)]
    a, b = (develop.roc_auc(data[case.target], each) for each in chances)
    print(f"{where}: AUC {a:.3f} with the old features, {b:.3f} with the new one, a change of {b - a:+.3f}")

# %%
suspects = develop.leakage_suspects(lab["train"][[*wide, case.target]], case.target)
print("suspects:", ", ".join(each.column for each in suspects))

# %% [markdown]
# What the lab promises, the service does not keep. The leakage test of lesson 02 names the column in a
# second, which is why it is the *first* step here. (It may name honest columns beside it, where a single one really tells
# that much. It asks; you answer.) A shadow would have shown it as well, since it takes today's values.
#
# The second accident is the **overlap**. The rebuilt features exist for some cases only, and these are not like the
# others. Compare the champion with itself:

# %%
covered = rows[inputs[0]] >= rows[inputs[0]].median()
right = flags["old"] == truth
print(f"the champion on all rows {right.mean():.1%}; where the new features exist, say, {right[covered].mean():.1%}")

# %% [markdown]
# The same model, the same decisions, another figure. Had you set v2.5 on the covered rows against v2.4 on all of them,
# that difference would have been called progress, or hidden one. So: **the same rows, each model with its own features.**
# Such a change is manual; its steps are the leakage test, the comparison on the overlap, an A/B test, and a sign-off.
#
# ### B: a forest becomes a deep network
#
# | | v2.4 | v3.0 |
# |---|---|---|
# | model | random forest | deep network |
# | accuracy | 92 % | 96 % |
# | latency | 50 ms | 100 ms |
# | interpretability | medium | low |
# | hardware | processors | GPU |
#
# Four points are a lot. What do the rules say, and what does "a different pattern of errors" mean for people?

# %%
for reason in book.decide(fine | {"gain": 0.04, "latency_rise": 1.0}).reasons:
    print("manual:", reason)
for name, disagreement in {"at best, no new error": 0.04, "errors unrelated": 0.92 * 0.04 + 0.08 * 0.96}.items():
    better, worse = split_of(0.04, disagreement=disagreement)
    print(f"{name}: {better:.1%} of the cases newly right, {worse:.1%} newly wrong")

# %% [markdown]
# Latency doubles, which breaks the rule of 10 %, whatever the accuracy. And where a model of another kind errs elsewhere,
# 3.7 cases in a hundred are newly *wrong*: clients who were served well yesterday. The table does not say so; the paired
# log does. Four approvals stand before such a change:
#
# | approval | asks |
# |---|---|
# | technical | does it run at this load, with this memory, on which hardware, and what is the way back? |
# | business | are four points worth a second platform, and which clients lose? |
# | compliance | can a refusal still be explained (lesson 06)? is any group worse off? |
# | deployment | gates, shadow, ramp, rollback (lesson 10) |
#
# Before any of them comes an **extensive validation**: accuracy *and* calibration, in every segment and not only on
# average; the cases newly wrong, read one by one; missing and odd inputs; the load of the busiest hour on the new hardware.
# And stakeholders worry, with reason. A week of shadow is what they can look at.
#
# ## Claims to distrust
#
# | you will hear | what we computed |
# |---|---|
# | "a shadow needs no statistics" | it needs less: 979 pairs in place of twice 2,551 |
# | "seven-day shadow accuracy" | few labels are there by then; agreement is what is known |
# | "95 % agreement" | two detectors without a common case agree on 99.6 %: ask for overlap and split |
# | "zero risk" | doubled load, a naive mirror, a second letter, a password in the copy |
# | "the rules cover everything" | without order and default they have gaps and overlaps; list them |
# | "it is better on recent data" | on rows that it was trained on, it would be |
#
# ## Hand over
#
# Lesson 16 tests in public what could be tested in private. It wants to know what was compared, on what, and the ruling.


# %%
def plain(value):
    return round(float(value), 4) if np.isfinite(value) else None  # JSON has no NaN


# %%
record = {
    "champion": {"version": champion.version, "digest": champion.digest},
    "challenger": {"version": challenger.version, "digest": challenger.digest},
    "rows": both.n,
    "counts": list(both.counts),
    "p_value": float(f"{both.p_value():.3g}"),
    "accuracy": {name: plain(value) for name, value in change._asdict().items()},
    "shadow": {"pairs": alike.n, "agreement": round(alike.share, 4), "dropped": shadow.counts.dropped},
    "evidence": {name: plain(value) for name, value in evidence.items()},
    "ruling": {"outcome": ruling.outcome, "reasons": list(ruling.reasons)},
}
artifacts.write_json("15/comparison.json", record, use_case=use_case)
print("written:", ", ".join(record))

# %% [markdown]
# ## What you did
#
# - You compared two models case by case, with McNemar's test, and computed how many cases that takes.
# - You found that a comparison on rows one of them knows is no comparison.
# - You put a mirror before two running services, read the pairs, and separated what is known at once from what is not.
# - You made callers wait with one mirror and not with another, and saw where a shadow costs something after all.
# - You listed the gaps and overlaps of a set of rules, and closed them.

# %%
folder.cleanup()

from workbench import quiz

quiz("15_shadow")

# %% [markdown]
# Now try it yourself: [exercise 15](../exercises/15_shadow.ipynb).
