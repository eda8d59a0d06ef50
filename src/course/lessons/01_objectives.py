# %% [markdown]
# # 01 · Objectives
#
# **You will be able to** turn a business wish into targets with numbers and units, find out before any training which
# of them cannot hold together, mend them, and hand over a charter that later lessons read.
# **You need** lesson 00 and Bayes' rule. **Time** 40 minutes. **Next** [exercise 01](../exercises/01_objectives.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
seed: int = 1  # which rows the proof of concept trains on

# %% [markdown]
# ## Why not start with a model?
#
# A bank writes: "We want fraud below 0.1 % of transactions. Catch more than 95 % of it, bother fewer than 2 % of honest
# customers, answer within 50 ms, and spend less than a cent on each." It sounds precise. Before you read on, guess: how
# many of that system's alerts would be real fraud?
#
# Such a wish is where a project starts, and many fail right there. A model is normally one part of a larger change to
# technology, processes and people, so its objective has **four inputs**:
#
# 1. **performance targets**: the numbers that mean success;
# 2. **technical infrastructure**: the machines, rates and limits it must live with;
# 3. **cost limits**: what may be spent, once and each month;
# 4. **change management**: who must work differently.
#
# The first three become key performance indicators (KPIs), and production will be watched for them. The fourth has no
# number, but it shapes how the model is built. A KPI is defined *before* training. Nobody can monitor later what was
# never defined.
#
# | Element | Meaning | Example |
# |---|---|---|
# | Business goal | the problem in one line | fraud below 0.1 % of transactions |
# | Performance target | number that means success | precision 95 %, recall 90 % |
# | Technical need | infrastructure limit | response under 100 ms |
# | Cost limit | budget | training under \$10,000 a month |
# | KPI | what is watched | false-positive rate, processing time |
#
# What makes an objective succeed is less a matter of numbers:
#
# | Success factor | Why | How |
# |---|---|---|
# | Measurable value | the return can be followed | quantified KPIs |
# | Achievable target | the goal is realistic | published results, proofs of concept |
# | Stakeholder alignment | people support it | frequent contact, demos |
# | Path to production | it can be deployed at all | technical needs fixed early |
#
# ## Worked case A: payments
#
# Let us take the bank at its word and write the wish down, with a unit on every number. Here are the targets and the
# goal.

# %%
wish = {
    "goal": "fraud below 0.1 % of transactions",
    "performance": {
        "recall": "at least 95 %",
        "false_positive_rate": "at most 2 %",
        "latency": "at most 50 ms",
        "per_decision": "at most 0.01 USD/decision",
    },
}

# %% [markdown]
# Recall is the statistician's word for the detection rate: the share of frauds that raise an alert. What has the bank
# not told us yet?

# %%
from lifecycle.develop import missing_elements

print("missing:", ", ".join(missing_elements(wish)))

# %% [markdown]
# Three of the four inputs. We ask, and the answers come: a real-time REST service for 10,000 requests a second, up
# 99.99 % of the time; \$100,000 for development, \$20,000 a month to run it and \$5,000 a month to train it.

# %%
wish["infrastructure"] = {"requests": "at least 10,000 requests/s", "availability": "at least 99.99 %"}
wish["constraints"] = ["real-time REST"]
wish["cost"] = {
    "development": "at most 100,000 USD",
    "operations": "at most 20,000 USD/month",
    "training": "at most 5,000 USD/month",
}
wish["change"] = ["train the analysts", "change procedures", "tell customers"]

# %%
from lifecycle import show
from lifecycle.develop import Objective

case_a = Objective.from_mapping(wish)
show.table([{"field": path, "target": str(target)} for path, target in case_a.targets.items()])

# %% [markdown]
# An `Objective` is a record that checks what it is given. Numbers need a unit and a direction, rates lie between 0 and
# 1, and amounts of money are in one currency. Three wishes that one hears often do not get in:

# %%
with show.error():
    case_a.revise({"performance.recall": "as good as possible"})
with show.error():
    case_a.revise({"performance.recall": "at least 95"})
with show.error():
    case_a.revise({"performance.latency": "at most 2 %"})

# %% [markdown]
# Each refusal names the field, so the person who wrote it knows what to mend. Now the KPIs, which we do not have to
# invent: each target is one. What differs is *when* anybody knows its value, and that decides how it can be monitored.

# %%
show.table([{"KPI": kpi.name, "target": str(kpi.target), "from": kpi.source, "known": kpi.known} for kpi in case_a.kpis])

# %% [markdown]
# Latency is known at once. Recall is known only when somebody has found out which payments were fraud, perhaps weeks
# later. A plan that watches recall alone is blind for that long.
#
# ## Do the targets hold together?
#
# Back to the guess. In a well-known set of card payments, 492 of 284,807 are fraud. Let a million payments arrive at a
# system that *just* meets the bank's targets, and count.

# %%
from lifecycle.develop.objectives.feasibility import expected_counts

fraud_rate = 492 / 284_807
counts = expected_counts(1_000_000, prevalence=fraud_rate, tpr=0.95, fpr=0.02)
print(f"fraud: {fraud_rate:.4%} of payments")
print(f"frauds caught {counts.true_positives:,.0f}, frauds missed {counts.false_negatives:,.0f}")
print(f"honest payments stopped {counts.false_positives:,.0f}")

# %% [markdown]
# Two percent is a small share of an enormous number. There are far more honest payments than frauds, so the few of them
# that go wrong drown the frauds that were caught. The share of alerts that are right is called precision:
#
# $$\text{precision} = \frac{\pi\,\text{TPR}}{\pi\,\text{TPR} + (1-\pi)\,\text{FPR}}$$
#
# where π is the prevalence (the share of fraud), TPR the recall, and FPR the false-positive rate.

# %%
from lifecycle.develop.objectives.feasibility import precision

implied = precision(prevalence=fraud_rate, tpr=0.95, fpr=0.02)
print(f"precision: {implied:.4f}")
print(f"false alerts among 13: {13 * (1 - implied):.1f}")

# %% [markdown]
# Precision is 7.6 %: twelve of thirteen alerts are false. "Detects more than 95 % with less than 2 % false positives"
# is no high-precision system at this prevalence. Suppose that the bank adds "and 95 % precision", as in the table
# above. Which false-positive rate would that take? Solve the formula for FPR.

# %%
from lifecycle.develop.objectives.feasibility import largest_fpr

for recall in (0.95, 0.90):
    limit = largest_fpr(prevalence=fraud_rate, tpr=recall, precision=0.95)
    print(
        f"precision 95 % at recall {recall:.0%}: false-positive rate at most {limit:.2g}, {0.02 / limit:.0f} times below 2 %"
    )

# %% [markdown]
# So it is not a matter of trying a little harder: the two bounds are a factor of more than two hundred apart. See how
# it depends on the prevalence. In the shaded strip precision is at least 95 % and the false-positive rate at most 2 %.
# Each curve enters it at its own rate.

# %%
import numpy as np

rates = np.logspace(-6, 0, 200)
figure, axes = show.figure(height=3.6)
for share, style in ((0.2, ":"), (0.02, "--"), (fraud_rate, "-")):
    curve = [precision(prevalence=share, tpr=0.95, fpr=rate) for rate in rates]
    axes.plot(rates, curve, style, label=f"{100 * share:.2g} % positive")
axes.fill_between([1e-6, 0.02], 0.95, 1, color=show.COLOURS["grey"], alpha=0.4, label="both targets met")
axes.axvline(0.02, color=show.COLOURS["black"], lw=1, label="target: FPR ≤ 2 %")
axes.plot(0.02, implied, "o", color=show.COLOURS["vermilion"], label="case A at its bounds")
axes.set(xscale="log", xlabel="false-positive rate (log scale)", ylabel="precision", ylim=(0, 1.02), title="Recall 95 %")
legend = axes.legend(loc="lower left", fontsize=8)
# %%
shares = (0.2, 0.02, fraud_rate)
show.table(
    [
        {
            "positive": s,
            "precision at FPR 2 %": precision(prevalence=s, tpr=0.95, fpr=0.02),
            "FPR for precision 95 %": largest_fpr(prevalence=s, tpr=0.95, precision=0.95),
        }
        for s in shares
    ]
)

# %% [markdown]
# With 20 % positives the same 2 % is nearly good enough; with 0.17 % it is hopeless. A false-positive rate means
# nothing until you know the prevalence.
#
# ### And "below 0.1 %"?
#
# That is a **business rate**: the share of all payments that turn out as fraud. No model has such a metric, and the
# rate also moves when the fraudsters do. But it can be translated. If each alert stops its payment, what slips through
# is π (1 − recall):

# %%
from lifecycle.develop.objectives.feasibility import recall_for_goal

needed = recall_for_goal(prevalence=fraud_rate, goal=0.001)
print(f"recall needed to bring {fraud_rate:.4%} down to 0.1 %: {needed:.1%}")

# %% [markdown]
# The goal needs a recall of 42.1 %, as long as every alert is acted upon. The bank asked for 95 %. That gap is room to
# trade: a lower recall target could buy far better precision and still meet the goal.
#
# ## What does it cost?
#
# "Less than a cent each" and "\$20,000 a month" were said in the same meeting. Nobody multiplied.

# %%
from lifecycle.develop.objectives.cost import affordable_rate, affordable_unit_cost, monthly_cost, monthly_volume

print(f"transactions in 30 days at 10,000 a second: {monthly_volume(10_000) / 1e9:.2f} billion")
print(f"at one cent each: ${monthly_cost(0.01, per_second=10_000) / 1e6:.1f} million a month")
print(f"that is {monthly_cost(0.01, per_second=10_000) / 20_000:,.0f} times the budget of $20,000")
print(f"what $20,000 allows: ${affordable_unit_cost(20_000, per_second=10_000):.1e} each")
print(f"or, at one cent: {affordable_rate(20_000, unit_cost=0.01):.2f} transactions a second")

# %% [markdown]
# 25.92 billion transactions at a cent are \$259.2 million, and the budget allows less than a millionth of a dollar for
# each. One way out is to ask whether 10,000 a second is the *peak* or the *average*. Machines are sized for a peak;
# bills follow the average.
#
# Year one has a part that is paid once and a part that returns twelve times. It is easy to forget either.

# %%
from lifecycle.develop.objectives.cost import allowed_downtime, total_spend

print(f"year one: ${total_spend(setup=100_000, monthly=20_000 + 5_000):,.0f}")
for availability in (0.99, 0.999, 0.9999):
    print(f"up {availability:.2%} of 30 days: {allowed_downtime(availability):.2f} minutes down")

# %% [markdown]
# The spend is \$400,000. And 99.99 % leaves 4.32 minutes a month: no person is woken, understands and repairs anything
# in four minutes, so the last nine must be bought with spare machines and automatic failover. Each further nine divides
# the minutes by ten.
#
# ## Change management: who reads the alerts?
#
# Analysts are to be trained. How many? Count the alerts of a day at full rate.

# %%
from lifecycle.develop.objectives.feasibility import alert_rate

a_day = alert_rate(prevalence=fraud_rate, tpr=0.95, fpr=0.02) * 10_000 * 86_400
print(f"alerts a day: {a_day / 1e6:.1f} million")
print(f"analysts, if each reads 200 alerts a day: {a_day / 200:,.0f}")

# %% [markdown]
# Two hundred a day is an assumption; halve it or double it, and the answer stays absurd. This is how change management
# shapes the model: the number of people decides how many alerts there may be, hence the threshold, and so the recall.
#
# | Change | What it asks of the model |
# |---|---|
# | train analysts | few enough alerts, each with reasons that a person can check |
# | change procedures | a score with levels (pass, ask, block) rather than yes or no |
# | tell customers | decisions that can be explained and appealed |
#
# ## All conflicts at once
#
# The arithmetic above can be done for any objective. We add the precision target of 95 %, and what the platform team has
# (let us assume) measured: 80 ms for an answer, and 99.9 % availability for the database underneath.

# %%
from lifecycle.develop import find_conflicts

full = case_a.revise({"performance.precision": "at least 95 %"})
found = find_conflicts(full, prevalence=fraud_rate, measured={"latency": 80, "availability": 0.999})
for conflict in found:
    print(f"{conflict.fields[0]} v {conflict.fields[1]}\n  {conflict.reason}\n  mend: {conflict.remedy}")

# %% [markdown]
# Four conflicts, and no model has been trained. None of them is a law of nature: a system might beat its bounds, a
# faster database might be bought. But two bounds conflict when a system that only just meets one misses the other, and
# then one of them is not a promise. The question to take back to the business is always the same: **which of these
# would you give up first?** Rank the targets.
#
# ## Worked case B: naming faces in photos
#
# A social site wants to suggest who is in a picture. Faces detected: more than 98 %. People recognised: more than 95 %.
# An answer in 200 ms, a model below 50 MB for the phone. The cost: \$15,000 once for GPU training, \$10,000 a month for
# storage, a tenth of a cent an image.

# %%
case_b = Objective.from_mapping(
    {
        "goal": "people tag friends with one tap",
        "performance": {"detection": "at least 98 %", "recognition": "at least 95 %", "latency": "at most 200 ms"},
        "infrastructure": {"model_size": "at most 50 MB"},
        "cost": {
            "gpu_training": "at most 15,000 USD",
            "storage": "at most 10,000 USD/month",
            "per_decision": "at most 0.001 USD/decision",
        },
        "change": ["ask for consent", "handle privacy complaints"],
        "constraints": ["batch for uploads", "on-device for privacy"],
    }
)

# %%
show.table([{"KPI": kpi.name, "target": str(kpi.target), "known": kpi.known} for kpi in case_b.kpis])

# %% [markdown]
# Beside these, the site watches how many tags are accepted, how many privacy complaints arrive, and its system metrics.
# Is "95 % recognition" enough to avoid naming the wrong person? The figure does not say. It is a share of right
# answers; a wrong name comes from a **false match**, and one face is compared with many. If a single comparison goes
# wrong with probability $p$, then among $N$ independent comparisons the chance of at least one false match is
# $1-(1-p)^N$.

# %%
from lifecycle.develop.objectives.feasibility import false_match_probability

errors = {"5 % (read from 95 % accuracy)": 0.05, "1 in 1,000": 1e-3, "1 in 1,000,000": 1e-6}
rows = [
    {"people": n} | {k: false_match_probability(n, per_comparison=p) for k, p in errors.items()} for n in (1, 100, 5_000)
]
show.table(rows, "Chance of at least one false match", formats=dict.fromkeys(errors, ".2%"))

# %% [markdown]
# Read as an error for each comparison, 95 % would name somebody wrong with near certainty among a hundred friends:
# 99.41 %. Even one error in a thousand fails 9.52 % of the time there. What rate does the site need, then?

# %%
from lifecycle.develop.objectives.feasibility import largest_false_match_rate

limit = largest_false_match_rate(5_000, probability=0.01)
print(f"false-match rate for 1 % risk among 5,000 people: {limit:.1e} a comparison")

# %% [markdown]
# About two in a million. So the objective of case B lacks a target: a false-match rate *per comparison*, at the size of
# gallery that will really be searched.
#
# ## Claims to distrust
#
# You will meet all of these. Each was computed above; here they stand side by side.

# %%
wrong_names = false_match_probability(100, per_comparison=0.05)
claims = {
    "a cent each fits $20,000 a month": f"${monthly_cost(0.01, per_second=10_000):,.0f} at 10,000 a second",
    "recall > 95 % with FPR < 2 % is precise": f"precision {implied:.1%} at {fraud_rate:.4%} fraud",
    "'fraud below 0.1 %' is a model metric": f"a business rate; it needs recall {needed:.1%}",
    "95 % accuracy means 5 % wrong names": f"{wrong_names:.2%} among 100 people",
}
show.table([{"claim": claim, "computed": result} for claim, result in claims.items()])

# %% [markdown]
# One more, for rare events: "our model has 95 % accuracy". How good is a model that never raises an alert?

# %%
from lifecycle.develop.objectives.feasibility import accuracy

print(f"accuracy of silence: {accuracy(prevalence=fraud_rate, tpr=0, fpr=0):.4f}")

# %% [markdown]
# Better than 99.8 %, and it catches nothing. For rare events, an accuracy target rules nothing out.
#
# ## The running case: what was asked
#
# Now do it for the case that runs through the coming lessons. The brief below is **assumed**, as are its amounts: there
# is no real client behind it. The data are what they are.

# %%
from lifecycle.develop import load, use_case as get_case
from lifecycle.develop.objectives.briefs import brief, monthly_volume_of, platform, stakeholders

case, frame = get_case(use_case), load(use_case)
asked = Objective.from_mapping(brief(use_case))
prevalence = float(f"{frame[case.target].mean():.4g}")  # four digits are enough for a charter
print(f"{asked.goal}.\n{100 * prevalence:.4g} % of {len(frame):,} rows are positive: {case.positive}")

# %%
show.table([{"field": path, "target": str(target)} for path, target in asked.targets.items()])

# %% [markdown]
# First the check of the wish against the data's own prevalence, and against what the platform is assumed to have
# measured. Then we try to make a charter of it all the same.

# %%
from lifecycle.develop import Charter

for conflict in find_conflicts(asked, prevalence=prevalence, measured=platform()):
    print(f"{conflict.fields[0]} v {conflict.fields[1]}\n  {conflict.reason}")

# %%
with show.error():
    Charter(use_case, asked, prevalence=prevalence, measured=platform())

# %% [markdown]
# A `Charter` exists only when no conflict is left. The error names the field, the other side, the arithmetic and a way
# out.
#
# ## Which targets can be reached?
#
# We could make up numbers that agree with each other. An *achievable* target needs evidence, and the cheapest evidence
# is a proof of concept: a plain model, half of the rows to learn from, the other half to look at. It will not be
# shipped. It even sees attributes that a later lesson may forbid.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

features, target = frame[list(case.features)], frame[case.target]
split = train_test_split(features, target, test_size=0.5, stratify=target, random_state=seed)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(split[0], split[2])

# %% [markdown]
# Each threshold on its score gives one pair of recall and false-positive rate. Which one is best depends on what the
# two kinds of mistake cost. Those costs are assumptions, and the use case says so:

# %%
from sklearn.metrics import roc_curve

from lifecycle.develop.objectives.cost import error_cost

print(f"missed {case.cost_false_negative:,g} {case.currency}, false alarm {case.cost_false_positive:,g} {case.currency}")
print(case.cost_note)
fprs, tprs, _ = roc_curve(split[3], model.predict_proba(split[1])[:, 1])
mistakes = {"missed": case.cost_false_negative, "false_alarm": case.cost_false_positive}
costs = [error_cost(prevalence=prevalence, tpr=t, fpr=f, **mistakes) for t, f in zip(tprs, fprs, strict=True)]
best = int(np.argmin(costs))

# %%
figure, axes = show.figure(columns=2, height=3.2)
axes[0].plot(fprs, tprs)
axes[0].plot([0, 1], [0, 1], color=show.COLOURS["grey"], ls="--")
axes[0].plot(fprs[best], tprs[best], "o", color=show.COLOURS["vermilion"])
axes[0].set(xlabel="false-positive rate", ylabel="recall", title="What is reachable")
axes[1].plot(tprs, costs)
axes[1].plot(tprs[best], costs[best], "o", color=show.COLOURS["vermilion"], label="cheapest", clip_on=False)
axes[1].set(xlabel="recall", ylabel=f"cost of errors ({case.currency}/{case.unit})", title="What it costs")
axes[1].set_ylim(0, 1.1 * costs[0])
legend = axes[1].legend(fontsize=8)
# %%
reached = precision(prevalence=prevalence, tpr=tprs[best], fpr=fprs[best])
print(f"cheapest: recall {tprs[best]:.1%}, false-positive rate {show.number(fprs[best])}, precision {reached:.1%}")
print(f"errors cost {show.number(costs[best])} {case.currency} a {case.unit}")
print(f"alerts for nobody: {show.number(costs[0])}, alerts for everybody: {show.number(costs[-1])}")

# %% [markdown]
# The dashed line is a lottery; the dot is the threshold with the cheapest errors. Compare its cost with the two models
# that need no data at all, an alert for nobody and an alert for everybody. A model earns what it saves against the
# better of these.
#
# ## Mending the objective
#
# We rank the targets: the balance of errors comes first, then the budget, then the fourth nine. Recall is rounded down
# and the false-positive rate up, so that there is a little room; precision is what the two of them imply.

# %%
from math import ceil, floor, log10

recall_target = floor(100 * tprs[best]) / 100
step = 10 ** (floor(log10(max(fprs[best], 1e-4))) - 1)
fpr_target = ceil(fprs[best] / step) * step
precision_target = floor(100 * precision(prevalence=prevalence, tpr=recall_target, fpr=fpr_target)) / 100

# %%
mended = asked.revise(
    {
        "performance.recall": f"at least {100 * recall_target:.0f} %",
        "performance.false_positive_rate": f"at most {100 * fpr_target:.4g} %",
        "performance.precision": f"at least {100 * precision_target:.0f} %",
        "infrastructure.decisions": f"at most {monthly_volume_of(use_case):,} decisions/month",
        "infrastructure.availability": "at least 99.9 %",
    }
)
print("conflicts left:", len(find_conflicts(mended, prevalence=prevalence, measured=platform())))

# %% [markdown]
# The request rate stays as a peak to size machines for. The bill now follows a stated volume of decisions (assumed).
# One split of one plain model is evidence and not a promise: the charter may be revised, but openly.
#
# What does one decision cost, all in? Three parts are paid to machines and people, and one is paid for being wrong.

# %%
volume = mended.bound("decisions")
parts = {name: mended.bound(name) / volume for name in ("operations", "training")}
parts["development, over 12 months"] = mended.bound("development") / 12 / volume
parts["errors, at the bounds"] = error_cost(prevalence=prevalence, tpr=recall_target, fpr=fpr_target, **mistakes)
show.table([{"part": name, f"{case.currency} a decision": value} for name, value in parts.items()])
print(f"errors are {parts['errors, at the bounds'] / sum(parts.values()):.0%} of the cost of a decision")

# %% [markdown]
# Keep that share in mind when somebody proposes a cheaper machine, or a better model. Where errors dominate, a point of
# recall is worth more than the fastest server.
#
# ## The charter
#
# Before modelling, seven things should be settled: the objective is written; its targets are quantified and realistic;
# the infrastructure is known; the cost is approved; there are KPIs and a plan to monitor them; there is a change plan;
# all stakeholders are committed. A record can show some of this. That people have agreed it can only note down (again
# assumed here).

# %%
charter = Charter(
    use_case,
    mended,
    prevalence=prevalence,
    measured=platform(),
    evidence=(f"a logistic regression reached recall {tprs[best]:.1%} at FPR {fprs[best]:.2g}",),
    stakeholders=stakeholders(),
    assumptions=(case.cost_note, "budgets, volumes and measured values are assumed"),
)
show.table(charter.checklist())

# %% [markdown]
# One item is open: compliance will not commit before it has seen where the data come from. That is fair, and it is
# where lesson 02 begins.
#
# The charter becomes a file that both people and later lessons read. Let us write it, read it back, and let the reading
# check everything again.

# %%
from lifecycle import artifacts

artifacts.write_text("01/charter.yaml", charter.to_yaml(), use_case=use_case)
again = Charter.from_yaml(artifacts.read_text("01/charter.yaml", use_case=use_case))
print("the same charter:", again == charter)
print(charter.to_yaml().split("kpis:")[0])

# %% [markdown]
# A file can be edited, and so a wish can slip back in. Somebody raises the precision by hand:

# %%
stated = f"precision: {mended.targets['performance.precision']}"
edited = charter.to_yaml().replace(stated, "precision: at least 99 %")
with show.error():
    Charter.from_yaml(edited)

# %% [markdown]
# The charter is refused, and the message names `performance.precision`. That is what a charter is for.
#
# ## What you did
#
# - You took a wish apart into four inputs, and gave every number a unit, a direction and a moment at which it is known.
# - You computed what recall and false-positive rate imply at a prevalence: 7.6 % precision in case A.
# - You multiplied unit prices by volumes, and found a budget missed by a factor of more than ten thousand.
# - You set targets from evidence and from the cost of errors, and wrote a charter that refuses to contradict itself.
#
# **To take away** A target is worth writing down when it has a number and a unit, when the data's prevalence does not
# contradict it, and when somebody is able to watch it.

# %%
from workbench import quiz

quiz("01_objectives")

# %% [markdown]
# Now do it yourself: [exercise 01](../exercises/01_objectives.ipynb).
