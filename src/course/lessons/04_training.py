# %% [markdown]
# # 04 · Training and evaluation
#
# **You will be able to** iterate with a record of every try, choose metrics that fit the cost of mistakes, say how sure
# each number is, and recognise a table of results that cannot be true. **You need** [lesson 03](03_features.ipynb) and
# the idea of a confidence interval. **Time** 60 minutes. **Next** [exercise 04](../exercises/04_training.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
trials: int = 15  # settings that the tuning tries
seed: int = 4  # random seed

# %% [markdown]
# ## When is a model good enough?
#
# Nobody trains one model. You take an algorithm, features and settings, train, look at the result, and then change
# something:
#
# ```text
#   algorithm ──► features ──► hyperparameters ──► train ──► evaluate ──► good enough? ── yes ──► hand over
#       ▲             ▲               ▲                                        │
#       └─────────────┴───────────────┴──────────────── no ────────────────────┘
# ```
#
# How often does one go round? These are typical counts.
#
# | activity | typical count |
# |---|---|
# | algorithms | 3-10 |
# | rounds of making features | 2-5 |
# | subsets of features | 5-20 |
# | tuning trials | 50-500 |
#
# Suppose that somebody wanted to try every combination. How many runs would that be?

# %%
from math import prod

fewest, most = (3, 2, 5, 50), (10, 5, 20, 500)
print(f"every combination: {prod(fewest):,} to {prod(most):,} runs")
print(f"one thing at a time: {sum(fewest)} to {sum(most)} runs")

# %% [markdown]
# Even the modest way, 60 runs, is more than anybody keeps in their head. After a week the best number of Tuesday belongs
# to no code, no data and no settings that can be named. Hence the first rule: **a tracker from run one**, and not from
# the day on which you miss it.
#
# The second question is what a run costs. It decides how often you can afford to go round:
#
# | compute | models | rows | features | time |
# |---|---|---|---|---|
# | low | linear, logistic | < 100K | < 100 | minutes to hours |
# | medium | forests, XGBoost | 100K-10M | 100-1000 | hours to days |
# | high | deep nets | > 10M | > 1000, or images | days to weeks |
# | very high | large language models | billions of tokens | a billion parameters and more | weeks to months |
#
# At the upper end it is a budget line of its own: to *develop* a language model of BERT's class has been put at \$50K to
# \$1.6M. Our running case sits in the first two rows, so we can afford to be curious. Before we train anything, though,
# let us agree on what "good" means.
#
# ## What does a number promise?
#
# A model flags 70 cases. Of these, 50 are truly positive; 30 positive cases it missed. Is that 50, 63, 67, 71 or 80 %
# good? All of these numbers will turn up below. It depends on whose question you answer:
#
# | metric | formula | use it when |
# |---|---|---|
# | accuracy | (TP + TN) / all | classes are balanced, and mistakes cost the same |
# | precision | TP / (TP + FP) | false positives are dear |
# | recall | TP / (TP + FN) | false negatives are dear |
# | F1 | 2PR / (P + R) | one number must balance the two |
# | ROC-AUC | area under the ROC curve, 0-1 | you compare rankings, before any threshold |
#
# T and F say whether the model was right, P and N what it said. Notice that precision, recall and F1 never look at TN,
# the cases that were rightly left alone. Accuracy does. So let us vary nothing but those:

# %%
from lifecycle import show
from lifecycle.develop import Confusion

rows = []
for true_negatives in (0, 150, 9_900):
    c = Confusion(tp=50, fp=20, fn=30, tn=true_negatives)
    rows.append({"rows": c.n, "accuracy": c.accuracy, "precision": c.precision, "recall": c.recall, "F1": c.f1})
show.table(rows, formats=dict.fromkeys(("accuracy", "precision", "recall", "F1"), ".4f"))

# %% [markdown]
# The same 50 hits, 20 false alarms and 30 misses: precision 5/7, recall 5/8, F1 two thirds. And the accuracy is what you
# like it to be, from 50 % through 80 % ("80 of 100 right") to 99.5 %. You only have to add easy cases. For a rare event
# the world adds them for you.
#
# A small trap on the way. You read "precision .71, recall .625" in a report and compute F1 yourself:

# %%
for precision in (0.71, 5 / 7):
    print(f"F1 of {precision:.4f} and 0.625: {2 * precision * 0.625 / (precision + 0.625):.4f}")

# %% [markdown]
# The rounded input gives .66, the exact one .67. Neither author lied. Compute from counts, and round when you print.
#
# ### A logger that never worked
#
# Somebody wants the accuracy in the log every hour, and writes one line. Here it meets five rows:

# %%
labels, decisions = [1, 0, 1, 0, 1], [1, 0, 0, 0, 1]
with show.error():
    sum(labels == decisions) / len(labels)

# %% [markdown]
# Two *lists* are either equal as a whole or not; the answer is one `bool`, and there is nothing to sum. Arrays compare
# element by element. (Worse would have been no error at all: `float(labels == decisions)` logs 0.0 for ever.) The mended
# logger also says on how many rows its number stands, and how sure that makes it:

# %%
import numpy as np

from lifecycle.develop import wilson


def log_entry(labels, decisions):
    right = np.asarray(labels) == np.asarray(decisions)
    return f"accuracy {wilson(int(right.sum()), right.size)}, {right.size:,} rows"


# %%
print(log_entry(labels, decisions))
print(log_entry([1, 0, 1, 1], [1, 0, 0, 1]))
print(log_entry([1] * 10_000, [1] * 8_000 + [0] * 2_000))

# %% [markdown]
# Four of five right is "80 %", and so is 8,000 of 10,000. But five rows are compatible with anything from a coin to near
# perfection: 0.3755 to 0.9638. **A metric without its interval is half a sentence.** Every share gets Wilson's interval
# here; what is no share is resampled (*bootstrap*).
#
# ## Can this table be true?
#
# A team reports four iterations on card payments: two weeks, more than 40 experiments, 492 frauds among 284,807 rows.
# Here is the story as it is told. Read it twice before you go on, and ask whether you believe it.
#
# | # | model | features | balance | P | R | F1 | accuracy | verdict told |
# |---|---|---|---|---|---|---|---|---|
# | 1 | logistic | 30 | none | 5 % | 60 % | 9 % | 99.85 % | useless: it predicts mostly normal |
# | 2 | logistic | 30 | SMOTE | 15 % | 85 % | 25 % | 97 % | recall is up, too many false alarms |
# | 3 | forest, 100 trees, depth 10 | top 20 | class weights | 85 % | 80 % | 82 % | 99.5 % | balanced |
# | 4 | XGBoost, Bayesian tuning | top 20 | scale_pos_weight | 92 % | 88 % | 90 % | 99.7 % | best: ship it |
#
# Prevalence, precision and recall leave no freedom: they fix all four counts, and so the accuracy as well. Let us compute
# what the table implies.

# %%
payments, frauds = 284_807, 492
told = {1: (0.05, 0.60, 0.9985), 2: (0.15, 0.85, 0.97), 3: (0.85, 0.80, 0.995), 4: (0.92, 0.88, 0.997)}
implied = {
    k: Confusion.from_rates(prevalence=frauds / payments, precision=p, recall=r, n=payments) for k, (p, r, _) in told.items()
}

# %%
rows = [
    {"#": k, "TP": round(c.tp), "FP": round(c.fp), "F1": c.f1, "accuracy told": told[k][2], "implied": c.accuracy}
    | {"flagged": c.flag_rate, "times prevalence": c.flag_rate / c.prevalence}
    for k, c in implied.items()
]
shares = {"F1": ".2%", "accuracy told": ".2%", "implied": ".2%", "flagged": ".2%", "times prevalence": ".2f"}
show.table(rows, formats=shares)
print(f"always 'normal': {1 - frauds / payments:.2%}")

# %% [markdown]
# **None of the four accuracies can coexist with its precision and recall.** The first is too high, the others too low.
# And look at the last line: never flagging anything has 99.83 %, which beats the 97, the 99.5 and the 99.7 that were
# claimed. By its own numbers the model to ship would lose against a stone.
#
# The verdict on iteration 1 is wrong too. "Predicts mostly normal" sounds as if it flagged too little. It flags 2.07 % of
# all rows, 12 times as many as there are frauds: 5,609 false alarms for 295 hits. Its trouble is too *many* alarms.
#
# One more number went round with this story. A slide promises a false-positive rate of 1.8 % for model 4:

# %%
best = implied[4]
print(f"false-positive rate of iteration 4: {best.false_positive_rate:.3%}, or {best.fp:.1f} false alarms")
slide = frauds * 0.88 / (frauds * 0.88 + 0.018 * (payments - frauds))
print(f"with 1.8 % its precision would be {slide:.1%}, not 92 %")

# %% [markdown]
# Precision 92 % at recall 88 % means 0.013 %: more than a hundred times less than the slide says. (Lesson 13 meets that
# slide again.) Some reports fail before one even comes to the accuracy: their precision and recall cannot be had at that
# prevalence.

# %%
with show.error():
    Confusion.from_rates(prevalence=0.22, precision=0.05, recall=0.90, n=1_000)

# %% [markdown]
# You can run this check on any report in a minute, with nothing but its own numbers. Do it before you discuss the model.
#
# ## A ranking without a threshold: which curve?
#
# Most models give a score, and where you cut is a separate decision. Two areas judge the ranking alone. ROC-AUC is the
# chance that a random positive scores above a random negative. Average precision is the area under the precision-recall
# curve (PR-AUC). Take one fixed model, whose scores for fraud lie two standard deviations above those for normal
# payments. We meet it twice: with as many normal payments as frauds, and with all of them.

# %%
from lifecycle.develop import average_precision, pr_curve, roc_auc, roc_curve

rng = np.random.default_rng(seed)
normal, fraud = rng.normal(0, 1, payments - frauds), rng.normal(2, 1, frauds)
worlds = {"balanced": normal[:frauds], "as it is": normal}

# %%
figure, (left, right) = show.figure(width=9, height=3.4, columns=2)
for (name, others), style in zip(worlds.items(), ("--", "-"), strict=True):
    truth, score = np.repeat([1, 0], [frauds, len(others)]), np.append(fraud, others)
    roc, pr = roc_curve(truth, score).iloc[:: 1 + len(score) // 2000], pr_curve(truth, score)
    left.plot(roc["false_positive_rate"], roc["recall"], style, label=name)
    pr = pr[pr["recall"].diff().fillna(1) > 0]  # where a fraud is found
    right.plot(pr["recall"], pr["precision"], style, label=name)
left.set(xlabel="false-positive rate", ylabel="recall", title="ROC: the same curve twice")
right.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02), title="Precision-recall: two worlds")
legends = [axes.legend() for axes in (left, right)]
# %%
for name, others in worlds.items():
    truth, score = np.repeat([1, 0], [frauds, len(others)]), np.append(fraud, others)
    auc, area = roc_auc(truth, score), average_precision(truth, score)
    print(f"{name}: {truth.mean():.2%} fraud, ROC-AUC {auc:.2f}, average precision {area:.2f}")

# %% [markdown]
# ROC-AUC hardly notices: both its axes are shares *within* a class, so it does not matter how large the classes are. The
# analyst who reads the alerts notices a lot. Under strong imbalance a ROC-AUC of 0.9 can hide a system that nobody can
# work with, so show PR-AUC beside it. A random ranking gets about the prevalence, so that is the line to compare with.
#
# ## And when the answer is an amount?
#
# Delivery times in minutes: predicted beforehand, measured afterwards. Four metrics, and again each answers another
# question.
#
# | metric | use | careful |
# |---|---|---|
# | MAE | mean of the absolute errors, in the unit; the sign is ignored | robust: says little about the one disaster |
# | RMSE | punishes large errors | one outlier can rule it |
# | R2 | share of the variance that is explained | below 0 when the plain mean would do better |
# | MAPE | error in percent of the actual value | undefined where an actual value is 0 |

# %%
from lifecycle.develop import bootstrap, mae, mape, r2, rmse

actual = np.array([20, 25, 28, 30, 33, 35, 38, 41, 44, 47, 52, 60])
predicted = np.array([22, 24, 31, 28, 35, 33, 41, 40, 43, 51, 49, 57])
one_late = predicted.copy()
one_late[-1] = 90

# %%
rows = []
for metric in (mae, rmse, r2, mape):
    sure = bootstrap(metric, actual, predicted, n=500, seed=seed)
    disaster = metric(actual, one_late)
    rows.append({"metric": metric.__name__, "value": sure.estimate, "low": sure.low, "high": sure.high})
    rows[-1]["one promise 30 minutes off"] = disaster
show.table(rows)

# %% [markdown]
# The intervals are 95 % ones, from resampling the twelve deliveries. In the last column one prediction is wrong by half
# an hour. MAE doubles, RMSE more than triples: choose by what a disaster costs you compared with many small errors. And a
# delivery that took no time at all:

# %%
print("MAPE with an actual value of 0:", mape([0, 20], [1, 22]))
print("R2 of a model worse than the mean:", show.number(r2([10, 20, 30], [30, 20, 10])))

# %% [markdown]
# "Not a number" is the honest answer. A library that prints a huge percentage instead has divided by something tiny.
#
# ## The running case: what was promised, what was handed over
#
# Lesson 01 left a charter with targets, lesson 03 a table with features. The rows were split in three there: *training*
# rows to learn from, *validation* rows to choose by, *test* rows to judge by when all is chosen. (Lesson 03 reported
# scores on them, and chose nothing by them.)

# %%
from lifecycle import artifacts, develop
from lifecycle.develop import Recipe, prepared

charter = develop.Charter.from_yaml(artifacts.read_text("01/charter.yaml", use_case=use_case))
record = artifacts.read_json("03/features.json", use_case=use_case)
handed = artifacts.read_frame("03/features.parquet", use_case=use_case)
case = develop.use_case(use_case)

# %%
parts = handed.groupby("split")[case.target].agg(["size", "sum", "mean"])
parts.columns = ["rows", "positive", "prevalence"]
show.table(parts.loc[["train", "validation", "test"]], index=True, formats={"prevalence": ".2%"})
print(f"{len(record['selected'])} features, {record['view']} version {record['version']}; predict {case.target} = 1")

# %% [markdown]
# Everything that decides a model goes into one record, the *recipe*: where the rows come from, the features, the
# algorithm, all its settings, what is done about the imbalance, and the seed. A recipe can make its rows again from the
# raw data. Are they the rows that we were handed?

# %%
plain = Recipe(record["source"], case.target, tuple(record["selected"]), algorithm="logistic", seed=seed)
frame = prepared(plain).reset_index(drop=True)
print("made again = handed over:", frame.equals(handed[list(frame.columns)]))

# %%
train, validation, test = (frame[frame["split"] == part] for part in ("train", "validation", "test"))
truth = validation[case.target].to_numpy()
idle = max(truth.mean(), 1 - truth.mean())
print(f"accuracy of the constant answer on validation: {idle:.2%}")

# %% [markdown]
# Keep that last number in mind: it is what any accuracy has to beat.
#
# ## A tracker, before the first run
#
# What would you have to know to repeat a run in a year, or to explain it to an auditor? Five groups of things:
#
# | group | what to record |
# |---|---|
# | data | versions of train and validation rows, features, preprocessing |
# | model | algorithm, architecture, hyperparameters, configuration |
# | results | train and validation metrics, convergence, confusion matrix |
# | environment | libraries, hardware, seeds, run time |
# | metadata | time, person, tags, notes |
#
# By hand, people keep a folder for each experiment. It beats nothing, and it shows what a tracker keeps for you:
#
# ```text
# data/         raw/  processed/  features/
# experiments/  baseline/          config  log  metrics  model
#               tuned boosting/    config  log  metrics  model
# tracking.db                      all runs, to be asked
# report                           the runs compared
# ```
#
# | tool | known for | suits |
# |---|---|---|
# | MLflow | auto-logging, registry, open source | general use, on your own premises |
# | Weights & Biases | live collaboration, plots | teams, deep learning |
# | Neptune | metadata store, comparison | long runs |
# | TensorBoard | visuals for TensorFlow and PyTorch | deep learning |
# | Comet | code tracking | from research to production |
#
# We take MLflow, on one SQLite file: no server, no account. It goes into a temporary folder here; for work of your own,
# name one that stays.

# %%
from tempfile import TemporaryDirectory

from lifecycle.develop import Tracker

folder = TemporaryDirectory(ignore_cleanup_errors=True)
tracker = Tracker(folder.name, experiment=use_case)
seen = {"data_version": record["data_sha256"], "feature_set": f"{record['view']} v{record['version']}"}


# %% [markdown]
# What shall every run report? The same metrics on the same validation rows; average precision on the training rows, to
# see how much was learned by heart; and the precision-recall curve. One more needs a word. F1 depends on the threshold,
# and 0.5 is only a habit. So we log F1 at 0.5, and F1 at the best threshold that there is.


# %%
def report(model, recipe):
    learned, score = (develop.scores(model, part, recipe) for part in (train, validation))
    at_half, curve = develop.confusion(truth, score >= 0.5), pr_curve(truth, score)
    f1 = 2 * curve["precision"] * curve["recall"] / (curve["precision"] + curve["recall"])
    values = {name: getattr(at_half, name) for name in ("accuracy", "precision", "recall", "f1")}
    values |= at_half._asdict()  # the confusion matrix
    values |= {"best_f1": f1.max(), "roc_auc": roc_auc(truth, score), "average_precision": average_precision(truth, score)}
    values = {f"validation_{name}": value for name, value in values.items()}
    return values | {"train_average_precision": average_precision(train[case.target], learned)}


# %%
def draw(panel, model, recipe, name):
    curve = pr_curve(truth, develop.scores(model, validation, recipe)).query("recall > 0.02")
    panel.plot(curve["recall"], curve["precision"], lw=1.5, label=name)
    panel.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))


# %% [markdown]
# ## Iteration 1: a baseline that deserves the name
#
# A baseline that nobody tried to make good is a straw man. So the logistic regression gets a small grid for its one
# setting, C, judged on validation. (The smaller C, the more it is held back.)

# %%
grid = {}
for strength in (0.001, 0.01, 0.1, 1.0):
    tried = plain.but(settings={"C": strength})
    grid[strength] = average_precision(truth, develop.scores(develop.fit(tried, train), validation, tried))
show.table([{"C": c, "average precision": value} for c, value in grid.items()], formats={"average precision": ".3f"})

# %%
import matplotlib.pyplot as plt

recipes = {"baseline": plain.but(settings={"C": max(grid, key=grid.get)})}
with tracker.run("baseline", recipe=recipes["baseline"], **seen, notes="C from a grid of four") as run:
    models = {"baseline": develop.fit(recipes["baseline"], train)}
    run.metrics(report(models["baseline"], recipes["baseline"]))
    run.model(models["baseline"])
    figure, axes = show.figure(width=5, height=2.8)
    draw(axes, models["baseline"], recipes["baseline"], "baseline")
    axes.axhline(truth.mean(), color=show.COLOURS["grey"], ls="--", label="random ranking")
    axes.set(title="Baseline, validation rows")
    legend = axes.legend()
    run.figure("precision_recall", figure)

# %% [markdown]
# This is the figure that was logged, and here is what else the tracker wrote down without being asked:

# %%
import json

kept = tracker.recorded("baseline")
print("parameters:", ", ".join(kept["parameters"]))
print("files:", ", ".join(tracker.files("baseline")))
print("environment:", ", ".join(json.loads(tracker.read("baseline", "environment.json"))))
print("tags:", ", ".join(kept["tags"]))
first = kept["metrics"]
print(f"accuracy at 0.5: {first['validation_accuracy']:.2%}, the constant answer: {idle:.2%}")

# %% [markdown]
# Compare the last two. However far apart they are, it says nothing about whether the *ranking* is any good.
#
# ## Iteration 2: resample
#
# SMOTE invents positives (or whatever class is rare) between neighbours until the classes are even, in the training rows
# only. From here on one function does the logging.


# %%
def iterate(name, notes, also=None, **changes):
    recipes[name] = recipes["baseline"].but(**changes)
    with tracker.run(name, recipe=recipes[name], **seen, notes=notes) as run:
        models[name] = develop.fit(recipes[name], train)
        run.metrics(report(models[name], recipes[name]))
        run.model(models[name])
        figure, axes = show.figure(width=5, height=2.8)
        draw(axes, models[name], recipes[name], name)
        run.figure("precision_recall", figure)
        plt.close(figure)
        if also:
            also(run)


# %%
iterate("resampled", "same model on rows evened out by SMOTE", balance="smote")
second = tracker.recorded("resampled")["metrics"]
for name in ("recall", "precision", "best_f1", "average_precision"):
    print(f"{name:>17}: {first[f'validation_{name}']:.3f} -> {second[f'validation_{name}']:.3f}")

# %% [markdown]
# At 0.5 the decisions changed a lot: see recall and precision. Does the model know more than before? Look at the lower
# two lines, which do not depend on where you cut. If it knew more, they would rise. Where they stay, resampling shifted
# the scores, and another threshold would have done that for free; where they fall, it cost something besides. Remember
# this when somebody reports "recall doubled with SMOTE".
#
# ## Iteration 3: another algorithm, with weights
#
# A forest of 100 trees of depth 10 can bend where a line cannot. Class weights do the balancing: a mistake on a rare row
# counts as many times as it is rarer.

# %%
iterate("weighted forest", "100 trees of depth 10", algorithm="forest", balance="class_weight")
third = tracker.recorded("weighted forest")["metrics"]
for part in ("train", "validation"):
    name = f"{part}_average_precision"
    print(f"average precision, {part}: baseline {first[name]:.3f}, forest {third[name]:.3f}")

# %% [markdown]
# The forest leads by more on the rows that it learned from than on the others. What is left of its lead on validation is
# what it understood; the rest is memory, and worth nothing. The lower line is the one to believe, and even that one we
# will have used for choosing.
#
# ## Iteration 4: boosting, tuned
#
# Boosting adds small trees one after the other, each mending what is left. It has seven settings worth turning, too many
# for a grid. Optuna tries some at random, then guesses where good ones lie (a *Bayesian* search in spirit), and judges
# each on validation. The first trial is the default, so that we see what the search adds.

# %%
from lifecycle.develop import tune

start = recipes["baseline"].but(algorithm="boosting", balance="scale_pos_weight")
tuned = tune(start, frame, trials=trials, seed=seed)
values = tuned.trials["average_precision"]
line = first["validation_average_precision"]
print(f"baseline {line:.3f}, boosting by default {values[0]:.3f}, best of {trials} trials {values.max():.3f}")

# %% [markdown]
# The search itself goes on record too: each trial, and how the best value converged, step by step.


# %%
def keep_search(run):
    for step, value in enumerate(values.cummax()):
        run.metrics({"search_best": value}, step=step)
    run.table("trials", tuned.trials)
    figure, axes = show.figure(width=6, height=2.8)
    axes.plot(values, "o", label="trial")
    axes.step(range(trials), values.cummax(), where="post", label="best so far")
    axes.set(xlabel="trial (0 = default settings)", ylabel="average precision\n(validation)", title="The search")
    axes.legend()
    run.figure("search", figure)


# %%
settings = {"algorithm": "boosting", "balance": "scale_pos_weight", "settings": tuned.recipe.settings}
iterate("tuned boosting", f"optuna, {trials} trials", also=keep_search, **settings)

# %%
best_trials = tuned.trials.nlargest(3, "average_precision")
show.table(best_trials[["trial", "n_estimators", "max_depth", "learning_rate", "average_precision"]].round(4))

# %% [markdown]
# The first trials are scattered; later ones gather where it went well. Compare the two steps: what did the change of
# algorithm buy, and what did the search add to its default settings? And keep in mind that the best of many trials is
# partly the luckiest: these rows both chose it and praise it.
#
# ## Which one?
#
# Now the tracker pays. One question, all runs, ordered by average precision on validation:

# %%
table = tracker.compare(by="validation_average_precision")
shown = ["average_precision", "roc_auc", "accuracy", "precision", "recall", "f1", "best_f1"]
columns = {f"validation_{name}": name for name in shown}
formats = dict.fromkeys(shown, ".3f") | {"accuracy": ".4f"}
show.table(table[["run", *columns]].rename(columns=columns), formats=formats)

# %%
figure, axes = show.figure(width=7, height=3.6)
for name, model in models.items():
    draw(axes, model, recipes[name], name)
axes.axhline(truth.mean(), color=show.COLOURS["grey"], ls="--", label="random ranking")
axes.set(title="Validation rows")
legend = axes.legend(fontsize=8)

# %%
winner, by_f1 = tracker.best("validation_average_precision"), tracker.best("validation_f1")
by_accuracy = tracker.best("validation_accuracy")
print(f"best by average precision: {winner}; by F1 at 0.5: {by_f1}; by accuracy: {by_accuracy}")
print(f"constant answer: accuracy {idle:.4f}")

# %% [markdown]
# Read the table by columns. *Accuracy* likes models that seldom dare to deviate from the constant answer. *F1 at 0.5*
# mixes how good a model is with where its scores happen to lie; compare it with *best F1*. So three questions may have
# three winners. Average precision asks the question that we have: does the model put the positives on top?
#
# ### A registry: what is the champion?
#
# "Use the model from Tuesday" is how wrong models get into production. A *registry* numbers the versions of a model, and
# an *alias* such as `champion` points at one of them. Services ask for the alias. We enter the baseline first, because
# something must serve today, and then the tuned model.

# %%
product = f"{use_case}_risk"
for name in ("baseline", "tuned boosting"):
    number = tracker.promote(name, product, alias="champion")
    print(f"{product} version {number}: {name}")
champion = tracker.version(product, "champion")
print(f"champion: version {champion.version}, from run '{champion.run}'; best on validation: {winner}")

# %% [markdown]
# The alias moved; version 1 is still there, should we have to go back. Loading verifies the file's digest. (Should
# another run be best on validation, the line above says so. We go on with boosted trees even then, because lessons 06 and
# 07 take such a model apart.)
#
# ## Does a score of 0.3 mean 30 %?
#
# The model was trained as if both classes were equally frequent. So it *believes* in a world with 50 % positives, and its
# scores tell of that world. Two ways back. The shift is known, so it can be undone by Bayes' rule (`correct_prior`). Or
# it can be learned from rows (`Calibrator`), which then cannot judge it: we learn on one half of the validation rows and
# judge on the other.

# %%
from lifecycle.develop import Calibrator, correct_prior, expected_calibration_error

model, recipe = champion.model, champion.recipe
score = develop.scores(model, validation, recipe)
prevalence = float(train[case.target].mean())
honest = correct_prior(score, trained=0.5, actual=prevalence)

# %%
half = np.arange(len(truth)) % 2 == 0
learned = Calibrator.fit(truth[half], score[half], method="sigmoid")
versions = {"raw score": score, "prior corrected": honest, "learned": learned(score)}
rows = [
    {"chances": name, "mean promised": s[~half].mean(), "observed": truth[~half].mean()}
    | {"mean gap": expected_calibration_error(truth[~half], s[~half]), "AP": average_precision(truth[~half], s[~half])}
    for name, s in versions.items()
]
show.table(rows)

# %%
figure, axes = show.figure(width=5, height=4)
for (name, s), marker in zip(versions.items(), "osD", strict=True):
    bins = develop.reliability(truth[~half], s[~half], bins=8)
    axes.plot(bins["chance"], bins["rate"], marker=marker, ms=5, label=name)
axes.plot([0, 1], [0, 1], color=show.COLOURS["grey"], ls="--", label="promise kept")
axes.set(xlabel="chance promised", ylabel="share that came true", title="Reliability, other half of validation")
legend = axes.legend(fontsize=8)

# %%
print("the ranking is the same:", bool((np.argsort(score, kind="stable") == np.argsort(honest, kind="stable")).all()))

# %% [markdown]
# Compare *mean promised* with *observed*. Where the classes overlap, raw scores promise what does not come true, and
# either correction brings them close to it. (Fraud is different: nearly all scores are close to 0 or 1, and the few
# frauds in this half cannot tell a chance of 30 % from one of 60 %.) And average precision cannot see any of it, because
# the order of the rows has not changed. A ranking can be excellent and its chances nonsense. Whoever multiplies a score
# by an amount of money needs chances.
#
# ## Where to cut?
#
# Not at 0.5: that is right when both mistakes cost the same and the scores are chances. Here the mistakes differ in
# price, and the raw scores are no chances.

# %%
costs = {"cost_false_positive": case.cost_false_positive, "cost_false_negative": case.cost_false_negative}
choice = develop.cheapest_threshold(truth, score, **costs)
even = develop.break_even(**costs)
print(f"false alarm {case.cost_false_positive:,g}, missed {case.cost_false_negative:,g} {case.currency} ({case.cost_note})")
print(f"act where the chance is at least {even:.2%}")

# %%
curve = develop.cost_curve(truth, score, **costs).iloc[1:]
figure, axes = show.figure(width=7, height=3.2)
axes.plot(curve["threshold"], curve["cost"] / len(truth))
axes.plot(choice.threshold, choice.cost / len(truth), "o", color=show.COLOURS["vermilion"], label="cheapest")
axes.axvline(0.5, color=show.COLOURS["grey"], ls="--", label="0.5, the habit")
top = 1.3 * min(truth.mean() * case.cost_false_negative, (1 - truth.mean()) * case.cost_false_positive)
axes.set(xlabel="threshold on the raw score", ylabel=f"cost ({case.currency} a {case.unit})", xlim=(0, 1), ylim=(0, top))
axes.set_title("What the mistakes cost (validation)")
legend = axes.legend()

# %%
flags = {"nobody": score > 1, "everybody": score >= 0, "raw score 0.5": score >= 0.5}
flags |= {"honest chance at break-even": honest >= even, "cheapest on validation": score >= choice.threshold}
rows = []
for name, flagged in flags.items():
    c = develop.confusion(truth, flagged)
    rows.append({"act on": name, "flagged": c.flag_rate, "recall": c.recall, "cost": develop.cost_at(c, **costs) / c.n})
show.table(rows, formats={"flagged": ".1%", "recall": ".1%"}, caption=f"Cost in {case.currency} a {case.unit}")

# %% [markdown]
# The last two rows should be close to each other, unless the positives are so few that one of them tips the scale. One
# needed honest chances and no search, the other a search and no chances. That the search is cheaper on these rows is no
# merit: it was chosen by them. We keep its threshold and let the test rows speak.
#
# ## Why look at the test rows only once?
#
# Imagine forty models that are *equally good*, each right in 80 % of all cases. You evaluate all forty on a test set of
# 500 rows and report the best. What do you report?

# %%
on_test, on_fresh = rng.binomial(500, 0.8, size=(2, 40)) / 500
lucky = int(on_test.argmax())
print(f"best of 40 on the test set: {on_test[lucky]:.1%}; the same model on fresh rows: {on_fresh[lucky]:.1%}")

# %%
figure, axes = show.figure(width=6, height=3.2)
both = 100 * np.array([on_test, on_fresh])
axes.plot(["test set that chose", "fresh rows"], both, "o-", color=show.COLOURS["grey"], ms=3, lw=0.8)
axes.plot(both[:, lucky], "o-", color=show.COLOURS["vermilion"], lw=2.5, label="the winner")
axes.axhline(80, color="black", ls="--", lw=1, label="the truth about all forty")
axes.set(ylabel="accuracy (%)", title="Forty equally good models")
legend = axes.legend(fontsize=8)

# %% [markdown]
# One contest may be an accident. Hold it 2,000 times:

# %%
many_test, many_fresh = rng.binomial(500, 0.8, size=(2, 2_000, 40)) / 500
at = many_test.argmax(axis=1)
gained = many_test.max(axis=1) - many_fresh[np.arange(2_000), at]
print(f"in 2,000 such contests the winner is flattered by {100 * gained.mean():.1f} percentage points on average")

# %% [markdown]
# Nothing was better than anything, and yet almost four points were "won". The same happens on validation rows, and to our
# tuned model too: it is the best of many trials. That is why there are two sets. **Validation is for choosing, the test
# for one look**, by a model, a threshold and a comparison that are fixed beforehand.
#
# ## The test
#
# Everything is fixed: the champion, its threshold, the baseline to compare with, the metric. Now open the envelope. Both
# models see the same rows, so we resample rows and look at the *difference*: a paired interval is much tighter than two
# intervals laid side by side.

# %%
final_truth = test[case.target].to_numpy()
final = {name: develop.scores(models[name], test, recipes[name]) for name in ("tuned boosting", "baseline")}
gain = develop.paired_difference(average_precision, final_truth, *final.values(), n=1000, seed=seed)
for name, s in final.items():
    print(f"average precision on test, {name}: {average_precision(final_truth, s):.3f}")

# %%
if gain.low > 0:
    verdict = "the tuned model beats the baseline on rows that had no say in any choice"
elif gain.high < 0:
    verdict = "the tuned model is worse than the baseline"
else:
    verdict = "these rows do not tell which is better; the simpler model would do"
print(f"difference {gain.estimate:+.3f} (95 %: {gain.low:+.3f} to {gain.high:+.3f}): {verdict}")

# %% [markdown]
# Believe the sentence, whatever it says. On other rows a plain line may do as well, or the test may hold too few
# positives to tell. "We could not show a difference" is a result, and it saves somebody the upkeep of a more complicated
# model.
#
# Now all metrics of the champion at its threshold, each with an interval. The score becomes an honest chance first, and
# the threshold moves with it.

# %%
chances = correct_prior(final["tuned boosting"], trained=0.5, actual=prevalence)
cut = float(correct_prior([min(choice.threshold, 1.0)], trained=0.5, actual=prevalence)[0])
scorecard = develop.metric_table(final_truth, chances, threshold=cut, n=500, seed=seed)
show.table(scorecard, caption=f"Test rows, flagged from a chance of {show.number(cut)}")

# %%
accuracy = scorecard.set_index("metric").loc["accuracy", "value"]
constant = max(final_truth.mean(), 1 - final_truth.mean())
print(f"accuracy {accuracy:.2%}, constant answer {constant:.2%}: {'above' if accuracy > constant else 'below'} it")
spent = develop.cost_at(develop.confusion(final_truth, chances >= cut), **costs) / len(final_truth)
idle_cost = min((final_truth == 1).mean() * case.cost_false_negative, (final_truth == 0).mean() * case.cost_false_positive)
print(f"cost {show.number(spent)} {case.currency} a {case.unit}; the better constant answer {show.number(idle_cost)}")

# %% [markdown]
# Where the accuracy is below the constant answer and the cost is lower all the same, these two lines are the case against
# accuracy: a model that acts early, because misses are dear, is less often right and still saves money. Where both
# improve, accuracy still does not tell how much was saved.
#
# ### Does it keep the charter?
#
# Lesson 01 promised recall, a false-positive rate and a precision, from a proof of concept. Is there any threshold that
# keeps all three at once on validation? And does ours, on test?

# %%
names = ("recall", "false_positive_rate", "precision")
promised = {name: charter.objective.targets[f"performance.{name}"] for name in names}
curve = develop.cost_curve(truth, score, **costs).iloc[1:]
rates = {"recall": curve["tp"] / truth.sum(), "false_positive_rate": curve["fp"] / (truth == 0).sum()}
rates["precision"] = curve["tp"] / curve["flagged"]
kept = np.all([[target.met_by(rate) for rate in rates[name]] for name, target in promised.items()], axis=0)
print(f"thresholds that keep all three on validation: {kept.sum():,} of {len(curve):,}")

# %%
rows = []
for name, target in promised.items():
    value, low, high = scorecard.set_index("metric").loc[name, ["value", "low", "high"]]
    sure = target.met_by(low) == target.met_by(high)
    words = ("surely" if sure else "it seems", "kept" if target.met_by(value) else "broken")
    rows.append({"promise": name, "target": str(target), "test": value, "low": low, "high": high, "so": " ".join(words)})
show.table(rows)

# %% [markdown]
# Targets and model can disagree in two ways. Where no threshold keeps all promises, the charter asks for more than the
# data give, and it must be renegotiated, openly. Where some thresholds do but the cheapest is not among them, the
# *promises* and the *costs* contradict each other: somebody wrote down a false-positive rate, somebody else a price, and
# they imply different cuts. No model can settle that. Take the table to the people who signed.
#
# ## What do we hand over?
#
# The model without any code in its file, the recipe with the chosen threshold, and the metrics with their intervals.

# %%
handed_recipe = recipe.but(threshold=min(choice.threshold, 1.0))
artifacts.write_bytes("04/model.json", develop.to_bytes(model), use_case=use_case)
artifacts.write_text("04/recipe.json", handed_recipe.to_json(), use_case=use_case)
again = develop.fit(handed_recipe, train)
print("fitted again from the recipe, equal bytes:", develop.digest_of_model(again) == champion.digest)


# %%
def short(values):
    """Four decimals, and nothing where a metric is undefined: JSON knows no NaN."""
    return {name: None if np.isnan(value) else round(float(value), 4) for name, value in values.items()}


logged = tracker.recorded(champion.run)["metrics"]
limits = scorecard.set_index("metric")[["value", "low", "high"]]

# %%
metrics = {
    "run": champion.run,
    "prevalence": round(prevalence, 4),
    "calibration": {"method": "prior", "trained": 0.5, "actual": round(prevalence, 4)},
    "threshold": short({"score": handed_recipe.threshold, "chance": cut}),
    "rows": {"train": len(train), "validation": len(validation), "test": len(test)},
    "validation": short({name: logged[f"validation_{name}"] for name in shown}),
    "test": {name: short(limits.loc[name]) for name in limits.index},
    "gain_over_baseline": {"metric": "average_precision", **short(gain._asdict())},
}

# %%
artifacts.write_json("04/metrics.json", metrics, use_case=use_case)
tracker.close()
folder.cleanup()
print("handed over: model.json, recipe.json, metrics.json")
print("metrics.json holds:", ", ".join(metrics))

# %% [markdown]
# ## Claims to distrust
#
# Each was computed above; here they stand side by side.

# %%
claims = {
    "accuracies 99.85, 97, 99.5, 99.7 %": "P and R imply " + ", ".join(f"{c.accuracy:.2%}" for c in implied.values()),
    "99.7 % accurate, so ship it": f"always 'normal' has {1 - frauds / payments:.2%}",
    "iteration 1 predicts mostly normal": f"it flags {implied[1].flag_rate:.2%}, 12 times the prevalence",
    "F1 of (.71, .625) is .67": f"{2 * 0.71 * 0.625 / (0.71 + 0.625):.4f}; .6667 needs exactly 5/7",
    "sum(labels == decisions) counts hits": "not for lists: a bool cannot be summed over",
    "ROC-AUC 0.92: it works": f"average precision {area:.2f} at {frauds / payments:.2%} fraud",
    "the best of 40 on the test set": f"flattered by {100 * gained.mean():.1f} points",
    "P 92 %, R 88 %, so FPR 1.8 %": f"FPR {best.false_positive_rate:.3%}",
}
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %% [markdown]
# ## What you did
#
# - You found a table of results that cannot be true, with nothing but its own numbers.
# - You chose metrics by the question they answer, and gave each one an interval.
# - You ran four iterations, each tracked with its data, settings, results, surroundings and model.
# - You turned scores into chances, chose a threshold by what mistakes cost, and opened the test once.
#
# **To take away** Choose on validation, test once, print the interval. And let the cost of mistakes choose the metric:
# nobody pays for accuracy.

# %%
from workbench import quiz

quiz("04_training")

# %% [markdown]
# Now you: [exercise 04](../exercises/04_training.ipynb).
