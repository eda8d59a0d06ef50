# %% [markdown]
# # 12 · Drift
#
# **You will be able to** measure how far data have moved, tell chance from change and change from harm, say which kind of
# shift it is and what to do about it, and estimate a model's performance before any label has come, with the case in
# which that fails. **You need** [lesson 11](11_service_monitoring.ipynb). **Time** 55 minutes. **Next** [exercise
# 12](../exercises/12_drift.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
seed: int = 12  # random seed of samples and streams

# %% [markdown]
# ## What makes a model worse that nobody touched?
#
# A program that adds up invoices does so next year as well. A model is different: it mirrors the data it was trained on,
# and the world goes on without them. One was trained in January 2024 on the behaviour of 2023 and was right in 92 % of
# all cases. In November it was right in 78 %. Not a line of code had changed.

# %%
from lifecycle.monitor import accuracy_loss

loss = accuracy_loss(0.92, 0.78)
print(f"lost: {loss.points:.0f} percentage points, {loss.relative:.0%} of what it could do")

# %% [markdown]
# *What* had changed? Customers grow younger; a season comes that no feature knows; somebody measures something otherwise;
# a recession begins, and the model was fitted before it. These are not the same trouble. Write X for the inputs and y for
# the outcome: then there are four things that can change, and the kinds are named after what changes and what stays.
#
# | kind | changes | stays |
# |---|---|---|
# | covariate shift (data drift) | P(X) | P(y given X) |
# | prior probability shift | P(y) | P(X given y) |
# | concept drift | P(y given X) | perhaps P(X) |
# | both | all of it | nothing: reassess everything |
#
# | | example | response |
# |---|---|---|
# | data drift | mean age falls from 45 to 35 | perhaps still right at each age: reweight, resample, retrain on the new mix |
# | concept drift | after a shock, loyal customers leave | the old rules are void: retrain on new behaviour |
# | both | younger customers, who behave anew | reassess |
#
# A table small enough to compute by hand shows what the words mean. Customers come in three bands of age; `mix` is P(X),
# `chance` is P(left given X). What follows from them is everything else:

# %%
import numpy as np

mix, chance = np.array([0.2, 0.4, 0.4]), np.array([0.4, 0.2, 0.1])  # young, middle, older


def parts(mix, chance):
    left = (mix * chance).sum()
    return {"P(X)": mix, "P(y)": left, "P(y | X)": chance, "P(X | y)": mix * chance / left}


# %% [markdown]
# Now three changes. The covariate shift brings more young people. The prior shift takes those who left and those who
# stayed as they are, and mixes them anew, with twice as many who left. The concept drift gives each band another chance.

# %%
left = (mix * chance).sum()
inside, outside = mix * chance / left, mix * (1 - chance) / (1 - left)  # P(X | left), P(X | stayed)

# %%
doubled = 2 * left * inside + (1 - 2 * left) * outside
worlds = {
    "covariate": parts(np.array([0.5, 0.3, 0.2]), chance),
    "prior": parts(doubled, 2 * left * inside / doubled),
    "concept": parts(mix, np.array([0.2, 0.1, 0.3])),
    "concept, again": parts(mix, np.array([0.6, 0.4, 0.3])),
    "both": parts(np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.1, 0.3])),
}

# %%
from lifecycle import show

rows = []
for kind, world in worlds.items():
    moved = {part: not np.allclose(value, parts(mix, chance)[part]) for part, value in world.items()}
    rows.append({"kind": kind, "young": world["P(X)"][0], "left": world["P(y)"]})
    rows[-1] |= {f"{part} moved": yes for part, yes in moved.items()}

# %%
show.table(rows, caption="Before: 20 % young, 20 % left")

# %% [markdown]
# Read the table twice. First, down the columns of *moved*. The first concept drift leaves P(X) *and* P(y) alone: a
# monitor that looks at inputs, or at the share of those who leave, sees nothing of it. Its chances were chosen to hide
# it; concept drift *again* has others, and as a rule P(y) moves. So count on the column that defines a kind and on no
# other. Second, a claim to distrust: "prior shift leaves the inputs alone". It fixes P(X given y). The inputs themselves
# are the sum of P(X given y) P(y), so they move, unless both classes look the same: here the share of young customers
# rose.
#
# ## How far has it moved?
#
# In 2023, when a model was trained, the mean age of customers was 35, with a standard deviation of 10. In November 2024
# it is 42, with 12. That *is* a change; how large is it? Draw 2,000 customers of each.

# %%
rng = np.random.default_rng(seed)
then, now = rng.normal(35, 10, 2_000), rng.normal(42, 12, 2_000)

# %%
figure, (left_axes, right_axes) = show.figure(columns=2, width=8)
edges = np.quantile(then, np.linspace(0, 1, 11))
edges[[0, -1]] = min(then.min(), now.min()), max(then.max(), now.max())
for ages, name, where in ((then, "2023", -0.2), (now, "2024", 0.2)):
    share = np.histogram(ages, edges)[0] / len(ages)
    left_axes.bar(np.arange(1, 11) + where, share, width=0.4, label=name)
    right_axes.plot(np.sort(ages), np.arange(1, 2_001) / 2_000, label=name)
ages = np.sort(np.concatenate([then, now]))
gaps = np.searchsorted(np.sort(then), ages, "right") - np.searchsorted(np.sort(now), ages, "right")
widest = ages[np.abs(gaps).argmax()]
left_axes.set(xlabel="decile of 2023", xticks=range(1, 11), ylabel="share of customers", title="Shares in ten bins: PSI")
right_axes.set(xlabel="age (years)", ylabel="share up to this age", title="Cumulative curves: KS")
right_axes.vlines(widest, (then <= widest).mean(), (now <= widest).mean(), color="black", lw=2, label="largest gap D")
legends = left_axes.legend(), right_axes.legend()

# %% [markdown]
# Two ways to look, two numbers. On the right: the largest vertical gap between the two curves is the statistic D of
# **Kolmogorov and Smirnov** (KS). On the left: the **population stability index** (PSI) compares shares in bins that were
# cut so that each holds a tenth of the training data. Its formula fits into one line:

# %%
before, after = (np.histogram(ages, edges)[0] / 2_000 for ages in (then, now))
by_hand = ((after - before) * np.log(after / before)).sum()
print(f"PSI by hand: {by_hand:.2f}; the oldest decile alone gives {(after - before)[-1] * np.log(after / before)[-1]:.2f}")

# %%
from lifecycle.monitor import kolmogorov_smirnov, ks_of_normals, population_stability_index, psi_of_normals

test = kolmogorov_smirnov(then, now)

# %%
print(f"sample: D = {test.statistic:.3f}, p {'< .01' if test.p_value < 0.01 else '>= .01'}, ", end="")
print(f"PSI = {population_stability_index(then, now):.3f}")

# %%
exact = ks_of_normals(35, 10, 42, 12), psi_of_normals(35, 10, 42, 12)
print(f"normal curves: D = {exact[0]:.3f}, PSI = {exact[1]:.3f}; the mean moved by {(42 - 35) / 10:.1f} sd")

# %% [markdown]
# For two exact normal curves D is .259 and PSI .400, and the mean has moved by .7 standard deviations. The customary
# bands call both of them *drift*:
#
# | | fine | watch | act |
# |---|---|---|---|
# | KS gap D | below .1 | .1 to .2 | above .2 |
# | PSI | below .1 | .1 to .25 | above .25 |
#
# Before anybody retrains, ask: was there a campaign for older people? Then this is what was paid for, and the question is
# whether the model is any good for them. There are more ways to measure:

# %%
from lifecycle.monitor import chi_squared, jensen_shannon, wasserstein

plans = ["monthly"] * 600 + ["yearly"] * 400, ["monthly"] * 660 + ["yearly"] * 340
unit = then * 365  # somebody sends days

# %%
print(f"chi-squared of two lists of plans: {chi_squared(*plans).statistic:.2f}, effect {chi_squared(*plans).effect:.3f}")
print(f"Jensen-Shannon of the ten shares: {jensen_shannon(before, after):.3f}")
print(f"Wasserstein: {wasserstein(then, now):.1f} years;", f"ages in days: {wasserstein(then, unit):,.0f}")
print(f"KS:          {test.statistic:.2f};      ", f"ages in days: {kolmogorov_smirnov(then, unit).statistic:.2f}")

# %% [markdown]
# | statistic | for | says | blind for |
# |---|---|---|---|
# | KS gap D | numbers | largest difference of shares "up to x" | distance: far away is no more than apart |
# | chi-squared | categories | whether counts could be chance; effect: Cramér's V | order of the categories |
# | PSI | both, in bins | how much shares differ, in two directions | what happens within a bin |
# | Jensen-Shannon | both, in bins | the same from 0 to 1, empty bins allowed | what happens within a bin |
# | Wasserstein | numbers | how far values moved, in their unit | many small moves and one large one look alike |
#
# ## Is a gap of .08 fine?
#
# The dashboard of a churn model, one Monday. Accuracy over seven days fell from 92 to 85 % within two weeks; the share of
# customers who are predicted to leave rose from 30 to 45 %. Under each feature stands D, with the bands applied:

# %%
from lifecycle.monitor import ks_level, ks_p_value

gaps = {"age": 0.08, "tenure": 0.15, "monthly charges": 0.25, "services": 0.06}

# %%
sizes = (500, 5_000)
rows = [
    {"feature": name, "D": gap, "band": ks_level(gap)} | {f"p, {n:,} a side": ks_p_value(gap, n, n) for n in sizes}
    for name, gap in gaps.items()
]
show.table(rows)

# %% [markdown]
# What the team writes down: study the charges, collect the truth, schedule a retraining. But look at the first line. Age,
# with .08, is called stable. With 500 customers a side, p agrees: chance could do that. With 5,000 it is of the order of
# 1e-14. So is the band wrong? At which number of rows does a gap of .08 become "significant"?

# %%
from lifecycle.monitor import least_n_for_ks

for gap in (0.25, 0.08, 0.02):
    print(f"D = {gap}: p < .01 from {least_n_for_ks(gap, level=0.01):,} rows a side on")
nearer = next(n for n in range(600, 900) if ks_p_value(0.08, n, n) < 0.01)
print(f"for .08, by the p-value of the table above: from {nearer}")

# %%
figure, axes = show.figure(width=6.5)
n = np.unique(np.geomspace(50, 100_000, 30).astype(int))
for gap, style in ((0.02, "-"), (0.08, "--"), (0.25, ":")):
    axes.loglog(n, [max(ks_p_value(gap, k, k), 1e-12) for k in n], style, label=f"D = {gap}")
axes.axhline(0.01, color=show.COLOURS["grey"], lw=1)
axes.set(xlabel="rows a side", ylabel="p-value (cut at 1e-12)", title="The same gap, more rows", ylim=(1e-12, 2))
legend = axes.legend()

# %% [markdown]
# From 828 rows on, and even a gap of .02 gets there. (828 is Kolmogorov's law for very many rows. The p-value of the
# table allows for their number and gets there a little sooner.) A p-value answers "could chance alone have done this?",
# and with enough rows the answer is always no, because no two months are exactly alike. It does not answer "is it
# large?". The bands do, but they know nothing of chance. With *few* rows they cry wolf all by themselves. Two samples of
# the same distribution, some hundred times:

# %%
for n in (100, 1_000, 10_000):
    index = [population_stability_index(*rng.normal(size=(2, n))) for _ in range(500 if n < 10_000 else 100)]
    print(f"{n:>6,} rows a side, nothing changed: mean PSI {np.mean(index):.3f}, put on watch (>= .1): ", end="")
    print(f"{np.mean(np.array(index) >= 0.1):.0%}")

# %% [markdown]
# With 100 rows most comparisons of a distribution with itself are put on watch (the mean is about `9 * (1/n + 1/n)`, nine
# being the bins less one). So use both, for what each can do: **judge by the effect, and let p rule out chance.**
#
# ## Thirty features, one Monday
#
# Suppose that nothing at all has changed, that each of 30 features is tested at 1 %, and that the tests are independent.
# How often does the dashboard show an alarm? Under the null hypothesis a p-value is a number drawn from 0 to 1, so 5,000
# Mondays of independent ones are quickly made:

# %%
from lifecycle.monitor import adjust, family_false_alarm

mondays = rng.random((5_000, 30))
print(f"computed:  {family_false_alarm(30, level=0.01):.1%}")
print(f"simulated: {(mondays < 0.01).any(axis=1).mean():.1%}")
print(f"Holm:      {np.mean([(adjust(p, method='holm') < 0.01).any() for p in mondays]):.1%}")

# %% [markdown]
# Every fourth Monday, for nothing. After half a year nobody opens the dashboard. Holm's correction multiplies the
# smallest p-value by 30, the next by 29, and so on: the chance of any false alarm is at most 1 % again (what the
# simulation has beyond that is luck). This holds for features that move together as well; uncorrected, these ring on
# fewer Mondays, and then several at once. (Benjamini and Hochberg's, `method="bh"`, is milder: it bounds the *share* of
# false alarms among the alarms.)
#
# Effect, chance and number of tests, for columns of every type: that is `drift_report`. Here for the model in use, with
# the training rows as the reference and held-out rows as production. The score is a column like any other.

# %%
from lifecycle import artifacts, develop
from lifecycle.deploy import open_package

case = develop.use_case(use_case)
package = open_package(artifacts.path("07/package.zip", use_case=use_case))
features, target = list(package.features), case.target
known = artifacts.read_frame("03/features.parquet", use_case=use_case)
production = artifacts.read_frame("11/production.parquet", use_case=use_case)

# %%
from lifecycle.monitor import drift_report

train = known[known["split"] == "train"].reset_index(drop=True)
train["score"] = package.scores(train[features]).round(6)
watched = [*features, "score"]
quiet = drift_report(train[watched], production[watched])

# %%
show.table(quiet.table()[["column", "level", "KS", "PSI", "p adjusted"]].head(6), caption=f"Table: {quiet.level}")
print(quiet.action.text)

# %% [markdown]
# `quiet.write("report.html")` makes a page of it, with a picture a column. (There are libraries for this, such as
# evidently. This course does without it: its version 0.7 does not import beside pandas 3, and what it computes is what
# you have just seen.) Nothing has happened yet, so this is what *nothing* looks like. In practice production often
# differs from the training rows on its first day, since somebody chose those, and then an alarm against them rings every
# day. So keep two references, the training rows and **a period of production in which all was well**.
#
# ## Which kind is it?
#
# Real production never tells you what happened to it. The replay of this course does, afterwards. It draws days from the
# held-out rows and lets one incident begin on day 28: other clients (covariate), more positives (prior), or the same
# clients who behave otherwise (concept, for half of them). Eight weeks. You can read below which stream is which; the
# monitors get nothing but rows.

# %%
from lifecycle.monitor import Incident, replay

many = production[features].nunique().sort_values(kind="stable").index[-1]
rare = production[target].mean() < 0.02

# %%
incidents = {
    "A": Incident("covariate", 28, 0.8, (many,)),
    "B": Incident("prior", 28, 0.6),
    "C": Incident("concept", 28, 0.8, (many,)),
    "D": None,
}
print(f"the incidents that have a feature take `{many}`")


# %%
shape = {"days": 56, "per_day": 500 if rare else 150, "seed": seed}


def stream_of(incident):
    return replay(production, target=target, scores=package.scores, features=features, incident=incident, **shape)


streams = {name: stream_of(incident) for name, incident in incidents.items()}

# %% [markdown]
# What the inputs say comes first, because it is there first. The first four weeks are the quiet period, the last four are
# in question: worst column, and the score.


# %%
def period(stream, first, last):
    rows = stream.requests.merge(stream.truth(), on="request_id").rename(columns={"label": target})
    return rows[rows["day"].between(first, last)][[*watched, target]].reset_index(drop=True)


before, late = period(streams["D"], 0, 27), {name: period(stream, 28, 55) for name, stream in streams.items()}

# %%
reports = {name: drift_report(before[watched], rows[watched]) for name, rows in late.items()}

# %%
rows = [
    {"stream": name, "level": report.level, "worst column": report.columns[0].column, "its PSI": report.columns[0].psi}
    | {"PSI of the score": report["score"].psi, "advice": report.action.kind}
    for name, report in reports.items()
]

# %%
show.table(rows)

# %% [markdown]
# A stands out. C and D are equal to the last digit, and one of these two is ruining the model. And a report by columns
# has a blind spot of its own: how columns go together. Take the rows of D and shuffle the column that is tied most to
# another. Taken alone, no column has changed. Now ask a **domain classifier**, which tries to tell periods apart from
# whole rows:

# %%
from lifecycle.monitor import domain_classifier

ties = before[features].corr("spearman").abs() - np.eye(len(features))
tied = ties.max().idxmax()

# %%
torn = late["D"][features].assign(**{tied: rng.permutation(late["D"][tied])})
for name, rows in {"D": late["D"], "A": late["A"], f"D, `{tied}` shuffled": torn}.items():
    apart = domain_classifier(before[features], rows[features], rows=1_200, seed=seed)
    worst = drift_report(before[features], rows[features]).columns[0].psi
    print(f"{name}: worst PSI {worst:.3f}; AUC of the classifier {apart.auc:.2f} ({apart.low:.2f} to {apart.high:.2f})")

# %% [markdown]
# An AUC of .5 is a toss of a coin. `drift_report(..., domain=True)` asks it beside the columns. Inputs alone can show
# *that* P(X) moved; the kind needs **labels**. When they have come, each of the four distributions can be asked. P(X):
# can a classifier tell the months apart? P(X given y): can it, within each class? P(y given X): at the same inputs, do
# outcomes differ?

# %%
from lifecycle.monitor import kind_of_shift

evidence = {name: kind_of_shift(before, rows, target=target, features=features) for name, rows in late.items()}

# %%
rows = [
    {"stream": name}
    | {part.part: f"{part.effect:.2f}{'  *' if part.changed else ''}" for part in each.parts}
    | {"kind": each.kind}
    for name, each in evidence.items()
]

# %%
show.table(rows, caption="Effect of each part; * where it counts as changed")

# %% [markdown]
# P(X) and P(X given y) are areas under a ROC curve (.5: the months cannot be told apart) or gaps, P(y) and P(y given X)
# are changes in standard deviations of y. Compare the stars with the definitions at the top, and the kinds with the
# record:

# %%
for name, stream in streams.items():
    print(f"{name}: told {evidence[name].kind:<10} true {stream.incident.kind:<10} -> {evidence[name].action}")
kinds, actions = ({getattr(each, what) for each in evidence.values()} for what in ("kind", "action"))
print(f"{len(kinds)} kinds told, {len(actions)} different actions")

# %% [markdown]
# Where *told* and *true* differ, count the positives: with a few dozen of them nobody can see within a class. The method
# says `none` then, which means "nothing that these rows can show", and its advice, to keep watching, is only as good as
# that. As many kinds, as many actions: that is why the kind matters.
#
# "Reweight" can be done at once, before any label of the new rows. If only P(X) moved, a labelled row of the quiet weeks
# still tells the truth about its like; it only has to count for as many as there are of its like today. A classifier of
# periods, on the columns that the report found, gives these weights:

# %%
from lifecycle.monitor import covariate_weights

correct = package.decide(before["score"].to_numpy()) == before[target]
found = [each.column for each in reports["A"] if each.level != "stable" and each.column in features] or [many]
mix_now = covariate_weights(before[found], late["A"][found], seed=seed)

# %%
then_right, now_right = correct.mean(), (package.decide(late["A"]["score"].to_numpy()) == late["A"][target]).mean()
print(f"right in the quiet weeks: {then_right:.2%}; the same rows, weighted as in A: ", end="")
print(f"{np.average(correct, weights=mix_now.weights):.2%} (worth {mix_now.effective:,.0f} of {len(before):,} rows)")
print(f"right in A, measured when the labels had come: {now_right:.2%}")

# %% [markdown]
# Is the second number nearer to the third than the first is? It had no label from A. (With rare positives all three
# differ by a handful of rows.) The price stands in brackets: the further the mix moves, the fewer of the old rows carry
# the answer. The same weights, given to the rows of a new training, make a model for the new mix.
#
# ## More customers are predicted to leave. So?
#
# Back to the churn dashboard: the share predicted to leave rose from 30 to 45 %. This is **prediction drift**, the
# cheapest thing to watch, since scores are always there. How large is it?

# %%
from lifecycle.monitor import stability_level, stability_of_shares

index = stability_of_shares([0.30, 0.70], [0.45, 0.55])
print(f"PSI of 30 -> 45 %: {index:.3f}, {stability_level(index)}")

# %% [markdown]
# Half as many again, and PSI calls it stable: just under .1. An index of two bins is not an index of ten. And what does
# it mean? Take a model that catches 90 % of those who leave and flags 10 % of those who stay. If churn itself rises from
# 30 to 45 %, and nothing else:


# %%
def flagged(prevalence, tpr, fpr):
    return prevalence * tpr + (1 - prevalence) * fpr


for prevalence in (0.30, 0.45):
    print(f"churn {prevalence:.0%}: flagged {flagged(prevalence, 0.9, 0.1):.0%}")

# %% [markdown]
# From .34 to .46: the share of the flagged is not the churn, and it moves less. Worse, three different stories give the
# same dashboard. Each line of the table ends at the same 46 %:

# %%
stories = [
    ("prior: churn rises to 45 %", 0.45, 0.90, 0.10),
    ("covariate: more clients whom the model is unsure of", 0.30, 0.90, 0.2714),
    ("nobody changed: a new version with a lower threshold", 0.30, 0.95, 0.25),
]

# %%
rows = [{"story": story, "flagged": flagged(p, t, f), "churn": p, "TPR": t, "FPR": f} for story, p, t, f in stories]
show.table(rows, formats={"flagged": ".0%"})

# %% [markdown]
# So prediction drift is a reason to look, and no diagnosis. If you *know* that it is prior shift, you can go back: from
# the scores alone, the new share of positives can be estimated (Saerens and others, 2002), and the chances be corrected
# for it. If you only believe it, look at the other lines:

# %%
from lifecycle.monitor import estimated_prior

calibrated = develop.Calibrator.fit(before[target], before["score"], method="sigmoid")

# %%
quiet_share = float(before[target].mean())
rows = []
for name, period_rows in late.items():
    chances, kind = calibrated(period_rows["score"]), streams[name].incident.kind
    shares = {"true share": period_rows[target].mean(), "mean chance": chances.mean()}
    rows.append({"stream": name, "kind": kind} | shares | {"estimated": estimated_prior(chances, trained=quiet_share).prior})
    off = {each: abs(rows[-1][each] - rows[-1]["true share"]) for each in ("mean chance", "estimated")}
    rows[-1]["nearer"] = min(off, key=off.get)

# %%
percent = dict.fromkeys(["true share", "mean chance", "estimated"], ".2%")
show.table(rows, formats=percent, caption=f"Share of positives; in the quiet weeks {quiet_share:.2%}")

# %% [markdown]
# Hold both guesses against the true share, line by line; the last column says which is nearer. The mean of the chances
# takes P(y given X) for what it was: right in A, wrong in B. The estimate takes P(X given y) for what it was: right in B,
# wrong in A, where it can run away, the further the more the scores have moved. (The chances were calibrated on the quiet
# weeks first; the method magnifies whatever is off in them.) A correction is a claim about the kind of shift.
#
# ## How good is it, before anybody knows?
#
# The outcome of a loan is known after months. Must we wait? A calibrated chance of .3 is a promise: three of ten such
# rows are positive. If the promise is kept, a decision to flag is right with .3, not to flag with .7, and the mean of
# that is the accuracy to be expected, without any label. A row of five, by hand:

# %%
from lifecycle.monitor import estimated_performance

chances = np.array([0.9, 0.6, 0.4, 0.2, 0.1])
right = np.where(chances >= 0.5, chances, 1 - chances)
print("chance that each decision is right:", right, f"-> {right.mean():.2f}")
print(f"the same by the function: {estimated_performance(chances, threshold=0.5).accuracy:.2f}")

# %% [markdown]
# Week by week, for the two streams that matter most: covariate shift and concept drift. The line is the estimate, made on
# the day; the points are what turned out, months later, with 95 % intervals. (The promise itself is checked first: where
# the chances are off already in the quiet weeks, so is the line.)


# %%
import pandas as pd


def weekly(stream):
    rows = stream.requests.merge(stream.truth(), on="request_id").assign(week=lambda frame: frame["day"] // 7)
    for week, one in rows.groupby("week"):
        expected = estimated_performance(one["score"], threshold=package.threshold)
        hits = int((package.decide(one["score"].to_numpy()) == one["label"]).sum())
        measured, low, high = develop.wilson(hits, len(one))
        yield {"week": week, "estimated": expected.accuracy, "measured": measured, "low": low, "high": high}


# %%
tables = {kind: pd.DataFrame(weekly(streams[name])) for name, kind in (("A", "covariate"), ("C", "concept"))}

# %%
figure, panels = show.figure(columns=2, width=8, sharey=True)
for axes, (kind, table) in zip(panels, tables.items(), strict=True):
    axes.plot(table["week"], table["estimated"], color=show.COLOURS["blue"], label="estimated without labels")
    reach = [table["measured"] - table["low"], table["high"] - table["measured"]]
    axes.errorbar(table["week"], table["measured"], reach, fmt="o", color=show.COLOURS["vermilion"], label="measured later")
    axes.axvline(3.5, color=show.COLOURS["grey"], ls="--", lw=1)
    axes.set(xlabel="week", title=f"{kind} from week 4 on")
panels[0].set_ylabel("share of right decisions")
legend = panels[1].legend(fontsize=8)

# %%
rows = []
for kind, table in tables.items():
    for when, weeks in (("weeks 0-3", table[:4]), ("weeks 4-7", table[4:])):
        rows.append({"stream": kind, "period": when} | weeks[["estimated", "measured"]].mean().to_dict())
        rows[-1]["inside the interval"] = f"{weeks['estimated'].between(weeks['low'], weeks['high']).sum()} of 4"

# %%
show.table(rows, formats={"estimated": ".2%", "measured": ".2%"})

# %% [markdown]
# With rare positives accuracy hardly moves whatever happens: most rows are easy. So take recall and precision as well;
# the same sums of chances estimate them. Weeks 4-7 of three streams:

# %%
rows = []
for name in ("A", "C", "D"):
    expected = estimated_performance(late[name]["score"], threshold=package.threshold)
    counted = develop.confusion(late[name][target], package.decide(late[name]["score"].to_numpy()))
    rows.append({"stream": name, "kind": streams[name].incident.kind, "positives": counted.tp + counted.fn})
    for measure in ("accuracy", "recall", "precision"):
        rows[-1] |= {f"{measure}, est.": getattr(expected, measure), measure: getattr(counted, measure)}

# %%
shares_of = {name: ".1%" for name in rows[0] if name not in ("stream", "kind", "positives")}
show.table(rows, formats=shares_of | {"positives": ",d"})
turned_row, calm_row = rows[1:]
lost = {name: turned_row[name] - calm_row[name] for name in ("accuracy", "recall", "precision")}
print("C beside D, in points: measured", ", ".join(f"{name} {100 * points:+.1f}" for name, points in lost.items()), end="; ")
print(f"estimated accuracy {100 * (turned_row['accuracy, est.'] - calm_row['accuracy, est.']):+.1f}")

# %% [markdown]
# Begin with D, where nothing happened: if estimate and measure part even there, the chances were never right, or
# positives are too few to tell. Under covariate shift the estimate follows the inputs, and is as right as the chances are
# for those who come now. Under concept drift it is that of the quiet stream to the last digit, since inputs and scores
# are the same; what was measured is not, and nothing that is known on the day can tell. (How sure is the loss? Count the
# positives: with a few dozen, recall is a rough number.) Hence the order: **truth is the cornerstone; drift and estimates
# are the early warning.** Label a few hundred rows at once, if you can, rather than trust a line.
#
# ## Four years of Massachusetts
#
# Enough of simulation. People answered a survey in 2015 to 2018; the question for the model is who has work. We train on
# some of 2015 and go through the years. What do you expect: how much worse is it in 2018?

# %%
people = develop.employment()
inputs = [name for name in people.columns if name not in ("year", "employed")]
years = dict(list(people.groupby("year")))
print(f"{len(people):,} people, {len(inputs)} inputs")

# %%
whole = drift_report(years[2015][inputs], years[2018][inputs])
show.table(whole.table()[["column", "level", "KS", "PSI", "p adjusted"]].head(5), caption="2018 beside 2015, everybody")
print(whole.findings[0])
given = [years[year]["ancestry"].value_counts(normalize=True) for year in (2015, 2018)]
print(f"share of one ancestry: moved by {100 * (given[1] - given[0]).abs().max():.1f} points at most")

# %% [markdown]
# A p-value with a hundred zeros, and still stable: no share of an ancestry moved by more than a few points. Eight columns
# are "significantly" different. Whoever retrains whenever p is below .01 retrains now. Would it help?

# %%
from xgboost import XGBClassifier


def trained_on(rows, inputs, target):
    model = XGBClassifier(n_estimators=80, max_depth=4, learning_rate=0.2, n_jobs=1, random_state=0)
    return model.fit(rows[inputs], rows[target])


# %%
some = {year: rows.sample(8_000, random_state=seed) for year, rows in years.items()}
unseen = years[2015].drop(some[2015].index).sample(8_000, random_state=seed)

# %%
old, new = (trained_on(some[year], inputs, "employed") for year in (2015, 2017))

# %%
by_year = []
for year in years:
    tested = unseen if year == 2015 else some[year]
    told = old.predict_proba(tested[inputs])[:, 1]
    area, drift = develop.delong(tested["employed"], told), drift_report(some[2015][inputs], tested[inputs])
    by_year.append({"year": year, "worst PSI": drift.columns[0].psi, "level": drift.level, "ROC-AUC": area.estimate})
    by_year[-1] |= {"low": area.low, "high": area.high, "estimated": estimated_performance(told, threshold=0.5).roc_auc}

# %%
show.table(by_year, formats={"year": "d"})

# %%
test = some[2018]
scores = [model.predict_proba(test[inputs])[:, 1] for model in (new, old)]
gain = develop.paired_difference(develop.roc_auc, test["employed"], *scores, n=100, seed=seed)
print(f"a model of 2017 instead, on 2018: ROC-AUC {gain.estimate:+.4f} (95 %: {gain.low:+.4f} to {gain.high:+.4f})")

# %% [markdown]
# **Drift without decay.** Three years on, the intervals of ROC-AUC overlap. The estimate made without labels stays as
# level (a little high: these trees are a bit too sure of themselves). A fresh model gains something, perhaps beyond
# chance, and a few thousandths: nothing that asks for a release. "Data drift means accuracy loss" is one of the claims
# that this lesson wants you to distrust; the other is its reverse, "no drift, no loss": stream C had the inputs of the
# quiet one.
#
# ### Somewhere inside?
#
# An average can be calm while a part of it is not. So ask the same question within segments, and remember that there are
# now several tests, on fewer rows each.

# %%
bands = {"16-24": (16, 24), "25-44": (25, 44), "45-64": (45, 64), "65 and over": (65, 99)}

# %%
rows = []
for name, (low, high) in bands.items():
    a, b = (frame[frame["age"].between(low, high)] for frame in (unseen, some[2018]))
    report = drift_report(a[inputs], b[inputs])
    right = [float((old.predict(part[inputs]) == part["employed"]).mean()) for part in (a, b)]
    change = develop.compare_shares(*right, n_first=len(a), n_second=len(b))
    rows.append({"age": name, "rows": len(b), "worst": report.columns[0].column, "PSI": report.columns[0].psi})
    rows[-1] |= {"right 2015": right[0], "right 2018": right[1], "p": change.p_value}

# %%
for row, p in zip(rows, adjust([row["p"] for row in rows], method="holm"), strict=True):
    row["p, Holm"] = p
show.table(rows)

# %% [markdown]
# Four tests, so read the last column, and ask for a value below .01 as before. A segment that decays alone is common
# after a campaign or a new product; write the segments down *before* you look, or you will find one.
#
# ### Does it lean on the same things?
#
# **Importance drift** tracks which inputs carry the scores: mean absolute SHAP values, month after month, as shares of
# the whole. For the model *in use* that needs no label and shows which of its inputs have begun to carry more, or less.
# But mind whose importance it is: that model never changes, so its importances can only follow the inputs. A model
# *refitted* on recent rows also sees what they mean.

# %%
from lifecycle import explain


def shares(model, rows):
    sizes = explain.tree_contributions(model, rows.sample(400, random_state=seed)).ranking().set_index("feature")["mean_abs"]
    return sizes / sizes.sum()


# %%
carried = pd.DataFrame({str(year): shares(old, rows[inputs]) for year, rows in some.items()})
top = carried.sort_values("2015", ascending=False).head(4)
show.table(top, index=True, formats=dict.fromkeys(top.columns, ".1%"), caption="Model of 2015: what it leans on")

# %%
in_use = develop.from_bytes(package.model_bytes)
turned, calm = late["C"], late["D"]
clean = trained_on(calm, features, target)

# %%
compared = pd.DataFrame(
    {
        "in use, quiet": shares(in_use, calm[features]),
        "in use, concept": shares(in_use, turned[features]),
        "refitted, quiet": shares(clean, calm[features]),
        "refitted, concept": shares(trained_on(turned, features, target), turned[features]),
    }
).sort_values("in use, quiet", ascending=False)

# %%
show.table(compared.head(5), index=True, formats=dict.fromkeys(compared.columns, ".0%"))

# %% [markdown]
# The first two columns are equal, and cannot be otherwise: the same model on the same inputs. Concept drift that leaves
# the inputs alone is invisible to the importances of the model in use. The last two can differ, and cost labels and a
# second model. (A refitted model is another model even in quiet times: compare refits with refits.)
#
# ## Is it drift at all?
#
# One more stream. Since day 28 one number that the model leans on arrives in another unit: a hundredth of what it was.
# Nothing happened to the clients.

# %%
strong = next(name for name in compared.index if production[name].nunique() > 100)
broken = stream_of(Incident("unit_change", 28, 1.0, (strong,), "0.01"))
bad = period(broken, 28, 55)

# %%
told = drift_report(before[features], bad[features])
show.table(told.table()[["column", "level", "KS", "PSI", "Wasserstein"]].head(3))
print(told.columns[0].column, told.columns[0].reasons[0])
print(told.action.text)
within = bad[strong].between(before[strong].min(), before[strong].max()).mean()
print(f"inside the range of the quiet weeks: {within:.0%} of the faulty values")

# %% [markdown]
# KS and PSI cry as loudly as for a true shift, or louder. What gives the fault away is the *kind* of change: all values
# by one round factor, from one day to the next. (A check of the range can miss it: see the last line.) A dashboard that
# says "drift: retrain" retrains on them. What happens when the feed is mended, a week later? As a control stands a model
# that was retrained on the same rows, as they would have come through a sound feed.

# %%
refitted = trained_on(bad, features, target)
fresh = known[known["split"] == "test"]
rows = []
for when, factor in (("while the feed is broken", 0.01), ("after it was mended", 1)):
    came = fresh[features].assign(**{strong: fresh[strong] * factor})
    told_by = [package.scores(came), *(model.predict_proba(came)[:, 1] for model in (refitted, clean))]
    areas = [develop.roc_auc(fresh[target], told) for told in told_by]
    rows.append({"rows": when, "in use": areas[0], "retrained, broken rows": areas[1], "retrained, clean rows": areas[2]})

# %%
show.table(rows, caption="ROC-AUC on rows that no model has seen")
harm = rows[1]["retrained, broken rows"] - rows[1]["retrained, clean rows"]
print(f"what the fault did to the retrained model, once the feed is mended: {harm:+.4f}")

# %% [markdown]
# Read the last line of the table. Both retrained models saw the same clients; the one that learned the fault meets, when
# the feed is mended, values that it takes for something else. (Where other features say the same, as in fraud, the harm
# is small, and you were lucky.) The repair of the pipeline would have been one line of code. "Retrain on all drift" fails
# for corrupt data; and for concept drift without labels there is nothing to retrain on. So the first question is always:
# is it a fault?
#
# A comparison can also fail outright, and should say so rather than report peace:

# %%
with show.error():
    drift_report(train[features], production[features].add_prefix("client."))

# %% [markdown]
# ## Find the failure
#
# A team compares each week with the week before, 1,000 customers each, and has had no alarm in half a year. Their
# accuracy has fallen all the same. The monitor computes what it should; PSI is implemented correctly. What is wrong? Look
# at the middle column first, then decide.

# %%
ages = [rng.normal(35 + 0.35 * week, 10, 1_000) for week in range(27)]
rows = []
for week in (1, 6, 11, 16, 21, 26):
    index = [population_stability_index(ages[base], ages[week]) for base in (week - 1, 0)]
    rows.append({"week": week, "beside last week": index[0], "beside training": index[1]})
    rows[-1]["which is"] = stability_level(index[1])

# %%
show.table(rows)

# %% [markdown]
# The reference moves along. Each week differs from the last by a thirtieth of a standard deviation, which nobody can see,
# and in half a year it adds up to nearly one. Keep a **fixed** reference, the training rows, for what the model knows; a
# moving one beside it tells *when* something happened. The same goes for seasons: compare December with December.
#
# ## From alarm to answer
#
# | watch | with | sees |
# |---|---|---|
# | performance against truth: the cornerstone | accuracy, precision, recall, F1, ROC-AUC, log loss | all kinds, late |
# | inputs | KS, chi-squared, PSI, Wasserstein; histograms and box plots by eye | data drift, faults |
# | predictions | a histogram of the scores, the share flagged | that something moved |
# | importances | SHAP values, month by month | which inputs carry it |
#
# | question | if yes | if no |
# |---|---|---|
# | is it a fault of the data: unit, feed, default, type? | repair the pipeline; do not retrain | go on |
# | did performance fall, measured on labels? | go on | keep watching, label sooner |
# | covariate shift? | retrain on the new mix, or reweight; look at segments | |
# | prior shift? | correct chances and threshold; retrain later | |
# | concept drift? | retrain on new behaviour; a new model, features, incremental learning | |
#
# Retraining on new data is the workhorse among the answers. Changing the model, learning incrementally and finding new
# features are the others; all of them come after the question about the quality of the data.
#
# A shock needs an answer before there are labels. In 2019 home online buying meant low risk to a fraud model that was
# right in 95 %; in spring 2020 everybody bought from home, a surge was flagged, and it was right in 70 %. *Now*:
# temporary thresholds and people who look. *Soon*: a model retrained on recent weeks. *Later*: continuous learning, with
# gates.
#
# The routine for a churn model, then: a baseline, stored with the model; performance every day, as labels come; an alert
# below a threshold, say an accuracy of 80 %; a periodic KS sampling of the inputs; and once a month somebody who looks at
# histograms and box plots. Windows of a week tell *when*. Stream A again:

# %%
from lifecycle.monitor import window_table

stream = streams["A"].requests
windows = window_table(before, stream, columns=[many, "score"], by="day", size=7)

# %%
shown = windows.pivot(index="first", columns="column", values="PSI").loc[:, [many, "score"]].reset_index()
show.table(shown.rename(columns={"first": "window from day"}))
rings = windows.loc[windows["level"] != "stable", "first"]
print("first window that is not stable: from day", rings.min() if len(rings) else "none")

# %% [markdown]
# Log loss is a good daily measure, for it sees chances that go wrong before decisions do. It has a trap: a chance of
# exactly 0 for what then happens.

# %%
outcomes, careless = [1, 0, 0, 0], [0.0, 0.1, 0.2, 0.1]
print(f"log loss of a week with one such row: {develop.log_loss(outcomes, careless):.2f}")
print(f"clipped to [.001, .999]:              {develop.log_loss(outcomes, np.clip(careless, 0.001, 0.999)):.2f}")

# %% [markdown]
# One row decides the whole week. Clip, write the clip down, and watch the median beside the mean.
#
# ## What do we hand over?
#
# [Lesson 14](14_retraining.ipynb) decides about retraining, and needs to know what happened: that is stream C. We hand
# over the levels that we watch, what quiet looks like, the incident as it can be replayed, the evidence for its kind
# (and, since a replay knows it, the true one beside it), and what was estimated beside what was measured.

# %%
import json

happened = {
    "stream": shape | {"incident": json.loads(incidents["C"].to_json())},
    "report": {"level": reports["C"].level, "psi_of_score": round(reports["C"]["score"].psi or 0.0, 4)},
    "kind": evidence["C"].kind,
    "true_kind": incidents["C"].kind,
    "action": evidence["C"].action,
    "evidence": evidence["C"].to_json(),
    "accuracy": tables["concept"].round(4).to_dict("list"),
}

# %%
handed = {
    "use_case": use_case,
    "package": {"name": package.name, "version": package.version, "digest": package.digest},
    "limits": {"ks": [0.1, 0.2], "psi": [0.1, 0.25], "p": 0.01, "method": "holm"},
    "quiet": {"level": quiet.level, "column": quiet.columns[0].column, "psi": round(quiet.columns[0].psi or 0.0, 4)},
} | happened

# %%
artifacts.write_json("12/drift.json", handed, use_case=use_case)
print("handed over:", ", ".join(handed))
print(f"the kind that was told: {handed['kind']}; the true one: {handed['true_kind']}")

# %% [markdown]
# ## Claims to distrust
#
# Each was looked at above; here they stand beside what was computed for them.

# %%
claims = {
    "prior shift leaves the inputs alone": f"share of young customers {mix[0]:.0%} -> {doubled[0]:.0%}",
    "KS .08 is fine": f"p < .01 from {least_n_for_ks(0.08, level=0.01)} rows a side on",
    "test each of 30 features at .01": f"{family_false_alarm(30, level=0.01):.0%} false alarms",
    "data drift means accuracy loss": f"p {whole.columns[0].p_adjusted:.0e}; ROC-AUC "
    f"{by_year[0]['ROC-AUC']:.3f} in 2015, {by_year[-1]['ROC-AUC']:.3f} in 2018",
    "no drift, no loss": f"C: inputs those of D; recall {turned_row['recall']:.1%}, in D {calm_row['recall']:.1%}",
    "30 -> 45 % predicted: churn is rising": f"{len(stories)} stories end at {flagged(*stories[0][1:]):.0%}",
    "retrain on all drift": f"on a broken feed: ROC-AUC {harm:+.3f} once it is mended",
}

# %%
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %% [markdown]
# ## What you did
#
# - You measured how far data have moved in several ways, and let the effect decide and the p-value rule out chance.
# - You told covariate shift, prior shift and concept drift apart by what stayed the same.
# - You estimated performance without labels, and saw the one case in which that fails silently.
# - You watched a real population drift for four years without any harm, and a broken feed that looked like drift.
#
# **To take away** Drift is a question, labels are the answer. Before you retrain, ask what changed, whether it hurts, and
# whether it is a fault.

# %%
from workbench import quiz

quiz("12_drift")

# %% [markdown]
# Now you: [exercise 12](../exercises/12_drift.ipynb).
