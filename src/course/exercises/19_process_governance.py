# %% [markdown]
# # Exercise 19 · Process governance
#
# Six questions on [lesson 19](../notebooks/19_process_governance.ipynb), about 45 minutes. Each starts from inputs that
# are supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("process_governance.raci")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 19  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Who does what? (4 points)
#
# `tasks` is a RACI table as a dictionary: task, then role, to letters such as `"A/R"`, and `"-"` where a role has no
# part. `spoilt` is a copy of it that somebody has edited. Write
#
# - `who(table, task, letter)`: the list of the roles that have the letter in the task, in the table's order;
# - `faults(table)`: a list of pairs (task, what is wrong), in the table's order. What is wrong is `"no A"`, `"many A"` or
#   `"no R"`; a task with two faults has two pairs, that of A first. Everything else is allowed.
#
# Put the role that answers for *Data modelling* into `modelling`, the one that does *Deployments* into `deploys`, the
# list of the tasks for which `"RA"` answers into `of_risk`, and the faults of `spoilt` into `found`.

# %%
from random import Random

from lifecycle.govern import raci

tasks = {task: dict(row) for task, row in raci().tasks.items()}
spoilt = {task: dict(row) for task, row in tasks.items()}
two, none, idle = Random(seed).sample(list(tasks), 3)
spoilt[two][next(role for role, letters in spoilt[two].items() if letters == "-")] = "A"
spoilt[none] = {role: {"A": "C", "A/R": "R"}.get(letters, letters) for role, letters in spoilt[none].items()}
spoilt[idle] = {role: {"R": "C", "A/R": "A"}.get(letters, letters) for role, letters in spoilt[idle].items()}


# %% tags=["question:process_governance.raci"]
### BEGIN SOLUTION
def who(table, task, letter):
    return [role for role, letters in table[task].items() if letter in letters.split("/")]


def faults(table):
    wrong = []
    for task in table:
        answering = len(who(table, task, "A"))
        if answering != 1:
            wrong.append((task, "many A" if answering else "no A"))
        if not who(table, task, "R"):
            wrong.append((task, "no R"))
    return wrong


modelling = who(tasks, "Data modelling", "A")[0]
deploys = who(tasks, "Deployments", "R")[0]
of_risk = [task for task in tasks if "RA" in who(tasks, task, "A")]
found = faults(spoilt)
### END SOLUTION

# %%
check("process_governance.raci")

# %% [markdown]
# ## Question 2 · What a card gives away (2 points)
#
# Another card for loans says: accuracy 91 %, precision 90 %, recall 94 %, where *positive* means that the loan was
# approved; and "every rejection is looked at by a person". Write `implied(accuracy, precision, recall)`, which returns a
# tuple: the share of loans that were approved in the past (the positives), and the share of all loans that the model
# rejects.
#
# Put both for the card into `approved_before` and `to_review`.


# %% tags=["question:process_governance.implied"]
### BEGIN SOLUTION
def implied(accuracy, precision, recall):
    wrong_for_each_positive = (1 - recall) + recall * (1 - precision) / precision
    positive = (1 - accuracy) / wrong_for_each_positive
    return positive, 1 - positive * recall / precision


approved_before, to_review = implied(0.91, 0.90, 0.94)
### END SOLUTION

# %%
check("process_governance.implied")

# %% [markdown]
# ## Question 3 · Five projects (3 points)
#
# `projects` has five projects with the weights of their answers, from 0 (harmless) to 2 (grave). Write `level(weights)`,
# which returns `"strong"`, `"middle"` or `"light"`, by the first of these rules that holds:
#
# 1. *strong* when `error_impact` or `effects` is 2, or when `consumers` and `regulation` both are;
# 2. *middle* when any weight is 2, or three or more are at least 1;
# 3. *light* otherwise.
#
# Put the list of the five classes, in order, into `classes`. Put into `by_points` the name of the project that a sum of
# points would take for the gravest of those that are *not* strong.

# %%
keys = "regulation consumers error_impact effects availability cadence lifetime decay explanation"
rows = {
    "chart of sales": "000000101",
    "route planning": "011022221",
    "newsletter": "120001020",
    "loan decisions": "221211222",
    "who gets a kidney": "002200100",
}
projects = {name: dict(zip(keys.split(), map(int, row), strict=True)) for name, row in rows.items()}


# %% tags=["question:process_governance.classes"]
### BEGIN SOLUTION
def level(weights):
    if weights["error_impact"] == 2 or weights["effects"] == 2 or weights["consumers"] == weights["regulation"] == 2:
        return "strong"
    if max(weights.values()) == 2 or sum(weight >= 1 for weight in weights.values()) >= 3:
        return "middle"
    return "light"


classes = [level(weights) for weights in projects.values()]
others = [name for name in projects if level(projects[name]) != "strong"]
by_points = max(others, key=lambda name: sum(projects[name].values()))
### END SOLUTION

# %%
check("process_governance.classes")

# %% [markdown]
# ## Question 4 · What the card does not say (3 points)
#
# `card` is a dictionary of sections, each a dictionary of fields. `needed` lists the fields that a card must have, as
# `"section.field"`. Write `missing(card, needed)`: the list of those that it lacks, in the order of `needed`. A field is
# lacking when its section or the field is not there, or when its value is `None` or empty (`""`, a text of blanks, `[]`,
# `{}`). Zero and `False` are values: "0 incidents" is an answer.
#
# Put what `card` lacks into `lacking`.

# %%
from random import Random

from lifecycle.govern import card_fields

needed = list(card_fields())
draw = Random(seed)
card = {}
for field in needed:
    section, name = field.split(".")
    card.setdefault(section, {})[name] = draw.choice(
        ["as measured", "as measured", "as agreed", 0, False, "", "  ", None, []]
    )
del card[draw.choice(list(card))]


# %% tags=["question:process_governance.card"]
### BEGIN SOLUTION
def missing(card, needed):
    lacking = []
    for field in needed:
        section, name = field.split(".")
        value = card.get(section, {}).get(name)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value in ("", [], {}):
            lacking.append(field)
    return lacking


lacking = missing(card, needed)
### END SOLUTION

# %%
check("process_governance.card")

# %% [markdown]
# ## Question 5 · Six gates (5 points)
#
# `gates` lists the gates in order: (name, role that approves). `roles` says who has which role. `events` are tuples
# (number of the gate from 1, person, outcome), in the order in which they came in; `author` made the model. Write
# `standing(events, roles, author, gates)`, which returns a tuple: how many gates are passed at the end, and the list of
# the places (from 0) of events that do *not* count. An event counts when
#
# - its gate is the next one (none is, when all are passed), and the person has that gate's role,
# - the person is not the author, and has not approved a gate that counts now (one person may have several roles: `roles`
#   has a set for each).
#
# An `"approved"` that counts passes the gate. A `"refused"` that counts sends the model back, and a new version starts at
# the first gate: no gate is passed, and no earlier approval counts any more, so everybody may approve again. Whatever
# does not count changes nothing.
#
# Put the roles that approve, in the order of the gates, into `approvers`, and what `standing` returns for the supplied
# events into `now`.

# %%
from random import Random

from lifecycle.govern import gates as six_gates

gates = [(gate.name, gate.role) for gate in six_gates()]
roles = dict(zip(["Kim", "Lea", "Max", "Bo", "Nia", "Otto"], [{role} for _, role in gates], strict=True))
roles["Ana"], author = {gates[0][1], gates[1][1]}, "Ana"
roles["Kim"] = {gates[0][1], gates[2][1]}
names = ["Kim", "Lea", "Max", "Bo", "Nia", "Otto"]
draw = Random(seed + 5)
events = [(k + 1, names[k], "approved") for k in range(6)]
for _ in range(6):
    strange = (draw.randint(1, 6), draw.choice([*names, "Ana"]), draw.choice(["approved", "approved", "refused"]))
    events.insert(draw.randint(0, len(events)), strange)


# %% tags=["question:process_governance.gates"]
### BEGIN SOLUTION
def standing(events, roles, author, gates):
    signed, ignored = [], []
    for place, (gate, person, outcome) in enumerate(events):
        is_next = gate == len(signed) + 1 and gate <= len(gates)
        if not is_next or gates[gate - 1][1] not in roles.get(person, set()) or person == author or person in signed:
            ignored.append(place)
        elif outcome == "approved":
            signed.append(person)
        else:
            signed = []
    return len(signed), ignored


approvers = [role for _, role in gates]
now = standing(events, roles, author, gates)
### END SOLUTION

# %%
check("process_governance.gates")

# %% [markdown]
# ## Question 6 · "It is only an internal tool" (4 points)
#
# A team ranks employees by the chance that they will leave, with a notebook of its own, for its own managers. It uses the
# ranking since spring to decide who is offered training. The team's head writes: "It is self-service and internal, so it
# needs no card, no gates and no owner. Besides, our model is 85 % accurate for men and women alike." Answer in eight to
# twelve sentences: how you classify it and why, which measures you ask for (and which you do not), who should answer for
# it, and what you say to the last sentence.

# %% [markdown] tags=["question:process_governance.internal"]
# ### BEGIN SOLUTION
# I would not class it by who runs it, but by what it does. Who is offered training, and who is not, shapes a working life
# for years, and the people concerned never asked for it: long effects, so strong, although it is internal and
# self-service.
#
# I ask for five things. A card made from the run's own files, with purpose, data, figures by group and limits. An owner
# with a name: the head of personnel answers for it (A), the team does it (R); whoever made it does not accept it too. A
# reason for each ranking that the employee can see, and a person to object to. Subgroups tested, and a red team that asks
# what happens to people on leave or part-time. A trail of who used which version for whom.
#
# I do not ask for elastic containers, real-time monitoring or nightly retraining: it runs twice a year, and a batch on
# one server with a check by hand is enough.
#
# Equal accuracy does not show that it is fair. It may miss women who will leave and raise false alarms about men: show me
# both error rates, for both groups, with counts and intervals. Until then please stop using the ranking; what was decided
# by it since spring goes on record.
# ### END SOLUTION

# %%
check("process_governance.internal")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
