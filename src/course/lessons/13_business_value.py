# %% [markdown]
# # 13 · Ground truth and business value
#
# **You will be able to** join decisions to outcomes that come late, say how complete a metric is, put a model's worth in
# money with its range, find the assumption that decides, and write a page that finance reads to the end. **You need**
# lessons 10 and 11. **Time** 50 minutes. **Next** [exercise 13](../exercises/13_business_value.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
seed: int = 13  # random seed of the replay and of the simulations

# %% [markdown]
# ## What did it bring?
#
# The model has been live for a quarter. On one morning three people ask how it is doing, and each of them means something
# else.
#
# | audience | asks | looks at | knows it |
# |---|---|---|---|
# | operations | Is it quick? Does it have the memory and processors it needs? | p95, errors, uptime | at once |
# | data science | Is it still right? Has something moved? | precision, recall, drift | drift at once, truth late |
# | business | Is it worth its money, and does it meet the objective? | net value, return, the charter's KPIs | last |
#
# Operations has lesson 11, drift has lesson 12. This lesson is about the third line, and about the truth that it waits
# for. The business asks four things: was value delivered? Is it more than development, operation and maintenance cost?
# How was that measured? Were the objectives of the charter met? So a business board has three parts: **value** (revenue,
# savings, satisfaction), **cost**, and **each KPI beside its original target**. The same model, told in two languages:
#
# | domain | technical | business |
# |---|---|---|
# | fraud | precision 92 %, recall 88 % | \$2.4M prevented a year; false alarms cost \$50K |
# | churn | accuracy 87 %, F1 0.85 | churn down 15 %; \$1.2M kept |
# | recommendation | click rate 8 % | sales up 20 %; \$15 more an order |
# | maintenance | 95 % of failures found | downtime down 40 %; \$500K of repairs saved |
#
# The middle column is in the log a second after the request. Can the right one be automated as well? Rarely in a simple
# way: most of it needs to know *what happened*, and that comes late, if at all.
#
# ## One payment, three truths
#
# On day 1 a payment looks like fraud, and is blocked. On day 7 the customer shows that it was genuine. On day 30 the
# "customer" turns out to be the fraudster. Was the model right? Write down every event as it comes, and change none:

# %%
from lifecycle.monitor import EventLog

log = EventLog()
log.predicted("P-1", day=1, decision=1, amount=1_500.0)
log.learned("P-1", day=7, label=0, source="the customer's statement")
log.learned("P-1", day=30, label=1, source="dispute lost")
print(f"{len(log)} events")

# %% [markdown]
# A log like this can be asked what was known on *any* day. That is what `reconcile` does: each decision gets the latest
# outcome known by then.

# %%
from lifecycle.monitor import reconcile

for day in (1, 7, 30):
    found = reconcile(log.predictions(), log.outcomes(), as_of=day)
    now = found.standing
    print(f"day {day:>2}: TP {now.tp}, FP {now.fp}, labelled {now.labelled} of 1, corrected {found.corrected}")

# %% [markdown]
# On day 1 nobody knows. On day 7 the board counts a false positive, on day 30 a true one. None of the three boards was
# wrong; each was right *for its day*. So a metric that rests on outcomes has three parts: the value, the day it was
# computed, and its **maturity**, the share of decisions whose outcome is known.
#
# Queues deliver twice, and programs write twice. The first must be harmless; the second must not:

# %%
from lifecycle import show

print("the same outcome again, noted:", log.learned("P-1", day=30, label=1, source="dispute lost"))
with show.error():
    log.predicted("P-1", day=31, decision=0)

# %% [markdown]
# ## Whose outcome is it?
#
# Not every outcome brings the id of the request. Client 7 was scored on day 5 (flagged) and on day 60 (not flagged), and
# stops paying on day 75. A join by client looks natural. What does it do?

# %%
import pandas as pd

scored = pd.DataFrame(
    {"request_id": ["a", "b", "c"], "entity": [7, 7, 8], "day": [5, 60, 61], "decision": [1, 0, 1], "limit": [20, 30, 50]}
)
defaults = pd.DataFrame({"entity": [7, 8, 9], "day": [75, 58, 70]})

# %%
joined = scored.merge(defaults, on="entity", suffixes=("", "_of_default"))
show.table(joined)

# %% [markdown]
# One default became two: it makes the flag of day 5 a hit, although nobody could have meant it seventy days later. And
# client 8 defaulted on day 58, *before* the decision of day 61: a "hit" that predicts the past. Join by id **and time**:
# an outcome belongs to the latest decision before it, and only within the promise of the model (say, 30 days).

# %%
from lifecycle.monitor import match_events

matched = match_events(scored, defaults, within=30)
show.table(matched)

# %% [markdown]
# One outcome found its request. The two others are no dirt to be swept away: client 8 defaulted before anybody asked, and
# client 9 was never scored. Count them, every day; a number that jumps is a broken join.
#
# ## How complete is the truth?
#
# Now the running case. The rows of lesson 11, which no training has seen, are replayed as 90 days of requests. Labels
# come as they do in life: most within two weeks, none after 45 days, and *a 1 takes twice as long as a 0*. Who pays, pays
# on the day; who does not is reminded first.

# %%
from lifecycle import artifacts, develop
from lifecycle.deploy import open_package

case = develop.use_case(use_case)
package = open_package(artifacts.path("07/package.zip", use_case=use_case))
rows = artifacts.read_frame("11/production.parquet", use_case=use_case)

# %%
per_day = 200 if rows[case.target].mean() > 0.05 else 2_000  # what is rare needs more traffic to be seen
print(f"{len(rows):,} rows, {rows[case.target].mean():.2%} positive; {per_day:,} requests a day")

# %%
from lifecycle.monitor import Delay, replay

slow = Delay(median=9, sd=0.5, longest=45, positive_factor=2)
stream = replay(rows, target=case.target, scores="score", days=90, per_day=per_day, delay=slow, seed=seed)
requests = stream.requests.assign(decision=package.decide(stream.requests["score"].to_numpy()))
outcomes = stream.labels

# %% [markdown]
# What would the dashboard have shown, day after day? `maturity_table` asks for us. Watch the precision.

# %%
from lifecycle.monitor import maturity_table

days = [10, 14, 21, 30, 45, 60, 75, 89]
seen = maturity_table(requests, outcomes, days=days)
shares = dict.fromkeys(("maturity", "precision", "low", "high", "recall"), ".1%")
show.table(seen[["day", "predictions", "labelled", *shares]], formats=shares)

# %% [markdown]
# The model did not change by a bit, and neither did its clients. In a replay we may look behind the curtain:

# %%
truth = requests["request_id"].map(stream.truth().set_index("request_id")["label"])
actual = truth[requests["decision"] == 1].mean()
figure, axes = show.figure(height=3.4)
axes.fill_between(
    seen["day"], 100 * seen["least"], 100 * seen["most"], color=show.COLOURS["grey"], alpha=0.3, label="bounds"
)
reach = seen[["low", "high"]].sub(seen["precision"], axis=0).abs().T
axes.errorbar(seen["day"], 100 * seen["precision"], 100 * reach.to_numpy(), marker="o", label="as reported, 95 %")
axes.axhline(100 * actual, color=show.COLOURS["black"], ls="--", lw=1, label="when all is known")
axes.set(xlabel="day of the report", ylabel="precision (%)", ylim=(0, 100), title="One model, the same clients")
legend = axes.legend(frameon=False, fontsize=8)

# %%
wrong = ((seen["low"] > actual) | (seen["high"] < actual)).sum()
print(f"precision when all is known: {actual:.1%}; in the first report: {seen['precision'].iloc[0]:.1%}")
print(f"reports whose 95 % interval misses it: {wrong} of {len(seen)}")

# %% [markdown]
# "We have labels for a tenth, and a tenth is a large sample." It is, but not a *random* one. Quick labels differ from
# slow ones, and here the quick ones are zeros, so precision starts too low. (Where complaints are quick and silence means
# consent, it starts too high.) An interval does not help: it allows for chance, and this is no chance. With many rows it
# is narrow, proud, and wrong. (A rare target leaves it so wide that it is seldom wrong, and seldom of use.) Three honest
# answers:
#
# 1. **Bounds.** Let all missing labels be 0, then all 1. The grey band assumes nothing, and is wide at first.
# 2. **Old cohorts only.** Judge decisions that are 45 days old, because all their labels are in. Right, and 45 days late.
# 3. **Correct.** From old cohorts we know how fast each kind of label comes. If 30 % of a kind are in after two weeks,
#    then one such label stands for 3.3.

# %%
from lifecycle.monitor import nowcast

today = reconcile(requests, outcomes, as_of=75)
print(f"day 75 as reported:    {today.standing.precision}")
print(f"old cohorts only:      {today.older_than(45).standing.precision}")
print(f"corrected for delays:  {nowcast(today, horizon=45).precision}")
print(f"when all is known:     {actual:.3f}")

# %% [markdown]
# The correction uses young decisions too, and so it has more labels than old cohorts have. What it takes for granted:
# delays depend on decision and outcome alone, and are today what they were a quarter ago. When a new collection agency is
# twice as quick, the correction is wrong and does not say so. And a label must stay what it is: our payment P-1 is a 0
# for three weeks and a 1 after, and no weight knows that. Where many labels are corrected, count `corrected`, and trust
# old cohorts alone.
#
# ### The outcome that nobody will ever see
#
# No correction helps where the decision itself prevents the outcome. A blocked payment is never disputed: if it was
# fraud, nothing happened; if it was genuine, some customers call. Here are 1,000 blocked payments, 400 of them fraud:

# %%
import numpy as np

rng = np.random.default_rng(seed)
fraud = np.repeat([True, False], [400, 600])
calls = ~fraud & (rng.random(1_000) < 0.5)
print(f"outcomes that came in: {calls.sum()}; frauds among them: {(calls & fraud).sum()}")

# %% [markdown]
# Every outcome that comes in is a false alarm: "precision 0 %". Count all the silent ones as fraud, and it looks far
# better than it is. The missing fact is a **counterfactual**: what would have happened had the payment passed? There is
# one way to learn it. Let a small share through, drawn by lot, and wait.

# %%
passed = rng.random(1_000) < 0.10
learned = develop.wilson(int(fraud[passed].sum()), int(passed.sum()))
print(f"silence counted as fraud: {1 - calls.mean():.0%}")
print(f"{passed.sum()} payments passed by lot: precision {learned}")
print(f"the truth: {fraud.mean():.0%}; frauds let through for it: {fraud[passed].sum()}")

# %% [markdown]
# That is the price of knowing, and it can be planned: a lot, a limit on the amount, a budget. (Where a decision harms
# people, as a parole does, it takes more than a budget.)
#
# ## A worked case: keep customers
#
# Now the money. A company loses 10,000 customers a year, each worth \$500. The model finds 75 % of them; a call costs
# \$50, and 30 % of those called stay. Development \$100,000, maintenance \$20,000. Before you run the cell: is it a good
# deal?

# %%
from lifecycle.monitor import Campaign

churn = Campaign(
    cases=10_000, recall=0.75, success=0.30, value=500, contact=50, development=100_000, maintenance=20_000
)  # fmt: skip

# %%
print(f"saved {churn.saved:,.0f} customers, worth ${churn.ledger.benefit:,.0f}")
show.table([churn.ledger.costs | {"all costs": churn.ledger.cost}])
print(f"net ${churn.net:,.0f}; return on investment {churn.roi:.0%}")

# %% [markdown]
# 127 % in a year. 2,250 customers saved, \$1,125,000 for \$495,000. (The loss at stake was \$5.0 million, and more than
# three quarters of it still go.) It is on the slide, and somebody applauds. Which number is missing?
#
# ### "127 %"
#
# We paid for 7,500 calls. 7,500 is the number of *real* leavers that were found. So the slide assumes that the model has
# never called anybody who wanted to stay: precision 1. If every second call goes to the wrong customer, there are 15,000
# calls.

# %%
for precision in (1.0, 0.5):
    told = churn.but(precision=precision)
    print(f"precision {precision:.0%}: {told.contacts:,.0f} calls, net ${told.net:,.0f}, ROI {told.roi:.1%}")

# %% [markdown]
# 29 %. And where does it end? We could solve for it by hand; `breaks_even_at` does it for any assumption, and complains
# where there is nothing to find.

# %%
from lifecycle.monitor import breaks_even_at


def net(**changes):
    return churn.but(**changes).net


# %%
print(f"precision at which nothing is left: {breaks_even_at(net, 'precision', low=0.01, high=1):.1%}")
with show.error():
    breaks_even_at(net, "recall", low=0.5, high=1)

# %%
grid = np.linspace(0.2, 1, 81)
figure, axes = show.figure()
for success, style in ((0.2, ":"), (0.3, "-"), (0.4, "--")):
    axes.plot(100 * grid, [100 * churn.but(precision=p, success=success).roi for p in grid], style, label=f"{success:.0%}")
axes.axhline(0, color=show.COLOURS["black"], lw=1)
axes.plot(100, 100 * churn.roi, "o", color=show.COLOURS["vermilion"])
axes.annotate("the slide", (100, 100 * churn.roi), xytext=(-8, 4), textcoords="offset points", ha="right")
axes.set(
    xlabel="precision (%)", ylabel="return on investment (%)", title="The number that was not on the slide", ylim=(-80, 220)
)
legend = axes.legend(title="stay when called", frameon=False)

# %%
for success in (0.2, 0.3, 0.4):
    even = breaks_even_at(lambda p, s=success: net(precision=p, success=s), "p", low=0.1, high=1)
    print(f"{success:.0%} of those called stay: worth it from a precision of {even:.1%} on")

# %% [markdown]
# Anybody who shows you a return without a precision has assumed one.
#
# ### What does it hang on?
#
# Every input is somebody's guess. Move one at a time over a range that you would believe, and leave the rest. With the
# largest swing on top the picture is called a **tornado**.

# %%
from lifecycle.monitor import tornado

ranges = {
    "success": (0.20, 0.40),
    "recall": (0.60, 0.90),
    "value": (400, 600),
    "development": (75_000, 150_000),
    "maintenance": (20_000, 40_000),
}

# %%
swings = tornado(net, ranges)
show.table(swings)

# %%
figure, axes = show.figure(height=2.8)
for place, row in swings.iterrows():
    for at, colour in ((row["at_low"], "orange"), (row["at_high"], "blue")):
        axes.barh(place, (at - churn.net) / 1000, left=churn.net / 1000, color=show.COLOURS[colour], height=0.6)
spans = [
    f"{name}, " + " to ".join(f"{end:.0%}" if end < 1 else f"\\${end:,.0f}" for end in ranges[name])
    for name in swings["assumption"]
]
axes.set_yticks(range(len(swings)), spans)
axes.axvline(0, color=show.COLOURS["black"], lw=1)
axes.invert_yaxis()
axes.set(xlabel="net value ($1,000)", title="Orange: low end of the range. Blue: high end.")
axes.grid(axis="x", color="#E3E7EB")

# %%
for name, values in {"recall": (0.6, 0.75, 0.9), "success": (0.2, 0.3, 0.4)}.items():
    returns = ", ".join(f"{churn.but(**{name: value}).roi:.0%} at {value:.0%}" for value in values)
    print(f"{name}: ROI {returns}")
print(f"success at which nothing is left: {breaks_even_at(net, 'success', low=0, high=1):.1%}")

# %% [markdown]
# The team spent a year on recall. From 60 to 90 % it moves the return from 114 to 137 %. Whether a customer stays, which
# nobody has measured, moves it from 52 to 203 %. And that is no property of the model: it is a matter of the offer, and
# of the person on the phone. So the next \$10,000 should go into a pilot that measures the success rate, and not into the
# model.
#
# ### Scenarios
#
# Assumptions go wrong together. Three sets with a name:

# %%
from lifecycle.monitor import scenario_table

scenarios = {
    "pessimistic": {"recall": 0.6, "success": 0.2, "value": 400, "development": 150_000},
    "base": {},
    "optimistic": {"recall": 0.9, "success": 0.4, "value": 600, "development": 75_000},
}

# %%
measures = {"net": net, "ROI": lambda **changes: churn.but(**changes).roi}
show.table(scenario_table(measures, scenarios), formats={"net": ",.0f", "ROI": ".0%"})

# %% [markdown]
# "Even the pessimistic case is positive." That sentence helps a pitch, and often it should: it says how much has to go
# wrong. But look at what was left out of the pessimism.

# %%
honest = {name: {**changes, "precision": 0.5} for name, changes in scenarios.items()}
show.table(scenario_table(measures, honest), "precision 50 %", formats={"net": ",.0f", "ROI": ".0%"})

# %% [markdown]
# Now the bad case loses \$290,000. A scenario is only as bad as the assumption that nobody thought of moving. And three
# scenarios are no probability either: nobody knows how likely "pessimistic" is. For that we have to say what we believe
# of each number, and draw.
#
# ### All at once
#
# `monte_carlo` draws thousands of worlds. A pilot called 100 customers who were about to leave, and 30 stayed: so
# `Rate(30, 100)`. Of the other numbers we only have people's low, likely and high. Recall and precision pull against each
# other (a lower threshold finds more and errs more), so we draw them with a correlation of -0.6, one more assumption.

# %%
from lifecycle.monitor import Rate, Triangular, monte_carlo

beliefs = {
    "success": Rate(30, 100),
    "recall": Triangular(0.60, 0.75, 0.90),
    "precision": Triangular(0.35, 0.50, 0.80),
    "value": Triangular(400, 500, 600),
}

# %%
pulls = {("recall", "precision"): -0.6}
worlds = monte_carlo(net, beliefs, seed=seed, correlation=pulls)
low, high = worlds.interval(0.9)
print(f"net in thousand dollars: mean {worlds.mean / 1e3:,.0f}; nine in ten between {low / 1e3:,.0f} and {high / 1e3:,.0f}")
print(f"chance of a net above zero: {worlds.chance():.0%}")

# %%
figure, axes = show.figure()
axes.hist(worlds.results / 1000, bins=60, color=show.COLOURS["sky"])
for place, name, colour in ((0, "nothing left", "black"), (churn.net / 1000, "the slide", "vermilion")):
    axes.axvline(place, color=show.COLOURS[colour], lw=1.5)
    axes.annotate(name, (place, 560), xytext=(-4, 0), textcoords="offset points", ha="right", va="top")
axes.set(xlabel="net value ($1,000)", ylabel="worlds", title="10,000 worlds that our beliefs allow")
drivers = worlds.drivers()

# %%
print(f"worlds at least as good as the slide: {worlds.chance(above=churn.net):.1%}")
show.table(drivers, formats={"share": ".0%", "rank_correlation": ".2f"})

# %% [markdown]
# Few worlds are as good as the slide. The average is far below it, not because we are gloomy: the slide took a likely
# value for everything but precision, and for precision the best there is. One best value is enough. And the last column
# says it once more: whether those who are called stay decides, and recall hardly matters. (Its sign is even negative.
# That is no discovery: it comes from the correlation that we put in. With more recall our worlds have less precision.)
#
# What would a larger pilot change? Hardly the mean. It narrows the one belief that decides.

# %%
for kept, called in ((6, 20), (30, 100), (300, 1_000)):
    drawn = monte_carlo(net, {**beliefs, "success": Rate(kept, called)}, seed=seed, correlation=pulls)
    low, high = drawn.interval(0.9)
    between = f"between {low / 1e3:>5,.0f} and {high / 1e3:>5,.0f}"
    print(f"pilot of {called:>5,}: mean {drawn.mean / 1e3:,.0f}, nine in ten {between}, above zero in {drawn.chance():.0%}")

# %% [markdown]
# How large must it be, then? Large enough to tell what we believe (30 % stay) from what we need, and at the honest
# precision that is no longer 13 %. It takes two groups, drawn by lot among the *flagged*: one is called, one is left
# alone.

# %%
from lifecycle.monitor import pilot_size

needed = breaks_even_at(lambda p: net(success=p, precision=0.5), "p", low=0.01, high=1)
print(f"success that pays at precision 50 %: {needed:.1%}")
print(f"flags to call, and as many to leave alone: {pilot_size(0.30, at_least=needed, precision=0.5):,}")
print(f"if we could tell who is leaving: {pilot_size(0.30, at_least=needed):,}")

# %% [markdown]
# A pilot of that size succeeds four times in five, if 30 % is true. Why nine times as many? Every second one of the
# flagged stays whatever we do. They bring noise and no information, and nobody can take them out.
#
# How to *say* all that? To finance, accuracy means nothing and net value does:
#
# | not | but |
# |---|---|
# | "F1 is 0.85" | "it keeps about \$1.2M a year" |
# | "\$1.2M" | "\$1.2M ± \$150K, and an 85 % chance to beat the cost" |
# | "it will bring" | "best, expected and worst case; here is what decides between them" |
# | "it works" | "not always: it varies by segment, it misses rare cases, the past is no guarantee" |
# | "we are sure" | "a pilot of 3,300 calls, and as many left alone, will tell by March" |
#
# ### Would they have stayed anyway?
#
# A leaver of this case has given notice, and 30 % of those called take it back. Do only they? A colleague has taken 2,000
# who had been flagged and *had given notice*: half of them, by lot, were called, the others left alone.

# %%
from lifecycle.monitor import incremental_effect

effect = incremental_effect(300, 1_000, good_without=170, control=1_000)
print(f"took it back after a call: 30 %; without: 17 %; effect {effect}")
calmer = churn.but(anyway=0.17)
print(f"saved {calmer.saved:,.0f} in place of {churn.saved:,.0f}; net {calmer.net:,.0f} dollars, ROI {calmer.roi:.1%}")

# %% [markdown]
# The 127 % are gone. Those 17 % would have stayed without a call, and their \$500 were never at risk. (Count them once.
# Had we called "leaver" only who goes *unless somebody calls*, the 17 % would be wrong flags: they would sit in the
# precision, and `anyway` would be 0. So this experiment is told among those who gave notice.) **Without a control group
# nothing can be attributed**: a good season, a competitor's scandal and a new tariff all look like the model. Keep a few
# percent out by lot, always, not only in the pilot.
#
# ## After the launch
#
# "Why does it cost anything next year? It is finished." Tell finance: like a website, a model needs upkeep after its
# launch, and version one will have flaws; we plan for iterations. A customary figure for maintenance is 15 to 25 % of the
# development cost a year: monitoring, pipelines, retraining, audits, incidents. Is our \$20,000 enough, then?

# %%
print(f"maintenance is {churn.maintenance / churn.development:.0%} of development")
for share in (0.15, 0.25):
    print(f"{share:.0%} of development: ${share * churn.development:,.0f}")
print(f"ROI with one person at 20 % for $40,000: {churn.but(maintenance=40_000).roi:.0%}")

# %% [markdown]
# By the rule of thumb, yes. But staff is usually the largest part: *one* person who looks after it for a fifth of their
# time costs \$30,000 to \$50,000. A percentage of a small development is less than that. Count people, and the base case
# has 118 %. Never offer one figure; offer two plans with their risks:
#
# | plan | pays for | risk |
# |---|---|---|
# | minimum, \$20,000 | alarms, one retraining a year | drift is seen late; nobody stands in for the one who knows |
# | recommended, \$40,000 | a fifth of a person, quarterly retraining, audits | little that money can still avoid |
#
# And the horizon? One year punishes what is paid once. More years flatter whatever is assumed to stay as it is. Here is a
# fifth of the recall lost each year, with the honest precision, and money a year later worth 8 % less:

# %%
longer = churn.but(precision=0.5, maintenance=40_000, years=4, discount=0.08, decay=0.20)
show.table(longer.by_year())
print(f"ROI over four years {longer.roi:.0%}; if nothing decayed {longer.but(decay=0).roi:.0%}")
print(f"ROI over one year   {longer.but(years=1).roi:.0%}")

# %% [markdown]
# ### Two percent better for \$500,000
#
# A vendor offers "2 % more accuracy" for \$500,000. Is it worth it? Accuracy is no money, so first ask: two points of
# *what*? Say, generously, of recall: 75 to 77 %. Then compare with what else the money could do, over the same three
# years, in which recall decays and later money counts less.

# %%
ours = churn.but(precision=0.5, maintenance=40_000, years=3, discount=0.08, decay=0.20)
offers = {
    "vendor: recall + 2 points": (500_000, {"recall": 0.77}),
    "cleaner flags: precision + 5 points": (60_000, {"precision": 0.55}),
    "better offer: success + 3 points": (80_000, {"success": 0.33}),
}

# %%
show.table(
    [
        {"offer": name, "price": price, "gain in three years": round(ours.but(**changes).net - ours.net)}
        | {"left": round(ours.but(**changes).net - ours.net - price)}
        for name, (price, changes) in offers.items()
    ]
)


# %%
def gain(**changes):
    return ours.but(**changes).net - ours.net


print(f"recall that would pay $200,000: {breaks_even_at(gain, 'recall', low=0.75, high=1, target=200_000):.1%}")
with show.error():
    breaks_even_at(gain, "recall", low=0.75, high=1, target=500_000)


# %%
def left(**changes):
    larger = ours.but(**changes)
    return larger.but(recall=0.77).net - larger.net - 500_000


for name, changes in {"as above": {}, "nothing decays, no discount": {"decay": 0, "discount": 0}}.items():
    here = left(cases=200_000, **changes)
    print(f"200,000 leavers a year, {name}: {here:,.0f} dollars left, {'buy' if here > 0 else 'do not buy'}")
print(f"leavers a year from which it pays: {breaks_even_at(left, 'cases', low=10_000, high=1_000_000):,.0f}")

# %% [markdown]
# To us the two points bring a small part of their price. Even a model that found *everybody* would not pay \$500,000. To
# a company with twenty times the customers the answer hangs on the horizon: it is "buy" only for those who forget that
# recall decays. The recipe: turn the gain into money with the cost of each kind of error, set the horizon, look for a
# cheaper way, and compute where it breaks even.
#
# ## The board that says "success"
#
# A fraud team shows its month.
#
# | | value | target | |
# |---|---|---|---|
# | losses prevented | \$200,000 | | |
# | cost of false positives | \$4,000 | | |
# | operation | \$20,000 | | |
# | **net** | **\$176,000** | | |
# | detection | 92 % | > 90 % | met |
# | false-positive rate | 1.8 % | < 2 % | met |
# | answer time | 35 ms | < 50 ms | met |
# | complaints | 45 | < 100 | met |
# | manual review | −60 % | −50 % | met |
#
# "12 months: \$2.1M cumulative, less \$100,000 development: \$2.0M net, ROI 880 %. A success; extend it to other
# products." Every light is green. Take the return first:

# %%
from lifecycle.monitor import Ledger

month = Ledger({"prevented": 200_000}, {"false positives": 4_000, "operation": 20_000})
print(f"a year: ${12 * 200_000:,} prevented, ${12 * 4_000:,} for false positives")
print(f"net ${month.net:,.0f}; over twelve months ${12 * month.net:,.0f}, less development ${12 * month.net - 100_000:,.0f}")

# %%
print(f"over operation alone:          {month.roi(['operation']):.0%}")
print(f"over all costs of the month:   {month.roi():.0%}")
print(f"development over 12 months in: {month.with_costs(development=100_000 / 12).roi():.0%}")

# %% [markdown]
# The first line fits the table at the beginning (\$2.4M; "\$50K" is 48 rounded), and the second the \$2.1M and \$2.0M.
# But the return is 880, 733 or 519 %, from the same money. None of them is a lie; each has something else below the line.
# Ask over *which* costs, and write it beside the number. Then the two rates. In fraud about 17 of 10,000 payments are
# positive. What do a detection rate of 92 % and a false-positive rate of 1.8 % say about the alerts?

# %%
from lifecycle.develop.objectives.feasibility import largest_fpr
from lifecycle.develop.objectives.feasibility import precision as implied_precision

rate = 492 / 284_807
print(f"precision that the board implies: {implied_precision(prevalence=rate, tpr=0.92, fpr=0.018):.1%}")
print(f"FPR that goes with precision 92 %, recall 88 %: {largest_fpr(prevalence=rate, tpr=0.88, precision=0.92):.3%}")

# %% [markdown]
# Eight of a hundred alerts are fraud. The "precision 92 %" in the table at the beginning of this lesson and the "FPR 1.8
# %" on this board cannot describe one system: they are two orders of magnitude apart. And two more questions: 92 % of
# *which* frauds, those that were found later? And prevented against what, without a control group?
#
# ## Our own model in money
#
# Back to the running case. The charter of lesson 01 has the costs, and how many decisions a month there are; the prices
# of a mistake are the use case's, assumed. One assumption is new, and says so: how often does *acting* on a right flag
# really prevent the loss? A threshold chosen by cost (lesson 04) silently took 100 %.

# %%
charter = develop.Charter.from_yaml(artifacts.read_text("01/charter.yaml", use_case=use_case))
targets = charter.objective.targets
success = {"credit": (0.3, 0.5, 0.7), "fraud": (0.8, 0.9, 0.98), "churn": (0.15, 0.3, 0.45)}[use_case]  # assumed

# %%
decisions = targets["infrastructure.decisions"].bound
yearly = 12 * (targets["cost.operations"].bound + targets["cost.training"].bound)
print(f"{decisions:,.0f} decisions a month; {yearly:,.0f} {case.currency} a year to run; acting works in {success[1]:.0%}")

# %%
once = requests.drop_duplicates("entity")
known = reconcile(once, outcomes, as_of=89).older_than(45)
now = known.standing
found = [now.precision, now.recall]
print(f"{now.predictions:,} decisions on as many rows, all at least 45 days old, {now.maturity:.0%} labelled")
print(f"precision {found[0]}\nrecall    {found[1]}")

# %% [markdown]
# Old cohorts only, because this figure goes into a budget. And each row once: a replay draws the same rows again and
# again, and a copy is no new client. Counted as one, it would make every interval narrower than what we know. Are the
# KPIs of the charter met? A promise is surely kept, or surely broken, when the whole interval is on one side.

# %%
for name, share in zip(("precision", "recall"), found, strict=True):
    target = targets[f"performance.{name}"]
    sure = target.met_by(share.low) == target.met_by(share.high)
    print(
        f"{name}: wanted {target}; {'surely' if sure else 'perhaps'} {'kept' if target.met_by(share.estimate) else 'broken'}"
    )

# %% [markdown]
# Now the business case of a year, with what was observed in it. What does a flag cost? A refused loan costs where the
# client was good. An analyst's minutes (fraud) or a voucher (churn) cost for every flag, right or wrong. Upkeep is what
# the charter pays for running it, and a quarter more.

# %%
error = case.cost_false_positive
contact, false_alarm = (0, error) if use_case == "credit" else (error, 0)
upkeep = 1.25 * yearly

# %%
ours = Campaign(
    cases=float(f"{12 * decisions * (now.tp + now.fn) / now.labelled:.3g}"),
    recall=found[1].estimate or 1e-3,
    precision=found[0].estimate or 1e-3,
    success=success[1],
    value=case.cost_false_negative,
    contact=contact,
    false_alarm=false_alarm,
    development=targets["cost.development"].bound,
    maintenance=upkeep,
)
print(f"{ours.cases:,.0f} positive cases a year; net {show.number(ours.net)} {case.currency}, ROI {ours.roi:.0%}")


# %% [markdown]
# And the threshold? It was cut where a flag pays if acting *always* works. With what we believe, a flag has to be surer
# of itself: it pays from the chance on at which p × caught = flag + (1 - p) × false alarm.

# %%
from lifecycle.monitor import Prices

prices = Prices(caught=ours.success * ours.value, false_alarm=false_alarm, flag=contact)
truths = rows[case.target].to_numpy()


def worth(flags):
    return prices.worth(tp=(flags * truths).sum(), fp=(flags * (1 - truths)).sum()) / len(truths)


# %%
recut = (prices.flag + prices.false_alarm) / (prices.caught + prices.false_alarm)
for name, cut in (("as deployed", package.threshold), ("recut", recut)):
    flags = (rows["score"] >= cut).to_numpy().astype(int)
    print(f"{name}: from {cut:.3f} on, {flags.mean():.2%} flagged, {show.number(worth(flags))} {case.currency} a decision")

# %% [markdown]
# The same model, and the second line is what better arithmetic alone brings. (On a few dozen positives it can come out
# lower by chance. And a cut above 1 says that no flag ever pays: the action costs more than it is believed to bring.) To
# move the cut is a release, with its gate; what follows prices what is running.
#
# The net above is one number, and you know by now what it is worth alone. Let everything move that we do not know: the
# rates by what was counted, the success by what was assumed, the prices by a fifth either way.


# %%
def our_net(**changes):
    return ours.but(**changes).net


believed = {
    "recall": Rate(now.tp, now.tp + now.fn),
    "precision": Rate(now.tp, now.tp + now.fp),
    "success": Triangular(*success),
    "value": Triangular(0.8 * ours.value, ours.value, 1.2 * ours.value),
    "contact" if contact else "false_alarm": Triangular(0.8 * error, error, 1.2 * error),
}

# %%
ours_drawn = monte_carlo(our_net, believed, n=4_000, seed=seed)
low, high = ours_drawn.interval(0.9)
print(f"90 % between {show.number(low)} and {show.number(high)} {case.currency}; above zero in {ours_drawn.chance():.0%}")
show.table(ours_drawn.drivers(), formats={"share": ".0%", "rank_correlation": ".2f"})

# %% [markdown]
# Does every segment earn its keep? Cut the decisions into thirds by a column of your choice, and look at what one flag
# brings.

# %%
column = package.features[0]
meaning = next(each.meaning for each in develop.engineered(use_case) if each.name == column)
third = pd.qcut(known.rows[column].rank(method="first"), 3, labels=["low", "middle", "high"])

# %%
segments = {}
for name, part in known.rows[known.rows["decision"] == 1].groupby(third, observed=True):
    tp, fp = (part["label"] == 1).sum(), (part["label"] == 0).sum()
    each = segments[f"{meaning}: {name} third"] = prices.worth(tp=tp, fp=fp) / max(1, tp + fp)
    print(f"{column} {name:<6}: {tp + fp:>5,} labelled flags, {show.number(each)} {case.currency} each")

# %% [markdown]
# Look for one that is far below the others: an average can hide a segment that loses money. (And a small segment shows
# extremes by chance alone; look at its count first.)
#
# ## One incident, three boards
#
# On day 50 a feed falls silent: one column of every request arrives as 0, which is a legal value. Who can see it, and
# when? First find the feed that would cost most. We silence one column after the other, and price the decisions.

# %%
inputs = rows[list(package.features)]
silent = {name: worth(package.decide(package.scores(inputs.assign(**{name: 0.0})))) for name in inputs}
worst = min(silent, key=silent.get)

# %%
usual, middle = worth(package.decide(rows["score"].to_numpy())), np.median(list(silent.values()))
print(f"worth of a decision: {show.number(usual)} {case.currency}; with one silent column {show.number(middle)} (median)")
print(f"with `{worst}` silent: {show.number(silent[worst])}, that is {show.number(usual - silent[worst])} less")
print(f"columns whose silence would even earn something: {sum(value > usual for value in silent.values())} of {len(silent)}")

# %% [markdown]
# A model with many inputs gets along without most of them. Where a silence "earns", it is chance, or the threshold is
# wrong for these prices: then whatever makes the model flag less helps. Now 90 days in which the worst column falls
# silent. `earned` is the worth of a day's decisions, which nobody knows on that day; `booked` is what became known on it,
# and so what finance sees.

# %%
from lifecycle.monitor import Incident, daily_value


def lived_through(incident):
    stream = replay(
        rows, target=case.target, scores=package.scores, features=package.features,
        days=90, per_day=5 * per_day // 2, incident=incident, delay=Delay(longest=30), seed=seed,
    )  # fmt: skip
    flags = package.decide(stream.requests["score"].to_numpy())
    return stream, daily_value(reconcile(stream.requests.assign(decision=flags), stream.labels, as_of=119), prices) / 1000


# %% [markdown]
# Each board has one line and one limit. Operations: p95 at most 100 ms. Data science: the stability of the scores (PSI,
# lesson 12) at most 0.25. Business: a week's mean of what is booked, at least its level in the quiet days 30 to 49 less
# three standard errors. An alarm needs two days in a row.

# %%
from lifecycle.monitor import Board, population_stability_index


def boards_of(stream, value):
    psi = stream.requests.groupby("day")["score"].apply(lambda now: population_stability_index(rows["score"], now))
    p95 = stream.telemetry.groupby("day")["latency_ms"].quantile(0.95)
    week = value[["earned", "booked"]].rolling(7).mean().loc[30:89]
    quiet = value["booked"].loc[30:49]
    floor = quiet.mean() - 3 * quiet.std() / 7**0.5
    money = f"booked (1,000 {case.currency} a day)"
    return [
        Board("Operations", "Is it quick?", "p95 (ms)", p95.loc[30:], 100),
        Board("Data science", "Is it the same?", "PSI of the scores", psi.loc[30:], 0.25),
        Board("Business", "Is it worth it?", money, week["booked"], floor, "below", {"earned": week["earned"]}),
    ]


# %%
from lifecycle.monitor import draw_boards

marks = {f"{worst} falls silent": 50}
boards = boards_of(*lived_through(Incident("silent_null", 50, 1.0, (worst,))))
figure, axes = draw_boards(boards, marks=marks, since=50)

# %%
from lifecycle.monitor import alarm_rows

show.table(alarm_rows(boards, since=50))

# %% [markdown]
# Read it from top to bottom. Operations sees a service in the best of health: quick, no errors, and every answer lacks a
# column. Data science can tell as soon as the scores move, *without a single label*. And finance? What it books after day
# 50 is for weeks the harvest of earlier decisions. Then the loss arrives, and may drown in the ups and downs of a
# business: a few positives more or less move the line as much.
#
# (With `use_case="fraud"` the scores are no great witness. Of a thousand of them 998 were next to nothing and still are,
# so their distribution hardly moves while the two that matter vanish. A board is as good as its measure.)
#
# Who is to watch, then? Two other incidents, the same three boards:

# %%
alarms = [
    {"incident": "a feed falls silent"} | {each["audience"]: each["days after it"] for each in alarm_rows(boards, since=50)}
]
others = {"answers get slow": Incident("latency", 50), "clients change": Incident("concept", 50, 1.0, (worst,))}
for name, incident in others.items():
    seen_by = alarm_rows(boards_of(*lived_through(incident)), since=50)
    alarms.append({"incident": name} | {each["audience"]: each["days after it"] for each in seen_by})
show.table(alarms, "days from the incident to the alarm")
for row in alarms:
    late = {name: days for name, days in row.items() if name != "incident" and days is not None}
    print(f"{row['incident']}: {'first seen by ' + min(late, key=late.get) if late else 'seen by nobody'}")

# %% [markdown]
# Slow answers are the business of operations alone. When clients change and their data do not (concept drift), neither
# speed nor scores can move, and the truth is the only witness: late, or not at all. **Three boards, because each is blind
# where another sees.** And one time axis, or three teams will explain three incidents to each other.
#
# What does the silent feed cost until somebody notices?

# %%
a_day = max(0.0, usual - silent[worst]) * decisions / 30
unseen = {board.audience: (board.alarm(since=50) or 90) - 50 for board in boards[1:]}
for audience, late in unseen.items():
    ending = "found" if late < 40 else "still not found"
    print(f"{audience}: {ending} after {late} day(s), {show.number(late * a_day)} {case.currency} lost at our volume")

# %%
gained = (unseen["Business"] - unseen["Data science"]) * a_day
earlier = "the data" if gained > 0 else "the books"
if gained:
    print(f"{earlier} told it earlier, worth {show.number(abs(gained))} {case.currency}")
else:
    print("no difference in money" if a_day else "no silent column costs anything: here flagging less only helps")

# %% [markdown]
# The difference is what the earlier board is worth, in money, for one such incident. Where it is the data, that is how
# watching for drift pays for itself, and how a budget for it is argued; where it is not, another measure has to be found.
#
# ## A page for finance
#
# Somebody has to write it down for a person who has ten minutes and no interest in F1. `finance_memo` writes the page
# *from the numbers*: nothing in it is typed, so it cannot lag behind them, and with other numbers it gives other advice.

# %%
from lifecycle.monitor import Plan, finance_memo

plans = [
    Plan("minimum", yearly, "alarms, and one retraining a year", "what changes slowly is seen late"),
    Plan("recommended", upkeep, "quarterly retraining, audits, a control group", "little that money can still avoid"),
]
bounds = {
    "success": (success[0], success[2]),
    "recall": (found[1].low, found[1].high),
    "value": (0.8 * ours.value, 1.2 * ours.value),
}

# %%
cases = {
    "worst case": {"success": success[0], "precision": max(found[0].low, 0.01), "value": 0.8 * ours.value},
    "base case": {},
    "best case": {"success": success[2], "precision": found[0].high, "value": 1.2 * ours.value},
}

# %%
so_far = reconcile(requests, outcomes, as_of=89).standing
memo = finance_memo(
    ours, project=charter.objective.goal, currency=case.currency, simulation=ours_drawn, ranges=bounds, scenarios=cases,
    plans=plans, segments=segments, observed=so_far, outage=(unseen["Business"], unseen["Business"] * a_day),
)  # fmt: skip
print(memo)

# %% [markdown]
# Go through it with the eyes of the reader. The decision comes first. Each gain has a range, each range an assumption
# that decides, and the pilot that will test it. Upkeep is in it, with two plans. It says where it varies, how it fails,
# and what we do not know. Its net is reckoned with the plan that it recommends (`finance_memo` refuses another). The
# words precision, recall and accuracy do not occur. What such a page must never do: overpromise, promise soon, leave out
# maintenance, or be written once. Before it comes a pilot, and realism about it. What keeps it honest over the years is
# dull: KPIs in money, truth that is collected and reconciled every day, plain dashboards, automation where it is
# possible, regular reviews and frequent reports, a return that is tracked, and the expected beside the actual.

# %%
forbidden = {"precision", "recall", "accuracy", "auc", "f1", "threshold"}
print(f"{memo.words} words; words of ours: {len(forbidden & {word.strip('.,:;').lower() for word in str(memo).split()})}")

# %% [markdown]
# ## Hand over
#
# Three files: the figures, for whoever has to decide later whether a change pays; the page; and the three boards as a
# page that opens in any browser.

# %%
from lifecycle.monitor import boards_page


def four(number):
    return float(f"{number:.4g}")


precision, recall = ([four(each) for each in share] for share in found)
low, high = ours_drawn.interval(0.9)
handed = {
    "currency": case.currency, "decisions_a_month": decisions, "precision": precision, "recall": recall,
    "maturity": four(so_far.maturity), "net_a_year": four(ours.net),
    "net_90": [four(low), four(high)], "chance_above_zero": four(ours_drawn.chance()), "success_assumed": list(success),
    "caught": prices.caught, "false_alarm": false_alarm, "flag": contact, "alarms": alarms,
}  # fmt: skip

# %%
artifacts.write_json("13/value.json", handed, use_case=use_case)
artifacts.write_text("13/memo.html", memo.to_html(), use_case=use_case)
lead = "A feed falls silent. Who could have seen it, and when?"
artifacts.write_text(
    "13/boards.html",
    boards_page(boards, title="One incident, three boards", lead=lead, marks=marks, since=50),
    use_case=use_case,
)
print("written:", ", ".join(sorted(handed)))

# %% [markdown]
# ## Claims to distrust
#
# | you will hear | what we computed |
# |---|---|
# | "ROI 127 %" | with precision 1; at 50 % it is 29 %, and below 37.3 % it is a loss |
# | "ROI 880 %" | over operation alone; over all costs of the month 733 %, with development 519 % |
# | "detection 92 %, FPR 1.8 %, precision 92 %" | the first two imply 8.1 %; for the third the FPR must be 0.013 % |
# | "\$20K a year will do" | one person at a fifth of their time is \$30-50K: 118 % |
# | "accuracy so far" | on quick labels, which differ; and what is blocked never gets one |
# | "even the pessimistic case is positive" | as long as nobody moves the assumption that was left out |
# | "pessimistic, base, optimistic" | three stories, no probability |
# | "we kept 2,250 customers" | 17 of 30 would have come back by themselves; only a control group can tell |
# | "two percent better" | of what, for how many, for how long, and against which cheaper way? |
#
# ## What you did
#
# - You joined outcomes to decisions by id and time, and kept what did not fit in sight.
# - You reported metrics with their maturity, saw early labels mislead, and corrected for it.
# - You put a model in money with precision, a horizon and a control group, and solved for where nothing is left.
# - You found the assumption that decides, drew worlds instead of telling scenarios, and priced a larger pilot.
# - You showed three audiences one incident, and wrote a page for finance out of numbers alone.

# %%
from workbench import quiz

quiz("13_business_value")

# %% [markdown]
# Now try it yourself: [exercise 13](../exercises/13_business_value.ipynb).
