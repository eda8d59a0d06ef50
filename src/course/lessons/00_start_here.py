# %% [markdown]
# # 00 · Start here
#
# **You will be able to** name the five components of a model's life and who works on each, say why deploying a model is a
# beginning, take one model through the whole loop, and use this workbench. **You need** basic Python and the idea of
# training a model. **Time** 30 minutes. **Next** [exercise 00](../exercises/00_start_here.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
n_rows: int = 6000  # rows sampled from the running case
shift: float = 2.0  # how far a column moves in production, in standard deviations
seed: int = 0  # random seed

# %% [markdown]
# ## How do I use this workbench?
#
# You are looking at a notebook: text, code, and what the code printed. Every lesson works the same way.
#
# | step | what you do |
# |---|---|
# | open | start JupyterLab with `make lab`; you get copies of your own in `work/`, never overwritten |
# | set parameters | change a value in the cell above, for instance `seed` or `use_case` |
# | run all | menu *Run*, then *Run All Cells*; the lesson recomputes everything from the new values |
# | answer | open the exercise and replace `# Your answer here` by your code |
# | grade | run the `check(...)` cell below it: *not attempted*, *incorrect* with a reason, or *correct* |
# | get help | `check.hint(...)` helps a little, and if you ask again, a little more |
# | read the solution | once you have tried, open the notebook of the same name in `solutions/` |
#
# You can also run a lesson without opening it. From a shell, these run it as it is, with another seed, and on another
# problem:
#
# ```text
# workbench run 00_start_here
# workbench run 00_start_here -p seed=7
# workbench run 00_start_here -p use_case=fraud -p shift=1.5
# ```
#
# Each run gets a folder in `runs/`. It holds the *executed* notebook, with all its outputs and figures, and a report. So a
# result is never just a number in a chat message: it comes with the code and the parameters that made it.
#
# What happens when you mistype a parameter? Silence would be the worst answer: you would believe that you had changed
# something. Let us ask the workbench for a parameter called `sed`.

# %%
from lifecycle import show
from workbench.parameters import parse_cell, resolve

cell = "n_rows: int = 6000  # rows sampled\nseed: int = 0  # random seed"
with show.error():
    resolve({"sed": 7}, parse_cell(cell), where="00_start_here")

# %% [markdown]
# It refuses, says where, and lists what it does know. You will meet this shape of error all over the course, and you will
# build services that behave like it.
#
# ## What happens to a model, from wish to retirement?
#
# Ask ten teams and you get ten diagrams. This course works with five components. Their initials, D-D-M-I-G, are worth
# knowing by heart, because the whole course hangs on them.
#
# ```text
#      Development ──► Deployment ──► Monitoring ──► Iteration
#           ▲                                            │
#           └────────────────────────────────────────────┘
#      Governance ─────────── beside all of them, all the time ────────────
# ```
#
# | component | its parts | why it matters |
# |---|---|---|
# | **D**evelopment | objectives, data exploration, features, training | ties the model to a need that somebody has |
# | **D**eployment | productionalisation, CI/CD, serving | bridges laboratory and production; takes collaboration |
# | **M**onitoring | performance, drift, business KPIs | three viewpoints, each blind where another sees |
# | **I**teration | retraining, A/B tests, shadow runs | models decay, so a successor must be ready |
# | **G**overnance | data, process, compliance | compliance, fairness, accountability |
#
# No single person does all of this. Look for your own job in the next table, then look at who stands in the other rows:
# these are the people whose work yours has to fit.
#
# | component | roles most affected | activities |
# |---|---|---|
# | development | data scientists, ML engineers | modelling, experiments, features |
# | deployment | DevOps, software engineers | CI/CD, containers, serving |
# | monitoring | everybody | performance, drift, KPIs |
# | iteration | data scientists, MLOps engineers | retraining, versions, A/B |
# | governance | risk managers, legal, data scientists | compliance, audit, documents |

# %%
components = ["development", "deployment", "monitoring", "iteration", "governance"]
print("-".join(name[0].upper() for name in components))

# %% [markdown]
# Together they span the whole life of a model. Development has a chain of its own inside, and a chain is as good as its
# weakest link:
#
# ```text
# business problem → data acquisition → features → training → evaluation → reproducibility
# ```
#
# Notice that training, the part that most courses are about, is one link of six, in one component of five.
#
# ## Why deploy at all?
#
# A model that nobody asks decides nothing. Three things change on the day when it goes live:
#
# | what deployment brings | an example |
# |---|---|
# | decisions | In a support chatbot, a model of a review's mood decides which customer talks to a person. |
# | instant answers | A bank screens card payments for fraud while they occur. An answer tomorrow would be worthless. |
# | scale | A shop recommends products to millions of visitors at once. No team of experts could. |
#
# Each of these needs three kinds of people in one room. Scientists know what the model can do, engineers know what the
# service must bear, business people know what an answer is worth. Leave one out, and you get a model nobody calls, a
# service that falls over, or a very fast answer to the wrong question.
#
# ## Is a model like any other software once it runs?
#
# Here is an ordinary program with a specification: add 19 % tax, round to cents. We test it in January and in November.


# %%
def invoice(net):
    return round(net * 1.19, 2)


specification = {100.00: 119.00, 59.90: 71.28, 9.99: 11.89}
for month in ("Jan", "Nov"):
    met = sum(invoice(net) == gross for net, gross in specification.items())
    print(f"{month}: {met} of {len(specification)} cases as specified")

# %% [markdown]
# It met its specification and goes on meeting it. Now a model: it predicts from the price and the novelty of an offer
# whether a customer buys. In December, when we collect the training data, customers look at the price alone.

# %%
import numpy as np
from sklearn.linear_model import LogisticRegression

from lifecycle.monitor import turning_tastes

rng = np.random.default_rng(seed)
december = turning_tastes(rng, n_rows=20_000, degrees=0)
print(f"{len(december):,} offers, {december['bought'].mean():.0%} bought")

# %%
offer = ["good_price", "novelty"]
sales_model = LogisticRegression().fit(december[offer], december["bought"])

# %% [markdown]
# We deploy it on the first of January. Then nothing happens to the model, not one byte. But taste turns: each month
# novelty counts a little more (3 degrees of a circle, with price alone at 0 and novelty alone at 90). Will the model keep
# its accuracy?

# %%
months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
year = {month: turning_tastes(rng, n_rows=20_000, degrees=3 * i) for i, month in enumerate(months)}


# %%
def accuracy_of(model, sales):
    return float((model.predict(sales[offer]) == sales["bought"]).mean())


accuracy = {month: accuracy_of(sales_model, sales) for month, sales in year.items()}

# %%
import matplotlib.pyplot as plt

figure, axes = show.figure()
axes.axhline(100, color=show.COLOURS["grey"], ls="--", lw=2, label="invoice program: cases as specified")
axes.plot(months, [100 * value for value in accuracy.values()], marker="o", lw=2, label="sales model: accuracy")
axes.set(xlabel="month", ylabel="right answers, %", ylim=(70, 104), title="Neither was touched all year")
axes.legend(frameon=False, loc="lower left")
plt.show()

# %%
show.table([{"month": month, "accuracy": value} for month, value in accuracy.items()], formats={"accuracy": ".1%"})

# %% [markdown]
# Month after month, the model gets a little worse, although nobody made a mistake. This is the difference to remember.
# Ordinary software has a specification, and it meets it until somebody changes something. A model's objective is
# *statistical*: be right often, on data like the training data. When the data change, it usually worsens.
#
# Ordinary upkeep does not go away, by the way. The service around the model still needs bug fixes and release upgrades.
# The decay of performance comes on top.
#
# ## How much was lost?
#
# A report says: "accuracy fell from 92 % in January to 78 % in November." How would you put the loss into one number?

# %%
from lifecycle.monitor import accuracy_loss

reported = accuracy_loss(0.92, 0.78)
print(f"lost: {reported.points:.0f} percentage points, or {reported.relative:.1%} of what there was")
print(f"a loss of 15 points would have ended at {0.92 - 0.15:.0%}, a loss of 15 percent at {0.92 * (1 - 0.15):.1%}")

# %% [markdown]
# Both numbers are right, and they are not the same. Fourteen percentage points (pp) is the plain difference; 15.2 % is
# that difference relative to January. Say which one you mean: who hears "fell by 15 %" cannot tell 77 % from 78.2 %. And
# our sales model?

# %%
measured = accuracy_loss(accuracy["Jan"], accuracy["Nov"])
print(f"lost from January to November: {measured.points:.1f} pp, {measured.relative:.1%} relative")

# %% [markdown]
# ## Deployed means finished: does it?
#
# "The model is live, the project is closed." You will hear this sentence from people who run software projects well. The
# figure above refutes it: on the day of the launch party the model was as good as it would ever be. **Deployment is the
# start, not the end.** A model is a product to look after, not a one-off project.
#
# Looking after it has three parts.
#
# 1. **Performance tracking.** Accuracy, precision, recall and F1, against the truth, period by period.
# 2. **Drift.** Do the data still look as they did (*data drift*)? Does the same input still mean the same (*concept
#    drift*)? Our sales model is stuck in old tastes: that is concept drift.
# 3. **Regular updates.** Monthly or quarterly, to suit need and use.
#
# First the tracking. One measure can hide what another shows, so look at four.

# %%
from sklearn.metrics import precision_recall_fscore_support

tracked = []
for month in ("Jan", "Nov"):
    bought, predicted = year[month]["bought"], sales_model.predict(year[month][offer])
    scores = precision_recall_fscore_support(bought, predicted, average="binary")[:3]
    tracked.append(
        {"month": month, "accuracy": accuracy[month], **dict(zip(("precision", "recall", "F1"), scores, strict=True))}
    )
show.table(tracked, formats=dict.fromkeys(("accuracy", "precision", "recall", "F1"), ".3f"))

# %% [markdown]
# All four fall together here, because buyers and non-buyers are equally frequent. When one class is rare, accuracy may
# hardly move while recall collapses: lesson 02 shows it on card fraud.
#
# Nobody reads a table every month for years. So let a program read it, and call somebody on a dip.

# %%
alert_below = 0.85
alert = next((month for month, value in accuracy.items() if value < alert_below), None)
print(f"first month below {alert_below:.0%}: {alert}")

# %% [markdown]
# Now the updates. How often should we retrain: never, each quarter, each month? Every retraining uses the sales of the
# month before.


# %%
def year_with_updates(every):
    model, right, trained = sales_model, [], 0
    for i, month in enumerate(months):
        if every and i and i % every == 0:
            last = year[months[i - 1]]
            model, trained = LogisticRegression().fit(last[offer], last["bought"]), trained + 1
        right.append(accuracy_of(model, year[month]))
    return {"trainings": trained, "mean accuracy": np.mean(right), "worst month": min(right)}


plans = {"never": 0, "quarterly": 3, "monthly": 1}
updates = [{"plan": plan, **year_with_updates(every)} for plan, every in plans.items()]
show.table(updates, formats={"mean accuracy": ".1%", "worst month": ".1%"})

# %% [markdown]
# The first few trainings buy most of the gain; the others buy little. Where the world turns faster, or a mistake costs
# more, the sum comes out differently. That is what "to suit need and use" means.
#
# ## The whole loop, once
#
# Enough talk about sales. Take a real problem through all five components, with small but real tools: a gradient-boosted
# model, a web service, a database for its predictions, a drift measure, a successor, and a record of the decision.
#
# ### Development: data and a model
#
# Which rows do we have, what do we predict, and what may the model see? Protected attributes, such as sex and age, stay
# out. Whether that makes a model fair is the question of lesson 17.

# %%
from lifecycle import develop

case = develop.use_case(use_case)
rows = develop.load(use_case, n_rows=n_rows, seed=seed)
features = [name for name in case.features if name not in (*case.protected, case.time)]
print(f"{case.title}: {len(rows):,} rows, {len(features)} features")
print(f"{case.target} = 1 in {rows[case.target].sum():,} rows: {case.positive}")

# %% [markdown]
# To rehearse the future, we hide it. The model learns from `past`. Then two months go by in production: `month_1`, and
# `month_2`, of which we will need twice as much.

# %%
from sklearn.model_selection import train_test_split


def split(data, share):
    return train_test_split(data, train_size=share, stratify=data[case.target], random_state=seed)


past, future = split(rows, 0.4)
month_1, month_2 = split(future, 1 / 3)

# %%
from xgboost import XGBClassifier


def train(data):
    model = XGBClassifier(n_estimators=60, max_depth=3, learning_rate=0.2, tree_method="hist", n_jobs=1, random_state=seed)
    return model.fit(data[features], data[case.target])


champion = train(past)

# %% [markdown]
# How good is it on rows that it has not seen? AUC is the chance that a random positive row gets a higher score than a
# random negative one: 0.5 is a coin, 1 is perfect.

# %%
from sklearn.metrics import roc_auc_score


def auc_of(model, data):
    return float(roc_auc_score(data[case.target], model.predict_proba(data[features])[:, 1]))


auc = {"month 1": auc_of(champion, month_1)}
print(f"AUC in month 1: {auc['month 1']:.3f}, with {month_1[case.target].sum():,} positives among {len(month_1):,} rows")

# %% [markdown]
# An AUC that rests on a handful of positives can move a lot by chance, so always look at the second number too. (With
# `use_case=fraud` it is a handful: lesson 02 is about that.)
#
# ### Deployment: save it
#
# A model in memory dies with the notebook. We save it as JSON text, with a fingerprint of its bytes: 64 digits that change
# completely when one byte does. The service reloads it *by fingerprint*.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

from lifecycle.deploy import digest_of, load_model, save_model

workspace = TemporaryDirectory()
file = Path(workspace.name) / "model.json"
digest = save_model(champion, file)
released = load_model(file, digest=digest)

# %%
print(f"digits: {len(digest)}")
print(f"the reloaded model has the same fingerprint: {digest_of(released) == digest}")
print(f"and gives the same scores: {auc_of(released, month_1) == auc['month 1']}")

# %% [markdown]
# Why so careful? Suppose that somebody touches the file between approval and launch. One byte is enough.

# %%
touched = file.with_name("touched.json")
touched.write_bytes(file.read_bytes() + b" ")
with show.error():
    load_model(touched, digest=digest)

# %% [markdown]
# What was not approved does not load. Without the digest it would have loaded without a word.
#
# ### Deployment: serve it
#
# Other programs do not import our notebook, they send HTTP requests. A few lines turn the model into a web service. `Row`
# tells it which fields a row must have, and that each is a number.

# %%
import pandas as pd
from fastapi import FastAPI
from pydantic import create_model

Row = create_model("Row", **dict.fromkeys(features, (float, ...)))
app = FastAPI()


@app.post("/score")
def score(rows: list[Row]) -> list[float]:
    table = pd.DataFrame([row.model_dump() for row in rows])
    return released.predict_proba(table)[:, 1].tolist()


# %% [markdown]
# `serving` starts a real server on this machine, and stops it when the block ends. We ask about three rows, as a program
# at the other end of a network would.

# %%
import httpx

from lifecycle.deploy import serving


def ask(records):
    with serving(app) as service:
        return httpx.post(f"{service.url}/score", json=records, timeout=30)


reply = ask(month_1[features].head(3).to_dict("records"))
print(reply.status_code, [round(value, 3) for value in reply.json()])

# %% [markdown]
# Status 200, and a probability for each row. And when a caller sends nonsense? A form on a web page may well deliver the
# text "unknown" where a number should be.

# %%
broken = month_1[features].head(1).to_dict("records")
broken[0][features[0]] = "unknown"
refused = ask(broken)
print(refused.status_code, refused.json()["detail"][0]["loc"], refused.json()["detail"][0]["msg"])

# %% [markdown]
# Status 422: the service understood the request and refuses it, naming row and field. Without that check, somebody would
# have turned "unknown" into 0, and the model would have answered with a confident number.
#
# ### Monitoring: keep what you answered
#
# What is not logged cannot be monitored. Everything that month 1 sends goes through the service, and inputs and answers go
# into a DuckDB database.

# %%
import duckdb

log = duckdb.connect(str(Path(workspace.name) / "predictions.duckdb"))
answers = ask(month_1[features].to_dict("records")).json()
entries = month_1[features].assign(month="month 1", score=answers)
log.execute("CREATE TABLE predictions AS SELECT * FROM entries")
print(f"logged: {log.execute('SELECT count(*) FROM predictions').fetchone()[0]:,} predictions")

# %% [markdown]
# Month 2 begins, and overnight a supplier changes how one column is counted. Nobody tells us. To make it interesting, we
# let it be the column that the model relies on most.

# %%
moved = features[int(champion.feature_importances_.argmax())]
month_2 = month_2.assign(**{moved: month_2[moved] + shift * past[moved].std()})
print(f"`{moved}` now arrives {shift:g} standard deviations higher")

# %%
answers = ask(month_2[features].to_dict("records")).json()
entries = month_2[features].assign(month="month 2", score=answers)
log.execute("INSERT INTO predictions BY NAME SELECT * FROM entries")
summary = "SELECT month, count(*) AS scored, avg(score) AS mean_score FROM predictions GROUP BY month ORDER BY month"
show.table(log.execute(summary).df())

# %% [markdown]
# No error, no crash, status 200 for every row. The service is healthy. Is the model?
#
# ### Monitoring: detect the drift
#
# The *population stability index* (PSI) compares the share of rows in ten bins, then and now: 0 means no change. A common
# rule says stable below 0.10, watch up to 0.25, act above. It needs no truth, so it can warn on the first day.

# %%
from lifecycle.monitor import population_stability_index, stability_level

now = log.execute("SELECT * FROM predictions WHERE month = 'month 2'").df()
psi = pd.Series({name: population_stability_index(past[name], now[name]) for name in features}).sort_values()
ranked = psi[::-1].head(5)
show.table([{"feature": name, "PSI": f"{value:.2f}", "level": stability_level(value)} for name, value in ranked.items()])

# %%
figure, axes = show.figure(height=2.6)
top = psi.tail(6).clip(lower=1e-3)
axes.plot(top, top.index, "o", ms=9)
axes.axvline(0.10, color=show.COLOURS["black"], ls=":", lw=1.5, label="watch: 0.10")
axes.axvline(0.25, color=show.COLOURS["vermilion"], ls="--", lw=1.5, label="act: 0.25")
axes.set(xscale="log", xlabel="PSI against the training data (logarithmic)", title="The six features that moved most")
axes.legend(frameon=False, loc="lower right")
plt.show()

# %%
alarms = [name for name, value in psi.items() if stability_level(value) == "act"]
print(f"to act on: {', '.join(alarms) or 'nothing'}")

# %% [markdown]
# An empty bin would make the index infinite, so every share below 0.0001 counts as 0.0001. Very large values owe much to
# that choice.
#
# Some weeks later the truth arrives: we learn who did what. Only now can we say whether the drift did harm.

# %%
auc["month 2"] = auc_of(champion, month_2)
show.table([{"period": period, "AUC of the champion": f"{value:.3f}"} for period, value in auc.items()])

# %% [markdown]
# ### Iteration: train a successor
#
# Half of month 2 trains a *challenger*. Both models then answer the other half, which neither has seen. The rule stands
# before the result: the challenger must gain 0.02 or more, because every change costs tests, sign-off and surprises.

# %%
from lifecycle.iterate import champion_or_challenger

learn, judge = split(month_2, 0.5)
challenger = train(learn)
auc |= {"champion, judged": auc_of(champion, judge), "challenger, judged": auc_of(challenger, judge)}

# %%
choice = champion_or_challenger(auc["champion, judged"], auc["challenger, judged"], margin=0.02)
print(f"champion {auc['champion, judged']:.3f}, challenger {auc['challenger, judged']:.3f}")
print(f"the rule proposes to {choice.outcome}: {choice.reason}")

# %% [markdown]
# ### Governance: decide, and leave a trace
#
# The rule *proposes*. A person who answers for the model approves, and not the one who proposed. Can we cheat?

# %%
from lifecycle.govern import Decision

evidence = {name: round(value, 3) for name, value in auc.items()} | {f"PSI of {moved}": round(psi[moved], 2)}
with show.error():
    Decision(f"{use_case} model", choice.outcome, (choice.reason,), evidence, proposed_by="rule", approved_by="Rule")

# %%
decision = Decision(
    f"{use_case} model", choice.outcome, (choice.reason,), evidence, proposed_by="rule", approved_by="model owner"
)
print(decision.to_json())

# %% [markdown]
# In a year, when an auditor asks why the model was changed or was not, this is the answer. It cannot be reconstructed
# later.
#
# ### And round again
#
# The decision takes effect through deployment, by fingerprint, like the first time. What the loop found is handed over as
# an artefact, a file that other lessons and people can read.

# %%
live = challenger if decision.outcome == "replace" else champion
digest = save_model(live, file)
released = load_model(file, digest=digest)
print(f"in service: the {'challenger' if live is challenger else 'champion'}")
print(f"AUC on the rows that judged: {auc_of(released, judge):.3f}")

# %%
import json

from lifecycle import artifacts

loop = {"drift": {"feature": moved, "level": stability_level(psi[moved])}, "decision": json.loads(decision.to_json())}
loop["parameters"] = {"use_case": use_case, "n_rows": n_rows, "shift": shift, "seed": seed}
artifacts.write_json("00/loop.json", loop, use_case=use_case)
log.close()
workspace.cleanup()

# %% [markdown]
# That was a small version of all five components. The rest of the course takes each of these cells and asks what can go
# wrong in it.
#
# ## What do you give up?
#
# Each component comes with choices that have no right answer, only a price. Three of them return throughout the course.
#
# | trade-off | one side | the other |
# |---|---|---|
# | complexity v interpretability | a larger model may find more | somebody must be able to explain a single decision |
# | automation v control | a machine retrains at night, without delay | a person sees the mistake that the rule does not |
# | robustness v cost, time to value, team frustration | fewer accidents | money, delay, tired people |
#
# You have already met the second one (the rule proposes, a person approves) and the third (each training of the sales
# model bought less than the one before). The first can be measured. How much does depth buy, and how many rules would you
# have to explain?

# %%
sizes = []
for depth in (1, 3, 6):
    model = XGBClassifier(n_estimators=60, max_depth=depth, learning_rate=0.2, n_jobs=1, random_state=seed)
    model.fit(past[features], past[case.target])
    leaves = (model.get_booster().trees_to_dataframe()["Feature"] == "Leaf").sum()
    sizes.append({"depth": depth, "leaves to explain": int(leaves), "AUC in month 1": f"{auc_of(model, month_1):.3f}"})
show.table(sizes)

# %% [markdown]
# Each leaf is one rule of the model. Compare the last two columns from row to row. Depth brings more rules to explain, as
# far as the data has any; whether it brings a better model is another question, and only a measurement answers it.
#
# ## Claims to distrust
#
# **"Deployed means finished."** Refuted above: an untouched model went on losing accuracy all year.
#
# **"No drift alarm, so the model is fine."** Ask PSI about the sales model. Are its inputs in November different from
# those it learned from?

# %%
for name in offer:
    value = population_stability_index(december[name], year["Nov"][name])
    print(f"PSI of {name}: {value:.3f}, {stability_level(value)}")
print(f"accuracy lost meanwhile: {measured.points:.1f} pp")

# %% [markdown]
# Not a trace, because the offers are as they were. What changed is what people make of them. Drift in the inputs is an
# early warning, and only the truth is proof.
#
# **"Drift alarm, so the model is broken."** Wrong as well. In the table of the loop, PSI of the moved column and AUC are
# two different things. Set `shift` to 1 and run all: the alarm stays, and for some seeds most of the harm is gone.
#
# ## What you did
#
# You named the five components, D-D-M-I-G, and who works on them. You saw why deployment is a start, measured a loss in
# percentage points, and took one model through development, deployment, monitoring, iteration and governance. You also saw
# four refusals: a mistyped parameter, a touched file, a broken request, a decision approved by its own author. A system
# that can say no is most of what this course is about.
#
# Check yourself, then go on to [exercise 00](../exercises/00_start_here.ipynb).

# %%
from workbench import quiz

quiz("00_start_here")
