# %% [markdown]
# # 07 · Packaging and portable formats
#
# **You will be able to** say what goes into production beside a model's weights, build one package of it that refuses to
# be opened when a byte is wrong, write the same model as formula, SQL, PFA, ONNX, PMML and Java, and prove that each copy
# still decides as the original. **You need** lessons 04 and 05. **Time** 50 minutes. **Next**
# [exercise 07](../exercises/07_packaging.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
n_rows: int = 20000  # rows on which the copies are compared
seed: int = 7  # random seed of the planted faults

# %% [markdown]
# ## "Here is the model"
#
# A data scientist mails a file, `model.json`, to the colleague who runs the servers. "Here is the model," she writes, "it
# is done." Two weeks later it is still not running, and each thinks that the other is slow. They speak differently:
#
# | | data scientist | DevOps engineer |
# |---|---|---|
# | skills | machine learning, Python, notebooks | infrastructure, CI/CD |
# | looks for | accuracy | reliability |
# | tools | scikit-learn, TensorFlow | Docker, Kubernetes |
# | says "it works" when | the score on the test rows is good | it has answered all night |
#
# Production asks questions that no notebook ever asked. Where communication is poor, the answer is a delay at best, and
# a failure otherwise. So let us ask his questions for him: **what exactly goes into production, and of what is a model
# made?** We start where he starts, with the file alone.

# %%
import pandas as pd

from lifecycle import artifacts, develop, show

model = develop.from_bytes(artifacts.read_bytes("04/model.json", use_case=use_case))
handed = artifacts.read_frame("03/features.parquet", use_case=use_case)
case = develop.use_case(use_case)
print(f"the file can score {model.get_booster().num_features()} numbers")

# %% [markdown]
# It takes numbers, and it gives a number. *Which* numbers? In which order? Let us play somebody who guessed: two of the
# columns have changed places on the way. (The most important one and the next, so that it matters.)

# %%
names = list(model.get_booster().feature_names)
test = handed[handed["split"] == "test"]
gain = pd.Series(model.feature_importances_, names).sort_values(ascending=False)
one, other = gain.index[:2]
swapped = test[names].rename(columns={one: other, other: one})[names].to_numpy()

# %%
right, wrong = (model.predict_proba(values)[:, 1] for values in (test[names].to_numpy(), swapped))
spread = pd.DataFrame({"in order": right, "two columns swapped": wrong}).describe().loc[["mean", "min", "max"]]
show.table(spread, index=True)
flipped = ((right >= 0.5) != (wrong >= 0.5)).sum()
print(f"errors: none; scores that are others: {(right != wrong).mean():.0%}; decisions at 0.5 that are others: {flipped}")

# %% [markdown]
# Nothing failed. The scores look like scores and lie between 0 and 1, and nothing but the comparison with the right ones
# shows that they are wrong. **A model does not know what its inputs mean**; somebody has to.
#
# And if the order is right? Suppose that he got it right and asks for the chance of one row. Lesson 04 balanced the
# classes, so what the file gives is no chance yet. The threshold moved with it.

# %%
metrics = artifacts.read_json("04/metrics.json", use_case=use_case)
recipe = develop.Recipe.from_json(artifacts.read_text("04/recipe.json", use_case=use_case))
calibration = metrics["calibration"]
mended = develop.correct_prior(right, trained=calibration["trained"], actual=calibration["actual"])
for what, values in {"the file says": right, "mended": mended}.items():
    print(f"{what:>13}: {values.mean():.1%} on average; {test[case.target].mean():.1%} happened")

# %% [markdown]
# One constant was missing, and it stood in another file. What else is missing? Here is the full list: four parts.
#
# | part | what it takes in | what happens without it |
# |---|---|---|
# | **code** | language files, preprocessing, features, predict | everybody writes their own |
# | **data** | weights (pickle, HDF5, ONNX, JSON), scalers, encoders, lookups | scores of another model |
# | **configuration** | hyperparameters, feature names *and order*, threshold, version, API schema | plausible nonsense |
# | **dependencies** | Python 3.9, `sklearn==1.0.2` and so on; system packages, GPU | it worked on my machine |
#
# A **package** holds all four, and says which version of the whole it is. Of these four, what did the mail have?

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

from lifecycle.deploy import missing_pieces

folder = TemporaryDirectory(ignore_cleanup_errors=True)
mail = Path(folder.name) / "mail"
(mail / "model").mkdir(parents=True)
(mail / "model" / "model.json").write_bytes(artifacts.read_bytes("04/model.json", use_case=use_case))
print(*missing_pieces(mail), sep="\n")

# %% [markdown]
# One piece of eleven. We make the other ten.
#
# ## What may a request hold?
#
# First the schema: one entry an input, in the model's order. Its limits come from documents where there are any (a code
# has documented values, a credit limit is at least 1), and otherwise from the training rows, with room on both sides. Too
# narrow, and honest people are refused. Too wide, and a slipped decimal point goes through.

# %%
from lifecycle.deploy import schema_of

train = handed[handed["split"] == "train"]
about = {each["name"]: each for each in artifacts.read_json("03/features.json", use_case=use_case)["features"]}
meanings, units = ({name: about[name][key] for name in names} for key in ("meaning", "unit"))
ranges = {column.name: (column.low, column.high) for column in case.table.columns}
codes = {column.name: column.values for column in case.table.columns if column.values}

# %%
fields = schema_of(train[names], meanings=meanings, units=units, ranges=ranges, choices=codes, margin=2)
show.table([{"input": f.name, "kind": f.kind, "from": f"{f.low:g}", "to": f"{f.high:g}", "unit": f.unit} for f in fields])

# %% [markdown]
# Are the limits wide enough? The validation and test rows are honest, and the schema has not seen them. How many would it
# turn away, and would it notice an amount with the point two places off?

# %%
unseen = handed.loc[handed["split"] != "train", names]
widest = max((f for f in fields if f.kind == "number"), key=lambda f: f.high)
refused = sum(any(f.fault(v) for f, v in zip(fields, row, strict=True)) for row in unseen.itertuples(index=False))
print(f"honest rows refused: {refused} of {len(unseen):,}")
print(f"`{widest.name}` = {100 * widest.high:,.0f}: {widest.fault(100 * widest.high)}")

# %% [markdown]
# ## A threshold that stands on somebody
#
# Lesson 04 chose the threshold from scores: the cheapest one on validation. Look where it stands.

# %%
validation = handed[handed["split"] == "validation"]
on_validation = develop.scores(model, validation, recipe)
print("validation rows exactly on the threshold:", (on_validation == recipe.threshold).sum())

# %% [markdown]
# It *is* one of the scores, as always when a threshold is chosen like that. This row is flagged by the last bit of a sum.
# Any copy that rounds differently, and all copies do, may drop it. So we move the threshold to the middle of the gap
# below: no decision on the rows that we know changes, and none of them stands on the edge any more.

# %%
from lifecycle.deploy import clear_threshold

known = develop.scores(model, handed[handed["split"] != "test"], recipe)
clear = clear_threshold(known, recipe.threshold)
threshold = float(develop.correct_prior([clear], **{k: calibration[k] for k in ("trained", "actual")})[0])
print("decisions that changed on training and validation rows:", ((known >= clear) != (known >= recipe.threshold)).sum())
print(f"threshold {show.number(recipe.threshold)} on scores, {show.number(threshold)} on chances")

# %% [markdown]
# ## One package, one digest
#
# Now everything is there. `build_package` writes the pieces, makes an ONNX copy of the trees (more on that below),
# records 64 *golden rows* with the score that each must get, and seals it all by a manifest: the SHA-256 of every file.

# %%
from lifecycle.deploy import PIECES, build_package

place = Path(folder.name) / "package.zip"
package = build_package(
    place, name=f"{use_case}-risk", version="1.0.0", model=model, fields=fields, threshold=threshold,
    calibration=calibration, metrics=metrics, rows=train, settings=recipe.settings, use_case=use_case,
)  # fmt: skip
artifacts.write_bytes("07/package.zip", place.read_bytes(), use_case=use_case)
show.table([{"file": name, "part": text.split(":")[0]} for name, text in PIECES.items()])

# %% [markdown]
# What good is the digest? Somebody "just" edits the threshold in the package, to get through a busy day:

# %%
from zipfile import ZipFile

from lifecycle.deploy import open_package

opened = Path(folder.name) / "opened"
with ZipFile(place) as archive:
    archive.extractall(opened)
config = opened / "config.json"
original = config.read_bytes()
config.write_bytes(original.replace(b'"threshold": 0.', b'"threshold": 0.0'))
with show.error(lines=1):
    open_package(opened)

# %% [markdown]
# The file is named, and nothing is served. Whoever can change a file can change the manifest too, of course. Against
# that helps the digest of the *whole*, which reached you another way: from a registry, a ticket, a signed release.

# %%
config.write_bytes(original)
print("opened again:", open_package(opened, digest=package.digest).version)
with show.error(lines=1):
    open_package(place, digest="0" * 64)

# %% [markdown]
# And mixed-up columns, with which it all began? The package has a *guard*, which reads the names before anything is scored.
# Two columns in another order, and a name that is not the model's:

# %%
with show.error():
    package.guard(test[[other, one, *[name for name in names if name not in (one, other)]]])
with show.error():
    package.guard(test[names].rename(columns={one: one.swapcase()}))
print("right order:", package.guard(test[names]).shape, "rows and columns")

# %% [markdown]
# The guard could have sorted the columns itself. It does not: names that arrive in another order say that somebody
# changed something upstream, and whoever mixed up the names may have mixed up the values with them.
#
# That is just what happened at the beginning, though. There the *values* of two columns had changed places, under names
# that were right and in order. Does the guard see that?

# %%
crossed = test[names].rename(columns={one: other, other: one})[names]
print("values swapped, names right: accepted,", package.guard(crossed).shape, "rows and columns")

# %% [markdown]
# It does not; nothing that reads names can. Whoever wants to find this has to look at values. The package brings two things
# for that: the schema's limits, and golden rows. Here the same two columns change places in the golden rows as well:

# %%
outside = sum(any(f.fault(v) for f, v in zip(fields, row, strict=True)) for row in crossed.itertuples(index=False))
golden = package.golden
anew = package.scores(golden.rename(columns={one: other, other: one})[names])
print(f"rows outside of the schema's limits: {outside} of {len(crossed):,}")
print(f"golden rows with another score: {((anew - golden['score']).abs() > 1e-5).sum()} of {len(golden)}")

# %% [markdown]
# The limits see a swap only where a value leaves them: a code in the place of an amount, perhaps, and not one amount in the
# place of another. Golden rows see every swap that moves one of their scores, provided that they are sent all the way that
# real rows go. So: the guard for names, the limits for values, and golden rows for what both let through.
#
# ### Does it stand alone?
#
# The last test of a package is a place where nothing of ours is. `code/score.py` in it needs numpy and onnxruntime. We run
# it in a fresh process in which our own packages *cannot* be imported, and let it score the golden rows.

# %%
import subprocess
import sys

blocked = "import sys, runpy; sys.modules.update(lifecycle=None, course=None, xgboost=None, sklearn=None); "
script = blocked + "sys.argv[1:] = ['--golden']; runpy.run_path('code/score.py', run_name='__main__')"
done = subprocess.run([sys.executable, "-I", "-c", script], cwd=opened, capture_output=True, text=True, check=True)
print(done.stdout.strip())

# %% [markdown]
# Note what goes in: *model inputs*, the columns of lesson 03, and not raw rows. Raw rows become inputs in one place only,
# `lifecycle.develop.engineer`, and the feature store keeps the result. Could the service not engineer each row as it comes?
# Measure what that would cost: one raw row made into inputs, beside one row scored.

# %%
import time

raw = develop.load(use_case, n_rows=n_rows)
inputs = develop.engineer(raw, use_case=use_case)[names].reset_index(drop=True)


def milliseconds(call, times):
    start = time.perf_counter()
    for _ in range(times):
        call()
    return 1000 * (time.perf_counter() - start) / times


# %% tags=["nbval-ignore-output"]
# output not compared: it prints timings
quick, single = package.scorer("onnx"), package.guard(inputs.head(1))
made = milliseconds(lambda: develop.engineer(raw.head(1), use_case=use_case), 20)
scored = milliseconds(lambda: quick.scores(single), 200)
print(f"one row engineered with pandas: {made:.3g} ms, scored: {scored:.3g} ms, {made / scored:,.0f} times as long")

# %% [markdown]
# The pandas calls are built for whole tables, and a single row pays the full price of each. So the services of the next
# lessons read inputs from the store, where they were engineered once.
#
# ## The same code, the same rows, another version
#
# Why pin versions to the third digit? A story that is told: with Python 3.8.10, scikit-learn 0.24.1 and NumPy 1.20 a
# model answers [.87, .13] for a row; with Python 3.9.5, scikit-learn 0.23.0 and NumPy 1.21 it answers [.82, .18].

# %%
here, there = (0.87, 0.13), (0.82, 0.18)
print(f"difference {abs(here[0] - there[0]):.2f}, or {100 * abs(here[0] - there[0]):.0f} percentage points")
for cut in (0.5, 0.85):
    print(f"accepted from {cut}: here {here[0] >= cut}, there {there[0] >= cut}")

# %% [markdown]
# Five points, and whether that matters depends on where you cut. Did you notice which way the versions went? Production
# (0.23.0) was *older* than development (0.24.1). That is a regression risk of its own: bugs that were mended come back.
# Pinning prevents it, in both directions.
#
# Is it true, or a tale? We tried. One script with six models and a fixed seed ran under three releases, each in an
# environment of its own. The record is kept with the command that makes it.

# %%
from lifecycle.deploy import version_record

record = version_record()
print(record["command"])
for release, versions in record["environments"].items():
    print(f"scikit-learn {release} with numpy {versions['numpy']}")

# %%
rows = [
    {"model": row["model"].split("(")[0], "trained under": f"{row['one']} and {row['other']}"}
    | {"largest gap": row["largest"], "one row": row["pair"], "flips at 0.5": f"{row['flips']} of {row['rows']}"}
    for row in record["trained"]
    if row["largest"] > 1e-6
]
show.table(rows, formats={"largest gap": ".4f"})
models, pairs = ({row[key] for row in record["trained"]} for key in ("model", "one"))
print(f"{len(models)} models, {' and '.join(sorted(pairs))} each against 1.9.0: {len(record['trained'])} comparisons")
print(f"no gap above 1e-6: {len(record['trained']) - len(rows)} of them")

# %% [markdown]
# (The two older releases were compared with the newest, and not with each other.) The story was modest. For half of the
# models nothing happens, and then for one of them the same script gives .34 here and .83 there, and 31 of 500 decisions
# change. You cannot know beforehand which one you have.
#
# What happened to that one? Such trees sort the values of a feature into bins first, and cut between bins. The older
# releases take the middle between two neighbouring values as the border, the newest takes a quantile defined in another
# way. Here are both on 1,000 values like those of the script:

# %%
import numpy as np

column = np.random.RandomState(seed).normal(size=1000).round(3)
shares = np.linspace(0, 100, 256)[1:-1]
older, newer = (np.percentile(column, shares, method=way) for way in ("midpoint", "averaged_inverted_cdf"))
print(f"borders that moved: {(older != newer).sum()} of {len(shares)}, by {np.abs(older - newer).max():.2f} at most")

# %% [markdown]
# No more than that. But a row on the other side of a border goes into another leaf, the next tree mends other errors, and
# a hundred trees later little is the same. (We put the old borders into the newest release, and it gave the old answers.
# A test of this course repeats that. Why `GradientBoostingClassifier` moved, we do not know.)
#
# That was *training* again. What if you train once, and only carry the file?

# %%
loaded = [row | {"result": row.get("error") or f"largest gap {row['largest']:.2g}"} for row in record["loaded"]]
chosen = [row for row in loaded if row["model"] in ("LogisticRegression", "RandomForestClassifier")]
show.table([{key: row[key] for key in ("model", "saved", "loaded", "result")} for row in chosen])

# %% [markdown]
# Read the line "LogisticRegression, saved 1.5.2, loaded 1.2.2". No error, and a probability off by 0.15: of two kinds of
# failure that is the bad kind. (There was a warning, which on a server goes where nobody reads.) All of these are
# **pickles**; joblib writes the same thing. A pickle is for Python only, it is tied to versions, and there is a third point:

# %%
import pickle
import pickletools


class Greeting:
    def __reduce__(self):
        return (print, ("this ran while the file was being read",))


written = pickle.dumps(Greeting(), protocol=2)
steps = [opcode.name for opcode, _, _ in pickletools.genops(written)]
print("in the file:", [argument for opcode, argument, _ in pickletools.genops(written) if opcode.name == "GLOBAL"])
print("and the order to call it:", "REDUCE" in steps)

# %% [markdown]
# A pickle is a little program, and loading *runs* it. Here it would print; it could as well delete your files. We have
# taken it apart without running it. The rule: load pickles only from places that you trust like your own code. In this
# package there is none: trees as JSON, settings as JSON, a graph in ONNX.
#
# ## One model, many languages
#
# The bank's core system is written in Java, the warehouse speaks SQL, the risk department wants a page with a formula.
# Must the model be trained again for each? No: it is written down again.
#
# | format | full name | suits | limit |
# |---|---|---|---|
# | PMML | Predictive Model Markup Language | trees, regression | few algorithms |
# | PFA | Portable Format for Analytics | statistical models | rare |
# | ONNX | Open Neural Network Exchange | deep nets, and more | some operations missing |
# | POJO | Plain Old Java Object | Java | one language |
#
# | for | against |
# |---|---|
# | fewer dependencies where it runs | fewer algorithms |
# | portable between languages | small differences are possible |
# | simpler deployment | features of the library are lost |
# | tools of different makers work together | one more step that can go wrong |
#
# In banks you will also meet a formula in a document, a JAR file, and a container. We write all of the portable kinds now,
# and after each one ask the same three questions on the same rows: **how far apart, on how many rows beyond 1e-4, and
# does any decision change?**

# %%
from lifecycle.deploy import parity

values = package.guard(inputs)
pipeline = develop.scores(model, inputs, recipe)
print(f"{len(inputs):,} rows, {(pipeline >= clear).mean():.1%} of them flagged")

# %% [markdown]
# ### A formula
#
# Begin with the simplest model there is. A logistic regression after a scaler: w·(x - m)/s is (w/s)·x minus a constant, so
# the scaler disappears into the weights.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lifecycle.deploy import formula_of

linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(train[names].to_numpy(), train[case.target])
formula = formula_of(linear, features=names)
print("\n".join(f"{weight:+.3g} x {name}" for name, weight in list(zip(names, formula.weights, strict=True))[:4]), "...")

# %% [markdown]
# As JSON it fits on a page. As Python it needs nothing but `math`. As SQL it runs where the data are. Are they the same?

# %%
import duckdb

from lifecycle.deploy import Formula

linear_scores = linear.predict_proba(inputs.to_numpy())[:, 1]
read_back = Formula.from_json(formula.to_json())
table = inputs.assign(id=range(len(inputs)))
query = formula.to_sql("inputs", key="id")
in_sql = duckdb.connect().register("inputs", table).sql(query + " ORDER BY id").df()["score"]

# %%
space = {}
exec(formula.to_python(), space)
in_python = [space["score"](row) for row in inputs.to_dict("records")]
line = float(linear_scores.mean())
rows = [
    {"copy": name, "largest difference": found.magnitude, "beyond 1e-4": found.beyond, "flips": found.flips}
    for name, copy in {"JSON": read_back.scores(inputs), "Python": in_python, "SQL": in_sql}.items()
    if (found := parity(linear_scores, copy, threshold=line))
]
show.table(rows)

# %% [markdown]
# Below 1e-12: the sums are added in another order, and nothing else. A tree goes the same way, as nested questions:

# %%
from sklearn.tree import DecisionTreeClassifier

from lifecycle.deploy import tree_of, tree_to_sql

small = DecisionTreeClassifier(max_depth=2, min_samples_leaf=50, random_state=seed)
small.fit(train[names].to_numpy(), train[case.target])
tree_query = tree_to_sql(tree_of(small), features=names, table="inputs", key="id")
print(tree_query.split("FROM")[0].count("CASE"), "questions;", tree_query.count("REAL"), "of them round to REAL first")

# %%
tree_scores = small.predict_proba(inputs.to_numpy())[:, 1]
in_sql = duckdb.connect().register("inputs", table).sql(tree_query + " ORDER BY id").df()["score"]
found = parity(tree_scores, in_sql, threshold=float(tree_scores.mean()))
print(f"tree in SQL: largest difference {found.magnitude}, flips {found.flips}")

# %% [markdown]
# Why "round to REAL first"? Libraries compare trees' inputs as float32 numbers. A database that compares doubles would
# send some rows the other way. Keep that in mind; it comes back.
#
# ### PFA: what to compute, as a document
#
# PFA is a small language in JSON: input, output, cells that hold the model, and an action. Here is the action of our
# scorecard:

# %%
import json

from lifecycle.deploy import PfaEngine, scorecard_to_pfa, tree_to_pfa

scorecard = scorecard_to_pfa(formula, name="Scorecard")
((outer, inner),) = json.loads(scorecard)["action"][0].items()
print(outer, "of", *inner[0])

# %%
for name, document, expected in (
    ("scorecard", scorecard, linear_scores),
    ("tree", tree_to_pfa(tree_of(small), features=names, name="Tree"), tree_scores),
):
    engine = PfaEngine(document)
    found = parity(expected, [engine.score(row) for row in inputs.to_dict("records")], threshold=float(expected.mean()))
    print(f"{name}: largest difference {found.magnitude}, flips {found.flips}")

# %% [markdown]
# The evaluator is ours, for the part of PFA that scorecards and trees need: engines for PFA are rare, and the one for Python
# has not kept up with numpy. That is the format's limit in practice. A function that ours does not know is refused when the
# document is loaded, and not answered with a guess:

# %%
with show.error():
    PfaEngine(scorecard.replace("m.link.logit", "m.link.probit"))

# %% [markdown]
# ### ONNX: a graph for a small runtime
#
# Now the real model, all of its trees. ONNX describes a computation with named inputs and outputs; `onnxruntime` computes
# it and knows nothing of xgboost. The package has that graph already.

# %%
import onnxruntime

session = onnxruntime.InferenceSession(package.onnx_bytes)
print("in: ", [(each.name, each.shape) for each in session.get_inputs()])
print("out:", [each.name for each in session.get_outputs()])

# %% [markdown]
# The converter wants to know the shape of a row and the type of its numbers. (A network from PyTorch is converted by
# running it once on a dummy input, and TensorFlow and scikit-learn have converters of their own.) An operation that ONNX
# does not have ends the conversion. And it is for inference only: nobody goes on training an ONNX file.
#
# The story that is told here: PyTorch 1.9 is heavy and takes 100 ms; ONNX Runtime is light and takes 15 ms, "6 times
# faster". How much is it?

# %%
print(f"100 ms / 15 ms = {100 / 15:.2f}")

# %% [markdown]
# 6.67, and it belongs to that network on that machine. What is it here? Two questions with two answers: one row at a
# time, as in a service, and all rows at once, as in a nightly batch.

# %% tags=["nbval-ignore-output"]
# output not compared: it prints timings
for asked, times in ((single, 200), (values, 3)):
    ours = milliseconds(lambda rows=asked: model.predict_proba(rows), times)
    onnx = milliseconds(lambda rows=asked: quick.scores(rows), times)
    print(f"{len(asked):>6,} rows: xgboost {ours:.3g} ms, onnxruntime {onnx:.3g} ms, ratio {ours / onnx:.3g}")

# %% [markdown]
# Compare the two ratios; above 1, ONNX Runtime was the faster one. A speed-up without the workload that it was measured on
# says nothing.
#
# ### PMML: XML for Java
#
# PMML is the oldest of them. The converter and the evaluator are Java programs; the Java that runs them comes with a
# Python package.

# %%
from lifecycle.deploy import score_pmml, to_pmml

document = to_pmml(model, features=names, target=case.target)
pmml_times = {}
in_pmml = score_pmml(document, values, features=names, times=pmml_times)
print(document[:38].decode(), "...", document.count(b"<Node"), "nodes")

# %% [markdown]
# ### POJO: the trees as Java source
#
# One class, one method a tree, no library at all. We write it from the trees themselves; this is the start of the first
# one:

# %%
from lifecycle.deploy import ensemble_of, java_compiler, java_record, run_java, to_java

ensemble = ensemble_of(package.model_bytes, features=names)
source = to_java(ensemble)
start = source.index("private static float t0")
print(source[start : source.index("return", start)].rstrip())
print(f"    ... {source.count('private static float')} trees, {len(source.splitlines()):,} lines")

# %% [markdown]
# Compiling it takes a JDK, which not every machine has. So there is a record of it, for the default model, with the
# digest of the source. Where a compiler is found, we do not need to believe it.

# %%
from hashlib import sha256

recorded = java_record()
print(recorded["command"], "with", recorded["compiler"])
print(f"{recorded['rows']:,} rows: largest difference {recorded['largest']}, flips {recorded['flips']}")
print("recorded for this very source:", recorded["source_sha256"] == sha256(source.encode()).hexdigest())

# %% tags=["nbval-ignore-output"]
# output not compared: it depends on whether there is a Java compiler
if java_compiler():
    found = parity(pipeline, run_java(source, values), threshold=clear)
    print(f"compiled and run here: {found.rows:,} rows, largest difference {found.magnitude}, flips {found.flips}")
else:
    print("no Java compiler here; a JDK from your system's packages would do")

# %% [markdown]
# ### The parity table
#
# All copies of the boosted model against the pipeline, before calibration, at the cleared threshold. "Trees by hand" walks
# through the trees with numpy, step by step as the Java code does; its size is that of the Java source.

# %%
from lifecycle.deploy import score_onnx

copies = {
    "xgboost JSON": (package.model_bytes, develop.from_bytes(package.model_bytes).predict_proba(values)[:, 1]),
    "ONNX": (package.onnx_bytes, score_onnx(package.onnx_bytes, values)),
    "PMML": (document, in_pmml),
    "trees by hand": (source, ensemble.scores(values)),
}
results = {name: (len(data), parity(pipeline, copy, threshold=clear)) for name, (data, copy) in copies.items()}

# %%
rows = [
    {"copy": name, "rows": found.rows, "largest difference": found.magnitude}
    | {"beyond 1e-4": found.beyond, "flips": found.flips, "kB": round(size / 1000)}
    for name, (size, found) in results.items()
]
show.table(rows)
artifacts.write_json("07/parity.json", {"rows": rows, "threshold": float(f"{threshold:.4g}")}, use_case=use_case)
print("all the same decisions:", all(found.ok for _, found in results.values()))

# %% [markdown]
# Only xgboost's own file gives the same bits. No other copy is identical, and no decision changes. What do they cost?

# %% tags=["nbval-ignore-output"]
# output not compared: it prints timings
calls = {"xgboost JSON": model.predict_proba, "ONNX": quick.scores, "trees by hand": ensemble.scores}
times = [
    {
        "copy": name,
        "one row, ms": milliseconds(lambda c=call: c(single), 50),
        "all rows, ms": milliseconds(lambda c=call: c(values), 1),
    }
    for name, call in calls.items()
]
show.table([*times, {"copy": "PMML", "one row, ms": pmml_times["one"], "all rows, ms": pmml_times["all"]}])
print(f"and starting Java with the document: {pmml_times['start']:,.0f} ms, once")

# %% [markdown]
# The service and the batch job work with calibrated chances from the package; is the package as a whole the pipeline?

# %%
chances = develop.correct_prior(pipeline, trained=calibration["trained"], actual=calibration["actual"])
whole = parity(chances, package.scores(inputs), threshold=package.threshold)
print(f"package against pipeline: largest difference {whole.magnitude}, flips {whole.flips}")

# %% [markdown]
# And would it have been so without clearing the threshold? The old one stands on a validation row:

# %%
by_hand = ensemble.scores(package.guard(validation[names]))
for where, cut in {"on a row": recipe.threshold, "in the gap": clear}.items():
    print(f"threshold {where}: {parity(on_validation, by_hand, threshold=cut).flips} flips on the validation rows")

# %% [markdown]
# ## The scaler in front of the trees
#
# A colleague likes to standardise everything: "it cannot hurt". Trees do not need it, but does it do harm? Here is a table
# like those of a bank: a limit in round amounts, a code of months, and a share. (It is planted, so that you see the same
# for each use case; yours follows below.)

# %%
rng = np.random.default_rng(seed)
columns = [rng.integers(1, 80, n_rows) * 10_000, rng.integers(-2, 9, n_rows), rng.random(n_rows).round(4)]
planted = np.column_stack(columns).astype("float64")
risk = 0.4 * planted[:, 1] + 2 * planted[:, 2] - planted[:, 0] / 400_000
bad = (risk + rng.normal(size=n_rows) > 1.5).astype(int)

# %% [markdown]
# We train boosted trees behind a `StandardScaler`, convert the *whole* pipeline to ONNX, and compare on all rows.

# %%
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

settings = {"n_estimators": 100, "max_depth": 4, "learning_rate": 0.1, "base_score": 0.5, "n_jobs": 1, "random_state": seed}


def behind_scaler(rows, labels):
    scaler = StandardScaler().fit(rows)
    for part in ("mean_", "scale_"):  # rounded, so that every processor counts the same below
        setattr(scaler, part, np.array([float(f"{number:.6g}") for number in getattr(scaler, part)]))
    trees = XGBClassifier(**settings).fit(scaler.transform(rows), labels)
    return Pipeline([("scale", scaler), ("model", trees)])


# %%
from lifecycle.deploy import pipeline_to_onnx


def both_ways(fitted, rows):
    return fitted.predict_proba(rows)[:, 1].astype(float), score_onnx(pipeline_to_onnx(fitted, width=rows.shape[1]), rows)


def compared(before, after):
    found = parity(before, after, threshold=clear_threshold(before, 0.5))
    return f"largest difference {found.magnitude}; beyond 1e-4: {found.beyond:,} of {found.rows:,}; flips: {found.flips:,}"


# %%
scaled = behind_scaler(planted, bad)
before, after = both_ways(scaled, planted)
print(compared(before, after))

# %%
figure, axes = show.figure(width=5.4, height=3.6)
axes.plot(before[:4000], after[:4000], ".", ms=3, alpha=0.5, color=show.COLOURS["vermilion"], label="with the scaler")
axes.plot([0, 1], [0, 1], color=show.COLOURS["blue"], lw=1, label="the same score")
axes.set(xlabel="score of the pipeline", ylabel="score of its ONNX copy", title="One point a row, 4,000 rows")
legend = axes.legend()

# %%
below, above = after < before - 1e-4, after > before + 1e-4
print(f"rows more than 0.1 off the line: {(np.abs(before - after) > 0.1).sum():,}")
print(f"rows more than 1e-4 below the line: {below.sum():,}, above it: {above.sum():,}")

# %% [markdown]
# The conversion raised no error. Where do the stray points come from, and why do nearly all of them lie *below* the line?
# Look at what reaches the trees. Python scales in float64 and rounds the result; the graph rounds first, and scales in
# float32. How far apart are the scaled numbers?

# %%
from lifecycle.deploy import crossings

scaler, boosted = scaled["scale"], scaled["model"]
python_way = scaler.transform(planted).astype("float32")
graph_way = (planted.astype("float32") - scaler.mean_.astype("float32")) * (1 / scaler.scale_).astype("float32")
apart = np.abs(graph_way.astype("float64") - python_way)
print(f"largest difference {apart.max():.1e}; in parts of the number itself {(apart / np.abs(python_way)).max():.1e}")

# %% [markdown]
# By the first measure all is well: the scaled numbers are of size 1, and differ by less than a millionth. The second is
# larger, and nobody has made a mistake: next to the mean, two nearly equal numbers are subtracted, what is left is
# small, and the rounding error of before is a larger part of it. ("Right to seven digits" holds for each number that goes
# in, and not for a difference.) Both are far too little to move a score that much. What moves it?

# %%
trees = ensemble_of(bytes(boosted.get_booster().save_raw("json")), features=["limit", "months", "share"])
show.table(crossings(trees, python_way, graph_way))

# %% [markdown]
# `rounded` counts rows whose two numbers differ, `steps` by how many float32 numbers at most (next to zero these lie very
# close, hence so many), and `crossed` those that fall on *different sides of a split*. Boosting puts its splits *on* values
# that occur, and where many rows share a value (a code, a count, a round amount), it is a likely place. Move that value by
# anything at all, and all its rows may change sides together. It is the threshold on a row again, inside of every tree.
#
# May, because it depends on the direction. A row whose value equals the split goes right. If the value comes out a little
# larger, it still goes right; if it comes out smaller, it goes left, to the rows with smaller values. Which way did ours go?

# %%
counts = {"feature": trees.features}
for word, keep in {"smaller": np.minimum, "larger": np.maximum}.items():
    moved = crossings(trees, python_way, keep(python_way, graph_way))
    counts |= {f"came out {word}": moved["rounded"], f"crossed ({word})": moved["crossed"]}
show.table(pd.DataFrame(counts))
with_less = above & (graph_way < python_way)[:, 0]
print(f"rows above the line: {above.sum():,}, of them with a smaller limit: {with_less.sum():,}")

# %% [markdown]
# Nobody crosses upwards. So every row that strays is treated as one with smaller values. In this table fewer months and a
# smaller share mean *less* risk, and such a row falls below the line. A smaller limit means *more*, and most of the few
# rows above the line have one. It is a one-sided error, and it does not average out over the rows.
#
# Now mend it. The best way is not to need it: trees do not care about scale. Or scale outside of the graph, in float64, and
# hand over exactly what the trees were trained on.

# %%
print("no scaler:     ", compared(*both_ways(XGBClassifier(**settings).fit(planted, bad), planted)))
print("scaled outside:", compared(before, score_onnx(pipeline_to_onnx(boosted, width=3), python_way)))

# %% [markdown]
# And in the running case? That depends on its values. If many rows share a value, they stand on splits together. If nearly
# every row has a value of its own, hardly any stands on a split, and the same fault stays out of sight until the right row
# comes. Which of the two is it here?

# %%
own, target = train[names].to_numpy(), train[case.target].to_numpy()
yours = behind_scaler(own, target)
print("with a scaler: ", compared(*both_ways(yours, own)))
print("without:       ", compared(*both_ways(XGBClassifier(**settings).fit(own, target), own)))

# %%
scaler, boosted = yours["scale"], yours["model"]
graph_way = (own.astype("float32") - scaler.mean_.astype("float32")) * (1 / scaler.scale_).astype("float32")
trees = ensemble_of(bytes(boosted.get_booster().save_raw("json")), features=names)
sides = crossings(trees, scaler.transform(own).astype("float32"), graph_way)[["feature", "crossed"]]
sides = sides.assign(values=train[names].nunique().to_numpy()).sort_values("crossed", ascending=False)
show.table(sides.head(5), caption=f"Rows that crossed a split, and different values in {len(own):,} rows")

# %% [markdown]
# Look at the features on top. Few values and many rows that crossed: codes, counts and round amounts, and the fault is in
# full view. So it is for credit and churn, whose columns are of that kind. Nearly as many values as rows and hardly a
# crossing: the fault is there as well, and no comparison shows it. So it is for fraud, whose columns are measurements.
#
# No step failed, and every single score looked like a score. That is why a conversion is tested on many rows, with real,
# repeated values among them, by its *largest* difference and by its *decisions*.
#
# ## Claims to distrust
#
# Each was computed above; here they stand side by side.

# %%
worst = max(record["trained"], key=lambda row: row["largest"])
silent = max((row for row in record["loaded"] if "largest" in row), key=lambda row: row["largest"])
claims = {
    "ONNX is 6 times faster": f"100 / 15 = {100 / 15:.2f}, for one network; one row and a batch differ here",
    "converted means identical": f"behind a scaler: scores off by up to {np.abs(before - after).max():.2f}",
    "versions make no difference": f"same script, one row: {worst['pair'][0]:.2f} and {worst['pair'][1]:.2f}",
    "it loads, so it is the same model": f"a pickle under an older release: off by {silent['largest']:.2f}, no error",
    "the model is the file": f"{len(missing_pieces(mail))} of {len(PIECES)} pieces were missing",
}
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %%
folder.cleanup()
print("handed over: package.zip, parity.json")

# %% [markdown]
# ## What you did
#
# - You saw a model score swapped columns without complaint, put a guard in front of it, and found what it cannot see.
# - You built one package of code, data, configuration and dependencies, sealed by a digest, and opened it in a process
#   where nothing of ours exists.
# - You found the versions under which one script or one pickle gives other answers.
# - You wrote a model as Python, SQL, PFA, ONNX, PMML and Java, and compared each copy by largest difference, rows beyond
#   1e-4 and flips.
# - You broke a conversion with a harmless scaler, found the rows that a last digit sent across a split, and mended it.
#
# **To take away** Ship the whole, not the weights; name it by its digest; and believe no copy that has not decided every row
# as the original does.

# %%
from workbench import quiz

quiz("07_packaging")

# %% [markdown]
# Now you: [exercise 07](../exercises/07_packaging.ipynb).
