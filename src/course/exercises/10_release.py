# %% [markdown]
# # Exercise 10 · Release pipeline
#
# Seven questions on [lesson 10](../notebooks/10_release.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("release.stop")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 10  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Eight gates in order (1 point)
#
# The gates got mixed up. Put their names into the list `order`, as a release passes them.

# %%
from random import Random

gates = [
    "governance", "data quality", "integration", "revalidation",
    "coding standards", "resources", "explainability", "production-like re-creation",
]  # fmt: skip
Random(seed).shuffle(gates)
print(*gates, sep=", ")

# %% tags=["question:release.order"]
### BEGIN SOLUTION
order = [
    "coding standards",
    "production-like re-creation",
    "revalidation",
    "explainability",
    "governance",
    "data quality",
    "resources",
    "integration",
]
### END SOLUTION

# %%
check("release.order")

# %% [markdown]
# ## Question 2 · Light or robust? (2 points)
#
# A team has this rule: a deployment is `"robust"` when the project is critical, *or* customer-facing, *or* regulated,
# *or* has an impact other than `"low"`; else it is `"lightweight"`. Write `style(project)` for a dictionary like those
# below, in which a property that does not hold may be missing altogether, and put the answers for the five projects into
# `styles`, a dictionary from name to style.

# %%
projects = [
    {"name": "sales dashboard", "impact": "low"},
    {"name": "photo tags", "customer_facing": True, "impact": "low"},
    {"name": "spare parts", "impact": "medium", "critical": False},
    {"name": "card fraud", "critical": True, "customer_facing": True, "impact": "high"},
    {"name": "prototype of a colleague", "regulated": False},
]


# %% tags=["question:release.style"]
### BEGIN SOLUTION
def style(project):
    reasons = [project.get(name, False) for name in ("critical", "customer_facing", "regulated")]
    robust = any(reasons) or project.get("impact", "low") != "low"
    return "robust" if robust else "lightweight"


styles = {project["name"]: style(project) for project in projects}
### END SOLUTION

# %%
check("release.style")

# %% [markdown]
# ## Question 3 · The next version (3 points)
#
# Write `next_version(version, change)` for a text like `"2.3.1"` and a change of `"major"`, `"minor"` or `"patch"`; it
# returns the next version as a text. Put the version after a breaking change from 2.3.1 into `after`.
#
# Then write `newest(versions)`, which returns the newest of a list of versions, as a text.


# %% tags=["question:release.version"]
### BEGIN SOLUTION
def next_version(version, change):
    major, minor, patch = (int(part) for part in version.split("."))
    if change == "major":
        return f"{major + 1}.0.0"
    if change == "minor":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def newest(versions):
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


after = next_version("2.3.1", "major")
### END SOLUTION

# %%
check("release.version")

# %% [markdown]
# ## Question 4 · Where does it stop? (3 points)
#
# Some gates may stop a release (`blocking`), the others only report. `results` maps the name of a gate to `True`
# (passed), `False` (failed) or `None` (could not be run). A gate that was never started is not in it at all.
#
# Write `first_stop(results, blocking, order)`: the name of the first gate in `order` that stops the release, or `None`
# where it goes through. What is not known to have passed does not pass.

# %%
steps = ["standards", "re-creation", "revalidation", "governance", "integration"]
blocking = {"re-creation", "revalidation", "integration"}
results = {"standards": False, "re-creation": True, "revalidation": None, "governance": False, "integration": False}


# %% tags=["question:release.stop"]
### BEGIN SOLUTION
def first_stop(results, blocking, order):
    for gate in order:
        if gate in blocking and results.get(gate) is not True:
            return gate
    return None


stop = first_stop(results, blocking, steps)
### END SOLUTION

# %%
check("release.stop")

# %% [markdown]
# ## Question 5 · How many requests does a step need? (3 points)
#
# Write `requests_to_see(rate, chance)`: the smallest whole number of requests of which at least one fails with a
# probability of `chance` or more, when each fails with probability `rate`. Put the number for 0.1 % and 95 % into
# `needed`.
#
# These have to reach the *new* version. Put into `in_all` how many requests the whole service must get meanwhile, when
# the new version has 5 % of the traffic.

# %% tags=["question:release.requests"]
### BEGIN SOLUTION
from math import ceil, log


def requests_to_see(rate, chance):
    return ceil(log(1 - chance) / log(1 - rate))


needed = requests_to_see(0.001, 0.95)
in_all = ceil(needed / 0.05)
### END SOLUTION

# %%
check("release.requests")

# %% [markdown]
# ## Question 6 · When is it taken back? (3 points)
#
# A ramp has the shares in `plan`. `trace` has one entry a step: requests to the new version, how many failed, and the
# 95th percentile of the answer time.
#
# - A step with fewer than `limits["least"]` requests proves nothing yet, whatever it shows: whoever ramps waits for more.
#   It breaks no limit.
# - Any other step breaks a limit when its error rate is *above* `limits["error_rate"]` or its p95 is *above*
#   `limits["p95_ms"]`.
#
# (The lesson's `judge` asks an interval whether the limit is *surely* broken. A least number of requests is the plain
# form of the same caution. Beyond it, going back on suspicion is cheap: it costs a delay.)
#
# Write `rollback_step(trace, limits)`: the number of the first step (1, 2, ...) that breaks a limit, or `None`. Put the
# step of the supplied trace into `step`, and into `share` the share of traffic that the new version had in step 2 of the
# plan.

# %%
plan = [0.05, 0.25, 0.5, 1.0]
limits = {"error_rate": 0.01, "p95_ms": 100, "least": 1_000}
draw = Random(seed)
trace = [
    {"requests": 400, "errors": draw.randint(5, 9), "p95_ms": draw.randint(40, 100)},
    {"requests": 5_000, "errors": draw.randint(10, 50), "p95_ms": draw.randint(60, 120)},
    {"requests": 10_000, "errors": draw.randint(150, 400), "p95_ms": draw.randint(60, 100)},
    {"requests": 0, "errors": 0, "p95_ms": 0},
]


# %% tags=["question:release.ramp"]
### BEGIN SOLUTION
def rollback_step(trace, limits):
    for number, seen in enumerate(trace, start=1):
        if seen["requests"] < limits["least"]:
            continue
        rate = seen["errors"] / seen["requests"]
        if rate > limits["error_rate"] or seen["p95_ms"] > limits["p95_ms"]:
            return number
    return None


step = rollback_step(trace, limits)
share = plan[2 - 1]
### END SOLUTION

# %%
check("release.ramp")

# %% [markdown]
# ## Question 7 · Who meets the new version? (3 points)
#
# Write `chosen(clients, share)`: the list of those clients (texts, kept in their order) who are sent to the new version
# when it has `share` of the traffic.
#
# - A client meets the same version each time, whoever else is in the list.
# - Whoever is chosen at a small share stays chosen when the share grows: nobody goes back and forth.
# - At a share of 0.25 it is about a quarter of the clients, whatever their names look like; 0 is nobody and 1 is all.
#
# A digest of the name (`hashlib.sha256`) is a number that nobody chose.

# %%
clients = [f"C{100 * number:07d}" for number in range(1, 2001)]


# %% tags=["question:release.canary"]
### BEGIN SOLUTION
from hashlib import sha256


def place(client):
    return int(sha256(client.encode()).hexdigest()[:12], 16) / 16**12


def chosen(clients, share):
    return [client for client in clients if place(client) < share]


### END SOLUTION

# %%
check("release.canary")

# %%
check.progress()
