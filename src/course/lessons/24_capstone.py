# %% [markdown]
# # 24 · Capstone
#
# **You will be able to** hand a whole project over: drive it through gates that can stop it, ask the finished files what
# a stranger would ask, answer for an incident, state value in money with a range, keep wrong figures out of a report, and
# bind everything into one signed dossier in which a change shows. **You need** [lesson 19](19_process_governance.ipynb),
# and the files of the lessons before it. **Time** 75 minutes. **Next** [exercise 24](../exercises/24_capstone.ipynb),
# then a case of your own.

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
incident: int = 54  # number of the hidden incident: another number, another one
seed: int = 24  # random seed of the invented project, and of the teaching keys

# %% [markdown]
# ## What does the next person get?
#
# You leave on Friday. On Monday somebody else sits at your desk, and on Tuesday an auditor calls. What do they have? Over
# twenty lessons one file after another was handed on. Here is all of it:

# %%
from lifecycle import artifacts, show

names = [
    "01/charter.yaml", "02/contract.yaml", "03/features.json", "04/metrics.json", "04/model.json", "04/recipe.json",
    "05/bundle.zip", "05/manifest.json", "06/explanations.json", "07/package.zip", "07/parity.json", "08/service.json",
    "09/report.json", "10/release.json", "11/alerts.yml", "12/drift.json", "13/memo.html", "13/value.json",
    "14/challenger.zip", "14/retraining.json", "15/comparison.json", "16/experiment.json", "17/fairness.json",
    "18/lineage.json", "18/register.json", "19/card.json", "19/card.html", "19/signers.json", "19/trail.jsonl",
    "19/trail.head",
]  # fmt: skip
files = {name: artifacts.read_bytes(name, use_case=use_case) for name in names}
files["20/forecast.json"] = artifacts.read_bytes("20/forecast.json")

# %%
print(f"{len(files)} files of {len({name[:2] for name in files})} lessons")

# %% [markdown]
# A folder of files is a heap. What makes it a *project* is that they speak of one and the same thing. Do they? A file can
# only be sure of another by its digest. So let us look which digests stand in which files, without asking anybody's
# documentation:

# %%
from lifecycle.cases import links
from lifecycle.govern import Sources

run = Sources(files)
released, candidate = run.value("10/release.json#/package/digest"), run.value("14/retraining.json#/challenger/digest")
named = links(files, known_as={"07/package.zip": released, "14/challenger.zip": candidate})

# %%
import numpy as np

order = sorted(files)
grid = np.array([[other in named[name] for other in order] for name in order])
figure, axes = show.figure(width=7.2, height=6.4)
axes.imshow(grid, cmap="Blues", vmax=1.4)
axes.grid(False)
axes.set_xticks(range(len(order)), order, rotation=90, fontsize=7)
axes.set_yticks(range(len(order)), order, fontsize=7)
labels = axes.set(xlabel="is named", ylabel="names", title="Which file names which by its digest")

# %%
loose = [name for name in order if not grid[order.index(name)].any() and not grid[:, order.index(name)].any()]
model = "04/model.json"
print(f"{grid.sum()} links; `{model}` is named by: {', '.join(name for name in order if model in named[name])}")

# %%
unnamed = [name for name in order if not grid[:, order.index(name)].any()]
print(f"{len(unnamed)} named by no other file:", ", ".join(unnamed))
print(f"{len(loose)} of these name none either:", ", ".join(loose))
print(
    "most names in:", ", ".join(f"{name} ({len(named[name])})" for name in sorted(order, key=lambda x: -len(named[x]))[:3])
)

# %% [markdown]
# Three rows are the fullest: the last line names them, with the number of files that each vouches for. The columns of
# model and package are no surprise. But look at the files that no other names: each could be swapped for that of another
# run, and no digest elsewhere would object. Some have a guard of another kind: `19/trail.head` holds the last link of the
# trail, so a foreign one contradicts `19/trail.jsonl`, which lesson 19 checks. And a file that names others, such as a
# release, can be held against them. For the loose ones at the end not even that works. The dossier that we build below
# names all of them.
#
# ## Does it keep what it promised?
#
# The stranger's next questions are about content. Ten of them, in the order of the life cycle, each answered by files and
# not by a person. For governance that is lesson 19's `verify_run`: is the card complete and as the files are, are its
# approvals signed, does the trail end where its head says?

# %%
from lifecycle.cases import chain_report
from lifecycle.cases.capstone.dossier import digest
from lifecycle.govern import verify_run

gates = chain_report(run.value, model=digest(files["04/model.json"]), record=lambda: verify_run(files).faults)
mark = {True: "passed", False: "FAILED"}
show.table([{"gate": gate, "finding": f.name, "found": f.found, "wanted": f.wanted, "": mark[f.passed]}
            for gate, found in gates.items() for f in found if "no test row" not in f.name])  # fmt: skip

# %%
others = next(f for f in gates["objective"] if "no test row" in f.name)
print(f"{others.name}: {others.found}")

# %%
failed = {gate: [f.name for f in found if not f.passed] for gate, found in gates.items()}
failed = {gate: names for gate, names in failed.items() if names or not gates[gate]}
print("did not pass:", "; ".join(f"{gate} ({', '.join(found)})" for gate, found in failed.items()) or "nothing")

# %% [markdown]
# Did you expect everything to be green? Every lesson ended well, each of them with its own checks. But lesson 01 promised
# figures, lesson 04 chose a threshold by cost, and nobody went back to compare. That is what a *last* gate is for: it
# asks not whether each step was done, but whether the whole is what was promised. It can only ask for rates that test
# rows show; the charter's other promises (speed, money) are listed under the table, so that nobody takes them for kept.
#
# A gate that fails is an answer, and there are three honest things to do: change the model, change the promise (with
# whoever it was given to), or stop. The dishonest one is to move the bound quietly. How would the promise and the
# threshold meet? Lesson 04's scores can be asked:

# %%
from lifecycle.deploy import open_package
from lifecycle.develop import confusion
from lifecycle.develop import use_case as described

case, package = described(use_case), open_package(artifacts.path("07/package.zip", use_case=use_case))

# %%
scorer, inputs = package.scorer(), list(package.features)
rows = artifacts.read_frame("03/features.parquet", use_case=use_case).query("split == 'test'")
chances = scorer.scores(package.guard(rows[inputs]))

# %%
bounds = {kpi["name"]: kpi["bound"] for kpi in run.value("01/charter.yaml#/kpis") if kpi["source"] == "performance"}
cost = {"fp": case.cost_false_positive, "fn": case.cost_false_negative}
price = f"mistakes ({case.currency})"


def at(threshold):
    found = confusion(rows[case.target], chances >= threshold)
    return {"threshold": threshold, "recall": found.recall, "false_positive_rate": found.false_positive_rate,
            "precision": found.precision, price: cost["fp"] * found.fp + cost["fn"] * found.fn}  # fmt: skip


# %%
tried = [at(package.threshold * factor) for factor in (0.8, 1, 1.2, 1.4, 1.7)]
show.table(tried)
print("promised:", ", ".join(f"{name} {bounds[name]:g}" for name in ("recall", "false_positive_rate", "precision")))

# %%
keeps = [row for row in tried if row["recall"] >= bounds["recall"] and row["precision"] >= bounds["precision"]
         and row["false_positive_rate"] <= bounds["false_positive_rate"]]  # fmt: skip
for row in keeps:
    print(
        f"threshold {row['threshold']:.3f} keeps the three rates; its mistakes cost {row[price] / tried[1][price] - 1:+.1%}"
    )
print("thresholds here that keep the three rates:", len(keeps))

# %% [markdown]
# The second row is what was shipped: the cheapest, by the assumed costs. The line below says whether another row keeps
# the three rates, and at which price. Where one does, cheaply, the promise was broken for next to nothing, because nobody
# went back to read it. Where none does, promise and costs contradict each other, and a person has to say which one gives
# way. Either way it will stand in the dossier under that gate's name. (These rows may not *choose* the threshold: they
# are test rows. They can show that there is a question.)
#
# ## Eight criteria, ten points
#
# What is a whole project worth? Whoever marks yours uses this rubric. Each line names files, not talents:

# %%
from lifecycle.cases import RUBRIC

show.table([{"criterion": c.name, "points": c.points, "a reader looks for": c.asks,
             "shown in": ", ".join(c.shown_by)} for c in RUBRIC])  # fmt: skip

# %% [markdown]
# Mark it yourself, before somebody else does. Here is one reader's view of this chain: half a point off where the promise
# was missed, and where fairness was decided and missed or the card does not hold. A line that is left out is no zero:

# %%
from lifecycle.cases import marks

halved = {"objective": "objective", "fairness": "fairness and governance", "governance": "fairness and governance"}
view = {c.name: c.points for c in RUBRIC} | {halved[gate]: 0.5 for gate in halved if gate in failed}
print(f"{marks(view):g} of {sum(c.points for c in RUBRIC)} points")
with show.error():
    marks({"objective": 1, "data": 1})

# %% [markdown]
# ## A whole project in one sitting
#
# Now do all of it once, from nothing, on a problem small enough to see through. A factory has pumps. Which will fail
# within a month? The data are invented, so that every judgement can itself be judged. The steps are those of the
# capstone:
#
# | step | delivers |
# |---|---|
# | business problem | targets that can be missed |
# | collect and prepare | rows, checked |
# | build and evaluate | a model that beats a baseline, on rows it has not seen |
# | explain | reasons that add up |
# | deployment and monitoring plans | a form that runs elsewhere, and the week of the first alarm |
# | governance | a card, gates, who answers (RACI) |
# | value | money, with a range |
# | present | a page for those who pay |
#
# `drive` runs one step after another. Behind each stands a *gate* that looks at what the step made; what does not pass
# stops the project there. First the problem, as figures:

# %%
from lifecycle.cases import Step, at_least, at_most, holds, pumps

asked = {"recall": 0.5, "false_positive_rate": 0.3, "gain": 0.05, "miss": 6_000, "check": 900}
problem = Step(
    "problem", lambda made: {"targets": asked}, lambda made: [at_least("targets", len(made["targets"]), 3, form="d")]
)

# %% [markdown]
# Data next. The gate asks for what can be asked of any table: enough cases, nothing missing, no row on both sides.

# %%
from lifecycle.develop import shared_rows


def collect(made):
    table = pumps(4000, seed=seed)
    return {"_train": table[:2400], "_test": table[2400:], "rows": len(table), "positive": int(table["fails"].sum())}


def sound(made):
    yield at_least("failures among the rows", made["positive"], 200, form="d")
    yield at_most("missing values", int(made["_train"].isna().sum().sum()), 0, form="d")
    yield at_most("rows in both parts", shared_rows(made["_train"], made["_test"]), 0, form="d")


# %% [markdown]
# Then a model and the evidence for it. Its rival is a *baseline* that a mechanic could apply: the more hours since the
# last service, the sooner. The gate does not ask whether the model is better on these rows, but whether it surely is.

# %%
from sklearn.linear_model import LogisticRegression

from lifecycle.develop import cheapest_threshold, paired_difference, roc_auc

columns = ["temperature", "vibration", "hours"]


def build(made):
    model = LogisticRegression(max_iter=1000).fit(made["_train"][columns], made["_train"]["fails"])
    weights = [round(float(w), 3) for w in (model.intercept_[0], *model.coef_[0])]
    return {"formula": dict(zip(["start", *columns], weights, strict=True))}


def chance(table, formula):
    return 1 / (1 + np.exp(-(formula["start"] + sum(formula[name] * table[name] for name in columns))))


# %%
def judge(made):
    test = made["_test"]
    said = chance(test, made["formula"])
    gain = paired_difference(roc_auc, test["fails"], said, test["hours"], n=300, seed=seed)
    limit = cheapest_threshold(
        test["fails"], said, cost_false_positive=asked["check"], cost_false_negative=asked["miss"] * 0.5
    )
    now = limit.confusion
    return {"gain": [round(gain.low, 3), round(gain.high, 3)], "threshold": round(limit.threshold, 3),
            "recall": round(now.recall, 3), "fpr": round(now.false_positive_rate, 3),
            "precision": round(now.precision, 3)}  # fmt: skip


def convincing(made):
    yield at_least("gain in AUC over the baseline, its low end", made["gain"][0], made["targets"]["gain"])
    yield at_least("recall", made["recall"], made["targets"]["recall"])
    yield at_most("false-positive rate", made["fpr"], made["targets"]["false_positive_rate"])


# %% [markdown]
# Do you see what is wrong with `judge`? It chooses the threshold on the test rows, and judges on them. You know from
# lesson 04 what that does; the gate does not. A gate sees what it is shown. (Question for later: which gate *would* see
# it? The answer comes after the spoiling.)
#
# Explanation: for a logistic formula each input adds its weight times its distance from the mean, and the sum has to be
# the score. Deployment: the same formula in another language, SQL, compared row by row.


# %%
def explain(made):
    test, formula = made["_test"], made["formula"]
    parts = {name: formula[name] * (test[name] - made["_train"][name].mean()) for name in columns}
    base = formula["start"] + sum(formula[name] * made["_train"][name].mean() for name in columns)
    logit = np.log(chance(test, formula) / (1 - chance(test, formula)))
    worst = float(abs(base + sum(parts.values()) - logit).max())
    return {"reasons": sorted(parts, key=lambda name: -abs(parts[name]).mean()), "adds_up": worst < 1e-9}


# %%
import duckdb


def as_sql(formula):
    terms = " + ".join(f"{formula[name]} * {name}" for name in columns)
    return f"1 / (1 + exp(-({formula['start']} + {terms})))"


def deploy(made, write=as_sql):
    query, test = write(made["formula"]), made["_test"]
    there = duckdb.sql(f"select {query} as chance from test").df()["chance"].to_numpy()
    return {"sql": query, "gap": float(f"{abs(there - chance(test, made['formula'])).max():.0e}") < 1e-9}


# %% [markdown]
# Monitoring: twelve weeks of pumps come in, and in the eighth a new vibration sensor is fitted. The plan says: PSI of
# each input against the training rows; an alarm where it exceeds .25 in two weeks running, and not before, since one week
# can be chance. The gate checks the *plan*: is the change found, and is nothing found before it?

# %%
from lifecycle.cases import pump_weeks
from lifecycle.monitor import population_stability_index


def watch(made, new_sensor=8):
    weeks = pump_weeks(12, 300, seed=seed, new_sensor=new_sensor)
    psi = [round(population_stability_index(made["_train"]["vibration"], week["vibration"]), 2) for week in weeks]
    above = [value > 0.25 for value in psi]
    second = [number for number in range(2, 13) if above[number - 1] and above[number - 2]]
    return {"psi": psi, "alert_week": second[0] if second else 0}


# %% [markdown]
# A challenger, trained with the rows of the new sensor, waits. The rulebook of lesson 15 decides about it, and nobody's
# mood:

# %%
from lifecycle.iterate import REPLACEMENT, read_rules


def challenge(made):
    evidence = {"gain": 0.02, "accuracy_fall": 0.0, "latency_rise": 0.04, "shift": 0.03, "critical_failures": 0,
                "compliant": True}  # fmt: skip
    return {"evidence": evidence, "ruling": read_rules(REPLACEMENT).decide(evidence).outcome}


# %% [markdown]
# Governance: a card whose figures come from what was made, and a RACI table: who does each task (R), who answers for it
# (A), who is asked before (C) and told after (I). The rule of lesson 19: exactly one A in each row, and somebody who does
# it. Value: money with a range. A check costs 900; a failure that is prevented saves 6,000, and half of the checks of a
# failing pump come in time, or so we believe: a pilot of 40 prevented 20.


# %%
def govern(made):
    card = {"name": "pump watch", "inputs": columns, "threshold": made["threshold"], "recall": made["recall"],
            "limits": "one factory, one make of pump", "monitoring": "PSI, weekly"}  # fmt: skip
    tasks = {"release": {"Ana": "R", "Bo": "A", "Max": "I"}, "monitoring": {"Ana": "A/R", "Max": "I"},
             "money": {"Max": "A/R", "Ana": "C"}}  # fmt: skip
    return {"card": card, "raci": tasks}


card_asks = ("name", "inputs", "threshold", "recall", "limits", "monitoring")

# %%
from lifecycle.govern import Raci

roles = {"Ana": "data scientist", "Bo": "model risk manager", "Max": "plant manager"}


def governed(made):
    yield holds("card complete", all(made["card"].get(name) for name in card_asks))
    yield at_most("faults of the RACI table", len(Raci(made["raci"], roles).faults()), 0, form="d")


# %%
from lifecycle.monitor import Campaign, Rate, Triangular, monte_carlo


def value(made):
    base = Campaign(cases=1500, recall=made["recall"], precision=made["precision"], success=0.5, value=asked["miss"],
                    contact=asked["check"], development=150_000, maintenance=40_000)  # fmt: skip
    beliefs = {"success": Rate(20, 40), "value": Triangular(4_000, 6_000, 7_000)}
    worlds = monte_carlo(lambda **moved: base.but(**moved).net, beliefs, n=4000, seed=seed)
    low, high = worlds.interval(0.9)
    return {"roi": round(base.roi, 3), "net": [float(f"{x:.3g}") for x in (low, base.net, high)],
            "pays": round(worlds.chance(), 2)}  # fmt: skip


# %% [markdown]
# The last step: a page for those who pay. Its figures are put in from what was made, so nobody can mistype them, and each
# says where it comes from. The gate holds it against the claims that are known to be wrong (more of them below), and asks
# whether the range and a proposal are in it:

# %%
from lifecycle.cases import wrong_claims


def present(made):
    low, base, high = (f"{x:,.0f}" for x in made["net"])
    lines = [f"Pumps that will fail: {made['recall']:.0%} found in advance (step evidence).",
             f"Worth {low} to {high} a year, base case {base} (step value), by a pilot of 40 checks.",
             f"Watched weekly (step monitoring); {', '.join(roles.values())} share the work (step governance).",
             "We propose: one factory for half a year, then decide again."]  # fmt: skip
    return {"page": "\n".join(lines)}


def presentable(made):
    yield at_most("known wrong claims on the page", len(wrong_claims(made["page"])), 0, form="d")
    said = [f"{x:,.0f}" in made["page"] for x in made["net"]]
    yield holds("the value has its range, and a proposal follows", all(said) and "We propose" in made["page"])


# %%
from lifecycle.cases import drive

steps = [
    problem,
    Step("data", collect, sound),
    Step("model", build, lambda made: [at_least("weights", len(made["formula"]), 4, form="d")]),
    Step("evidence", judge, convincing),
    Step("explain", explain, lambda made: [holds("reasons add up to the score", made["adds_up"])]),
    Step("deployment", deploy, lambda made: [holds("SQL says what Python says", made["gap"])]),
    Step("monitoring", watch, lambda made: [holds("alarm after the change, and none before", made["alert_week"] == 9)]),
    Step("iteration", challenge, lambda made: [holds("the rules give an answer", made["ruling"] != "")]),
    Step("governance", govern, governed),
    Step("value", value, lambda made: [at_least("chance that it pays", made["pays"], 0.75)]),
    Step("present", present, presentable),
]
journey = drive(steps)

# %%
show.table(journey.rows())
print("all gates passed" if journey.passed else f"stopped at: {journey.stopped_at}")
print(journey.made.get("page", "no page"))

# %% [markdown]
# What did we get? Six results, the ones that a sponsor, an auditor and the next engineer will ask for:

# %%
made = journey.made
low, base, high = made.get("net", (0, 0, 0))
print(f"gates: {'all pass' if journey.passed else 'stopped'}; card complete: {'card' in made}")
print(f"return on investment {made.get('roi', 0):.0%}; net {low:,.0f} to {high:,.0f}, base case {base:,.0f}")
print(f"alert in week {made.get('alert_week')}; champion or challenger: {made.get('ruling')}")

# %% [markdown]
# Why week 9, when the sensor was changed in week 8? Look at what the monitor saw:

# %%
seen_by_week = dict(enumerate(made.get("psi", []), 1))
figure, axes = show.figure(height=2.6)
axes.bar(seen_by_week.keys(), seen_by_week.values(), color=show.COLOURS["sky"])
axes.axhline(0.25, color=show.COLOURS["vermilion"], lw=1.5)
axes.annotate("limit of the alarm", (0.5, 0.25), xytext=(0, 3), textcoords="offset points", fontsize=8)
axes.set(xlabel="week", ylabel="PSI of vibration", xticks=range(1, 13))
title = axes.set_title("A new sensor in week 8", loc="left")

# %%
print("PSI by week:", ", ".join(f"{week}: {value:.2f}" for week, value in seen_by_week.items()))

# %% [markdown]
# The alarm waits for a second week, and pays for that with one week. In return, a single odd week does not ring.

# %%
again = drive(steps)
print("driven again, the same digest:", again.digest == journey.digest)

# %% [markdown]
# The digest is over every result, figure by figure. Whoever drives the same steps with the same seed and gets another one
# knows that something differs, before looking for what. (Weights and figures are rounded before they count. With all
# sixteen digits another processor would be enough to differ: lesson 05.)
#
# ### Does a gate stop anything?
#
# A report in which all gates pass is what you would also see if no gate worked. So spoil the project, one step at a time,
# and see who notices:

# %%
from dataclasses import replace


def instead(name, run):
    return [replace(step, run=run) if step.name == name else step for step in steps]


def spoilt(name, change):
    was = next(step.run for step in steps if step.name == name)
    return instead(name, lambda made: {**was(made), **change(made)})


def shortened(formula):
    return as_sql({name: round(weight, 1) for name, weight in formula.items()})


# %%
spoils = {
    "test rows that were trained on": spoilt("data", lambda made: {"_test": pumps(4000, seed=seed)[1000:2600]}),
    "weights of another project": spoilt("model", lambda made: {"formula": dict.fromkeys(["start", *columns], 0.01)}),
    "a digit lost on the way to SQL": instead("deployment", lambda made: deploy(made, shortened)),
    "the new sensor came in week 5": instead("monitoring", lambda made: watch(made, new_sensor=5)),
    "a card without limits": spoilt("governance", lambda made: {"card": {"name": "pump watch"}}),
    "a task that nobody answers for": spoilt("governance", lambda made: {"raci": {"release": {"Ana": "R"}}}),
    "an old slide on the page": spoilt("present", lambda made: {"page": "Our model returns 127 % on what it costs."}),
    "a figure that is not a number": spoilt("evidence", lambda made: {"recall": float("nan")}),
}

# %%
show.table([{"spoilt": name, "stopped at": drive(each).stopped_at or "nothing noticed"} for name, each in spoils.items()])

# %% [markdown]
# Each is noticed. Is it the gate that it belongs to? Mostly, and once it is not: the weights of another project pass the
# gate of the model, which only counts weights, and are stopped by the evidence a step later. For the SQL we shortened the
# text of the formula, and for the monitor we moved the sensor, so that the steps themselves ran on something else. NaN is
# worth a look: `nan < 0.5` is false, and a gate written as "stop if recall is below .5" would have let it through. These
# ask for a clear yes.
#
# And the question that was left open: which gate sees that `judge` chose its threshold on the rows that it judges by?
# None that looks at figures, for they are the figures of an honest project, a little too good. It takes a gate that looks
# at *rows*: the ones that chose must not be among those that judge. Here is what ours did, and what an honest split would
# do:

# %%
chose = (
    {"as above": (made["_test"], made["_test"]), "split": (made["_test"][:800], made["_test"][800:])}
    if "_test" in made
    else {}
)
for name, (choosing, judging) in chose.items():
    cut = cheapest_threshold(choosing["fails"], chance(choosing, made["formula"]), cost_false_positive=asked["check"],
                             cost_false_negative=asked["miss"] * 0.5)  # fmt: skip
    gate = at_most("rows that choose and judge", len(choosing.index.intersection(judging.index)), 0, form="d")
    now = confusion(judging["fails"], chance(judging, made["formula"]) >= cut.threshold)
    print(f"{name}: recall {now.recall:.3f}; {gate.name}: {gate.found}, {mark[gate.passed]}")

# %% [markdown]
# ## Something is wrong, and you do not know what
#
# The project is live. Below is a stream of 60 days of the running case, and in it is an incident of unknown kind, or
# none: the game of `workbench incident`. The parameter `incident` decides which; look at `drawn` only when you have made
# up your mind.

# %%
from lifecycle.monitor import draw_incident, replay


def scored(table):
    return scorer.scores(package.guard(table))


production = artifacts.read_frame("11/production.parquet", use_case=use_case)
drawn = draw_incident(incident, features=package.features, days=60)
common = {
    "target": case.target,
    "scores": scored,
    "days": 60,
    "per_day": 200,
    "seed": incident,
    "features": package.features,
}
stream = replay(production, incident=drawn, **common)

# %%
from lifecycle.monitor import diagnose, reference_of

earlier = artifacts.read_frame("03/features.parquet", use_case=use_case).query("split != 'train'")
earlier = earlier[[case.target, *inputs]].assign(score=scored(earlier[inputs]))
known = reference_of(earlier, target=case.target, features=package.features)
said = {day: diagnose(stream, known, day=day) for day in range(20, 60, 4)}

# %%
for day, found in said.items():
    print(f"day {day}: {found.kind}" + (f" since day {found.since}" if found.since >= 0 else ""))

# %% [markdown]
# Read down. An alarm that says one thing today and another tomorrow is common: evidence grows. So settle on a diagnosis
# when two looks in a row agree, and say what it rests on:

# %%
from itertools import pairwise

agreed = [day for (_, one), (day, two) in pairwise(said.items()) if one.kind == two.kind != "none"]
seen = agreed[0] if agreed else 59
verdict = diagnose(stream, known, day=seen)
print(verdict.words)
for sign in verdict.evidence[:3]:
    print(f"- {sign.about}: {sign.what}: {show.number(sign.size)}")

# %% [markdown]
# ### Shall we roll back?
#
# That is the first thing that everybody asks for, because it is the one button there is. Suppose that a new version was
# released two days before. So surely it was that? A rollback brings back an older *version*. It brings back no older
# world, and no older feed:

# %%
from lifecycle.cases import respond
from lifecycle.monitor import KINDS

table = [(kind, respond(kind, since=27, released=27)) for kind in KINDS]
show.table([{"diagnosis": kind, "roll back": r.roll_back, "because": r.because, "first": r.first} for kind, r in table])

# %%
answer = respond(verdict.kind, since=verdict.since, released=max(0, verdict.since - 2))
print("roll back" if answer.roll_back else "no rollback", f"({verdict.kind}):", answer.because)
print("first:", answer.first)

# %% [markdown]
# Four kinds can be brought by a version: answers that get slow, steps that fail, and, less well known, a unit or an empty
# field, where new code computes a feature in another way. Each of them asks for a second sign: that it began *with* the
# release (`near=1`: on its day or the day after). Two days are not close enough, so here it is no suspect. And where it
# is, who pushes the button? Best nobody. Here is a recorded ramp of another release, which runs out of memory under load.
# It is followed step by step with the limits of lesson 10:

# %%
from lifecycle.deploy import Observed, RampLimits, RampPlan, walk_ramp

plan = RampPlan((0.05, 0.25, 0.5, 1.0))
trace = [Observed(3000, 4), Observed(15_000, 21), Observed(30_000, 960)]
walked = walk_ramp(plan, trace, limits=RampLimits(error_rate=0.01))

# %%
for step, seen_there in enumerate(walked.verdicts, 1):
    print(f"step {step}, {plan.share_at(step):.0%} of the traffic: {seen_there.action}")
print(f"rolled back at step {walked.rolled_back_at}, share afterwards {walked.reached:.0%}")

# %% [markdown]
# ### The memo
#
# An incident is over when it is written down, without blame, so that the next one is seen earlier. First the money: what
# was lost until the day on which it was known? The same stream without its incident tells us. And now compare with the
# truth.

# %%
from lifecycle.monitor import NO_INCIDENT, Answer, Stakes, daily_losses, judge_answer

quiet = replay(production, incident=NO_INCIDENT, **common)
unit = case.cost_false_positive
stakes = Stakes(unit, case.cost_false_negative, failed_request=unit, late_day=10 * unit, investigation=20 * unit)

# %%
losses = daily_losses(stream, quiet, threshold=package.threshold, stakes=stakes)
ours = Answer(seen, verdict.kind, verdict.since, *verdict.features[:1])
outcome = judge_answer(ours, stream, losses, stakes=stakes)

# %%
print(f"truth: {drawn.kind}, from day {drawn.day}, {', '.join(drawn.features) or 'no single feature'}")
print(f"points: {outcome.points:.0f} of 100 { ({k: round(v) for k, v in outcome.parts.items()}) }")

# %%
from lifecycle.cases import incident_memo

steps_to_come = answer.next_steps | {"a look every day, not every fourth": "Ana"}
memo = incident_memo(
    service=f"{use_case} risk", kind=verdict.kind, since=max(verdict.since, 0), seen=seen, lost=max(0.0, outcome.lost),
    evidence=[f"{sign.about}: {sign.what}: {show.number(sign.size)}" for sign in verdict.evidence],
    at_stake=max(0.0, outcome.at_stake), currency=case.currency, rolled_back=answer.roll_back, because=answer.because,
    action=answer.first, next_steps=steps_to_come,
)  # fmt: skip
print(memo)

# %% [markdown]
# The first next step comes with the kind (another one for a feed, a shift or a slow service), and where nothing was found
# the memo says that. No name stands under "what happened", and one stands under every next step. A memo in which nobody
# has to do anything is refused:

# %%
with show.error():
    incident_memo(service="x", kind="prior", since=3, seen=5, evidence=["a"], lost=0, at_stake=0, currency="",
                  rolled_back=False, because="-", action="-", next_steps={"be more careful": ""})  # fmt: skip

# %% [markdown]
# ## In money, with a range
#
# Lesson 13 reckoned the value of the running case. A page for those who pay has one figure in it that everybody will
# remember, so make sure that it is not a point:

# %%
worth = run.value("13/value.json#")
low, high = worth["net_90"]
print(f"net a year {show.number(worth['net_a_year'])} {worth['currency']}; nine in ten between", end=" ")
print(f"{show.number(low)} and {show.number(high)}; above zero in {worth['chance_above_zero']:.0%}")

# %% [markdown]
# And what of the sentence on the slide? Lesson 13's churn campaign returned 127 %, and 29 % with the precision that it
# really had. Numbers like the first one live long.
#
# ## What must not stand in the report
#
# Each lesson had a section of claims to distrust. They come back, because they are short, round and pleasant. They are in
# a file now, and a report can be held against it:

# %%
from lifecycle.cases import errata

report = """Our churn model returns 127 % on what it costs. The data drifted, so accuracy must have fallen; it was 92 %.
For 80 % power the test needs 50,000 users per group. The protected attribute was dropped, so the model cannot
discriminate. Storage falls from 400 to 60 MB, which is 85 % less and not 87 %. The EU AI Act is still proposed."""
for citation in wrong_claims(report):
    print(f"- {citation}")

# %%
of_lessons = len({each.lesson for each in errata()})
print(f"known: {len(errata())} claims of {of_lessons} lessons; found here: {len(wrong_claims(report))}")

# %% [markdown]
# One sentence quotes a wrong figure and was left alone: it has the right one too, so it refutes. The checker works
# sentence by sentence, with rules. Can it be fooled?

# %%
sly = "Our churn model returns a hundred and twenty-seven percent on what it costs."
print("found:", len(wrong_claims(sly)))

# %% [markdown]
# Easily. It finds what was written in good faith by somebody who copied a slide, which is how most wrong figures travel.
# That nothing was found does not make a report right. Does our own memo pass, and the pages of lessons 13 and 19?

# %%
pages = {"memo": str(memo), "13/memo.html": files["13/memo.html"].decode(), "19/card.html": files["19/card.html"].decode()}
print({name: len(wrong_claims(text)) for name, text in pages.items()})

# %% [markdown]
# ## Hand over: the dossier
#
# Everything comes together: every file with its digest and the files that name it, what the gates found, the plans for
# what comes next, and what people say. Start with the plan for the challenger: shadow first, then an A/B test where the
# shadow cannot answer.

# %%
from lifecycle.iterate import paired_sample_size, sample_size

shadow = {"cases": f"{paired_sample_size(0.02, disagreement=0.05):,}", "compares": "decisions, paired; labels waited for",
          "stops": "when the champion gets slower"}  # fmt: skip
test = {"users in each group": f"{sample_size(0.05, 0.005):,}", "metric": "fixed before", "looks": "one, at the end"}
print("shadow:", shadow["cases"], "cases; A/B test:", test["users in each group"], "users in each group")

# %% [markdown]
# Now try to build it, with a summary and nothing else:

# %%
from lifecycle.cases import build_dossier

dossier = {"title": f"{case.title}: dossier", "author": "Ana", "on": "2026-06-30", "gates": gates,
           "known_as": {"07/package.zip": released, "14/challenger.zip": candidate}}  # fmt: skip
sent = files | {"24/memo.html": memo.html.encode()}
plans = {"shadow": shadow, "A/B test": test}
with show.error():
    build_dossier(sent, **dossier, plans=plans, statements={"summary": "Fit to be used, with the restrictions of the card."})

# %% [markdown]
# It refuses: a gate did not pass, and nobody says what follows. A failed gate does not forbid a hand-over. Silence about
# it does.

# %%
decided = {
    "objective": "Shipped for least cost; promised rates are missed. The owner of the goal decides by 2026-09-30.",
    "fairness": "Missed, as recorded in 17/fairness.json. A person decides each case until the next version; owner: Bo.",
    "value": "The chance that it pays is too small to be promised; a pilot comes first. Owner: Max.",
    "data": "Not in order; see the report. Owner: Ana.",
}
statements = {"summary": f"{case.title}. Fit to be used with the restrictions of the card."}
statements |= {gate: decided.get(gate, "Looked into; owner: Ana.") for gate in failed}
content = build_dossier(sent, **dossier, plans=plans, statements=statements)
print(f"{len(content['files'])} files, {len(content['gates'])} findings, statements on: {', '.join(content['statements'])}")

# %% [markdown]
# Who signs it? Not the author alone. Keys as in lesson 19 (teaching keys, made from the seed; real ones are secret). The
# *purpose* is part of what is signed: a signature for another paper does not count here. So are name, role and key of
# whoever signs: a signature says who stands for it, and as what. Nobody signs twice.

# %%
from lifecycle.cases import sign_dossier
from lifecycle.govern import SigningKey, is_signed

people = {"Ana": "author", "Bo": "model risk manager"}
keys = {name: SigningKey.teaching(name, seed=seed) for name in people}
for name, role in people.items():
    content = sign_dossier(content, name=name, role=role, public=keys[name].public,
                           key=lambda data, key=keys[name]: key.sign(data, purpose="dossier"))  # fmt: skip

# %%
with show.error():
    sign_dossier(content, name="Ana", role="chief risk officer", public=keys["Ana"].public, key=keys["Ana"].sign)

# %%
from lifecycle.cases import pack_dossier, verify_dossier

# %%
archive = pack_dossier(content, sent)
ours_trusted = {name: key.public for name, key in keys.items()}


def checked(archive, trusted=ours_trusted):
    return verify_dossier(archive, trusted=trusted, required=people,
                          is_signed=lambda d, s, p: is_signed(d, s, p, purpose="dossier"))  # fmt: skip


print(f"packed twice, the same bytes: {pack_dossier(content, sent) == archive}; faults: {checked(archive)}")

# %% [markdown]
# ### Somebody changed something
#
# The archive is on its way. Along that way somebody makes the recall a little better; swaps a file that no other file
# names; makes the page nicer; takes a gate out; gives the author a better role; takes a signature away, or doubles it so
# that two still stand there; leaves a file away; or signs all of it with keys of their own.

# %%
from lifecycle.cases.capstone.dossier import written

everything = sent | written(content)
nicer = {**content, "gates": [row for row in content["gates"] if row["passed"]]}
first, second = content["signatures"]
changes = {
    "a better recall": {"04/metrics.json": files["04/metrics.json"].replace(b"0.", b"0.9", 1)},
    "another forecast": {"20/forecast.json": files["20/forecast.json"] + b" "},
    "a nicer page": {"dossier.html": everything["dossier.html"].replace(b"Missed", b"Met")},
    "failed gates taken out": written(nicer),
    "a better role": written({**content, "signatures": [first | {"role": "chief risk officer"}, second]}),
    "a signature missing": written({**content, "signatures": [first]}),
    "one signs twice": written({**content, "signatures": [first, first]}),
}

# %%
for name, change in changes.items():
    print(f"{name}:", "; ".join(str(fault) for fault in checked(everything | change))[:150])
missing = {name: data for name, data in everything.items() if name != "17/fairness.json"}
print("a file left away:", *checked(missing))

# %%
hers = {name: SigningKey.teaching(name, seed=seed + 1) for name in people}
forged = {**nicer, "signatures": []}
for name, role in people.items():
    forged = sign_dossier(forged, name=name, role=role, public=hers[name].public,
                          key=lambda data, key=hers[name]: key.sign(data, purpose="dossier"))  # fmt: skip
theirs = checked(sent | written(forged), {name: key.public for name, key in hers.items()})
print(f"by a list in the archive: {len(theirs)} faults; by ours:", *checked(sent | written(forged))[:1])

# %% [markdown]
# Each change is found and named, the forecast too, which nothing else held. That a signature is missing can only be seen
# by somebody who knows who had to sign: that is what `required` is for. And the last one teaches once more what lesson 19
# did: with a list of keys that came in the same envelope, everything holds. Bring your own.
#
# What is in the archive, for a person to open?

# %%
import re

text = re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", written(content)["dossier.html"].decode(), flags=re.DOTALL))
print(" ".join(text.split())[:600])

# %% [markdown]
# What do we leave behind? The contents, the page and the memo. The page in the folder `24` links to the other lessons'
# folders beside it; the one in the archive, to the files packed with it. The archive itself is for sending and is not
# written: all of it stands in the run already, and would be kept twice. How large it is stands in the last line.

# %%
from lifecycle.cases import dossier_page

artifacts.write_json("24/dossier.json", content, use_case=use_case)
artifacts.write_text("24/dossier.html", dossier_page(content, base="../"), use_case=use_case)
artifacts.write_text("24/memo.html", memo.html, use_case=use_case)
print(f"written: 24/dossier.json, 24/dossier.html, 24/memo.html; to send: {len(archive) / 1e6:.0f} MB")

# %% [markdown]
# ## Now yours
#
# A project of your own begins with a table. At the command line:
#
# ```sh
# workbench new-use-case data.csv --target churned
# workbench profile data.csv --target churned --report profile.html
# workbench train data.csv --target churned --out model
# ```
#
# The first writes a folder with a catalogue entry, a data contract that was read from the table, and a charter with
# everything left open that only you can say. What it does *not* do: your table does not become a fourth `use_case` of
# these lessons, which run on their three; nothing is trained, and no meaning, cost or purpose is guessed. Yours goes on
# with the commands that it prints. Here it is on the pumps, written out as a file:

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

from course.own_case import open_points, write_case

with TemporaryDirectory() as folder:
    table = Path(folder) / "pumps.csv"
    pumps(300, seed=seed).to_csv(table, index=False)
    own = write_case(table, "fails", Path(folder) / "own")
    left = [point.split(",")[0].split(":")[0] for point in open_points(Path(folder) / "own")]
print(f"{own.name}: {own.rows} rows, {own.columns} columns, {own.prevalence:.1%} {own.positive}")
print("open, for a person to say:", {name: left.count(name) for name in dict.fromkeys(left)})

# %% [markdown]
# Deliver: a repository that can be rebuilt, a card, a release report, a plan for shadow and A/B test; then present it to
# those who pay. The last question of the exercise is marked by the rubric.
#
# ## Revision
#
# Six things to take away:
#
# 1. Bias enters by data and by design. 2. Definitions of fairness conflict, and somebody decides. 3. What happens in time is
#    tested in time. 4. Deployment needs interfaces, containers and monitoring. 5. Drift will come. 6. State value in money.
#
# What is worth knowing by heart, and what is worth being able to do:
#
# | know | |
# |---|---|
# | five components | development, deployment, monitoring, iteration, governance (D-D-M-I-G) |
# | formats | PMML classic models, ONNX deep nets (and more), PFA statistical models, POJO Java |
# | two ways to compare | shadow: both get the request, one answers; A/B: the requests are split |
# | two ways to deploy | live (a service), batch (a schedule) |
# | two kinds of governance | of data, of process |
# | three audiences | operations, data science, business |
# | law | GDPR adopted 2016, applies 2018; CCPA 2018, in force 2020 |
# | tools | MLflow runs, Docker images, DVC data, Prometheus metrics, Grafana pictures |
#
# | be able to | lesson |
# |---|---|
# | explain the five, and say why features take the time | 00, 03 |
# | rebuild a model; deploy it light or robust, live or in batches | 05, 08, 09, 10 |
# | give three views of a model in production, and tell kinds of drift apart | 11, 12, 13 |
# | design a workflow, pick a deployment and a test: shadow or A/B | 10, 15, 16 |
# | measure bias and fairness; govern in full | 17, 18, 19 |
# | validate in time; give the return in money | 20, 13 |
#
# Best practice in one table; each line has a lesson behind it:
#
# | practice | means |
# |---|---|
# | versions and rollback | every version kept, the way back tried |
# | monitoring and logs | metrics, what users do, health; predictions and errors |
# | automatic retraining | at a threshold, behind a comparison |
# | A/B on a subset | with a metric fixed before |
# | documents | process, assumptions, architecture |
# | scale | load tests; more copies by rule |
# | security | encryption, guarded interfaces, privacy law |
# | feedback of users, and a plan | where the model is to be in a year |
#
# Four questions to discuss, since no key settles them: how does continuous learning differ between a shop and a bank?
# Which ethics belong to the deployment? Who answers for fairness? Should governance come first?
#
# When you revise, think in workflows. Tie each idea to fraud, churn or recommendation; for each decision, name who is
# affected and what is traded off. Then let yourself be asked:
#
# ```sh
# workbench exam --n 20 --seed 1
# workbench exam --n 10 --seed 2 --stage monitoring
# ```
#
# Each writes a paper; fill it in and grade it with `workbench exam --grade FILE`. One seed, one paper.
#
# ## Claims to distrust
#
# | you will hear | what we saw |
# |---|---|
# | "every step was checked, so the whole is right" | two lessons' promises did not fit, and only the last gate asked |
# | "all gates are green" | so they would be if none worked: spoil something |
# | "roll back first, think later" | no older version brings back an older feed |
# | "the checker found no wrong figure" | it knows what it has a rule for |
# | "the dossier is signed" | by whose list of keys? |
# | "one number, please" | it will be remembered without its range |
#
# ## What you did
#
# - You looked at a heap of files, and saw by their digests how far they are one project.
# - You asked it ten questions, and it failed some; and you put on record what follows.
# - You drove a project through eleven gates, spoilt it in eight ways, and saw who noticed.
# - You diagnosed an incident, decided about a rollback, and wrote the memo.
# - You held a report against the wrong claims of the whole course.
# - You bound everything into one signed dossier, and found every change.

# %%
from workbench import quiz

quiz("24_capstone")

# %% [markdown]
# Now try it yourself: [exercise 24](../exercises/24_capstone.ipynb).
