# %% [markdown]
# # 06 · Explainability
#
# **You will be able to** say why a model decided as it did, check that the explanation is true, tell a declined person
# what would have changed the decision, and notice where explanations mislead. **You need** [lesson 04](04_training.ipynb)
# and logarithms of odds. **Time** 50 minutes. **Next** [exercise 06](../exercises/06_explainability.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
seed: int = 6  # random seed

# %% [markdown]
# ## Why did the bank say no?
#
# A loan was refused. The model gave it a chance of approval of .23, and .5 was needed. The applicant asks why, and gets
# this letter:
#
# | factor | your value | wanted | effect |
# |---|---|---|---|
# | credit score | 580 | above 650 | -.15 |
# | income | \$35K | above \$45K | -.08 |
# | debt-to-income | 45 % | below 40 % | -.06 |
# | employment | 3 months | above 1 year | -.04 |
# | age | 22 | neutral | +.01 |
#
# It looks complete. So add it up: the effects should explain the score.

# %%
effects = {"credit_score": -0.15, "income": -0.08, "debt_to_income": -0.06, "employment": -0.04, "age": 0.01}
print(f"sum of the effects: {sum(effects.values()):.2f}")
print(f"so the letter starts from {0.23 - sum(effects.values()):.2f}")

# %% [markdown]
# -.32 is no score. Something is missing: the place from which all these steps were taken. If they lead to .23, they
# started at .55. That number is the **baseline**, and contributions without a baseline say nothing: "-.15" *compared with
# whom?* Here it is the score of a reference applicant. The bank's model is a small one, and we have it:

# %%
import pandas as pd

from lifecycle import explain, show

applicant, reference = pd.DataFrame([explain.REJECTED]), pd.DataFrame([explain.REFERENCE])
show.table(pd.concat([reference, applicant]).assign(who=["reference", "applicant"]).set_index("who"), index=True)
for who, row in {"reference": reference, "applicant": applicant}.items():
    print(f"{who}: chance of approval {explain.loan_chance(row)[0]:.2f}")

# %% [markdown]
# Who asks such questions, besides the applicant? There are three uses, and a kind of tool for each:
#
# | question | who asks | tools |
# |---|---|---|
# | Why *this* prediction? | the person, the help desk, a court | SHAP, LIME, counterfactuals |
# | Are groups of people treated alike? | the regulator, yourself | contributions by group |
# | What does each feature contribute overall? | the developer, the owner | importance, partial dependence |
#
# For decades, models were chosen so that the question would not arise:
#
# | | model | reasons |
# |---|---|---|
# | most transparent | a decision tree drawn by hand | the path is the reason |
# | in between | a regression, with Shapley values | one number a feature |
# | least | a neural network that is accepted as it is | "95 % accurate", and nothing else |
#
# An opaque model may well be 95 % accurate and still leave everybody without a reason. It was explanations of *single
# decisions* that helped boosted trees into credit: once each refusal came with its reasons, modellers could trust the
# better score. So where do numbers like -.15 come from?
#
# ## A fair share
#
# Take a simpler question first. Anna alone earns 10, Ben alone earns 20, together they earn 50. How should they share?
# Let them arrive one after the other, and pay each what their arrival adds:
#
# | order | Anna adds | Ben adds |
# |---|---|---|
# | Anna, then Ben | 10 | 40 |
# | Ben, then Anna | 30 | 20 |
# | average | 20 | 30 |
#
# The average over all orders is the **Shapley value**. It is the only rule that gives out everything, treats equals
# equally, pays nothing for nothing, and adds up over several games.

# %%
worth = {(): 0, ("Anna",): 10, ("Ben",): 20, ("Anna", "Ben"): 50}
for name, share in explain.shapley_values(worth, ["Anna", "Ben"]).items():
    print(f"{name}: {share:g}")

# %% [markdown]
# Now the players are *features*, and what a group is worth is a score: that of an applicant who has the values of our
# applicant where the group says so, and the reference values elsewhere. Does the order matter here, too? Let the credit
# score arrive first, and then last:

# %%
first = reference.assign(credit_score=580)
all_but = applicant.assign(credit_score=690)
chance = explain.loan_chance
print(f"credit score arrives first: {chance(first)[0] - chance(reference)[0]:+.3f}")
print(f"credit score arrives last:  {chance(applicant)[0] - chance(all_but)[0]:+.3f}")

# %% [markdown]
# It does. Both are true answers to "what did the credit score do?", and a bank that wants to look strict or mild could
# choose. The Shapley value leaves no choice: five features have 120 orders, it averages over them all. That takes no more
# than the worth of 32 groups.

# %%
groups = explain.groups_of(list(explain.REFERENCE))
account = explain.shapley_of(chance, applicant, reference)
print(f"{len(groups)} groups; base {account.base:.2f}")
show.table(account.of(0), formats={"contribution": "+.2f"})

# %% [markdown]
# That is the letter, line by line. As a picture, from the base on top down to the score, each factor one step:

# %%
import matplotlib.pyplot as plt

figure, axes = show.figure(width=7, height=3)
explain.waterfall(axes, account, 0)
axes.set(xlabel="chance of approval", title="From the reference applicant to this one")
plt.show()

# %% [markdown]
# How do we know that the account is right? There is one test that every such account must pass, and it needs no knowledge
# of the model's inside. **Base plus contributions must be the score.** What is left over is the *residual*:

# %%
residual = explain.check_additivity(account, chance(applicant))
print(f"base {account.base:.4f}, contributions {account.values.sum():.4f}, score {chance(applicant)[0]:.4f}")
print("residual below 1e-9:", residual < 1e-9)

# %% [markdown]
# ## "Fix the listed items and you pass"
#
# The letter also names lines to reach. A friendly clerk explains: "You are at .23. Bring the credit score to 650, that
# gives you .15 back, and so on down the list." Let us check his sum, and then let us ask the model.

# %%
by_addition = 0.23 + sum(-effects[name] for name in explain.WANTED)
fixed = applicant.assign(**explain.WANTED)
print(f"by addition: {by_addition:.2f}, approved")
print(f"by the model: {chance(fixed)[0]:.2f}, {'approved' if chance(fixed)[0] >= explain.THRESHOLD else 'refused again'}")

# %% [markdown]
# The clerk promised .56, the model gives .37. Two things went wrong. The effect -.15 was measured against the
# *reference*, who has 690, and not against the line of 650. And it is an average over orders: even the whole way to 690
# gives this applicant less than .15, as you saw above.
#
# > What would change the decision is a different question from why it was made. It takes a **counterfactual**: change the
# > inputs, run the model again, look.
#
# Which change is the smallest? Somebody has to say what can be changed, in which steps, and how hard each step is. Here a
# unit of effort is 20 points of credit score, or \$5K of income, or 3 points of debt, or half a year in the job:

# %%
from lifecycle.explain import Lever

levers = [
    Lever.between("credit_score", 580, 850, step=5, effort=1 / 20),
    Lever.between("income", 35, 90, step=1, effort=1 / 5),
    Lever.between("debt_to_income", 10, 45, step=1, effort=1 / 3),
    Lever.between("employment", 3, 63, step=6, effort=1 / 6),
]

# %%
ways = explain.counterfactuals(chance, applicant, levers, threshold=0.5, wanted="at least", at_most=3)
show.table([{"way": str(way), "effort": way.effort, "chance": way.score} for way in ways])

# %% [markdown]
# Every line was scored again before it was printed, so each is a promise that the model keeps. And every one needs more
# than the letter asks for. Note what is *not* a lever. Nobody can be advised to grow older, and the search refuses if
# somebody tries:

# %%
with show.error():
    older = Lever.between("age", 22, 65, step=1)
    explain.counterfactuals(chance, applicant, [*levers, older], threshold=0.5, wanted="at least", never=["age"])

# %% [markdown]
# Age needs care in the other direction, too. The letter says "+.01": this model likes the young, and what favours the
# young counts against the old. Credit law limits the use of age. In the United States, for example, a statistically sound
# scoring system may use it, but must not let an age of 62 or more count against anybody. What does the model think of a
# 65-year-old who equals the reference in all else?

# %%
retired = explain.shapley_of(chance, reference.assign(age=65), reference)
print(f"age 65: {retired.of(0)['contribution'][0]:+.3f}")

# %% [markdown]
# A negative contribution of age at 65. Where that law holds, an explanation has just found a breach in a factor that the
# letter calls neutral. That is why release needs explanations: not to decorate the model, but to find out about it.
#
# ## "A neural network has zero transparency"
#
# You will hear that too. Teach a small network what the bank has decided, and explain it with the same function; a
# Shapley value needs only a model that can be *asked*.

# %%
import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(seed)
low, high = np.array([500, 20, 5, 0, 20]), np.array([850, 120, 60, 120, 70])
past = pd.DataFrame(rng.uniform(low, high, size=(2_000, 5)).round(), columns=list(explain.REFERENCE))
decided = (chance(past) >= explain.THRESHOLD).astype(int)

# %%
network = make_pipeline(StandardScaler(), MLPClassifier((8,), solver="lbfgs", alpha=1.0, random_state=seed, max_iter=500))
network.fit(past, decided)


def opaque(rows):
    return network.predict_proba(rows)[:, 1]


# %%
told = explain.shapley_of(opaque, applicant, reference)
gap = explain.check_additivity(told, opaque(applicant))
print(f"agrees with the bank in {(network.predict(past) == decided).mean():.0%} of the past cases")
print("residual below 1e-9:", gap < 1e-9)
print("largest effect:", told.of(0)["feature"][0])

# %% [markdown]
# An exact account of a network, and it adds up. "Zero" overstates. What remains true: the account was made from outside,
# costs 2 to the power of the number of features, and tells *what* the network does, not how. A hand-drawn tree *is* its
# reason.
#
# ## The running case
#
# Lesson 04 handed over boosted trees, a recipe with a threshold, and a calibration. A dozen features make
# 4,096 groups, for each row. For trees there is a short cut that finds the same kind of values by walking through
# the trees (*Tree SHAP*). The price: it works where the trees add up, in **log-odds**.

# %%
from scipy.special import expit, logit

from lifecycle import artifacts, develop

case = develop.use_case(use_case)
made = artifacts.read_json("03/features.json", use_case=use_case)
table = artifacts.read_frame("03/features.parquet", use_case=use_case)
model = develop.from_bytes(artifacts.read_bytes("04/model.json", use_case=use_case))
recipe = develop.Recipe.from_json(artifacts.read_text("04/recipe.json", use_case=use_case))
calibration = artifacts.read_json("04/metrics.json", use_case=use_case)["calibration"]

# %%
names = list(recipe.features)
train, validation, test = (table[table["split"] == part].reset_index() for part in ("train", "validation", "test"))
log_odds = model.predict(test[names], output_margin=True)
whole = explain.tree_contributions(model, test[names])
off = explain.check_additivity(whole, log_odds, tolerance=1e-4)
print(f"{len(whole):,} rows, {len(names)} features: base {whole.base:.3f} in log-odds")
print("residual below 1e-9:", off < 1e-9, "  below 1e-4:", off < 1e-4)

# %% [markdown]
# It adds up, though not to nine digits: the model stores its numbers in *float32*, with some seven digits, and hundreds
# of trees add their rounding. So we hold it to 1e-4, which no reader of a reason will ever notice. Know your tolerance
# and its cause; "close enough" is neither.
#
# The customer never sees log-odds. What became of lesson 04's correction, which turned scores into chances? It multiplied
# the odds by a constant. In log-odds that is a *shift*, the same for every row:

# %%
shift = logit(calibration["actual"]) - logit(calibration["trained"])
scores = develop.scores(model, test[names], recipe)
chances = develop.correct_prior(scores, trained=calibration["trained"], actual=calibration["actual"])
print(
    f"shift {shift:+.3f}, so the base becomes {whole.base + shift:.3f}, a chance of {show.number(expit(whole.base + shift))}"
)
print("shifted log-odds give the calibrated chance:", bool(np.abs(expit(log_odds + shift) - chances).max() < 1e-4))

# %% [markdown]
# The base moves, the contributions do not. So reasons can be computed before the calibration and are valid after it.
#
# ### A failure: whose explanation is this?
#
# Now somebody makes the two mistakes that are made most. The first compares the account with the wrong scale:

# %%
with show.error(lines=1):
    explain.check_additivity(whole, chances, tolerance=1e-4)

# %% [markdown]
# The second is worse, because nothing looks odd. The model is trained again, a little differently, and shipped; the
# explanations still come from the old one. Plausible features, plausible signs, wrong model. The test does not care how
# plausible it looks:

# %%
retrained = develop.fit(recipe.but(seed=recipe.seed + 1), train.set_index("index"))
shipped = retrained.predict(test[names], output_margin=True)
with show.error(lines=2):
    explain.check_additivity(whole, shipped, tolerance=1e-4)

# %% [markdown]
# Same recipe, same rows, another seed: a different model, and an account that does not belong to it. **An explanation
# must match the version that is shipped.** The hand-over below therefore carries the model's digest.
#
# ## What moves the scores?
#
# One point is one row; right of the line the feature raised the score. Bright points have high values of the feature,
# dark points low ones.

# %%
some = explain.tree_contributions(model, test[names].sample(450, random_state=seed))
figure, axes = show.figure(width=8, height=4)
drawn = explain.cloud(axes, some, seed=seed)
axes.set(xlabel="contribution (log-odds)", title=f"What raises and lowers the score: {case.target}")
figure.colorbar(drawn, ax=axes, label="value of the feature, ranked", ticks=[0.05, 0.95]).ax.set_yticklabels(["low", "high"])
plt.show()

# %%
show.table(whole.ranking().head(5), formats={"mean_abs": ".3f"})

# %% [markdown]
# Is high bad, or low? Where bright and dark lie clearly apart, the model has found a direction; check it against what you
# know about the business. A feature that pulls the wrong way is a bug report.
#
# ## One decision
#
# We take the rows that the model would act on, and among them one in the middle. Why was it flagged?

# %%
cut = float(develop.correct_prior([recipe.threshold], trained=calibration["trained"], actual=calibration["actual"])[0])
order = np.argsort(chances, kind="stable")
flagged = [int(number) for number in order if chances[number] >= cut]
chosen = flagged[len(flagged) // 2]
print(
    f"{len(flagged):,} of {len(test):,} are flagged; this one: chance {show.number(chances[chosen])}, cut {show.number(cut)}"
)

# %%
figure, axes = show.figure(width=7.5, height=3.6)
explain.waterfall(axes, whole, chosen, most=7)
axes.set(xlabel="log-odds, before the calibration", title="From the average row to this one")
plt.show()

# %%
show.table(whole.of(chosen).head(5), formats={"contribution": "+.3f"})

# %% [markdown]
# Nobody can be sent this. A **reason code** says it in words, and lenders must state the principal reasons of a refusal,
# specifically. Four rules:
#
# 1. only what counted *against* the person, most important first, and not more than four;
# 2. features that say the same are one reason, or the list repeats itself;
# 3. the words must be true of this person: "low" where the value is low;
# 4. advice only where something can be done, and never about a protected attribute.

# %%
meanings = {feature["name"]: feature["meaning"] for feature in made["features"]}
wordings = explain.wordings_for(use_case, meanings)
usual = explain.usual_values(train[names])
letter = explain.reasons(whole, chosen, wordings, usual=usual, adverse=1, protected=case.protected)
for number, reason in enumerate(letter, start=1):
    print(f"{number}. {reason.words}  ({reason.contribution:+.2f})")
    if reason.advice:
        print("   " + reason.advice)

# %% [markdown]
# (In the fraud case the columns are anonymous, and so are the reasons. "V14 is below what is usual" helps an analyst, and
# nobody else. What a model is fed decides what can ever be said about it.)
#
# And if a protected attribute *does* count? Leaving it out of the list would make the list false, and stating it admits
# what must not happen. There is no good letter for such a model. So it is an error, here with the loan model and the
# 65-year-old:

# %%
words = {name: explain.Wording(f"high {name}", f"low {name}") for name in explain.REFERENCE}
with show.error(lines=1):
    explain.reasons(retired, 0, words, usual=explain.REFERENCE, adverse=-1, protected=["age"])

# %% [markdown]
# ## A way out
#
# Now search what would turn the decision. A first attempt takes the two features that counted most, and tries all values
# that training rows have:

# %%
top = whole.of(chosen)["feature"].head(2).tolist()
grids = {name: tuple(np.unique(np.quantile(train[name], np.linspace(0, 1, 41)))) for name in top}
inputs = [Lever(name, grids[name], effort=1 / float(train[name].std())) for name in top]


def chance_of(rows):
    trained_on = develop.scores(model, rows[names], recipe)
    return develop.correct_prior(trained_on, trained=calibration["trained"], actual=calibration["actual"])


# %%
naive = explain.counterfactuals(chance_of, test.iloc[[chosen]], inputs, threshold=cut, wanted="below")
print(naive[0] if naive else "no way among these")
sources = {feature["name"]: set(feature["sources"]) for feature in made["features"]}
moved = {change.name for way in naive[:1] for change in way.changes}
torn = [name for name in names if name not in moved and any(sources[name] & sources[other] for other in moved)]
print("made of the same raw columns, and left where they were:", ", ".join(torn) or "none")

# %% [markdown]
# Where the second line names anything, look closely: the row that was found may be one that cannot exist. No month late by
# one column, beside a month with a delay in another: nobody can become such a row. The search moved *features*, and
# people do not have features, they have bills and orders. So move the raw row, by **actions**, and make the features
# anew:

# %%
source = made["source"]
raw = develop.load(source["use_case"], n_rows=source["n_rows"], seed=source["seed"])
actions = explain.actions_for(use_case, raw.loc[[test["index"][chosen]]])
print("actions:", ", ".join(f"`{lever.name}` ({len(lever.values)} values)" for lever in actions.levers))

# %% [markdown]
# (credit: pay on time for so many `months`, and pay `extra` now, in percent of the limit. churn: place so many `orders`,
# at a `price`. fraud: ask for a `share` of the amount, or some hours `later`; this one is for thieves, and stays
# in-house. One unit of effort is a month or a tenth of the limit, an order or \$30 more on the price, half of the amount or
# ten hours.)


# %%
def chance_after(settings, actions=actions):
    return chance_of(develop.engineer(actions.apply(settings), use_case=use_case))


ways = explain.counterfactuals(chance_after, actions.idle, actions.levers, threshold=cut, wanted="below")
print(f"now {show.number(chance_after(actions.idle)[0])}, needed below {show.number(cut)}")
for way in ways:
    print(f"{way}: chance {show.number(way.score)}")
if not ways:
    print("no way: none of these actions changes the decision")

# %% [markdown]
# Is this client typical? Ask for twenty others, from the mildest of the flagged to the gravest. Some may have no way at
# all, and a bank should know for how many.

# %%
asked = [flagged[int(share * (len(flagged) - 1))] for share in np.linspace(0, 1, 20)]
efforts = []
for number in asked:
    open_to = explain.actions_for(use_case, raw.loc[[test["index"][number]]])
    found = explain.counterfactuals(
        lambda settings, a=open_to: chance_after(settings, a), open_to.idle, open_to.levers, threshold=cut, wanted="below"
    )
    efforts.append(found[0].effort if found else np.nan)

# %%
units = {
    "credit": "a month, or a tenth of the limit",
    "churn": "an order, or 30 USD on the price",
    "fraud": "half of the amount, or ten hours",
}
figure, axes = show.figure(width=7, height=3.2)
explain.efforts(axes, chances[asked], efforts)
axes.set(xlabel="chance now (calibrated)", ylabel=f"smallest effort\n1 = {units[use_case]}", title="Twenty who were flagged")
plt.show()

# %%
found = [effort for effort in efforts if not np.isnan(effort)]
print(f"{len(found)} of {len(asked)} flagged rows have a way within these actions")
if found:
    print(f"the smallest efforts lie between {show.number(min(found))} and {show.number(max(found))}")

# %% [markdown]
# In the credit case most of the ways are "pay on time for some months": what counts against these clients is history, and
# history fades. That is a better letter than any list of contributions. In the fraud case there is usually no way at all,
# and that is as it should be.
#
# ## What does the model lean on? Two answers
#
# For the model as a whole there are importances. To see how far to trust them, train once more with a column of **pure
# noise** among the features:

# %%
noisy = {part: frame[names].assign(noise=rng.random(len(frame))) for part, frame in (("train", train), ("val", validation))}
with_noise = develop.fit(recipe.but(features=(*names, "noise")), noisy["train"].assign(**{case.target: train[case.target]}))

# %%
gain = explain.gain_importance(with_noise)
lost = explain.permutation_importance(
    lambda rows: with_noise.predict_proba(rows)[:, 1], noisy["val"], validation[case.target],
    metric=develop.average_precision, repeats=3, seed=seed,
)  # fmt: skip
both = gain.merge(lost, on="feature")
for measure, column in {"gain (training rows)": "gain", "permutation (unseen rows)": "loss"}.items():
    rank = int(both[column].rank(ascending=False)[both["feature"] == "noise"].iloc[0])
    print(f"{measure}: noise is number {rank} of {len(both)}")

# %%
figure, panels = show.figure(width=9, height=3.8, columns=2)
for panel, (column, label) in zip(
    panels, {"gain": "share of the gain", "loss": "average precision lost"}.items(), strict=True
):
    ranked = both.sort_values(column, ascending=False, ignore_index=True)
    seen = ranked[(ranked.index < 9) | (ranked["feature"] == "noise")]
    explain.bars(panel, dict(zip(seen["feature"], seen[column], strict=True)), marked="noise")
    panel.set(xlabel=label)
panels[0].set_title("Gain, from the training rows")
panels[1].set_title("Permutation, on unseen rows")
plt.show()

# %%
value = both.set_index("feature").loc["noise"]
print(f"noise: {value['gain']:.1%} of the gain")
print("noise: permutation loss within 0 ± .01:", bool(abs(value["loss"]) < 0.01))

# %% [markdown]
# Gain gives noise a share: among many places to cut, some fit the training rows by luck, and gain counts that as
# merit. Permutation asks rows that the model has not seen, where luck does not repeat. So the sanity check of a release
# is: *add noise, and whatever ranks below it has not earned its place*. (With as few positives as the fraud case has, one
# row more or less moves average precision a lot. There even permutation can miss its ± .01.)
#
# ## How does the score move?
#
# Take the strongest feature, set it to one value in all rows, score, take the mean, go on to the next value. That is
# **partial dependence**. The thin lines are single rows (*individual conditional expectation*).

# %%
strongest = whole.ranking()["feature"][0]
sample = test[names].sample(200, random_state=seed)


def margin_of(rows):
    return model.predict(rows, output_margin=True)


curve = explain.partial_dependence(margin_of, sample, strongest, points=15, limits=(0.005, 0.995))

# %%
figure, axes = show.figure(width=7, height=3.2)
axes.plot(curve.grid, curve.curves[:60].T, color=show.COLOURS["grey"], lw=0.5)
axes.plot(curve.grid, curve.mean, color=show.COLOURS["vermilion"], lw=2.5, label="mean: partial dependence")
axes.set(xlabel=strongest, ylabel="score (log-odds)", title="One row, one thin line")
legend = axes.legend()
plt.show()

# %%
show.table(curve.table.iloc[[0, len(curve.grid) // 2, -1]], formats=dict.fromkeys(("mean", "10 %", "90 %"), "+.2f"))

# %% [markdown]
# The mean says how far the feature moves an average row, the fan of lines whether it moves all rows alike. But partial
# dependence sets *one* column and leaves the others, and so it scores rows like the torn one above. How many of the rows
# behind that curve could exist? Suppose that two columns say the same, in two units:

# %%
metres = pd.DataFrame({"metres": rng.uniform(1, 9, 500)})
rooms = metres.assign(feet=metres["metres"] / 0.3048)
tall = explain.partial_dependence(lambda rows: rows["feet"] * 0.3048 > 8, rooms, "metres", points=9)
print(f"curve over metres: from {tall.mean.min():.2f} to {tall.mean.max():.2f}, the same everywhere")

# %% [markdown]
# This model finds rooms that are over 8 metres long, and it reads the feet. The curve over metres is flat: "length does
# not matter". The curve describes 4,500 rooms that are one length in metres and another in feet.
#
# ## A straight line nearby
#
# LIME goes another way: draw rows *around* the one to explain, score them, fit a line to the scores. Its slopes are the
# explanation. A line can always be fitted, so ask how well it follows the model (its **fidelity**), and what "around"
# means:

# %%
rows = []
row = test[names].iloc[[chosen]]
for width in (0.1, 0.5, 2.0):
    line = explain.local_surrogate(margin_of, row, train[names], width=width, seed=seed)
    steepest = line.slopes.abs().idxmax()
    rows.append({"width (standard deviations)": width, "steepest": steepest, "slope": line.slopes[steepest]})
    rows[-1] |= {"fidelity (R²)": line.fidelity}
show.table(rows, formats={"slope": "+.2f", "fidelity (R²)": ".2f"})

# %% [markdown]
# Three widths, three explanations of one decision. Trees are made of steps: very near there may be no step at all or a
# cliff, and further away a line follows them only roughly. On the smooth loan model the same few lines do well:

# %%
smooth = explain.local_surrogate(chance, applicant, past, width=0.5, seed=seed)
print(f"loan model: fidelity {smooth.fidelity:.2f}, steepest {smooth.slopes.abs().idxmax()}")

# %% [markdown]
# So never show slopes without their fidelity, and none where it is low.
#
# ## Two columns that say the same
#
# The loan office stores the income in dollars. Then somebody adds the income in euros. Here are three models that give
# *the same score to every applicant*: one reads dollars, one reads euros, one reads half of each.

# %%
pay = pd.DataFrame({"dollars": rng.normal(60, 15, 300), "debt": rng.normal(30, 8, 300)})
pay["euros"] = 0.9 * pay["dollars"]
twins = {
    "reads dollars": lambda t: 2 * t["dollars"] - t["debt"],
    "reads euros": lambda t: 2 * t["euros"] / 0.9 - t["debt"],
    "reads both": lambda t: t["dollars"] + t["euros"] / 0.9 - t["debt"],
}

# %%
rows = []
for name, twin in twins.items():
    parts = explain.shapley_of(twin, pay.iloc[0], pay)
    pooled = parts.pooled({"income": ["dollars", "euros"]})
    shares = parts.of(0).set_index("feature")["contribution"]
    rows.append({"model": name, **shares[["dollars", "euros", "debt"]]})
    rows[-1] |= {"dollars and euros": pooled.values[0, 0]}
show.table(rows)

# %% [markdown]
# All of the credit, none, half: it depends on which twin a model happened to read, and for trees that is the luck of the
# seed. The sum over the twins is the same in all three. So **correlated features split credit arbitrarily**; read them as
# a family, as the reason codes above do.
#
# Even for *one* model the answer depends on the question. What stands in for a value that is "not known": the average
# over the training rows that took the same path through a tree, or other rows' values, swapped in one feature at a time?

# %%
behind = train[names].sample(100, random_state=seed)
few = test[names].head(300)
paths = explain.tree_contributions(model, few)
swaps = explain.tree_contributions(model, few, background=behind)
margins = margin_of(few)
both_add = all(explain.check_additivity(each, margins, tolerance=1e-4) < 1e-4 for each in (paths, swaps))
same_first = (np.abs(paths.values).argmax(axis=1) == np.abs(swaps.values).argmax(axis=1)).mean()
print("both add up:", both_add)
print(f"both name the same feature first: {same_first:.0%} of the rows")

# %% [markdown]
# Both pass the test of additivity, and still they can disagree about the main reason. Additivity is necessary, not
# sufficient. Fix the method and the background, write them down, and keep them for as long as letters are compared.
#
# ## Are groups treated alike?
#
# Lesson 03 took the protected attributes out of the features. That does not mean that the model scores the groups alike.
# By which features does it treat them differently? Average the contributions over each group. (Where a case has no
# protected attribute, we take large and small values of a raw column instead.)

# %%
people = raw.loc[test["index"]]
about = case.protected[0] if case.protected else case.features[-1]
if case.protected:
    group = people[about].map(case.codes[about]).to_numpy()
else:
    group = np.where(people[about] > people[about].median(), f"high {about}", f"low {about}")
split = whole.by_group(group)

# %%
one, other = split.columns[:2]
split["difference"] = split[one] - split[other]
split = split.sort_values("difference", key=abs, ascending=False)
show.table(split.head(4).rename_axis("feature"), index=True, formats=dict.fromkeys(split.columns, "+.3f"))
rates = pd.Series(chances >= cut).groupby(group).mean()
print("flagged: " + ", ".join(f"{name} {rate:.1%}" for name, rate in rates.items()))

# %% [markdown]
# The columns say *through what* the difference comes. They do not say whether it is fair: a difference through late
# payments is one thing, through a stand-in for the attribute another. Lesson 17 takes it from here.
#
# ## Does the explanation say what would happen?
#
# One more experiment, and perhaps the most important. In this small world, stress makes people pay their phone bill late,
# and stress makes them default. The phone bill itself does nothing. A model sees the phone bill.

# %%
stress = rng.random(20_000)
late = (rng.random(20_000) < stress).astype(int)
default = (rng.random(20_000) < 0.5 * stress).astype(int)
world = pd.DataFrame({"phone_bill_late": late, "noise": rng.random(20_000)})
learned = {value: default[late == value].mean() for value in (0, 1)}

# %%
told = explain.shapley_of(lambda rows: rows["phone_bill_late"].map(learned), world.iloc[int(late.argmax())], world[:500])
acted = (rng.random(20_000) < 0.5 * stress).astype(int)  # somebody pays all phone bills on time; stress is what it was
print(f"contribution of a late phone bill: {told.of(0)['contribution'][0]:+.2f}")
print(f"the model expects, if all pay their phone bills: {learned[0]:.0%} defaults")
print(f"defaults after all phone bills were paid: {acted.mean():.0%}, before: {default.mean():.0%}")

# %% [markdown]
# The explanation was correct: the model leans on the phone bill. And acting on it changes nothing, except the score.
# **Explanations describe the model, not causes.** So "your score will rise if ..." can be promised, and "you will not
# default if ..." cannot. Whether a change of behaviour changes outcomes is asked by an experiment (lesson 16).
#
# ## What goes into the release?
#
# Before a model is shipped (lesson 10), four checks look at its reasons:
#
# | check | what is looked at | it fails when |
# |---|---|---|
# | SHAP review | contributions of many rows, and of groups | they do not add up, or pull the wrong way |
# | importance sanity | ranking with a noise column | noise ranks above features, or a leak ranks first |
# | reasons for each decision | a letter for every refusal | no wording, or a protected attribute counts |
# | stakeholder review | letters, read by those who answer for them | a reason that nobody would say aloud |
#
# Why there? Because lending law wants reasons; because the customer should have a way to approval; because people use
# what they trust. And because it is the last place where somebody looks at *what the model does* and not at how often it
# is right. We hand over what the gate needs, with the digest of the model that it belongs to.

# %%
from dataclasses import asdict
from hashlib import sha256

ranking = whole.ranking()
noise = {"gain": round(float(value["gain"]), 3), "permutation": round(float(value["loss"]), 3)}

# %%
explanations = {
    "model_sha256": sha256(artifacts.read_bytes("04/model.json", use_case=use_case)).hexdigest(),
    "scale": "log-odds before calibration",
    "base_value": round(whole.base, 3),
    "calibration_shift": round(float(shift), 3),
    "additivity": {"rows": len(whole), "tolerance": 1e-4, "holds": bool(off < 1e-4)},
    "ranking": [{"feature": name, "mean_abs": round(size, 3)} for name, size in ranking.itertuples(index=False)],
    "noise_column": noise,
    "reasons": {name: asdict(wording) for name, wording in wordings.items()},
    "usual": {name: round(float(middle), 4) for name, middle in usual.items()},
    "never_advised": list(case.protected),
}

# %%
artifacts.write_json("06/explanations.json", explanations, use_case=use_case)
print("explanations.json holds:", ", ".join(explanations))
print(f"wordings for {len(wordings)} of {len(names)} features")

# %% [markdown]
# ## Claims to distrust
#
# Each was computed above; here they stand side by side.

# %%
claims = {
    "the effects explain the score": f"they sum to {sum(effects.values()):.2f}; with the baseline .55 they explain .23",
    "fix the listed items and you pass": f"addition says {by_addition:.2f}, the model {chance(fixed)[0]:.2f}",
    "age is neutral": f"at 65 it contributes {retired.of(0)['contribution'][0]:+.3f}",
    "a neural network has zero transparency": "exact contributions, residual below 1e-9",
    "importance shows what matters": f"pure noise has {value['gain']:.1%} of the gain",
    "a contribution belongs to its feature": "twins: all, none or half of it, with equal scores",
    "a flat curve means no influence": "metres, where the model reads feet",
    "what explains the score causes the outcome": "phone bills paid, defaults unchanged",
}
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %% [markdown]
# ## What you did
#
# - You found the missing baseline, and computed fair shares of a score from scratch.
# - You held every account against the scores of the model in use, and caught two that did not belong to it.
# - You wrote reasons that are true of the person, and found ways out that the model keeps.
# - You saw four places where an explanation misleads: addition, twins, impossible rows, causes.
#
# **To take away** An explanation is a claim about a model. Test it: does it add up, for *this* version, and is what it
# promises so when the model is asked again?

# %%
from workbench import quiz

quiz("06_explainability")

# %% [markdown]
# Now you: [exercise 06](../exercises/06_explainability.ipynb).
