# %% [markdown]
# # 21 · Consumer credit risk
#
# **You will be able to** make a scorecard by hand and say what each point is worth, validate it in time and by group,
# tell a ranking from a probability, see what a lender cannot know about those it refused, rebuild a score from its
# document alone, and generate that document. **You need** lessons 04, 12 and 17. **Time** 60 minutes. **Next** [exercise
# 21](../exercises/21_credit_risk.ipynb).

# %% tags=["parameters"]
pdo: int = 20  # points that double the odds of being good
accepted: float = 0.6  # share of applicants that the old policy accepted
seed: int = 21  # random seed of splits and lots

# %% [markdown]
# ## What did others know before it was called MLOps?
#
# A shopkeeper who lets you write it up takes a risk, and has always guessed how large. Statistics took over from the
# guess early: credit bureaus collect who paid and who did not, and since 1995 a bureau score, FICO's, has been asked for
# with most American mortgages. A model that decides who gets a home is looked at closely. So banks had formal validation,
# independent review, monitoring and documentation, in regulation, decades before anybody spoke of MLOps. The other trades
# of this course can read off here what it leads to, and what it costs.
#
# A lender scores the same person three times:
#
# | score | when | sees | decides |
# |---|---|---|---|
# | prescreen | before anything is asked for | a few bureau facts | a quick refusal, or an invitation |
# | underwriting | at the application | everything the law allows | the loan, its limit and price |
# | portfolio | every month after | how this client behaves | limits, reminders, provisions |
#
# (The file of this lesson has card holders only: nobody in it is an applicant. Where we say *applicant* below, we play
# that a card holder applies.)
#
# Somebody is **delinquent** who failed to repay when due. What is "bad"? A loan is certainly good once it is repaid in
# full, and certainly bad once it is written off. Both take years. Who waits for them learns from customers of another
# age, and cannot react. So the trade takes an earlier proxy: two months late within a year, say. It is a decision and it
# has consequences, as we shall see.
#
# ## Six months, five cohorts
#
# The credit file has 30,000 card holders in one row each, with six months of history. That is enough for what few public
# data sets allow: a validation **in time**. A cohort is everybody as they stood when a month began, with nothing from
# later, and what became of them. Two months of history go in, so there are outcomes for June to October of 2005.

# %%
from lifecycle import develop
from lifecycle.cases.credit_risk import MONTHS, cohort

clients = develop.load("credit")
one_late = {month: cohort(clients, month, late=1) for month in MONTHS}
two_late = {month: cohort(clients, month, late=2) for month in MONTHS}

# %%
from lifecycle import show

rates = [
    {"outcome in": m, "1 month late or more": one_late[m]["bad"].mean(), "2 or more": two_late[m]["bad"].mean()}
    for m in MONTHS
]
show.table(rates, formats={"1 month late or more": ".1%", "2 or more": ".1%"})

# %% [markdown]
# From June to August it makes no difference whether *bad* begins with one month or with two. In September it makes all
# the difference. (For October the file has no status, only whether the payment was missed. Both columns hold that, a
# third definition.) Remember the step; nobody has told us about it.
#
# The clients are the same in all cohorts, so time alone does not separate rows. Half of the **clients** develop, on June
# and July. The other half takes no part until it is used to judge.

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(seed)
developing = rng.random(len(clients)) < 0.5

# %%
developed = ("June", "July")
train = pd.concat([one_late[month][developing] for month in developed])
judged = {month: one_late[month][~developing] for month in MONTHS}
print(f"rows to develop on: {2 * developing.sum():,}; clients to judge by: {(~developing).sum():,}")

# %% [markdown]
# ## A scorecard, by hand
#
# Take one characteristic: the credit limit. Is there more risk in a small one? Cut it into ten bins and count.

# %%
limit, bad = train["limit"], train["bad"]
bin_of = pd.qcut(limit, 10, duplicates="drop")
fine = pd.DataFrame(
    {"good": (1 - bad).groupby(bin_of, observed=True).sum(), "bad": bad.groupby(bin_of, observed=True).sum()}
)

# %%
fine["WoE"] = np.log((fine["good"] / fine["good"].sum()) / (fine["bad"] / fine["bad"].sum()))
value = ((fine["good"] / fine["good"].sum() - fine["bad"] / fine["bad"].sum()) * fine["WoE"]).sum()
print(f"information value of ten bins: {value:.3f}")

# %% [markdown]
# The **weight of evidence** (WoE) of a bin is the logarithm of how much more common it is among the good than among the
# bad: 0 says nothing, positive is good news. The **information value** (IV) adds up how far the two are apart. (You have
# met this formula: it is the PSI, with good and bad in place of then and now.)
#
# Now think of the person. "You have a higher limit than she, and get fewer points": nobody can defend that, and as a rule
# it is noise. So neighbours that break the order are pooled until risk only falls with the limit. (`monotone_bins` does
# not start from our ten. It cuts into twentieths first, and pools those.)

# %%
from lifecycle.cases.credit_risk import information_value, monotone_bins

finer = pd.crosstab(pd.qcut(limit, 20, duplicates="drop"), bad)
all_of_it = information_value(finer[0], finer[1])

# %%
pooled = monotone_bins(limit, bad, feature="limit", direction="falling", most=6)
print(f"information value of {len(finer)} fine bins: {all_of_it:.3f}; of {len(pooled.goods)} in order: {pooled.value:.3f}")
print(f"kept: {pooled.value / all_of_it:.0%}")

# %%
figure, (left, right) = show.figure(columns=2, width=8.5, sharey=True)
left.bar(range(1, len(fine) + 1), fine["WoE"], color=show.COLOURS["grey"])
left.set(
    xlabel="tenth of the clients, by limit", ylabel="weight of evidence", title="Ten bins", xticks=range(1, len(fine) + 1)
)
right.bar(range(len(pooled.goods)), pooled.woe, color=show.COLOURS["blue"])
starts = ["0", *(f"{edge:,.0f}" for edge in pooled.edges)]
right.set(
    xlabel="limit from (thousand TWD)", title="Finer bins, pooled into order", xticks=range(len(starts)), xticklabels=starts
)
for axes in (left, right):
    axes.axhline(0, color="black", lw=0.8)

# %%
show.table({"limit (thousand TWD)": pooled.labels, "good": [int(x) for x in pooled.goods],
            "bad": [int(x) for x in pooled.bads], "WoE": pooled.woe.round(3)})  # fmt: skip

# %% [markdown]
# Most of what the fine bins know is kept, some of which was noise, and the table can be explained. (That six bins in
# order know more than our ten is no magic: their edges are elsewhere.) The same for every characteristic; then a logistic
# regression on the WoE instead of the raw values; then **points**. Points are log-odds in another unit. Two conventions
# fix it: how many points double the odds (PDO), and which odds some round score stands for. Here 600 points mean 30 good
# to one bad.
#
# `points = 600 + PDO / ln 2 · (ln(odds of good) - ln 30)`

# %%
from lifecycle.cases.credit_risk import SCORED, fit_scorecard

first = fit_scorecard(train, train["bad"], directions=SCORED, pdo=pdo)
for name, reason in first.left_out.items():
    print(f"not taken: {name} ({reason})")

# %%
show.table(first.table(), formats={"WoE": "+.2f", "points": "+d"})

# %% [markdown]
# This is the whole model. What you do not see is the *craft* in it: hand-made characteristics, bins, order. `repaid` and
# `paid` are rules that somebody thought of. And look at what was not taken, and why: a characteristic may tell nothing,
# or tell much alone and nothing that the others have not said already. Anybody can add up a person's points, and say
# where they were lost:

# %%
person = judged["August"][lambda frame: frame["status"] >= 2].iloc[[0]]
parts = first.parts(person).iloc[0]
print(" ".join(f"{name} {points:+d}," for name, points in parts.items()), f"everybody {first.base}")
print(f"score {first.points(person)[0]}, that is {first.chance(first.points(person))[0]:.0%} chance of bad")
print("reasons for a refusal:", ", ".join(first.reasons(person)[0]))

# %%
doubled = first.chance([600, 600 + pdo])
print("good to one bad:", ", ".join(f"{(1 - chance) / chance:.0f}" for chance in doubled), f"at 600 and {600 + pdo} points")

# %% [markdown]
# ## Is it still good next month?
#
# How well a score separates is told by three numbers that belong together. The area under the ROC curve (AUC) is the
# chance that a good one stands above a bad one. **Gini** is the same from 0 to 1: twice the AUC, less 1. **KS** is the
# largest gap between the cumulative curves of good and bad.

# %%
from lifecycle.monitor import kolmogorov_smirnov


def power(frame, points):
    good, bad = points[frame["bad"] == 0], points[frame["bad"] == 1]
    return {"Gini": 2 * develop.roc_auc(frame["bad"], -points) - 1, "KS": kolmogorov_smirnov(good, bad).statistic}


print(f"an AUC of .92 is a Gini of {2 * 0.92 - 1:.2f}")

# %% [markdown]
# And whether the *people* have changed is told by the stability index, PSI for the score and CSI for a characteristic (it
# is the same formula). Five shares, by hand:

# %%
from lifecycle.monitor import stability_of_shares

then, now = [0.1, 0.2, 0.4, 0.2, 0.1], [0.2, 0.25, 0.35, 0.15, 0.05]
terms = [(b - a) * np.log(b / a) for a, b in zip(then, now, strict=True)]
print(" + ".join(f"{term:.3f}" for term in terms), f"= {sum(terms):.3f};", f"library: {stability_of_shares(then, now):.3f}")

# %% [markdown]
# All of it for each month. June and July are the months of development, with clients who took no part. August is
# **out-of-time**. (Some validators go back as well, to a time before the development: what held before and after is more
# than a mood of the season.) September and October are what production will bring.

# %%
from lifecycle.monitor import population_stability_index


def validated(card, cohorts):
    reference, rows = card.points(train), []
    for month, frame in cohorts.items():
        points = card.points(frame)
        row = {"outcome in": month, "bad": frame["bad"].mean(), "promised": card.chance(points).mean()}
        rows.append(row | power(frame, points) | {"PSI": population_stability_index(reference, points)})
    return rows


# %%
shown = {"bad": ".1%", "promised": ".1%", "Gini": ".2f", "KS": ".2f", "PSI": ".3f"}
one_month = validated(first, judged)
show.table(one_month, formats=shown)

# %%
figure, (left, right) = show.figure(columns=2, width=8.5, height=2.8)
for axes, name, colour in ((left, "PSI", "blue"), (right, "Gini", "vermilion")):
    axes.plot(MONTHS, [row[name] for row in one_month], "o-", color=show.COLOURS[colour])
    axes.set(xlabel="month of the outcome (2005)", title=f"{name} of the score", ylabel=name)
for level, name in ((0.1, "look into it"), (0.25, "act")):
    left.axhline(level, color="black", ls="--", lw=1)
    left.text(0, level + 0.005, name)
left.set(ylim=(0, 0.3))
limits = right.set(ylim=(0, 0.9))

# %% [markdown]
# Read it line by line. August is fine: as many bad as promised, and the Gini holds. In September the Gini falls through
# the floor, and a third of the bad were not promised. **And the PSI is below .1, where the habit says "stable".** This is
# no simulation. PSI compares people, it has never seen an outcome. Where is the damage? Split by status (0 and -2 are not
# documented, -1 is "paid duly", 2 is two months late):

# %%
by_status = [
    {"status at the start": status}
    | {
        month: judged[month].loc[judged[month]["status"] == status, "bad"].mean()
        for month in ("July", "August", "September")
    }
    for status in (-2, -1, 0, 2)
]
show.table(by_status, caption="Share of bad", formats=dict.fromkeys(("July", "August", "September"), ".1%"))

# %% [markdown]
# Three lines move at once. The safest people, those with status -2, have become risky overnight. Those with -1 turn bad
# twice as often as before. And those who were late already turn bad *more* often, while those with 0 do so less. No
# single group explains that. So follow everybody from one code to the next, into August and into September, all 30,000:


# %%
def moves(before, after):
    became = pd.cut(clients[after], [-9, 0, 1, 9], labels=["0 or less", "1", "2 or more"])
    return pd.crosstab(clients[before].clip(upper=3), became)


into = pd.concat({"Aug": moves("pay_3", "pay_2"), "Sep": moves("pay_2", "pay_1")}, axis=1)
into.columns = [f"{month}: {became}" for month, became in into.columns]
show.table(into.rename_axis("code before (3: 3 or more)").reset_index())

# %%
ones, two = clients[clients["pay_1"] == 1], clients["pay_2"] == 2
print(f"code 1 in September: {len(ones):,} clients; in August: {(clients['pay_2'] == 1).sum()}")
print("code before:", ", ".join(f"{code}: {n:,}" for code, n in ones["pay_2"].value_counts().head(3).items()))

# %%
for k, month in ((2, "August"), (1, "September")):
    print(f"from 2 to 2 or more, {month}: {(clients[f'pay_{k}'][clients[f'pay_{k + 1}'] == 2] >= 2).mean():.0%}")
print(f"from 2 to 1: {(ones['pay_2'] == 2).sum() / two.sum():.0%} of those with 2; a month earlier "
      f"{(clients['pay_2'][clients['pay_3'] == 2] == 1).mean():.1%}")  # fmt: skip

# %% [markdown]
# A code that hardly existed is given to 3,688 clients at once. They come from three places. 1,672 had been two months
# late: that looks like a person who pays one instalment of two, but nobody was ever written down like that before. 1,221
# come from -2 and 612 from -1. Only 3 come from 0. What had those from -2, the safest, to be late *with*? Users of these
# data read the code as "no consumption"; the publication does not say.

# %%
quiet = clients[clients["pay_2"] == -2]
owed = (quiet["bill_amt2"] > 0).groupby(quiet["pay_1"].map({1: "1 month late", -2: "-2 again"})).agg(["size", "mean"])
show.table(owed.rename_axis("September").reset_index().set_axis(["in September", "clients", "owed in August"], axis=1),
           formats={"owed in August": ".0%"})  # fmt: skip

# %%
codes = [
    {"status in": m, "share with code 1": (clients[f"pay_{k}"] == 1).mean()}
    for k, m in ((3, "July"), (2, "August"), (1, "September"))
]
show.table(codes, formats={"share with code 1": ".1%"})

# %% [markdown]
# Of those with -2 who became "one month late", 95 % owed nothing. Hardly the clients: most likely **the coding** changed,
# for several groups at once, and with it our target, under our feet. Retraining on it would teach the model an artefact.
# (We cannot be sure from here. One would ask the owner of the column; that is why a contract names one.)
#
# Could an index have shown it? None of September's *inputs* could: the new code is an outcome there. In October the same
# code is an input. Here is the stability index of `status`, as the card bins it and of the bare codes:


# %%
def code_shares(month):
    return np.bincount(one_late[month]["status"].astype(int) + 2, minlength=11) / len(clients)


coded = [
    {"outcome in": m, "CSI of status": stability_of_shares(first.shares(train)["status"], first.shares(judged[m])["status"]),
     "bare codes": stability_of_shares(code_shares("July"), code_shares(m))} for m in MONTHS
]  # fmt: skip
show.table(coded, formats={"CSI of status": ".3f", "bare codes": ".3f"})

# %% [markdown]
# It rings a month late, loudly for the bare codes and faintly for the bins, which put the new 1 beside the old 2. Both
# are worth having: watch what you bin *before* you bin it.
#
# A repair is in the proxy. "Two months late" does not count the new 1. It is no perfect one: among the 1 are also 1,672
# who had been two months late. Of such people 68 % were at 2 or more a month later in August, 47 % in September, so this
# definition drops some who used to count as bad.

# %%
train = pd.concat([two_late[month][developing] for month in developed])
judged = {month: two_late[month][~developing] for month in MONTHS}
card = fit_scorecard(train, train["bad"], directions=SCORED, pdo=pdo)
months = validated(card, judged)
show.table(months, formats=shown)

# %% [markdown]
# The ranking now survives September. The *chances* do not, and the table of moves says why: from 0 to 2 people still go
# (in one month, so the 2 cannot mean two months there), but fewer stay at 2, -2 goes to 2 no more, and -1 less than half
# as often; they get a 1. So there are fewer bad than promised. October fails altogether. There, bad is the file's own
# "missed the payment", which is not what this card was made for. A Gini belongs to a definition; compare only Ginis of
# one.
#
# One more thing that a single Gini hides. Somebody who is late today will be late next month; predicting that is easy.
# How good is the card among those in good standing?

# %%
august = judged["August"].assign(points=card.points(judged["August"]), chance=lambda f: card.chance(f["points"]))
standing = np.where(august["status"] >= 1, "late already", "in good standing")
by_standing = [
    {"in August": name, "clients": len(part), "bad": part["bad"].mean()} | power(part, part["points"].to_numpy())
    for name, part in august.groupby(standing)
]
everybody = {"in August": "everybody", "clients": len(august), "bad": august["bad"].mean()}
show.table(
    [*by_standing, everybody | power(august, august["points"].to_numpy())],
    formats={k: shown[k] for k in ("bad", "Gini", "KS")},
)

# %% [markdown]
# ### By group
#
# Validation goes group by group: income (the limit stands in for it), sex, age, whatever the law protects. In 2019 a new
# credit card was accused in public of giving women a fraction of their husbands' limits. An inquiry found no breach of
# the law in the end, and faulted how little the applicants had been told. Have the figures before you are asked.


# %%
def groups(frame):
    return {
        "limit": pd.cut(frame["limit"], [0, 80, 210, np.inf], labels=["to 80", "to 210", "more"]),
        "sex": frame["sex"].map({1: "men", 2: "women"}),
        "age": pd.cut(frame["age"], [0, 29, 44, 61, 120], labels=["to 29", "30-44", "45-61", "62 and over"]),
    }


# %%
cut, segments = np.quantile(august["points"], 0.2), []
for name, labels in groups(august).items():
    for label, part in august.groupby(labels, observed=True):
        bad, n = part["bad"], len(part)
        row = {"group": f"{name}: {label}", "clients": n, "bad": bad.mean(), "promised": part["chance"].mean()}
        low, high = develop.wilson(int(bad.sum()), n)[1:]
        segments.append(row | {"low": low, "high": high, "accepted": (part["points"] > cut).mean()})

# %%
show.table(segments, formats=dict.fromkeys(("bad", "promised", "low", "high", "accepted"), ".1%"))

# %% [markdown]
# `low` and `high` are the 95 % interval of the rate of bad; *accepted* is a cut at the worst fifth. Where the promise
# lies outside of the interval, the card is unfair in the plainest sense: it says something untrue of a group. (One group
# in twenty is outside by chance.) A card without sex can do that as well. And look at *accepted*: the smaller limits are
# refused far more often, because the card reads the limit. But the limit is the lender's own decision of yesterday; who
# was thought little of then is marked down again now. (Which equality is owed to whom was lesson 17.)
#
# Power and stability, group by group, for the last good month and the first odd one:

# %%
for row in segments:
    name, label = row["group"].split(": ")
    known = card.points(train[groups(train)[name] == label])
    for month in ("August", "September"):
        part = judged[month][groups(judged[month])[name] == label]
        found = power(part, card.points(part)) | {"PSI": population_stability_index(known, card.points(part))}
        row |= {f"{statistic}, {month[:3]}": value for statistic, value in found.items()}

# %%
watched = [name for name in segments[0] if name.endswith((", Aug", ", Sep"))]
show.table([{name: row[name] for name in ("group", *watched)} for row in segments], formats=dict.fromkeys(watched, ".3f"))

# %% [markdown]
# In August the card ranks worst among those with a large limit, of whom few are bad. With a hundred people, as of 62 and
# over, a statistic is mostly luck, the PSI as well.
#
# ## The craft, and its rivals
#
# A card is one sum for everybody. Modellers help it with **segmentation** (a card for each kind of client), with
# interactions, and in two stages: the old score stays as it is, as an **offset**, and a second model learns what it left
# over. Boosting finds interactions by itself. It is cheaper to make than a card, and opaque; what made it acceptable is
# that each refusal can be explained (lesson 06), and that it can be held to **directions**.

# %%
from lifecycle.cases.credit_risk import constrained_boosting

free = constrained_boosting(train, train["bad"], directions=SCORED, constrained=False, seed=seed)
held = constrained_boosting(train, train["bad"], directions=SCORED, seed=seed)


# %%
def log_odds(frame):
    chance = card.chance(card.points(frame))
    return np.log(chance / (1 - chance))


second = constrained_boosting(train, train["bad"], directions=SCORED, offset=log_odds(train), trees=30, seed=seed)

# %%
late = train["status"] >= 1
halves = [fit_scorecard(part, part["bad"], directions=SCORED, pdo=pdo) for part in (train[~late], train[late])]
in_two = np.where(august["status"] >= 1, halves[1].points(august), halves[0].points(august))
rivals = {
    "one card": august["points"].to_numpy(),
    "two cards, by standing": in_two,
    "card, then boosting on what is left": -second.chance(august, offset=log_odds(august)),
    "boosting, held to directions": -held.chance(august),
    "boosting, free": -free.chance(august),
}
show.table(
    [{"in August": name} | power(august, points) for name, points in rivals.items()], formats={"Gini": ".3f", "KS": ".3f"}
)

# %%
for name, low, high in (("status", -1, 2), ("utilisation", 0.3, 0.9), ("limit", 50, 200), ("repaid", 0.05, 1)):
    odd = [model.violations(august, name, low=low, high=high) for model in (free, held)]
    print(f"{name} from {low:g} to {high:g}, the wrong way for: free {odd[0]:,}, held {odd[1]:,} of {len(august):,} clients")

# %%
gains = [power(august, points)["Gini"] - power(august, rivals["one card"])["Gini"] for points in rivals.values()]
print(f"gain in Gini over one card: free {gains[4]:.3f}, held {gains[3]:.3f}")
print("reasons by boosting for the person above:", ", ".join(held.reasons(person)[0]))

# %% [markdown]
# The free trees win, and would tell many people that they had done better to use *more* of their limit. Held to
# directions they keep a part of the gain, and there is no such person, by construction. Is the gain worth the review?
# That is a question for a team and its patience, and we come back to it.
#
# A score says *whether*; a provision needs *how much*. Losses are nought for most and large for few. The **Tweedie**
# family of generalised linear models has that shape, a heap at nought and a long tail; the other way is two stages, the
# chance of bad times the amount. Here for October, with what was known at the end of September: the loss of a bad client
# is the bill.

# %%
october = cohort(clients, "October")
owes = clients["bill_amt1"].clip(lower=0) / 1_000
loss = october["bad"] * owes
behaving = fit_scorecard(october[developing], october["bad"][developing], directions=SCORED, pdo=pdo)
behaviour = behaving.chance(behaving.points(october))

# %%
from sklearn.linear_model import TweedieRegressor

inputs = np.column_stack([np.log1p(owes), np.log(behaviour / (1 - behaviour))])
tweedie = TweedieRegressor(power=1.5, alpha=0, max_iter=1_000).fit(inputs[developing], loss[developing])
expected = {"chance times bill": behaviour * owes, "Tweedie": pd.Series(tweedie.predict(inputs), index=owes.index)}

# %%
fifth = pd.qcut(owes[~developing].rank(method="first"), 5, labels=["smallest", "2nd", "3rd", "4th", "largest"])
by_bill = loss[~developing].groupby(fifth, observed=True).sum().to_frame("lost")
for name, amount in expected.items():
    by_bill[name] = amount[~developing].groupby(fifth, observed=True).sum()
largest = by_bill.loc["largest"]
for name in expected:
    print(f"largest fifth, {name}: {largest[name] / largest['lost'] - 1:+.0%} of what was lost")
show.table((by_bill / 1_000).round(1).rename_axis("fifth of the clients, by bill").reset_index(), caption="Million TWD")

# %% [markdown]
# Most of the money is lost on the two largest fifths, so that is where an error costs. Who multiplies assumes that the
# chance does not hang on the bill beyond what the score knows. Tweedie asks the rows. Where neither is far off on the
# largest bills, the simpler one will do.
#
# ### Three scores for one October
#
# Prescreen and underwriting know what stood in the file at the end of July, the portfolio score what stood at the end of
# September. All are asked the same: who misses October's payment?

# %%
at_application = one_late["August"].assign(bad=clients["default"])
months_late = sum((clients[f"pay_{k}"] >= 2).astype(int) for k in range(1, 7))
behaved = october.assign(months_late=months_late)
scores = {
    "prescreen": (at_application, {"limit": "falling", "status_before": "rising"}),
    "underwriting": (at_application, SCORED),
    "portfolio": (behaved, SCORED | {"months_late": "rising"}),
}

# %%
rows = []
for name, (facts, directions) in scores.items():
    own, others = (facts[who] for who in (developing, ~developing))
    made = fit_scorecard(own, own["bad"], directions=directions, pdo=pdo)
    auc = develop.delong(others["bad"], -made.points(others))
    gini = {"Gini": 2 * auc.estimate - 1, "low": 2 * auc.low - 1, "high": 2 * auc.high - 1}
    rows.append({"score": name, "characteristics": len(made.features)} | gini)
show.table(rows, formats=dict.fromkeys(("Gini", "low", "high"), ".2f"))

# %% [markdown]
# (The prescreen reads the limit, which this lender has set itself, after looking. With real applicants there is no limit
# yet; a bureau's facts would stand there, and the first line could be quite another.) Each question asked costs
# applicants, and each month waited costs time; what they buy can be read off. Two characteristics go a long way, and the
# behaviour after the decision, nearer to the event, tells more than all that was known before.
#
# ## Does .9 mean 90 %?
#
# To decide *who*, the order is enough: accept the best four fifths, whatever the numbers are called. To set a price or a
# provision one needs the **chance**. Fraud teams train on undersampled rows, as many frauds as others. Such a score says
# .9 of a payment. Frauds are .17275 % of all payments. What is the chance?

# %%
undone = develop.correct_prior([0.9], trained=0.5, actual=0.0017275)[0]
print(f"a score of .9 after 50/50 means {undone:.4f}")

# %% [markdown]
# Not nine in ten: one and a half in a hundred. Now the same at home, with a card on 50/50. And the card of June and July
# in October, where its chances were wrong: mend them with a **strictly monotone** map, a sigmoid, learned from the
# clients of the first half.

# %%
own, others = october[developing], october[~developing]
few = pd.concat([own[own["bad"] == 1], own[own["bad"] == 0].sample(int(own["bad"].sum()), random_state=seed)])
balanced = fit_scorecard(few, few["bad"], directions=SCORED, pdo=pdo)
half_bad = balanced.chance(balanced.points(others))
corrected = develop.correct_prior(half_bad, trained=0.5, actual=own["bad"].mean())

# %%
mend = develop.Calibrator.fit(own["bad"], -card.points(own).astype(float), method="sigmoid")
chances = {
    "trained on 50/50": half_bad,
    "50/50, corrected": corrected,
    "June and July": card.chance(card.points(others)),
    "June and July, calibrated": mend(-card.points(others).astype(float)),
}


# %%
def promises(chance):
    return {
        "promised": chance.mean(),
        "came": others["bad"].mean(),
        "calibration error": develop.expected_calibration_error(others["bad"], chance),
        "Gini": 2 * develop.roc_auc(others["bad"], chance) - 1,
    }


calibration = [{"chances": name} | promises(chance) for name, chance in chances.items()]
stairs = develop.Calibrator.fit(own["bad"], -card.points(own).astype(float), method="isotonic")
by_stairs = stairs(-card.points(others).astype(float))
calibration.append({"chances": "June and July, by stairs"} | promises(by_stairs))
show.table(calibration, formats={"promised": ".1%", "came": ".1%", "calibration error": ".3f", "Gini": ".3f"})
print(f"different chances: {len(np.unique(chances['June and July']))} before the stairs, {len(np.unique(by_stairs))} after")

# %%
figure, axes = show.figure(width=5.5, height=3.8)
axes.plot([0, 1], [0, 1], color="black", lw=0.8, label="as promised")
styles = (("vermilion", "o--"), ("sky", "o-"), ("orange", "s--"), ("blue", "s-"))
for (name, chance), (colour, style) in zip(chances.items(), styles, strict=True):
    points = develop.reliability(others["bad"], chance, strategy="quantile")
    axes.plot(points["chance"], points["rate"], style, color=show.COLOURS[colour], label=name)
axes.set(xlabel="chance promised", ylabel="share of bad", title="October, clients who took no part")
legend = axes.legend()

# %%
same = [chances[name] >= np.quantile(chances[name], 0.8) for name in ("trained on 50/50", "50/50, corrected")]
print(f"the worst fifth before and after the correction: {(same[0] == same[1]).mean():.0%} of the decisions are the same")

# %% [markdown]
# The correction and the sigmoid leave the Gini where it was and take most of the error away. That is what *strictly
# monotone* buys: no two people change places, no decision by rank changes, and the number can be believed again. The last
# line, an isotonic regression, only never falls: it makes stairs, and those on one stair are tied. Nobody is overtaken,
# but a tie counts half in an AUC, so the Gini may move. A high AUC promises none of this.
#
# ## Whom did we never see?
#
# The next model learns from outcomes, and only the accepted have one. Suppose an old policy: a clerk looks at the limit,
# and telephones to ask how the applicant stands this very month. He refuses the worst. What he heard on the telephone was
# never entered, so it is in *whom he refused*, and not in any column. In our file the truth of the refused is there as
# well. We hide it, and bring it back for the reckoning.

# %%
heard = 10 * clients["pay_1"] - clients["limit_bal"] / 100_000
taken = (heard.rank(method="first", pct=True) <= accepted).to_numpy()
own, others = at_application[developing], at_application[~developing]
mine, theirs = taken[developing], taken[~developing]
hidden = np.where(mine, own["bad"], np.nan)

# %%
seen, unseen = others["bad"][theirs].mean(), others["bad"][~theirs].mean()
print(f"bad among the accepted {seen:.1%}, among all applicants {others['bad'].mean():.1%}: "
      f"a gap of {100 * (others['bad'].mean() - seen):.1f} points")  # fmt: skip
print(f"and among the refused, which no bank would know: {unseen:.1%}")

# %%
print(f"late this month, as the clerk heard: {(clients['pay_1'] >= 1)[~taken].mean():.0%} of the refused, "
      f"{(clients['pay_1'] >= 1)[taken].mean():.0%} of the accepted")  # fmt: skip

# %%
naive = fit_scorecard(own[mine], own["bad"][mine], directions=SCORED, pdo=pdo)
points, aucs = naive.points(others), {}
for name, who in (("accepted", theirs), ("all applicants", np.full(len(others), True)), ("refused", ~theirs)):
    aucs[name], promised = develop.roc_auc(others["bad"][who], -points[who]), naive.chance(points[who]).mean()
    print(f"{name:<15} AUC {aucs[name]:.3f}  promised {promised:.1%}  came {others['bad'][who].mean():.1%}")

# %% [markdown]
# The AUC among the accepted says little of the AUC among applicants, in either direction: the refused were cherry-picked,
# so those who are left are alike. And of the refused the card promises far too little: many of them were late this very
# month, and of such people the training rows hold hardly any, or fewer by far.
#
# What could one *assume* of the refused? That is **reject inference**, and there are as many ways as there are
# assumptions. Fuzzy augmentation takes the model's own word for them; parcelling takes the rate of their band, times a
# factor that somebody guesses; reweighting counts each accepted for the others like them.

# %%
from lifecycle.cases.credit_risk import infer_rejected

guess = naive.chance(naive.points(own))
refusing = fit_scorecard(own, ~mine, directions=SCORED, pdo=pdo)
acceptance = 1 - refusing.chance(refusing.points(own))
lot = np.random.default_rng(seed + 1).random(len(own)) < 0.1  # one in ten of the refused gets the card all the same
tried = np.where(mine | lot, own["bad"], np.nan)

# %%
sets = {name: infer_rejected(name, bad=hidden) for name in ("accepted only", "all rejected bad")}
sets["fuzzy"] = infer_rejected("fuzzy", bad=hidden, chance=guess)
for worse in (1, 2, 3):
    sets[f"parcelling, {worse} times as bad"] = infer_rejected(
        "parcelling", bad=hidden, chance=guess, worse=worse, seed=seed
    )
sets["reweighting by likeness"] = infer_rejected("reweighting", bad=hidden, acceptance=acceptance)
sets["reweighting a lot of 10 %"] = infer_rejected("reweighting", bad=tried, acceptance=np.where(mine, 1, 0.1))
sets["the truth, which nobody has"] = infer_rejected("accepted only", bad=own["bad"])

# %%
inference = []
for name, (rows, outcome, weights) in sets.items():
    made = fit_scorecard(own.iloc[rows], outcome, directions=SCORED, weights=weights, pdo=pdo)
    score = made.points(others)
    row = {"method": name, "AUC, all": develop.roc_auc(others["bad"], -score)}
    row["AUC, refused"] = develop.roc_auc(others["bad"][~theirs], -score[~theirs])
    row["refused: promised"] = made.chance(score[~theirs]).mean()
    row["error, all"] = develop.expected_calibration_error(others["bad"], made.chance(score))
    inference.append(row)

# %%
show.table(
    inference, formats=dict.fromkeys(("AUC, all", "AUC, refused", "error, all"), ".3f") | {"refused: promised": ".1%"}
)
print(f"refused, the truth: {unseen:.1%}")

# %%
bought, ideal = inference[-2], inference[-1]
print(f"the lot less accepted only: AUC {bought['AUC, all'] - inference[0]['AUC, all']:+.3f}, "
      f"the truth less accepted only: AUC {ideal['AUC, all'] - inference[0]['AUC, all']:+.3f}")  # fmt: skip

# %% [markdown]
# Compare each line with the last. By **ranking** no method helps much, nor does the lot: even with all outcomes, the AUC
# is hardly another (and calling all of the refused bad does harm). What was missing is the **level**, the promise for the
# refused and the error. Methods that only rearrange the accepted cannot know what they are not told. Parcelling comes
# near, or too far, by its factor, and nobody in the bank can tell which factor is right. (Even with all outcomes the
# promise falls short: what the clerk heard is in no column, so no model can use it.) The lot *bought* information: some
# of the refused were accepted at random and counted ten times each. It mends the level as far as all outcomes would,
# without a guess. It costs the losses on them, and it is the only honest price. (Where a bureau sells how the refused
# paid elsewhere, an **external calibration** buys the same.)
#
# ## Could somebody else make it from the paper?
#
# In a bank an **independent team** validates. It reads the document and asks what the developers did not ask. It may
# build the model again from the paper alone, in other technology, to find bugs and whatever was never written down. Here
# is the paper: the card as JSON, with what each column means, which columns of the file it is made of, and how it is
# rounded. And here is what production runs:

# %%
import json

from lifecycle.cases.credit_risk import MEANINGS, SOURCES

columns = {name: {"meaning": MEANINGS[name]} | SOURCES[name] for name in card.features}
paper = json.dumps(card.to_dict() | {"columns": columns})
for name in ("status", "repaid"):
    print(f"{name}: {json.dumps(columns[name])}")


def in_production(frame):
    known = frame.assign(status=frame["status"].replace(-2, 0))  # somebody's repair; it was obvious at the time
    return card.points(known)


# %% [markdown]
# The validator's code imports nothing that made the card (of ours only the class of its errors). It makes the columns
# from the raw file by the rules of the JSON, turns the lines into comparisons of numpy, and refuses a value that no line
# of the table speaks of. All clients, all five months:

# %%
from lifecycle.cases.credit_risk import columns_from_document, compare_scores, score_from_document


def scored_from(words):
    score, months_before = score_from_document(words), range(len(MONTHS), 0, -1)
    return np.concatenate([score(columns_from_document(words, clients, last=k)) for k in months_before])


everyone = pd.concat(two_late.values(), ignore_index=True)
from_paper = scored_from(json.loads(paper))
compared = compare_scores(from_paper, in_production(everyone), everyone[list(card.features)])

# %%
print(f"{compared.rows:,} rows compared, {compared.differing:,} differ, by up to {compared.largest:.0f} points")
show.table(compared.suspects, formats={"differ": ".0%", "covers": ".0%"})

# %% [markdown]
# All rows of one code differ, and no others. Somebody had decided that -2 means 0 and written it into the code, not into
# the document. Perhaps rightly; but nobody was asked, nobody tested it, and no monitor counts it. The first mistake is
# found by comparing, the second by reading closely: a document with a hole.

# %%
torn = json.loads(paper)
repaid = next(each for each in torn["characteristics"] if each["feature"] == "repaid")
repaid["lines"] = [line for line in repaid["lines"] if not line.get("missing")]
with show.error():
    scored_from(torn)

# %%
agreed = compare_scores(from_paper, card.points(everyone), everyone[list(card.features)])
print(f"against the card itself: {agreed.differing} of {agreed.rows:,} rows differ")

# %% [markdown]
# How much of that agreement hangs on a detail? Strike the rounding from the paper, which an earlier version of it had
# forgotten, and leave the rest:

# %%
terse = json.loads(paper)
for rule in terse["columns"].values():
    rule.pop("decimals", None)
unrounded = compare_scores(scored_from(terse), card.points(everyone), everyone[list(card.features)])
print(f"without a word on rounding: {unrounded.differing:,} of {unrounded.rows:,} rows differ, "
      f"by up to {unrounded.largest:.0f} points")  # fmt: skip

# %% [markdown]
# Nobody had planted that one. Who stands at an edge of a bin gets other points when the column is rounded otherwise. So
# the decimals are in the paper now.
#
# | a rebuild catches | it costs |
# |---|---|
# | assumptions that nobody wrote down | weeks, of people who could build something |
# | faults of a tool: two toolsets rarely share one | slow iteration: no quick fix goes past it |
# | questions that were not asked, or asked wrongly | patience of the team that waits |
#
# ## Into an old machine room
#
# The production stack of a bank is separate from where models are made, and old: rules and linear models, PMML, a JAR
# (lesson 07); a container for what is less critical. How a model gets there ranges from a button to a *formula in a
# document* that somebody else types in. So make the formula with care, and check it where it runs:

# %%
from lifecycle.cases.credit_risk import as_spreadsheet, as_sql

sql = as_sql(card, table="applicants")
print("\n".join(line[:110] for line in sql.splitlines()))

# %%
import sqlite3
from contextlib import closing

with closing(sqlite3.connect(":memory:")) as database:
    august[list(card.features)].to_sql("applicants", database, index=False)
    answered = pd.read_sql_query(sql, database)["score"].to_numpy()
print(f"SQL beside Python: {(answered != august['points']).sum()} of {len(answered):,} scores differ")

# %%
cells = dict(zip(card.features, "BCDEFG", strict=False))
formula = as_spreadsheet(card, cells={name: f"{column}2" for name, column in cells.items()})
print(formula[:118], "…")

# %% [markdown]
# There is no spreadsheet here. But its three functions are quickly written by what their manual says (`LOOKUP` takes the
# last start that is not above the value), and with them the formula can be worked out as it stands, for a thousand
# clients:

# %%
from bisect import bisect_right

functions = {
    "IF": lambda test, yes, no: yes if test else no,
    "ISBLANK": lambda cell: cell is None,
    "LOOKUP": lambda cell, starts, found: None if cell is None else found[bisect_right(starts, cell) - 1],
}
sheet = compile(formula[1:].replace("{", "[").replace("}", "]"), "sheet", "eval")
rows = august[list(card.features)].head(1_000).set_axis([f"{cells[n]}2" for n in card.features], axis=1)
blanks = rows.astype(object).where(rows.notna(), None).to_dict("records")
worked_out = [eval(sheet, functions, row) for row in blanks]  # our own formula, of our own card
differ = (np.array(worked_out) != august["points"].head(1_000)).sum()
print(f"formula beside Python: {differ} of {len(rows):,} scores differ")

# %% [markdown]
# Then every decision is **logged**: what came in, which card answered, what it said and why. Without that, no complaint
# can be answered and no monitoring begins.

# %%
from hashlib import sha256

entry = {"card": sha256(paper.encode()).hexdigest()[:12], "read": person[list(card.features)].iloc[0].to_dict()}
entry |= {"score": int(card.points(person)[0]), "cut": int(cut), "reasons": list(card.reasons(person)[0])}
print(json.dumps(entry))

# %% [markdown]
# The loop is closed by hand where a model changes once or twice a year, after months of review. For loans of a few weeks
# the truth is there in weeks, and the loop may run by itself every week.
#
# ## What rings before the truth does?
#
# The truth about a loan arrives after the loan is over, and some months. A recession brings other applicants at once, and
# so does a change of the bank's own policy. So drift is watched, by segment: KS, Wasserstein and PSI of the score, CSI of
# each characteristic. Two made-up months out of August's real rows: a campaign for small limits, and a bad winter in
# which far more applicants are late already.


# %%
def drawn(weights):
    return august.sample(6_000, replace=True, weights=weights, random_state=seed).reset_index(drop=True)


arrivals = {
    "as ever": drawn(None),
    "campaign": drawn(1 + 4 * (august["limit"] < 80)),
    "bad winter": drawn(1 + 2 * (august["status"] >= 1)),
}

# %%
late_share = [(frame["status"] >= 1).mean() for frame in arrivals.values()]
print(
    f"late already: as ever {late_share[0]:.1%}, bad winter {late_share[2]:.1%}, {late_share[2] / late_share[0]:.1f} times"
)

# %%
from lifecycle.monitor import stability_level, wasserstein

reference, signals = card.points(train), []
for name, frame in arrivals.items():
    points = card.points(frame)
    index = population_stability_index(reference, points)
    row = {
        "month": name,
        "PSI": index,
        "level": stability_level(index),
        "KS": kolmogorov_smirnov(reference, points).statistic,
    }
    row |= {"moved (points)": wasserstein(reference, points), "accepted": (points > cut).mean()}
    signals.append(row | {"promised": card.chance(points).mean(), "came": frame["bad"].mean()})

# %%
show.table(
    signals,
    formats={"PSI": ".3f", "KS": ".2f", "moved (points)": ".1f"} | dict.fromkeys(("accepted", "promised", "came"), ".1%"),
)

# %%
base = card.shares(train)
csi = {
    month: {n: stability_of_shares(base[n], shares) for n, shares in card.shares(frame).items()}
    for month, frame in arrivals.items()
}
show.table(
    [{"characteristic": n} | {month: csi[month][n] for month in csi} for n in card.features],
    caption="CSI",
    formats=dict.fromkeys(csi, ".3f"),
)

# %% [markdown]
# Read *level* for whether the total rings; the CSI says where it comes from. And by segment, each against its own past:

# %%
by_segment = []
for month, frame in arrivals.items():
    for name, labels in groups(frame).items():
        for label, part in frame.groupby(labels, observed=True):
            known, points = card.points(train[groups(train)[name] == label]), card.points(part)
            row = {"month": month, "group": f"{name}: {label}", "rows": len(part)}
            row |= {"PSI": population_stability_index(known, points), "KS": kolmogorov_smirnov(known, points).statistic}
            by_segment.append(row | {"moved (points)": wasserstein(known, points)})

# %%
from lifecycle.monitor.drift.stability import ACT, WATCH

ringing = [row for row in by_segment if row["PSI"] >= WATCH]
show.table(ringing, formats={"PSI": ".3f", "KS": ".2f", "moved (points)": ".1f"})
print(f"{len(ringing)} of {len(by_segment)} lines at {WATCH} or more; all of them go into the document")
print("September, groups at that level:", ", ".join(row["group"] for row in segments if row["PSI, Sep"] >= WATCH) or "none")

# %% [markdown]
# Look at the campaign: it rings within groups of sex and age, and within groups by limit hardly more than in a month as
# ever. Other people came, each like those of the same limit. In the bad winter the smaller limits ring as well: people of
# one limit stand worse than those before them. The total cannot tell these two apart, segments can. (And a group of some
# fifty people rings by luck.)
#
# The promise still holds in both: each client behaves as such clients do, and there are others of them. September was the
# opposite. The total was silent (if a group was not, it is named above), and the promise was broken. **PSI is about who
# comes, performance about what they do.** Watch the first at once and the second, by segment (AUC, KS, Gini), as soon as
# there is a truth.
#
# ## The paper
#
# What a regulator asks for has four parts: data, model and assumptions, validation (method and results), monitoring (data
# drift and performance drift). Written by hand, it is true of last year's model. So let the run write it. In the template
# a typed digit is an error:

# %%
from lifecycle.cases.credit_risk import SECTIONS, Section, risk_document

with show.error():
    risk_document({}, title="Report", sections=[Section("Validation", ("The Gini is 0.72, as in every year.",))])

# %%
allowed, apart, developed_gini = 0.05, 0.02, power(train, card.points(train))["Gini"]
for row in months:
    ranks, keeps = row["Gini"] >= developed_gini - allowed, abs(row["bad"] - row["promised"]) <= apart
    row["holds"] = "yes" if ranks and keeps else "; ".join(["ranking fails"] * (not ranks) + ["chances fail"] * (not keeps))
failed = [f"{row['outcome in']} ({row['holds']})" for row in months if row["holds"] != "yes"]
verdict = f"Not to be used for prices or provisions. Fails in: {', '.join(failed)}." if failed else "Holds in all months."
if compared.differing:
    verdict += f" Production does not run this card: {compared.differing:,} of {compared.rows:,} rows differ."
rebuild = {
    "rebuilt": "columns and points from the JSON of the card and the raw file, in numpy, all months",
    "rebuilt_rows": agreed.rows, "rebuilt_differ": agreed.differing,
    "production_rows": compared.rows, "production_differ": compared.differing,
    "production_suspects": ", ".join(compared.suspects["group"].head(1)) or "nobody",
}  # fmt: skip

# %%
definition = "two months late or more"
about_data = {
    "rows": len(train), "clients": int(developing.sum()), "source": "the credit card file, Taiwan",
    "digest": develop.digest_of_frame(clients)[:16], "months": ", ".join(MONTHS), "developed": " and ".join(developed),
    "bad": f"{definition}; in October, the payment missed",
    "waiting": "An early proxy: nobody waits for a write-off.",
    "population": "people who were given a card; nobody in it is an applicant.", "absent": "everybody who was refused one.",
    "rates": [{"month": row["outcome in"], "bad": row["bad"]} for row in months],
}  # fmt: skip

# %%
decimals = sorted({rule["decimals"] for rule in columns.values() if "decimals" in rule})
about_model = {
    "points": card.anchor_points, "odds": card.anchor_odds, "pdo": card.pdo,
    "left_out": "; ".join(f"{n}: {why}" for n, why in card.left_out.items()),
    "never": "sex, age, education, marriage",
    "assumed": "they add up; risk goes one way with each; -2 is a status of its own; "
               f"shares have {decimals[0]} decimals; what earlier limits decided may be read again.",
    "card": card.table().to_dict("records"),
    "meanings": [{"characteristic": n, "meaning": MEANINGS[n], "made of": json.dumps(SOURCES[n])} for n in card.features],
}  # fmt: skip

# %%
facts = {
    "data": about_data, "model": about_model,
    "validation": {"allowed": allowed, "apart": apart, "developed": developed_gini, "months": months, "segments": segments,
                   "verdict": verdict} | rebuild,
    "monitoring": {"delay": "a month after the decision here; after the loan and some months elsewhere",
                   "watched": "PSI, CSI, KS and Wasserstein", "watch": WATCH, "act": ACT,
                   "signals": signals, "segments": by_segment,
                   "owner": "the independent risk team", "review": "with the first month of outcomes"},
}  # fmt: skip

# %%
from lifecycle import artifacts

html = risk_document(facts, title="Credit scorecard: documentation")
artifacts.write_text("21/document.html", html)
artifacts.write_json("21/scorecard.json", json.loads(paper))
print(f"sections: {', '.join(section.title for section in SECTIONS)}; {html.count('<table')} tables. {verdict}")

# %% [markdown]
# The document condemns the card it describes, in a sentence that nobody had to have the courage to write. That is what
# generated documentation is for.
#
# ## Is it worth it?
#
# | gained | paid |
# |---|---|
# | errors are found by people who did not make them | months between an idea and its use |
# | each refusal can be explained, each number traced | documents, reviews, a second team |
# | drift is a routine, no surprise | models that stay simple on purpose |
#
# Nobody has to do all of it. A shop's recommender can be wrong for a day. But whoever decides on people's lives should
# know which of these they left out, and say why. Robustness is bought with cost, with time and with the patience of a
# team.
#
# ## Claims to distrust
#
# One is about the law. "Age predicts, so age goes in": is it a feature like any other? In the United States, Regulation B
# lets a lender use age in a score that is empirically derived, demonstrably and statistically sound, and asks more than
# one thing of it; roughly: the age of an elderly applicant (62 or over) must not be given a negative value, so it may not
# be treated less favourably than that of others. Read the regulation, with a lawyer, before you rely on this sentence.
# And look at what the data would do, and how many people say so:

# %%
own = october[developing]
by_age = pd.cut(own["age"], [0, 29, 44, 61, 120], labels=["to 29", "30-44", "45-61", "62 and over"])
counts = own.groupby(by_age, observed=True)["bad"].agg(["size", "sum"])

# %%
from lifecycle.cases.credit_risk import weight_of_evidence

evidence = pd.Series(weight_of_evidence(counts["size"] - counts["sum"], counts["sum"]), index=counts.index)
old, best = evidence["62 and over"], evidence.drop("62 and over").max()
show.table(counts.assign(WoE=evidence.round(2)).set_axis(["clients", "bad", "WoE"], axis=1).rename_axis("age").reset_index())
asks = {"not below 0": old >= 0, "not below the most favoured": old >= best}
print("62 and over:", ", ".join(f"{rule}: {'yes' if kept else 'no'}" for rule, kept in asks.items()))

# %%
claims = {
    "a high AUC means good probabilities": f"50/50: same Gini, calibration error {calibration[0]['calibration error']:.2f}",
    "the AUC of the accepted is that of applicants": f"{aucs['accepted']:.3f} and {aucs['all applicants']:.3f}",
    "age is a feature like any other": f"62 and over: {old:+.2f}, most favoured {best:+.2f}",
    "a small PSI means that performance is fine": f"PSI {one_month[3]['PSI']:.3f}, Gini {one_month[3]['Gini']:.2f}",
}
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %% [markdown]
# ## What you did
#
# - You cut risk into bins that keep their order, and turned log-odds into points that a person can add up.
# - You validated in time and by group, and found a change of coding that no index of its own month showed.
# - You separated ranking from probability, and mended the second without touching the first.
# - You hid outcomes as a policy hides them, and saw what each assumption about the refused is worth.
# - You rebuilt a score from paper, found what the paper did not say, and carried it into SQL.
# - You let the run write its own document, which judged it.
#
# **To take away** A score belongs to a definition of bad, to the people it has seen, and to a month. Write down all
# three.

# %%
from workbench import quiz

quiz("21_credit_risk")

# %% [markdown]
# Now you: [exercise 21](../exercises/21_credit_risk.ipynb).
