# %% [markdown]
# # 02 · Data and exploration
#
# **You will be able to** decide whether a data set may be used, write down what it promises, and say what it holds, with
# the right amount of doubt, before any model is trained. **You need** [lesson 01](01_objectives.ipynb) and the idea of a
# p-value. **Time** 50 minutes. **Next** [exercise 02](../exercises/02_data.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
n_rows: int = 10000  # rows sampled from the running case
seed: int = 2  # random seed

# %% [markdown]
# ## What did we promise, and what data does that need?
#
# Lesson 01 ended with a charter. Exploration starts there, not at a file that happens to lie around: the objective says
# which outcome must be known, for whom, and how well we must do.

# %%
from lifecycle import artifacts, develop, show

charter = develop.Charter.from_yaml(artifacts.read_text("01/charter.yaml", use_case=use_case))
case = develop.use_case(use_case)
print(f"goal:    {charter.objective.goal}")
print(f"predict: {case.target} = 1 ({case.positive}), one answer a {case.unit}")

# %%
watched = [kpi for kpi in charter.kpis if kpi.source == "performance"]
show.table([{"we promised": kpi.name, "target": str(kpi.target), "known": kpi.known} for kpi in watched])

# %% [markdown]
# Every row of this table asks something of the data. Whoever promises a recall needs rows whose outcome is known, both
# kinds of them, and enough of the rarer kind to measure it. And one signature is still missing: compliance wants to know
# where the data come from. So do we.
#
# ## Where does data come from?
#
# Finding the data sounds like the easy part. It is often the hardest stretch of the whole project: what you need is
# scattered over systems that do not know each other, its quality is unknown, nobody remembers who consented to what,
# history has been deleted, and half of it may not leave the country. The path has more exits than people expect:
#
# ```text
# objective → data needed → search inside and outside
#   ├─ not found → consider synthetic data
#   │              (it knows only what you put in)
#   └─ found → assess quality → check the constraints
#        ├─ compliant → explore
#        └─ not compliant → seek permission,
#                           or an alternative
# ```
#
# Three groups of questions decide whether you may go on, and they come *before* the first histogram:
#
# | group | ask |
# |---|---|
# | privacy | Is it personal data (GDPR, CCPA)? Did people consent to *this* use? |
# | | Do sector rules apply (HIPAA, PCI-DSS)? Should it be anonymised? How long may it be kept? |
# | access | Who may read it? Where is it stored, and may it cross borders? Is it encrypted? Who may we share it with? |
# | quality and lineage | Where does it come from? How fresh is it? Is it in a catalogue? |
# | | Who trusts it, and why? What was done to it already? |
#
# ## May we use it?
#
# Here are four offers. Which would you accept?

# %%
from lifecycle.develop import DataSource, compliance_gate

offers = [
    DataSource("own ledger", consent=True, age_days=400, retention_days=1825),
    DataSource("web clicks", consent=False),
    DataSource("parent company", consent=True, crosses_border=True),
    DataSource("old archive", consent=True, age_days=4000, retention_days=1825),
]

# %%
decisions = {offer.name: compliance_gate(offer) for offer in offers}
rows = [{"offer": n, "verdict": d.verdict, "because": "; ".join(d.reasons)} for n, d in decisions.items()]
show.table(rows)

# %% [markdown]
# *Ask* means that somebody can still permit it: a transfer agreement would mend the third offer. *Stop* means that nobody
# may. No amount of data quality outweighs a refusal, so the strictest rule wins. And the running case?

# %%
source = DataSource(case.title, personal=False, lineage=True)
decision = compliance_gate(source)
print(f"{source.name}: {decision.verdict}")
print(f"licence: {case.licence}")

# %% [markdown]
# Shipped for research, without names, under a licence we can quote: we may go on. `personal=False` is a claim that
# somebody has to defend. Age, sex and a purchase history together can point at one person, and lesson 18 will try exactly
# that.
#
# ## What did we get?
#
# One row of facts a column, before anything else. Numbers first, pictures next, tests last.

# %%
raw = develop.load(use_case, n_rows=n_rows, seed=seed)[[*case.features, case.target]]
print(f"{len(raw):,} rows, {raw.shape[1]} columns, of which one is the target")
print(f"coded values in: {', '.join(case.codes) or 'no column'}")

# %% [markdown]
# A code is not a number: the mean of "university" and "high school" has no meaning. Where the source documents its codes
# we put the words back. Codes that nobody documented stay, under that very name; inventing a meaning for them would be
# worse.

# %%
frame = raw.assign(**{name: raw[name].map(words) for name, words in case.codes.items()})
for name in case.codes:
    print(f"{name}: " + ", ".join(f"{word} {count:,}" for word, count in frame[name].value_counts().items()))

# %%
facts = develop.profile(frame)
show.table(facts.head(12), caption="The first twelve columns")

# %% [markdown]
# Read this table like a detective. A column with two or three distinct values is a category even when it is stored as a
# number. A mean far above its median means a long right tail, and `skew` says the same in one number. `outliers` is the
# share of rows beyond 1.5 interquartile ranges from the quartiles: a definition, not a verdict. `missing` counts only
# what is *marked* as missing; a zero that means "unknown" hides from it.

# %%
print(f"missing values:  {facts['missing'].sum():,}")
print(f"duplicate rows:  {develop.duplicate_rows(frame):,}")
skewed = facts.loc[(facts["skew"].abs() > 3) & (facts["column"] != case.target), "column"]
print(f"strongly skewed: {', '.join(skewed.head(6)) or 'none'}")

# %% [markdown]
# ## What does the table promise?
#
# You have now looked. Write down what you saw, so that tomorrow's delivery can be held to it. A *data contract* names
# each column, its kind, its limits, its categories and what it may be used for. We draft it from the sample and let
# pandera enforce it.

# %%
described = {"name": use_case, "target": case.target, "purpose": charter.objective.goal, "licence": case.licence}
contract = develop.draft_contract(frame, **described, protected=case.protected, notes=case.meanings())
print("\n".join(contract.to_yaml().splitlines()[:14]))

# %% [markdown]
# The draft is careful: it turns the *kinds* and the *categories* of the sample into promises, and "never negative" into a
# limit, but not the largest value seen, because tomorrow's largest payment is no error. Now let a delivery go wrong. A
# supplier writes the target as a percentage, and one number arrives as text:

# %%
broken = frame.head(1000).astype({case.target: float})
broken.iloc[3, broken.columns.get_loc(case.target)] = 100.0
with show.error():
    contract.enforce(broken)

# %% [markdown]
# The error names the column, the row and the rule, so that the person who gets it at three in the morning knows whom to
# call. Without the contract this row would simply have become training data.
#
# ## How rare is what we look for?
#
# Take the best-known example first: two days of card payments, 284,807 rows, 492 of them fraud. Thirty features: 28
# anonymised components V1 to V28, the Amount, and the Time in seconds since the first row. (Here they come from a
# generator of that shape; put the public file into `datasets/local` and the same cells read it.)

# %%
payments = develop.load("fraud")
frauds = int(payments["Class"].sum())
normal = len(payments) - frauds
print(f"{len(payments):,} payments: {normal:,} normal, {frauds} fraud; {payments.shape[1] - 1} features")
print(f"prevalence {frauds / len(payments):.4%}, or 1 fraud to {normal / frauds:.1f} normal payments")

# %% [markdown]
# Suppose a supplier offers a model with an accuracy of 99.8 %. Impressed? Compare it with a "model" that calls every
# payment normal and has never seen any data:

# %%
idle = 0 * payments["Class"]
right = (payments["Class"] == idle).sum()
print(f"always saying 'normal' is right {right:,} times: accuracy {right / len(payments):.2%}")
found = (payments["Class"] == 1) & (idle == 1)
print(f"frauds it finds: {found.sum() / frauds:.0%}")

# %% [markdown]
# 99.83 %, without finding a single fraud. When one class is this rare, accuracy measures how rare it is and nothing else.
# Precision and recall ask the questions that matter: of what we flagged, how much was fraud; of the fraud, how much did
# we flag? Now the running case:

# %%
labels = frame[case.target].astype(bool)
prevalence = labels.mean()
print(f"{case.target} = 1 in {prevalence:.2%} of {len(frame):,} rows: 1 to {(1 - prevalence) / prevalence:.1f}")
print(f"accuracy to beat by doing nothing: {max(prevalence, 1 - prevalence):.2%}")

# %% [markdown]
# ## What can you see?
#
# | technique | for | means |
# |---|---|---|
# | visual | intuition | histogram, scatter, box |
# | statistical | rigour | correlation matrix, tests |
# | hypotheses | guide the features | domain sense and patterns |
# | cleaning needs | faults of quality | missing, outliers, duplicates |
# | feature significance | find the drivers | importance, correlation |
#
# Each question has its plot: a *distribution* wants a histogram or a density curve, a *relation* a scatter plot or a grid
# of them, a *category* bars, *time* a line, many correlations a heatmap, and a comparison of groups a box plot. Which
# feature should we draw? Let the data choose: the one that separates the classes best, by the chance that a random
# positive has the larger value (0.5 is a coin).

# %%
summary = develop.class_summary(frame, case.target)
show.table(summary.head(6))
strongest = summary["column"][0]
print(f"drawn below: {strongest}, {case.meanings()[strongest]}")

# %%
import numpy as np

groups = [frame.loc[~labels, strongest], frame.loc[labels, strongest]]
edges = [values.quantile([0.01, 0.99]) for values in groups]
span = np.linspace(min(edge.iloc[0] for edge in edges), max(edge.iloc[1] for edge in edges), 31)

# %%
import matplotlib.pyplot as plt

figure, (left, right) = show.figure(width=9, height=3.2, columns=2)
for values, name, colour in zip(groups, ("0", "1"), ("blue", "vermilion"), strict=True):
    shown = {"color": show.COLOURS[colour], "label": f"{case.target} = {name}"}
    left.hist(values, bins=span, density=True, alpha=0.55, **shown)
left.set(xlabel=case.label(strongest), ylabel="density", title="Histogram, middle 98 % of each class")
left.legend()
right.boxplot(groups, tick_labels=["0", "1"], showfliers=False)
right.set(xlabel=case.target, ylabel=case.label(strongest), title="Box plot, outliers not drawn")
plt.show()

# %%
quartiles = frame.groupby(case.target)[strongest].quantile([0.25, 0.5, 0.75]).unstack()
show.table(quartiles.rename(columns=lambda q: f"quantile {q:.2f}"), index=True)

# %% [markdown]
# The printed quartiles are what the boxes show. A picture persuades; the table is what you can check tomorrow.
#
# For a category, bars. We cut the strongest feature at its quartiles, which makes a category of any number (fewer than
# four where many rows share a value):

# %%
import pandas as pd

group = pd.qcut(frame[strongest], 4, duplicates="drop")
names = [f"to {show.number(interval.right)}" for interval in group.cat.categories]
group = group.cat.rename_categories(names)
rate = labels.groupby(group, observed=True).mean()

# %%
figure, axes = show.figure(width=6, height=2.8)
axes.bar(rate.index, 100 * rate, color=show.COLOURS["blue"])
axes.axhline(100 * prevalence, color="black", ls="--", lw=1, label="all rows")
axes.set(xlabel=case.label(strongest), ylabel=f"{case.target} = 1 (%)", title="Rate by group")
axes.legend()
plt.show()

# %%
print(f"{strongest}: " + ", ".join(f"{name} {value:.2%}" for name, value in rate.items()))

# %% [markdown]
# ## Are fraudulent amounts smaller?
#
# You will read that fraudsters make small payments: probes, to see whether a stolen card still works. Is it true here?

# %%
amounts = payments.groupby("Class")["Amount"].agg(["mean", "median", "std", "max"])
show.table(amounts, index=True)

# %% [markdown]
# Both answers are in the table. The *median* fraud is smaller than the median payment; the *mean* fraud is larger. A few
# large frauds pull the mean up, and probes pull the median down. "Smaller" is a claim about a statistic, so report both,
# and say which one you mean. The same check for the running case: how often do mean and median disagree?

# %%
by_mean = summary["mean_1"] > summary["mean_0"]
by_median = summary["median_1"] > summary["median_0"]
apart = summary["median_1"] != summary["median_0"]
opposite = (apart & (by_mean != by_median)).sum()
print(f"of {len(summary)} numeric features, mean and median point in opposite directions for {opposite}")

# %% [markdown]
# And over the two days? A line over time is the plot for that. Fraud per hour:

# %%
hour = (payments["Time"] // 3600).astype(int)
hourly = payments.groupby(hour)["Class"].agg(["size", "sum"])

# %%
figure, axes = show.figure(width=8, height=2.8)
axes.plot(hourly.index, hourly["sum"], color=show.COLOURS["vermilion"], label="frauds")
thousands = hourly["size"] / 1000
axes.plot(hourly.index, thousands, color=show.COLOURS["blue"], ls="--", label="payments (thousands)")
axes.set(xlabel="hours since the first payment", ylabel="count an hour", ylim=(0, None))
axes.set_title("Two days of payments")
axes.legend()
plt.show()

# %%
print(f"frauds an hour: {hourly['sum'].mean():.1f} on average, {hourly['sum'].min()} to {hourly['sum'].max()}")

# %% [markdown]
# The payments sleep at night; the frauds have no clear rhythm, and with some ten an hour the wiggles are mostly counting
# noise. But careful: when payments fall and frauds do not, the *share* of fraud rises. Count and rate are two different
# pictures.

# %%
quiet = hourly["size"] < hourly["size"].median()
for name, hours in (("quiet hours", hourly[quiet]), ("busy hours", hourly[~quiet])):
    print(f"{name}: fraud is {hours['sum'].sum() / hours['size'].sum():.2%} of the payments")

# %% [markdown]
# ## It is significant. Does it matter?
#
# A test answers whether a difference is *there*; with enough rows, everything is. Take two ideal bell curves that lie a
# fiftieth of a standard deviation apart, a difference that no one could ever use, and draw more and more rows from them:

# %%
from scipy.stats import norm

for n in (1_000, 20_000, 284_807):
    curve = norm.ppf((np.arange(n) + 0.5) / n)
    result = develop.welch_t(curve + 0.02, curve)
    print(f"{n:>8,} rows a group: p = {result.p_value:8.2g}, Cohen's d = {result.effect:.3f}")

# %% [markdown]
# The effect stays 0.020; only the p-value falls, because it mixes the size of the effect with the size of the sample. So
# we print both, always. Which test fits which question:
#
# | question | test | effect size |
# |---|---|---|
# | two means | t (Welch) | Cohen's d |
# | two categories | chi-square | Cramér's V |
# | two whole distributions | Kolmogorov-Smirnov (KS) | largest gap of the curves |
# | several means | ANOVA | eta squared |
# | is it normal at all? | Shapiro-Wilk | 1 - W |

# %%
no, yes = frame.loc[~labels, strongest], frame.loc[labels, strongest]
results = [
    develop.welch_t(yes, no),
    develop.chi_square(group.astype(str), labels),
    develop.kolmogorov_smirnov(yes, no),
    develop.anova([labels[group == name].astype(float) for name in rate.index]),
    develop.shapiro_wilk(no.sample(500, random_state=seed)),
]

# %%
rows = [(r.test, develop.p_text(r.p_value), r.effect, r.measure) for r in results]
show.table(pd.DataFrame(rows, columns=["test", "p", "effect", "measure"]))

# %% [markdown]
# The p-values say, five times over, that something is there. Only the effects tell you whether to care, and each has its
# own unit. Which columns of the running case deserve a closer look?

# %%
ranking = develop.target_association(frame, case.target)
ranking["p_value"] = ranking["p_value"].map(develop.p_text)
show.table(ranking.head(8), caption="Strongest association with the target")

# %% [markdown]
# ## What moves together?
#
# Pearson's correlation measures straight lines; Spearman's does the same with ranks, so it does not care about a long
# tail or a curve. Where they differ, the relation is bent or a few extreme rows are in charge.

# %%
features = frame.drop(columns=case.target)
pearson, spearman = (develop.correlations(features, method=m) for m in ("pearson", "spearman"))
names = list(pearson.columns[:14])

# %%
figure, panels = show.figure(width=9.5, height=4.6, columns=2)
for panel, matrix, title in zip(panels, (pearson, spearman), ("Pearson", "Spearman"), strict=True):
    image = panel.imshow(matrix.loc[names, names], cmap="RdBu_r", vmin=-1, vmax=1)
    panel.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    panel.set_yticks(range(len(names)), names, fontsize=7)
    panel.set_title(title)
    panel.grid(visible=False)
figure.colorbar(image, ax=panels, label="correlation", shrink=0.8)
plt.show()

# %%
upper = np.triu(np.ones(pearson.shape, dtype=bool), k=1)
pairs = pd.DataFrame({"Pearson": pearson.where(upper).stack(), "Spearman": spearman.where(upper).stack()})
pairs["difference"] = (pairs["Pearson"] - pairs["Spearman"]).abs()
top = pairs.sort_values("difference", ascending=False, kind="stable").head(4)
show.table(top.reset_index(names=["one", "other"]), caption="Where the two disagree most")

# %% [markdown]
# In the card payments the picture is another one. V1 to V28 are principal components, and those are uncorrelated by
# construction:

# %%
components = develop.correlations(payments[[f"V{i}" for i in range(1, 29)]]).to_numpy()
largest = np.abs(components[np.triu_indices(28, k=1)]).max()
print(f"largest correlation between two of V1-V28: {largest:.2f}")
print(f"correlation of the amount with fraud:      {payments['Amount'].corr(payments['Class']):.3f}")

# %%
separation = develop.class_summary(payments.sample(60_000, random_state=seed), "Class")
shown = separation.head(5)[["column", "median_0", "median_1", "auc"]]
show.table(shown, caption="The components that separate best")

# %% [markdown]
# Little is left to engineer there: some components separate the classes well on their own, the amount hardly does. Box
# plots by class, side by side, show the same and something more: look at the points beyond the whiskers.

# %%
best_six = separation["column"].head(6).tolist()
figure, axes = show.figure(width=9, height=3.2)
for kind, (label, colour) in enumerate((("normal", "blue"), ("fraud", "vermilion"))):
    chosen = payments.loc[payments["Class"] == kind, best_six].iloc[:5000]
    style = {"patch_artist": True, "boxprops": {"facecolor": show.COLOURS[colour]}, "flierprops": {"ms": 2}}
    style["medianprops"] = {"color": "black"}
    axes.boxplot(chosen, positions=[3 * i + kind for i in range(6)], widths=0.8, label=label, **style)
axes.set_xticks([3 * i + 0.5 for i in range(6)], best_six)
axes.set(ylabel="value (no unit)", xlim=(-1, 17))
axes.set_title("The six best components: 5,000 normal payments, all frauds")
axes.legend(loc="upper left")
plt.show()

# %%
middle = payments.groupby("Class")[best_six].median()
show.table(middle.rename(index={0: "median, normal", 1: "median, fraud"}), index=True)
#
# ## Should outliers go?
#
# "Remove extreme outliers" stands in many recipes. Before you follow it, look at who the outliers *are*:

# %%
best = separation["column"][0]
for name in (best, "Amount"):
    far = develop.outlier_mask(payments[name])
    fraud, other = far[payments["Class"] == 1].mean(), far[payments["Class"] == 0].mean()
    print(f"{name:>6}: outliers are {fraud:.0%} of the frauds and {other:.0%} of the normal payments")

# %% [markdown]
# The amount has many outliers in both classes. Dropping those of the best component, though, would delete most of what we
# are looking for: fraud *is* the outlier. Rule: compare the classes first, and remove a value only when it cannot be
# true, never because it is far out. For the running case:

# %%
far = develop.outlier_mask(frame[strongest])
for is_outlier, among in labels.groupby(far):
    name = "outliers" if is_outlier else "the others"
    print(f"{strongest}, {name}: {len(among):,} rows, {case.target} = 1 in {among.mean():.2%}")

# %% [markdown]
# ## Does a column know the answer?
#
# Imagine a helpful colleague adds the column `collection_calls`: how often somebody phoned the client about the missed
# payment. We plant it, and look for columns that separate the classes too well:

# %%
print("suspects before:", ", ".join(s.column for s in develop.leakage_suspects(frame, case.target)) or "none")
rng = np.random.default_rng(seed)
planted = frame.assign(collection_calls=rng.poisson(np.where(labels, 4, 0.02)))
for suspect in develop.leakage_suspects(planted, case.target):
    print(f"suspect: {suspect.column} separates the classes with AUC {suspect.strength:.3f}")

# %% [markdown]
# Too good to be true, and indeed: those calls happen *after* the outcome. The test cannot know that. It only points; the
# question that decides is "was this value known when the prediction was due?" A copy of a row on both sides of a split
# leaks too:

# %%
train, test = frame.iloc[: len(frame) // 2], frame.iloc[len(frame) // 2 :]
print(f"rows of the second half that also stand in the first: {develop.shared_rows(train, test):,} of {len(test):,}")

# %% [markdown]
# ## When may we balance the classes?
#
# With rare positives, people resample: undersample the many, or invent more of the few, as SMOTE does by drawing new
# points between neighbours. Both are legitimate *inside the training folds*. Done before the split, the test folds
# contain relatives of the training rows. How much does that flatter? Same data, same model, same sampler; only the order
# differs:

# %%
from imblearn.over_sampling import SMOTE
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

positives = frame.index[labels][:200]
some = frame.loc[positives.append(frame.index[~labels][:1800])]
numeric = [name for name in summary["column"] if some[name].nunique() > 1]
x, y = StandardScaler().fit_transform(some[numeric]), some[case.target].to_numpy()

# %%
tools = {"model": KNeighborsClassifier(5), "sampler": SMOTE(k_neighbors=3, random_state=seed), "seed": seed}
scores = {where: develop.cross_validate(x, y, where=where, **tools) for where in ("before", "inside")}
for where, folds in scores.items():
    counts = f"{folds[0].test_negative} negative, {folds[0].test_positive} positive"
    average = np.mean([fold.average_precision for fold in folds])
    print(f"SMOTE {where:>6}: average precision {average:.3f} (a test fold: {counts})")

# %% [markdown]
# The upper number is a fiction: its test folds are half positive, and half of those were made from training rows. The
# lower one judges the model on the world as it is. Only the training rows may be touched; the class counts of the test
# fold are the proof. (The scaler above saw all rows too. For distances that is harmless here; lesson 03 shows where it is
# not.)
#
# ## What shall we believe, and what shall we mend?
#
# The card payments, in five steps, as a template for any report:
#
# | step | found |
# |---|---|
# | 1 profile | 284,807 rows, 30 features, 99.83 to 0.17 %, amount skewed to the right |
# | 2 visual | median fraud smaller, no clear pattern in time, some V separate, many outliers of the amount in both classes |
# | 3 statistical | V uncorrelated; fraud tied weakly to the amount, strongly to some V; judge by precision and recall |
# | 4 hypotheses | small payments are probes; a few V carry the signal; time is weak; little to engineer |
# | 5 cleaning | balance inside the folds, scale the amount, nothing is missing, look at outliers by class |
#
# A hypothesis earns its place by naming the feature that would show it. For the running case we keep the five strongest
# columns, and the contract, for those who come next:

# %%
artifacts.write_text("02/contract.yaml", contract.to_yaml(), use_case=use_case)
report = {
    "rows": len(frame),
    "prevalence": round(float(prevalence), 4),
    "missing": int(facts["missing"].sum()),
    "drivers": ranking["column"].head(5).tolist(),
}
artifacts.write_json("02/profile.json", report, use_case=use_case)
print("drivers to build features from:", ", ".join(report["drivers"]))

# %% [markdown]
# ## Claims to distrust
#
# | you will hear | the truth, as computed above |
# |---|---|
# | "99.8 % accuracy: excellent data, excellent model" | always saying "normal" reaches 99.83 % |
# | "fraudulent amounts are smaller" | by the median yes, by the mean no |
# | "remove extreme outliers first" | that can remove the positives; compare the classes first |
# | "p < 0.001, so it matters" | at 284,807 rows nearly everything is; read the effect size |
# | "balance the classes, then split" | balance inside the training folds only |
#
# ## What you did
#
# You took the objective to the data, decided whether it may be used, profiled it, wrote its contract and saw it refuse a
# bad delivery, looked with pictures and tested with effect sizes, and met four mistakes that look like diligence. The
# contract and the profile are saved; lesson 03 builds features on them.

# %%
from workbench import quiz

quiz("02_data")

# %% [markdown]
# Now you: [exercise 02](../exercises/02_data.ipynb).
