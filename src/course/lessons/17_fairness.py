# %% [markdown]
# # 17 · Fairness
#
# **You will be able to** measure decisions group by group with honest intervals, say which definitions of fairness
# exclude each other and which do not, find proxies, change thresholds and tell who pays for it, see a feedback loop
# close, and write down a choice so that it can be defended. **You need** lessons 04, 06 and 10. **Time** 60 minutes.
# **Next** [exercise 17](../exercises/17_fairness.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
recidivism: bool = False  # also read the COMPAS rows, from your own copy
seed: int = 17  # random seed of splits, draws and coins

# %% [markdown]
# ## Who has a say?
#
# With this lesson **governance** begins: the controls that make a business meet its duties to everybody concerned. The
# duties are financial (a return), legal (the rules) and ethical (fairness, responsibility). Fairness underlies all three,
# because all three rest on trust.
#
# | inside | wants | outside | wants |
# |---|---|---|---|
# | shareholders | returns | customers | fair treatment, privacy |
# | employees | jobs, ethics | regulators | rules kept, and proof of it |
# | management | risks known | the public | no harm; adverts that help, cars that see |
# | board | oversight | governments | laws that hold |
#
# And who sets the standard? Law does, slowly, and it describes yesterday's idea of fairness. Owners do: a lasting return,
# and proof that customers, staff and regulators are content. Public opinion is fastest. It follows no rules, need not be
# factual, differs from place to place, and decides what is bought, funded and made law. On machine learning it is
# divided: less fraud and useful adverts on one side, manipulation and unintended bias by race or sex on the other.
#
# A model adds a risk of its own: nobody wrote its rules. It took them from data that are assumed to mirror the world. So
# a firm assesses the risk, fixes its own values, and runs a process (lesson 19). Its housekeeping list has five entries:
# where data come from, transparency, **bias**, performance, reproducibility. This lesson is about the third.
#
# ## "85 % in both groups, so it is fair"
#
# Models decide on loans, jobs, parole and treatment. Harm comes mostly by accident, and for one of three reasons: the
# **data** remember an unfair past, the **design** has the wrong target or the wrong rows, or a team has **blind spots**
# and nobody in the room whom it concerns. Here is a model that approves loans. It was tried on 1,000 people of group A
# and 1,000 of group B, and the report says: "accuracy is similar, about 85 %". Count the four outcomes. Positive means
# approved, and true means that the person would have repaid.

# %%
from lifecycle.govern import GroupCounts

loans = {"A": GroupCounts(tp=510, fp=60, fn=90, tn=340), "B": GroupCounts(tp=320, fp=120, fn=80, tn=480)}
for group, c in loans.items():
    print(f"{group}: {c.n:,} people, {c.tp + c.tn} decided rightly, accuracy {(c.tp + c.tn) / c.n:.0%}")

# %% [markdown]
# Not 85 % in both: B has 80 %. And accuracy mixes two errors that are not alike. Somebody who would have repaid and is
# refused (FN) has another grievance than a bank that lent in vain (FP). So one by one, once by hand:

# %%
rows = []
for c in loans.values():
    base, selected = (c.tp + c.fn) / c.n, (c.tp + c.fp) / c.n
    tpr, fpr, ppv = c.tp / (c.tp + c.fn), c.fp / (c.fp + c.tn), c.tp / (c.tp + c.fp)
    rows.append([base, selected, tpr, fpr, ppv, (c.tp + c.tn) / c.n])

# %%
from lifecycle import show

names = ["base rate", "approval", "TPR", "FPR", "PPV", "accuracy"]
by_hand = [{"rate": n, "A": a, "B": b, "B / A": b / a} for n, a, b in zip(names, *rows, strict=True)]
show.table(by_hand, formats={"A": ".3f", "B": ".3f", "B / A": ".2f"})

# %% [markdown]
# Each line belongs to a definition of fairness. A court makes a good picture of them: the accused are guilty or not, and
# are convicted or not.
#
# | definition | equal in all groups | in the court | what it does not see |
# |---|---|---|---|
# | demographic parity | P(decision 1) | the same share is convicted | who is qualified (30 % of men, so 30 % of women) |
# | equal opportunity | TPR | the guilty are equally often found | the innocent |
# | equalised odds | TPR and FPR | equal error among innocent and among guilty | whether a verdict can be trusted |
# | predictive parity | PPV | a guilty verdict is worth the same trust | how many were missed |
#
# For approvals, the ratio of B to A is .77. American hiring practice knows a **four-fifths rule**: divide a group's
# *selection rate* by that of the most favoured group, and a ratio below .8 flags *disparate impact*. It is a flag, the
# beginning of questions, and no proof of anything illegal (its text calls itself a guideline). It speaks of selection and
# of nothing else; ratios of the other rates are worth reading, without its threshold. (`law` looks the threshold up in a
# file of legal figures with a date; lesson 18 shows it.)
#
# And do not take comfort in the fourth line: B's false-approval *rate* is 1.33 times A's, and its approvals are fewer.
# "They get more undeserved loans, so it evens out" is not shown by that: different people gain and lose.

# %%
from lifecycle.govern import law

approvals = {group: c.rate("selection_rate") for group, c in loans.items()}
for group, approval in approvals.items():
    ratio = approval / max(approvals.values())
    print(f"{group}: {ratio:.3f} of the highest  {'flagged' if ratio < law('four_fifths.ratio') else 'not flagged'}")

# %% [markdown]
# Nobody counts by hand twice. `fairlearn` has a frame for it. Spread the counts out into 2,000 rows and compare:

# %%
import numpy as np
import pandas as pd

cells = {"tp": (1, 1), "fp": (0, 1), "fn": (1, 0), "tn": (0, 0)}
people = [(g, *cells[cell]) for g, c in loans.items() for cell, n in c._asdict().items() for _ in range(n)]
frame = pd.DataFrame(people, columns=["group", "repaid", "approved"])

# %%
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import accuracy_score, precision_score

measures = {"approval": selection_rate, "TPR": true_positive_rate, "FPR": false_positive_rate}
measures |= {"PPV": precision_score, "accuracy": accuracy_score}
fair = MetricFrame(metrics=measures, y_true=frame["repaid"], y_pred=frame["approved"], sensitive_features=frame["group"])

# %%
largest = max(abs(fair.by_group.loc["AB"[k], n] - rows[k][names.index(n)]) for k in (0, 1) for n in measures)
print(f"largest difference to our own arithmetic: {largest:.0e}")
show.table(fair.difference().rename("largest difference").rename_axis("rate").reset_index())

# %% [markdown]
# ## Could it be chance?
#
# 1,000 people are a sample. Had others applied, what would the ratio be? `group_report` counts, and draws each group's
# rows anew, with replacement, a thousand times (the **bootstrap**).

# %%
from lifecycle.govern import group_report

report = group_report(frame["repaid"], frame["approved"], frame["group"], seed=seed)
for rate in ("selection_rate", "tpr", "fpr", "ppv"):
    print(f"{rate:<14}  B / A = {report.ratio(rate, 'B', 'A').value:.2f}, 95 % between ", end="")
    print("{1:.2f} and {2:.2f}".format(*report.ratio(rate, "B", "A")))

# %% [markdown]
# The interval of the approval ratio lies about .8, so this flag is less certain than it looks. Now 160 of the same people
# in eight groups instead of two, dealt at random: nothing distinguishes these groups, by construction.

# %%
rng = np.random.default_rng(seed)
sample = frame.sample(160, random_state=seed)
eight = [f"group {k}" for k in rng.integers(1, 9, len(sample))]
dealt = group_report(sample["repaid"], sample["approved"], eight, few=1, seed=seed)
show.table(dealt.table(["selection_rate", "tpr", "fpr"]))

# %%
too_small = group_report(sample["repaid"], sample["approved"], eight)
by_chance, p = dealt.chance_of_gap("selection_rate")
print(f"largest gap in approval: {dealt.gap('selection_rate'):.2f}; by chance, in the median, {by_chance:.2f} (p = {p:.2f})")
print(f"without few=1: {len(too_small.warnings)} warnings, the first: {too_small.warnings[0]}")

# %% [markdown]
# The largest difference among many small groups is *always* large. Anybody who looks at enough groups finds a scandal,
# and anybody who looks at two finds peace. So: show counts, show intervals, name the groups before looking, and let
# `warnings` speak where there is too little. The opposite mistake is quieter. A model card reads "age 18-30: 85 %, 31-50:
# 88 %, over 50: 89 %; no disparity". With 10,000 people in each:

# %%
from statsmodels.stats.proportion import proportions_ztest

z, _ = proportions_ztest([8_900, 8_500], [10_000, 10_000])
print(f"89 against 85 %: z = {z:.1f}; error rates 11 and 15 %, that is {15 / 11 - 1:.0%} more errors")

# %% [markdown]
# z = 8.4: no chance. The youngest meet a third more errors than the oldest. Whether that is *acceptable* is a question;
# that it is a disparity is arithmetic.
#
# And two things that a report refuses. A group that is not named would vanish silently; decisions that are scores would
# be counted as nothing:

# %%
with show.error(lines=1):
    group_report([1, 0, 1], [1, 0, 0], ["a", None, "b"])
with show.error(lines=1):
    group_report([1, 0, 1], [0.7, 0.2, 0.4], ["a", "a", "b"])

# %% [markdown]
# ## Where does it come from?
#
# | source | meaning | example |
# |---|---|---|
# | historical | past discrimination is in the data | ten years of hiring |
# | selection | the sample is unlike the population | medical data mostly of white patients |
# | measurement | a feature means different things | years of experience and career gaps; arrests are not crimes |
# | aggregation | one model for unlike groups | diabetes, whose signs differ by ethnicity |
# | feedback | a prediction shapes later data | patrols → arrests → data |
#
# (Against aggregation help separate models, or features that know of the group.) Less visible ones: a page that lists one
# group first collects more clicks for it, and its feedback data say "preferred"; a target that is right on average and
# wrong for a subgroup, where many variables are strongly correlated; how a question is framed; how rows were prepared,
# sampled and split.
#
# ### A tool that nobody told to
#
# In 2018 it was reported that a large company had scrapped its hiring tool. Ten years of CVs had taught it who gets
# hired: mostly men. It marked down the word "women's" and two women's colleges. Nobody had told it to penalise women.
# Being male went together with being hired, and that was enough. Here is a made-up firm with the same history:

# %%
from lifecycle.govern import simulated_cvs

cvs = simulated_cvs(seed=seed)
words = [name for name in cvs if name not in ("woman", "hired")]
hired, skill = (cvs.groupby("woman")[name].mean() for name in ("hired", "skill"))
print(f"hired: {hired[0]:.0%} of men, {hired[1]:.0%} of women; mean skill {skill[0]:.1f} and {skill[1]:.1f} years")

# %% [markdown]
# Skill is alike, by construction, and no word makes anybody better. The model never sees the sex. We train on half, and
# ask whom it would invite among the others: as many as the firm hired.

# %%
from sklearn.linear_model import LogisticRegression

half = len(cvs) // 2


def invited(columns):
    model = LogisticRegression(max_iter=500).fit(cvs.loc[: half - 1, columns], cvs.loc[: half - 1, "hired"])
    scores = model.predict_proba(cvs.loc[half:, columns])[:, 1]
    chosen = scores >= np.quantile(scores, 1 - cvs["hired"].mean())
    return pd.Series(chosen).groupby(cvs.loc[half:, "woman"].to_numpy()).mean(), model


# %%
rules = {
    "all words": words,
    "without “women's …”": [word for word in words if not word.startswith("women's")],
    "skill alone": ["skill"],
}
for name, columns in rules.items():
    share, model = invited(columns)
    print(f"{name:<20} invites {share[0]:.0%} of men, {share[1]:.0%} of women: ratio {share[1] / share[0]:.2f}")

# %%
_, model = invited(words)
weights = pd.Series(model.coef_[0], index=words).drop("skill").sort_values()
show.table(weights.rename("weight").rename_axis("word").reset_index(), formats={"weight": "+.2f"})

# %% [markdown]
# The captain of the *women's* chess club loses points for one word of three. Take the tell-tale words out, and the ratio
# recovers in part: the rest is **tone**. "Executed" and "captured" stand in men's CVs, "supported" in women's, and the
# model reads it. Only when there is nothing left to read it from does the gap close, down to what chance leaves.
#
# Is any of this real? In 2001 and 2002 two economists sent made-up CVs to employers in Boston and Chicago. The names on
# them were drawn by lot. A difference in call-backs can therefore come from nothing but the name.

# %%
from lifecycle import develop

cv = develop.hiring()
who = cv["race"].map({1: "white-sounding", 2: "black-sounding"})
called = group_report(cv["called"], cv["called"], who, seed=seed)
show.table(called.intervals("selection_rate", "white-sounding"))

# %% [markdown]
# (There is no model and no label here: we only count selections.) The same CV with another name is called back a third
# less often, and the interval of the ratio stays below 1. Sex is in the names too. Cross both, because **intersections**
# can hide in averages:

# %%
from lifecycle.govern import crossed

both = crossed(cv["sex"].map({1: "man", 0: "woman"}), who)
show.table(group_report(cv["called"], cv["called"], both, seed=seed).intervals("selection_rate"))

# %% [markdown]
# This is what an audit from *outside* looks like: a lot instead of a record. Nobody could have found it in the firms'
# files, where CVs differ in everything at once.
#
# ## A court case
#
# COMPAS is a score of the risk that a defendant is arrested again within two years. In 2016 journalists published these
# counts for Broward County: "flagged" is medium or high risk, and "true" is an arrest.

# %%
compas = {"black": GroupCounts(tp=1369, fp=805, fn=532, tn=990), "white": GroupCounts(tp=505, fp=349, fn=461, tn=1139)}
shown = ["base_rate", "fpr", "fnr", "ppv", "accuracy"]
show.table([{"rate": n} | {g: c.rate(n) for g, c in compas.items()} for n in shown], formats=dict.fromkeys(compas, ".1%"))

# %% [markdown]
# Black defendants who were *not* arrested again had been flagged almost twice as often (44.8, told as 44.9, against 23.5
# %). White defendants who *were* had been passed more often (47.7 against 28.0 %). The maker answered: a flag means much
# the same for both, look at PPV; and overall accuracy is similar. Both sides had computed correctly. And both measured
# *arrests*, which are not crimes.

# %%
if recidivism:
    rows_of = develop.recidivism()
    flagged = (rows_of["decile"] >= 5).astype(int)
    race = rows_of["race"].map({1: "white", 0: "other"})
    show.table(group_report(rows_of["reoffended"], flagged, race, seed=seed).table(shown))
else:
    print("with recidivism=True this cell reads your own copy of the rows")

# %% [markdown]
# Could a better score have pleased both?
#
# ## What can be equal, and what cannot
#
# Let *b* be the base rate. Of all people, a share b·TPR is flagged rightly and a share (1 - b)·FPR wrongly. So the share
# of flags that are right is tied to the other three:
#
# **PPV = b·TPR / (b·TPR + (1 - b)·FPR)**
#
# Take equal TPR (.9) and equal FPR (.3) in two groups whose base rates are .6 and .3:

# %%
from lifecycle.govern import implied_ppv

for base in (0.6, 0.3):
    print(f"base rate {base}: PPV {implied_ppv(base, tpr=0.9, fpr=0.3):.2f}")

# %%
figure, axes = show.figure(width=6.5)
grid = np.linspace(0.01, 1, 100)
for fpr, style in ((0.3, "-"), (0.1, "--"), (0.0, ":")):
    axes.plot(grid, [implied_ppv(b, tpr=0.9, fpr=fpr) for b in grid], style, label=f"FPR {fpr}")
axes.plot([0.6, 0.3], [implied_ppv(b, tpr=0.9, fpr=0.3) for b in (0.6, 0.3)], "o", color=show.COLOURS["vermilion"])
axes.set(xlabel="base rate of the group", ylabel="PPV", title="The same TPR (.9) and FPR: what a flag is worth")
legend = axes.legend(frameon=False)

# %%
print("with FPR 0:", [implied_ppv(b, tpr=0.9, fpr=0) for b in (0.6, 0.3)])

# %% [markdown]
# Here is the **impossibility theorem**, in the form in which it is true: *when base rates differ, equalised odds and
# predictive parity cannot both hold*, unless one of TPR and FPR is 0. (With FPR 0 every flag is right, in any group. Ask
# in addition that the *unflagged* are equally often right, and only perfect prediction is left, or its mirror image,
# always wrong.)
#
# You will often read another: "with different base rates TPR and FPR cannot be equal". That is false, and the two lines
# above are the counterexample. Do not believe either of us: try **every** table there is. 40 people in each group, 24
# positives in one and 16 in the other, as above with .6 and .4:

# %%
from lifecycle.govern import all_tables, what_can_be_equal

tables = len(all_tables(24, 16)), len(all_tables(16, 24))
print(f"{tables[0]} tables a group, {tables[0] * tables[1]:,} pairs")
show.table(what_can_be_equal((24, 16), (16, 24)))

# %% [markdown]
# `pairs` meet the definition exactly; `informed` are those that are neither useless (TPR no higher than FPR) nor free of
# one of the two errors. Read it as a map. Equalised odds: nothing wrong with it. Equalised odds *and* predictive parity:
# no informed pair at all. Equalised odds and demographic parity: none either. But equal opportunity goes together with
# predictive parity, and with demographic parity; and predictive parity with demographic parity. There is a choice to
# make, and it is not hopeless.

# %%
from lifecycle.govern import pairs_with_equal

same = pairs_with_equal((24, 16), (16, 24), ["tpr", "fpr", "ppv"])
without_error = (same[:, :, 1] == 0).all(axis=1)
print(f"odds and PPV equal: {len(same)} pairs, of which {without_error.sum()} have no false positive")
print(f"in the other {(~without_error).sum()} TPR is 0: {bool((same[~without_error][:, :, 0] == 0).all())}")

# %% [markdown]
# A second example that is often told: A has accuracy 85 %, FPR 10 % and FNR 20 %, and B accuracy 85 %, FPR 25 % and FNR 5
# %. "Different base rates force different errors." Do they? Errors are FNR·b + FPR·(1 - b) = .15. Solve for b:

# %%
from lifecycle.govern import implied_base_rate

print(f"A: {implied_base_rate(accuracy=0.85, fpr=0.10, fnr=0.20):.2f}", end="; ")
print(f"B: {implied_base_rate(accuracy=0.85, fpr=0.25, fnr=0.05):.2f}")

# %% [markdown]
# Both groups have a base rate of one half. So the gap in errors comes from somewhere else: from where the threshold was
# put, for one. Equal accuracy said nothing; and which of the two is worse depends on what it is for. A court fears false
# positives, a hospital false negatives.
#
# ## One threshold, or two?
#
# A third story: base rates .6 and .3; A starts with TPR 90 and FPR 20, B with 80 and 20. "To equalise TPR move B to
# 90/30. To equalise FPR move B to 70/20, which costs B 22 % of its TPR." Look at it twice.

# %%
claimed = {"start": (0.20, 0.80), "equal TPR": (0.30, 0.90), "equal FPR": (0.20, 0.70)}
same_fpr = [tpr for fpr, tpr in claimed.values() if fpr == 0.20]
print(f"TPR of B at FPR 20 %: {same_fpr}; false accusations at 90/30: {0.30 / 0.20:.1f} times A's")
print(f"70 in place of 90 is {1 - 0.70 / 0.90:.0%} less; at FPR 20 % the gap really is 90 against {100 * same_fpr[0]:.0f}")

# %% [markdown]
# B *starts* at an FPR of 20: it is equal already. And one curve cannot hold both 80 and 70 at the same FPR. Read rightly:
# for equal TPR, B pays with 1.5 times the false accusations; for equal FPR, ten points fewer of B's qualified are
# accepted. That is the trade along *one ROC curve*, not the theorem.
#
# Now on real decisions. The Federal Reserve of Boston collected applications for mortgages in 1990, with race on record.

# %%
lending = develop.lending()
race = lending["race"].map({1: "white", 2: "black", 3: "hispanic"})
approved = group_report(lending["approved"], lending["approved"], race, seed=seed)
show.table(approved.intervals("selection_rate", "white"))

# %% [markdown]
# A model is to pre-select applications. Race, sex, marital status and age are left out, as fair-lending law would have
# it, and so is what became known afterwards (`insurance_denied`). Before you go on: what are the labels? *Approved in
# 1990.* The model learns what loan officers did, not who repaid. If they were unfair, an "error" may be an improvement.

# %%
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

outside = ["approved", "race", "sex", "married", "older", "insurance_denied"]
inputs, y = lending.drop(columns=outside).astype(float), lending["approved"]
minority = race.map({"white": "white", "black": "minority", "hispanic": "minority"})
fit_on, judged_on = train_test_split(lending.index, test_size=0.5, random_state=seed, stratify=minority + y.astype(str))

# %%
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(inputs.loc[fit_on], y[fit_on])
score = pd.Series(model.predict_proba(inputs)[:, 1], index=lending.index)
plain = (score[judged_on] >= 0.5).astype(int)

# %%
unaware = group_report(y[judged_on], plain, minority[judged_on], seed=seed)
show.table(unaware.table())
print(f"approval ratio {unaware.ratio('selection_rate', 'minority', 'white').value:.2f}")

# %% [markdown]
# Never having seen the race, it approves minority applicants less often. TPRs are near each other. FPRs need not be: who
# gets a second chance among those whom the officers refused?
#
# One more question belongs to every such report: **calibration** by group. Does a score of .8 mean the same in each? PPV
# asks that of one threshold; asked at *every* score it is called sufficiency. In a table: the mean score beside the share
# that came out positive, for low and for high scores.

# %%
high = np.where(score[judged_on] >= 0.9, ".9 and more", "below .9")
scored = pd.DataFrame(
    {"group": minority[judged_on], "score": high, "mean score": score[judged_on], "approved": y[judged_on]}
)
calibration = scored.groupby(["group", "score"]).agg(**{
    "people": ("approved", "size"), "mean score": ("mean score", "mean"), "share approved": ("approved", "mean")
})  # fmt: skip
show.table(calibration.reset_index())

# %% [markdown]
# Where the last two columns differ by more than the number of people can explain, a score promises one group something
# else than another. (There is an impossibility theorem for it, too. If a score is calibrated in groups with unlike base
# rates, and not perfect, then the mean score of those who came out positive, or of those who came out negative, differs
# between the groups.) Now by sex, and crossed:

# %%
sex = lending["sex"].map({1: "man", 0: "woman", -1: "sex not recorded"})
fine = group_report(y[judged_on], plain, crossed(race, sex)[judged_on], seed=seed)
show.table(fine.intervals("selection_rate")[["group", "cases", "value", "low", "high"]])
print(f"{len(fine.warnings)} warnings; one of them: {fine.warnings[0]}")

# %% [markdown]
# In the smallest groups "100 %, from 100 to 100 %" rests on a handful of people: the bootstrap cannot know what it has
# never drawn. Such a line is a reason to collect data, and no finding.
#
# ### A threshold for each group
#
# The ROC curve of a group holds all that thresholds can do in it. With a coin thrown between two thresholds, all points
# between its upper **hull** and the diagonal (a coin alone) can be reached. Where these areas overlap lies what both
# groups can have: so equalised odds can *always* be met, at worst by the coin alone. `fair_thresholds` finds the cheapest
# such rule for each criterion (`none` constrains nothing). Scores for it come from models that did not know the row.

# %%
from sklearn.model_selection import cross_val_predict

from lifecycle.govern import CRITERIA, fair_thresholds, roc_hull

unseen = cross_val_predict(model, inputs.loc[fit_on], y[fit_on], cv=5, method="predict_proba")[:, 1]
policies = {name: fair_thresholds(y[fit_on], unseen, minority[fit_on], criterion=name) for name in CRITERIA}

# %%
figure, axes = show.figure(width=6.5, height=3.8)
for group, colour in (("white", "blue"), ("minority", "orange")):
    mine = (minority[fit_on] == group).to_numpy()
    curve, hull = (draw(y[fit_on][mine], unseen[mine]) for draw in (develop.roc_curve, roc_hull))
    axes.plot(curve["false_positive_rate"], curve["recall"], color=show.COLOURS[colour], lw=1, label=group)
    axes.plot(hull["fpr"], hull["tpr"], color=show.COLOURS[colour], ls=":", label=f"hull, {group}")
    at = policies["none"].rates.set_index("group").loc[group]
    axes.plot(at["fpr"], at["tpr"], "o", color=show.COLOURS[colour], ms=6, mec="black", label=f"cheapest, {group}")
both_at = policies["equalised odds"].rates.iloc[0]
axes.plot(both_at["fpr"], both_at["tpr"], "s", mfc="none", mec="black", ms=11, label="equalised odds, both groups")
axes.set(xlabel="FPR: approved among those refused in 1990", ylabel="TPR: approved among those approved", ylim=(0.6, 1.01))
axes.set_title("One score, two groups: what thresholds can reach")
legend = axes.legend(loc="lower right", frameon=False, fontsize=8)

# %%
for name in ("none", "equalised odds"):
    show.table(policies[name].rates, caption=name)
for group, rule in policies["equalised odds"].rules.items():
    print(f"{group}: " + ", ".join(f"threshold {threshold:.2f} with chance {chance:.3f}" for threshold, chance in rule))

# %% [markdown]
# The square is one point for both groups, and where a hull runs above it, that group gives up what its own curve could
# do. The solver uses a **coin** wherever a rule has more than one threshold: two people with the same score, the same
# bank, and different answers. And look for whom it is thrown: with the seed of this page for minority applicants *only*.
# White applicants get a threshold, minority applicants a lottery. Say that aloud in a meeting before you propose it.
#
# Those were the rows on which the policies were made. On the other half, together with three rivals.
#
# - *Before* training: weights that make group and label independent (`reweigh`).
# - *While* training: a **reduction** of fairlearn (`ExponentiatedGradient`). It trains again and again, at most
#   `max_iter` times, and moves the weights of the rows until the gap is below `eps`; its decisions draw lots among these
#   models. (`fit_quietly` calls `fit` and keeps two warnings about fairlearn's own code from the page.)
# - *After*: fairlearn's own optimiser of thresholds, which sees scores of rows that the model knows, and trusts them a
#   little too much.

# %%
from lifecycle.govern import reweigh

weights = reweigh(y[fit_on], minority[fit_on])
again = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
again.fit(inputs.loc[fit_on], y[fit_on], logisticregression__sample_weight=weights)
show.table(pd.DataFrame({"group": minority[fit_on], "approved": y[fit_on], "weight": weights}).drop_duplicates())

# %%
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import DemographicParity, ExponentiatedGradient

from lifecycle.govern import fit_quietly

scaled = pd.DataFrame(StandardScaler().fit(inputs.loc[fit_on]).transform(inputs), columns=inputs.columns)
reduction = ExponentiatedGradient(LogisticRegression(max_iter=200), DemographicParity(), max_iter=4, eps=0.02)
fit_quietly(reduction, scaled.loc[fit_on], y[fit_on], groups=minority[fit_on])
optimiser = ThresholdOptimizer(estimator=model, constraints="equalized_odds", prefit=True, predict_method="predict_proba")
optimiser = fit_quietly(optimiser, inputs.loc[fit_on], y[fit_on], groups=minority[fit_on])

# %%
rest, groups = inputs.loc[judged_on], minority[judged_on]
decided = {"one threshold, .5": plain, "reweighed": again.predict(rest)}
decided["reduction (parity)"] = reduction.predict(scaled.loc[judged_on], random_state=seed)
decided["fairlearn (odds)"] = optimiser.predict(rest, sensitive_features=groups, random_state=seed)
for name, policy in policies.items():
    decided["thresholds: " + name] = policy.decide(score[judged_on], groups, seed=seed)

# %%
compared = []
for name, decisions in decided.items():
    made = group_report(y[judged_on], decisions, groups, seed=seed)
    row = {"rule": name, "accuracy": float((np.asarray(decisions) == y[judged_on]).mean())}
    row["approval ratio"] = made.ratio("selection_rate", "minority", "white").value
    compared.append(row | {f"{rate} gap": made.gap(rate) for rate in ("tpr", "fpr", "ppv")})
show.table(compared, formats=dict.fromkeys(["accuracy", "approval ratio", "tpr gap", "fpr gap", "ppv gap"], ".3f"))

# %%
alike = [name for name in list(CRITERIA)[1:] if (decided["thresholds: " + name] == decided["thresholds: none"]).all()]
print("decide on everybody here as `none` does:", ", ".join(alike) or "no other policy")

# %% [markdown]
# Read it column by column. Parity is met by the thresholds that were set for it, and nearly by the reduction; the weights
# hardly move the ratio. Parity by thresholds has the largest gaps of FPR and PPV: that is the trade. The rules for equal
# odds bring TPR and FPR nearer, up to chance. (Gaps of FPR rest on few refused applicants; do not rank rules by their
# second digit.)
#
# Where policies decide alike, there is no mistake. If the cheapest rule happens to have (nearly) the same TPR in both
# groups on the rows it was made from, as the table under the figure shows, equal opportunity has nothing left to do; and
# a coin can come down the same way for all the few whose score lies between its thresholds.
#
# The last question is the one that is seldom asked: **who pays?** Take care what you compare. The policies have another
# threshold than .5 to begin with, also `none`, which knows no fairness. So first the price of *that*, and then what
# fairness adds to it:

# %%
from lifecycle.govern import who_pays

free = decided["thresholds: none"]
show.table(who_pays(y[judged_on], plain, free, groups), caption="from .5 to the cheapest thresholds: no fairness in it")
for name in ("thresholds: demographic parity", "thresholds: equalised odds"):
    show.table(who_pays(y[judged_on], free, decided[name], groups), caption=f"from `none` to {name}")

# %% [markdown]
# `gained` and `lost` are people; `newly_wrong` are decisions against the label. Compared with .5, parity would seem to
# take approvals from white applicants. The first table shows what did: the threshold. What parity itself does is in the
# second: with the seed of this page nobody white loses or gains anything, and minority applicants gain approvals, most of
# them against the label. Who pays for these? The bank, if they do not repay; and the applicants, who then lose their
# house: a favour can harm. Where the officers were unfair, the same people get what was theirs. The label cannot tell you
# which. *Mitigate* is the honest word; nothing here "removes bias".
#
# ## The back door
#
# The model did not know the race, and yet its approvals differ. How would it know? A **proxy** is a feature that stands
# in for what was removed: ZIP code (race, income), name (sex, ethnicity), school, arrests, years since the last job
# (career gaps). A made-up town first. B earns less than A; the ZIP code follows the income.

# %%
from lifecycle.govern import group_auc, zip_codes

town = zip_codes()
for name in ("zip", "income"):
    r = town["group"].corr(town[name])
    print(f"{name:<6}: r = {r:.3f}, r² = {r**2:.2f}, AUC for guessing the group {group_auc(-town[name], town['group']):.2f}")

# %% [markdown]
# "A correlation of .41, that explains 17 %: harmless." But pick one of A and one of B: the ZIP code alone tells which is
# which in three cases of four. Correlation understates what a feature knows about a group of two. So audit with the AUC
# of a guesser, with *all* features together, on the mortgage data:

# %%
from lifecycle.govern import proxy_audit

member = (minority == "minority").astype(int)
audit = proxy_audit(inputs, member, seed=seed)
print(f"all features together: AUC {audit.auc:.2f}, 95 % between {audit.low:.2f} and {audit.high:.2f}")
show.table(audit.features.head(6))

# %%
place = [name for name in inputs if name.startswith("tract") or name == "suffolk"]
without = proxy_audit(inputs.drop(columns=place), member, seed=seed)
print(f"without {', '.join(place)}: AUC {without.auc:.2f}")

# %% [markdown]
# Removing what speaks of the place lowers the audit a little. It does not close the door, because income, price and loan
# know where one lives, too. Does it help the *outcomes*? That is what counts, and it can be tried:

# %%
lean = inputs.drop(columns=place)
blind = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(lean.loc[fit_on], y[fit_on])
outcome = group_report(y[judged_on], blind.predict(lean.loc[judged_on]), groups, seed=seed)
for name, each in {"with the place": unaware, "without it": outcome}.items():
    ratio = each.ratio("selection_rate", "minority", "white")
    right = sum(c.tp + c.tn for c in each.counts.values()) / len(judged_on)
    print(f"{name:<15} accuracy {right:.3f}, approval ratio {ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})")

# %% [markdown]
# So the question "remove the ZIP code?" has no general answer. What is lost in accuracy, what other proxies remain, is it
# needed and lawful, what happens to outcomes with and without, what are the alternatives? Then write the decision down.
#
# An insurer prices by type of car, driver and place. The pattern is true: some streets have more accidents. When is using
# it proportionate, and when does it charge people for who their neighbours are? Data cannot say. It is worth knowing, for
# a start, that the pattern is *there*, and what the price would be without it.
#
# ## The loop
#
# Old records send more officers to district A (1). More officers, more arrests; the model is retrained, and A looks worse
# (2). Still more officers, and crime in B goes unseen (3). In the fourth year the data confirm the model (4). Let both
# districts have *exactly* the same crime, 1,000 cases a year, and A a little more of the patrols, 55 %.

# %%
from lifecycle.govern import patrol_years

alone = patrol_years(4)
show.table(alone)

# %% [markdown]
# After four cycles A has 73 % of the patrols and nearly three quarters of B's crime are never recorded. Nothing happened
# in A. What drives it is `pull`: a planner who prefers the worse-looking district more than in proportion. With a pull of
# 1 the patrols stay at 55 % for ever, which is no cure: they never *find out* either.

# %%
cures = {
    "records alone": {},
    "in proportion": {"pull": 1.0},
    "a fifth survey": {"outside": 0.2},
    "half survey": {"outside": 0.5},
    "arrests a patrol": {"per_patrol": True},
}
lives = {name: patrol_years(12, **options) for name, options in cures.items()}

# %%
figure, axes = show.figure(width=6.5)
styles = ("-", "--", "-.", ":", "-")
for (name, life), style, colour in zip(lives.items(), styles, list(show.COLOURS.values())[:5], strict=True):
    axes.plot(life["year"], 100 * life["patrols_a"], style, color=colour, label=name)
axes.set(xlabel="year", ylabel="patrols in A (%)", ylim=(40, 102), title="Two districts with the same crime")
legend = axes.legend(frameon=False, fontsize=8)

# %%
for name, life in lives.items():
    print(f"{name:<17} after 4 years {life['patrols_a'][4]:.0%}, after 12 years {life['patrols_a'][12]:.0%}")

# %% [markdown]
# The cure is **evidence from outside**: a survey of victims, which does not depend on patrols. And mark the third line: a
# little of it only slows the loop. Near one half, a difference is multiplied each year by pull × (1 - weight), here 1.5 ×
# 0.8 = 1.2. It shrinks only from a weight of one third on. The last line is free of charge: dividing arrests by patrols
# undoes what looking more had brought. (If no patrol is left in B there is nothing to divide.) With random counts:

# %%
noisy = [patrol_years(4, seed=seed + k)["patrols_a"][4] for k in range(200)]
print(f"200 towns with chance in their records: A has between {np.quantile(noisy, 0.05):.0%} and ", end="")
print(f"{np.quantile(noisy, 0.95):.0%} of the patrols in 90 % of them")

# %% [markdown]
# A loan is no patrol, but the loop is the same: who is refused never shows that they would have paid (lesson 13).
#
# ## The wrong target
#
# A hospital has fewer beds in intensive care than patients, and buys a score of *need*. No record holds need, so it was
# trained on what patients **cost** in the years before. Two groups are equally ill, by construction; one has less access
# to doctors, and costs .7 times as much at the same need.

# %%
draw = np.random.default_rng(seed)
remote = draw.random(20_000) < 0.3
need = draw.gamma(2, 1, 20_000)
cost = need * np.where(remote, 0.7, 1.0) * draw.lognormal(0, 0.2, 20_000)
in_bed, neediest = (values >= np.quantile(values, 0.9) for values in (cost, need))
for name, inside in {"good access": ~remote, "poor access": remote}.items():
    print(f"{name}: mean need {need[inside].mean():.2f}, cost {cost[inside].mean():.2f}, beds for ", end="")
    print(f"{in_bed[inside].mean():.1%}; of its neediest, {in_bed[inside & neediest].mean():.0%} get one")

# %% [markdown]
# Equal need, less access, lower cost, lower rank. The score may predict cost perfectly and still be wrong: **cost is a
# bad stand-in for need**, and the unequal past is in the records. A more accurate prediction of cost would not help, and
# no report on errors in *cost* would show the harm. So before such a score is used: say who is harmed by a missed case;
# find a target nearer to need; let the **clinician have the last word**; give patients an **explanation** and a way to
# **appeal**; hear the community; and **audit** after the launch, against outcomes that do not depend on the score.
#
# ## Your own model
#
# Now the model of lesson 07 on the held-out rows of lesson 11. Which groups? Where the data hold protected attributes,
# these; where there are none, we take what there is, and say that this is **not** a fairness audit, only its form.

# %%
from lifecycle import artifacts
from lifecycle.deploy import open_package

case = develop.use_case(use_case)
package = open_package(artifacts.path("07/package.zip", use_case=use_case))
production = artifacts.read_frame("11/production.parquet", use_case=use_case)
flags = package.decide(production["score"].to_numpy())
print(f"{len(production):,} rows, {flags.mean():.2%} flagged: {case.positive}")

# %%
if case.protected:
    clients = develop.load(use_case).set_index(case.identifier).loc[production["entity"]].reset_index()
    compare = {name: clients[name].map(case.codes[name]) for name in ("sex", "education")}
    bands = pd.cut(clients["age"], [0, 30, 50, 120], labels=["18-30", "31-50", "51 and over"])
    compare["age"] = bands.astype(str)
else:
    column = {"fraud": "Amount", "churn": "largest"}[use_case]
    third = pd.qcut(production[column].rank(method="first"), 3, labels=["low", "middle", "high"])
    compare = {f"{column}, not protected": third.astype(str)}

# %% [markdown]
# Which decision is the **favour**? For a card client or a payment it is *not* to be flagged. For a customer of the shop
# it is the flag, because a flag brings an offer (and even rebates may be unfair, to those who are never offered one).
# Turn decisions and outcomes so that 1 is the favourable side: then TPR is the share of those who deserve it who get it.

# %%
turned = (lambda values: values) if use_case == "churn" else (lambda values: 1 - values)
deserved, favoured = turned(production[case.target]), turned(flags)
reports = {name: group_report(deserved, favoured, who, seed=seed) for name, who in compare.items()}
for name, each in reports.items():
    show.table(each.table(["base_rate", "selection_rate", "tpr", "fpr", "ppv"]), caption=name)

# %% [markdown]
# Which groups are compared? Those with at least a twentieth of the rows: a rule that does not depend on what they show.
# The smaller ones stay in the tables above, with their counts. The lowest against the highest, then, with an interval. A
# ratio of favours is blind where nearly everybody is favoured, so the last column turns it round: how many times as often
# does the lowest group get the *unfavourable* decision?

# %%
extremes, summary = {}, []
for name, each in reports.items():
    favour = {group: c.rate("selection_rate") for group, c in each.counts.items() if c.n >= len(production) / 20}
    low, high = extremes[name] = min(favour, key=favour.get), max(favour, key=favour.get)
    ratio, refused = each.ratio("selection_rate", low, high), 1 - favour[high]
    row = {"groups by": name, "lowest": low, "highest": high, "ratio to highest": ratio.value, "low": ratio.low}
    summary.append(row | {"high": ratio.high, "refused, times": (1 - favour[low]) / refused if refused else np.nan})
show.table(summary, formats=dict.fromkeys(["ratio to highest", "low", "high", "refused, times"], ".3f"))

# %%
for row in summary:
    each = reports[row["groups by"]]
    for rate in ("tpr", "fpr", "ppv"):
        row |= {f"{rate} gap": each.gap(rate), f"{rate} p": each.chance_of_gap(rate)[1]}
    row["warnings"] = len(each.warnings)
show.table(pd.DataFrame(summary).drop(columns=["lowest", "highest", "ratio to highest", "low", "high", "refused, times"]))

# %% [markdown]
# A gap here is the largest between *any* two groups with 30 cases or more. The p is the share of random deals with a gap
# as large: .001 is the least that a thousand draws can say. Three gaps are tested for each attribute, so a single small p
# among them is nothing to write home about (lesson 12). And where one tiny group is among the others, chance alone makes
# large gaps, and p is large whatever the large groups do. So compare the two largest by name:

# %%
missed = []
for name, each in reports.items():
    one, other = sorted(each.counts, key=lambda group: -each.counts[group].n)[:2]
    tpr = each.difference("tpr", one, other)
    missed += [name] if tpr.low > 0 or tpr.high < 0 else []
    print(f"{name}: TPR of {one} less that of {other}: {tpr.value:+.3f} ({tpr.low:+.3f} to {tpr.high:+.3f})")

# %% [markdown]
# Can the inputs tell who is who?

# %%
first, some = next(iter(compare)), production.head(8_000)
most = compare[first].value_counts().index[0]
others = [name for name in package.features if not name.lower().startswith(first.split(",")[0].lower())]
known = proxy_audit(some[others], (compare[first].head(8_000) == most).astype(int), seed=seed)
print(f"guessing “{most}” ({first}) from {len(others)} inputs: AUC {known.auc:.2f}")

# %% [markdown]
# .5 would be a coin, and 1 certainty. Near one half, the inputs know little of this attribute, and a difference in
# decisions comes by another way than a proxy that a linear guesser can see. Far from it, the back door is open.
#
# Where there are protected attributes, lesson 10 stops a release if such a ratio is below .8, and a person can sign for
# it until "its cause is looked into". Look, then, at the lowest ratio. (Without protected attributes the same cells show
# the method, and no finding.) How much of the difference is in the *outcomes*? Three figures for the same two groups: as
# decided; if exactly those were favoured who turn out to deserve it; and if *as many* were favoured as deserve it, by
# score. The third is needed, because favouring fewer people lowers a ratio by itself.

# %%
lowest = min(summary, key=lambda row: row["ratio to highest"])["groups by"]
who, inside = compare[lowest].head(8_000).to_numpy(), some[list(package.features)]
scores, truth = package.scores(inside), some[case.target].to_numpy()


def ratio_of(flagged):
    low, high = (turned(np.asarray(flagged)[who == group].astype(int)).mean() for group in extremes[lowest])
    return low / high if high else np.nan


def flag(scores, share):
    return scores >= np.quantile(scores, 1 - share)


# %%
print(f"{lowest}: {' against '.join(extremes[lowest])}, {truth.sum():,} of {len(truth):,} rows with outcome 1")
as_decided = package.decide(scores)
ways = {"as decided": as_decided, "by the truth": truth, "by score, as many": flag(scores, truth.mean())}
table = [{"way": way, "favoured": turned(f.astype(int)).mean(), "ratio": ratio_of(f)} for way, f in ways.items()]
show.table(table, formats={"favoured": ".3f", "ratio": ".3f"})
too_few = min(truth.sum(), (1 - truth).sum()) < 100
print("too few outcomes: neither these lines nor the next table say anything" if too_few else "enough outcomes to compare")

# %% [markdown]
# Between the first and the third line only the threshold moved: so much is due to where it lies. Between the third and
# the second, the order in which the model puts people. And what is left of a gap when everybody is judged by the truth is
# in the world, or in how the truth was recorded. Do not call the whole difference between the first two "the model's".
#
# Which *input* carries it? Set one column to its median for everybody, and flag *as many as before*, so that again
# nothing but the order changes:

# %%
carries = []
for name in package.features:
    flagged = flag(package.scores(inside.assign(**{name: inside[name].median()})), as_decided.mean())
    if abs(flagged.mean() - as_decided.mean()) < 0.02:  # with ties a threshold can flag everybody
        carries.append({"the same for all": name, "flagged": flagged.mean(), "ratio": ratio_of(flagged)})
carries = sorted(carries, key=lambda row: -row["ratio"])[:3]
show.table(carries, formats={"flagged": ".4f", "ratio": ".3f"})

# %% [markdown]
# The table names the columns to argue about, if their ratio is well above the one as decided: are they needed for the
# purpose, and would people find it fair to be judged by them? If none is, no single column carries the difference. It is
# a statement about the model, not about causes.
#
# ## Should there be a model at all?
#
# Leave it where an error would be a catastrophe, where somebody must be *accountable* for each case, where the data are
# biased at their root, where another policy would serve better, where human judgement is the point. Five questions before
# any project: Who is affected? What if it is wrong? Can it be explained to *them*? Are the data representative? Would we
# automate an unfairness?
#
# If it goes on against your advice, there is a ladder: document; name the business risk (law, reputation); escalate
# (hotline, ombudsman); comply under recorded protest; refuse; leave. Savings help with the last rungs. In your next
# interview, ask who reviews ethics.
#
# Who answers for fairness? The **scientist** is the first line: measures, explains the trade-offs, raises the alarm. The
# **company** sets culture, resources and review, and owns a rushed release. The **regulator** adds accountability from
# outside. Any one alone is not enough. The problem is old; the lever is new. Data show bias now, and an automated
# decision can be changed without first changing thousands of minds.
#
# The main defence today is to find bias *before* it harms: look at predictions, subpopulations and dependence (lesson
# 06), with a broad mix of people, and early, because a late finding can sink the project. Beyond numbers it takes
# transparency, consent, and the communities concerned at the table in design *and* evaluation.
#
# ## Write it down
#
# Which criterion? That is an ethical question and no technical one. A hospital that rations beds, a court, and a bank
# will answer differently. What can be demanded of any answer is a record: which, why, what was given up for it, on which
# figures, who was heard, who proposed, who approved, until when. `CriterionChoice` refuses one that is not whole:

# %%
from lifecycle.govern import CriterionChoice

audited = tuple(reports)
rates = ("tpr", "fpr", "ppv", "selection_rate")
gaps = {f"{name}: {rate} gap": round(each.gap(rate), 4) for name, each in reports.items() for rate in rates}
record = {
    "use": case.title,
    "groups": audited,
    "criterion": "equal opportunity",
    "because": "whoever deserves the favourable decision should get it equally often in every group",
    "given_up": {"demographic parity": "base rates differ; equal shares would treat unlike risks alike"},
    "measured": {key: value for key, value in gaps.items() if np.isfinite(value)},
    "heard": {"domain expert": "head of operations", "lawyer": "compliance", "ethicist": "review board"},
    "proposed_by": "data science", "approved_by": "Data Science", "review_on": "2027-06-30",
}  # fmt: skip

# %%
with show.error():
    CriterionChoice(**record)
record["heard"]["affected people"] = "consumer association"
with show.error():
    CriterionChoice(**record)

# %%
choice = CriterionChoice(**record | {"approved_by": "model risk manager"})
print(f"{choice.criterion}; given up: {', '.join(choice.given_up)}; approved by the {choice.approved_by}")
print(f"{len(choice.measured)} figures, the largest gap in TPR: {max(v for k, v in gaps.items() if 'tpr' in k):.3f}")
print("criterion missed, beyond chance, by:", ", ".join(missed) or "no attribute")
print("stands on 2027-07-01, a day after its review:", choice.stands_on("2027-07-01"))

# %% [markdown]
# (The names of people are made up; the figures are measured, *every* attribute's: a record that quotes the attribute with
# the smallest gap is whitewash.) To choose a criterion is not to meet it. Where the line above names an attribute, equal
# opportunity does **not** hold, and the record says so. Then there are three honest ways on: thresholds or weights as
# above, another model, or a person who accepts the gap in writing until the review. After that day the choice no longer
# stands.
#
# Lesson 19 puts this into the model card, with the digest of the package, so that nobody can attach it to another model.


# %%
def plain(value):
    if not isinstance(value, float):
        return value
    return round(value, 4) if np.isfinite(value) else None  # JSON has no NaN


# %%
record_of = {
    "package_sha256": package.digest,
    "rows": len(production),
    "protected": bool(case.protected),
    "positive": "flagged" if use_case == "churn" else "not flagged",
    "groups": {name: {group: c._asdict() for group, c in each.counts.items()} for name, each in reports.items()},
    "metrics": [{key: plain(value) for key, value in row.items()} for row in summary],
    "warnings": [f"{name}: {said}" for name, each in reports.items() for said in each.warnings],
    "criterion": choice.criterion,
    "criterion_missed_by": missed,
    "decision": choice.to_dict(),
}
artifacts.write_json("17/fairness.json", record_of, use_case=use_case)
print("written:", ", ".join(record_of))

# %% [markdown]
# ## Claims to distrust
#
# | you will hear | reality | what we computed |
# |---|---|---|
# | "mathematics is objective" | it learns human bias | a model that never saw the sex preferred men |
# | "equal accuracy is fair" | error types differ | two groups with 85 %: FPR 10 and 25 % |
# | "about 85 % for both" | 85 and 80 % | count before you round |
# | "we dropped the protected fields" | proxies remain | AUC of the guesser, with and without the place |
# | "a correlation of .41 is modest" | AUC .76 | three of four pairs told apart |
# | "fairness is a technical issue" | it is an ethical choice | the map of what excludes what |
# | "TPR and FPR cannot both be equal" | they can; PPV then differs | .82 against .56 |
# | "base rates force the error gap" | both were .50 | solve for it |
# | "85, 88, 89 %: no disparity" | z = 8.4 | 36 % more errors |
# | "ratio .77: illegal" | a flag | its interval reaches beyond .8 |
# | "a higher rate of false approvals makes up for fewer approvals" | other people | compensation is not shown |
#
# ## What you did
#
# - You counted errors by group, by hand and with fairlearn, with intervals, and saw what small groups do by chance.
# - You went through every table of a size, and found which definitions exclude each other.
# - You set thresholds, weights and constraints, and said for each who gains and who pays.
# - You measured proxies by what they give away, and tried the outcomes without them.
# - You closed a feedback loop, and broke it with a measurement from outside.
# - You recorded a choice with its reasons, and met two records that must not stand.

# %%
from workbench import quiz

quiz("17_fairness")

# %% [markdown]
# Now try it yourself: [exercise 17](../exercises/17_fairness.ipynb).
