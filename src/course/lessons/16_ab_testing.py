# %% [markdown]
# # 16 · A/B testing
#
# **You will be able to** plan an experiment before it starts, assign people so that nobody chooses, say why looking early
# is costly and how to pay for it, find out when an experiment cannot be believed, and end one that does harm.
# **You need** [lesson 15](15_shadow.ipynb) and the idea of a confidence interval. **Time** 55 minutes.
# **Next** [exercise 16](../exercises/16_ab_testing.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
per_day: int = 8000  # simulated users a day in the live experiment
n_tests: int = 5000  # simulated tests where errors are counted
seed: int = 16  # random seed

# %% [markdown]
# ## What can a shadow not show?
#
# In lesson 15 the challenger met every request in secret, and we know how often it is right. What we do not know is what
# *people* do when its answers reach them: click, complain, pay, leave. A person reacts to one answer, once; no log holds
# the reaction to the other. So the requests are split. Each is answered by **one** of the two models, and outcomes are
# compared. That is an **A/B test**, a randomised trial such as new drugs go through.
#
# Everything hangs on the split. Four ways are in use:
#
# | split | how | mind |
# |---|---|---|
# | random, by request | each request draws anew: 50/50, 90/10 | one person meets both versions |
# | sticky, by user | a hash of the user id decides, for good | the usual choice |
# | by geography | one region gets the new version | regions differ anyway; there are few of them |
# | ramp | 5 % today, 50 % next week | who compares shares from different days compares days |
#
# Does it have to be by lot? A team offers the new version in its newsletter: who wants it may switch it on. Both versions
# in this simulation are *the same*. Guess what the comparison says.

# %%
import numpy as np

rng = np.random.default_rng(1)  # always the same draw, since we talk about it
keen = rng.random(40_000) < 0.3  # who clicks more, and also reads newsletters
clicked = rng.random(40_000) < np.where(keen, 0.08, 0.04)
chose_b = rng.random(40_000) < np.where(keen, 0.6, 0.1)

# %%
from lifecycle.iterate import compare_rates

drawn_b = rng.random(40_000) < 0.5
for name, b in (("who wanted it", chose_b), ("by lot", drawn_b)):
    test = compare_rates(clicked[~b].sum(), (~b).sum(), clicked[b].sum(), b.sum())
    print(f"{name}: A {test.rate_a:.1%}, B {test.rate_b:.1%}, p {test.p:.2g}")

# %% [markdown]
# Those who wanted the new version click far more, with a p-value that no journal would question; and the version did
# nothing. A tiny p says that the groups differ. It does not say *why*. Only the lot makes sure that there is one reason
# left.
#
# ### A lot that remembers
#
# The lot has to fall the same way each time a user comes back, on any server, without a table that all of them share. A
# hash does it: a number that depends on the name alone, and that nobody chose.

# %%
from lifecycle.iterate import Splitter

splitter = Splitter("ranking-2.4", {"champion": 0.5, "challenger": 0.5})
for user in ("anna", "bo", "cleo", "anna"):
    print(user, "->", splitter.group(user))

# %%
users = [f"user-{number}" for number in range(20_000)]
groups = splitter.groups(users)
print(f"to the challenger: {groups.count('challenger') / len(users):.1%} of 20,000")

# %% [markdown]
# Anna meets the same version twice, and the halves are halves. The text `ranking-2.4` is the **salt**: the experiment's
# name, which is hashed together with the user's. Why is it there? Suppose that another team runs an experiment on prices
# with the same users, and has no salt of its own.

# %%
for salt in ("ranking-2.4", "prices-7"):
    other = Splitter(salt).groups(users)
    both = sum(one == two == "challenger" for one, two in zip(groups, other, strict=True))
    print(f"prices salted {salt!r}: {both / groups.count('challenger'):.0%} of our challenger's users get new prices")

# %% [markdown]
# Without a salt of its own the price experiment falls on *our* challenger's users, all of them, and nobody will ever know
# which of the two changes they liked. With one, it falls on half of either group and cancels out.
#
# Who takes part at all is a second draw. So a ramp lets *more people in* and leaves the ratio of the groups alone; and
# whoever is in stays where they are.

# %%
small, large = splitter.ramped(0.05).groups(users), splitter.ramped(0.5).groups(users)
moved = sum(one is not None and one != two for one, two in zip(small, large, strict=True))
for share, found in ((0.05, small), (0.5, large)):
    print(f"exposure {share:.0%}: {found.count('champion'):,} and {found.count('challenger'):,} take part")
print(f"changed sides as it grew: {moved}")

# %% [markdown]
# ## What do you want to know?
#
# Before the first user is assigned, these are written down, and signed by whoever will decide:
#
# - the goal as **one** number, here the click-through rate (CTR), now 5.0 %; worth having is +0.5 percentage points;
# - the hypotheses: H0, both versions are equal; H1, they differ, in either direction (we would want to know of a fall);
# - two promises: how often we may cry wolf (**alpha**, 5 %) and how often a lift that is really there shall be found
#   (**power**, 80 %);
# - who takes part, and who does not: staff and bots are out; 50/50, sticky;
# - for how long, and what ends it before.
#
# The whole protocol, of which the rest of this lesson explains the reasons:
#
# | before | during | after |
# |---|---|---|
# | one goal, as a number | watch guardrails, with a kill switch | are the data in order? (sample ratio) |
# | a precise population, split by lot | do not stop on a p-value | test as planned, with an interval |
# | size from the smallest effect worth having | or look by a sequential rule | guardrails, planned segments |
# | duration in whole weeks | change nothing on the way | replace if better and harmless |

# %%
from lifecycle.iterate import ExperimentPlan

plan = ExperimentPlan("clicks per visitor", 0.05, 0.005, salt="ranking-2.4", left_out=("bots", "staff"))
print("H1:", plan.hypotheses[1])
print(f"in each group: {plan.per_group:,}; in both: {plan.total:,}")
print(f"10,000 visitors a day: {plan.total / 10_000:.1f} days, so run {plan.days(10_000)}")

# %% [markdown]
# The plan says *who* is left out; the splitter needs their ids, from wherever they are known. They then belong to no group:

# %%
staff, bots = {"user-7", "user-12"}, {"user-99"}
splitter = Splitter(plan.salt, left_out=frozenset(staff | bots))
print({user: splitter.group(user) for user in ("user-7", "user-8", "user-99")})

# %% [markdown]
# 31,235 in each group, from
#
# $$n = \frac{2\,(z_{\alpha/2} + z_{\text{power}})^2\;\bar p\,(1-\bar p)}{\text{lift}^2}, \qquad \bar p = 5.25\,\%$$
#
# with both promises in the bracket. 6.2 days become 7, because Sundays are not Mondays: a test runs for whole weeks. (Our
# team takes two weeks, so that a novelty can wear off.)
#
# ### "50,000 in each group, that gives us 80 %"
#
# So says a slide that has been copied many times. What do 50,000 buy?

# %%
from lifecycle.iterate import power_of, sample_size

print(f"power with 50,000 in each group: {power_of(0.05, 0.005, n=50_000):.1%}")
print(f"80 % power takes {sample_size(0.05, 0.005):,}; with one side only {sample_size(0.05, 0.005, sided=1):,}")

# %% [markdown]
# Not 80 % but 94.3 %, at 60 % more traffic. Many plans write H1 as "2.4 is *higher*". That is a **one-sided** test, which
# takes 24,604, since it never claims that the challenger is worse. Both are honest, if the side is chosen beforehand. Look
# what a choice afterwards can be worth:

# %%
a, b = (2500, 50_000), (2627, 50_000)
for sided in (2, 1):
    print(f"sides: {sided}, p {compare_rates(*a, *b, sided=sided).p:.3f}")

# %% [markdown]
# The same counts, .069 or .034. How many false alarms does that choice make? A million tests of two equal versions:

# %%
z = np.random.default_rng(5).standard_normal(1_000_000)  # always the same draw, since we talk about it
alarms = {
    "two sides, or 'higher', as suits": (np.abs(z) > 1.96) | (z > 1.645),
    "one side, the direction as suits": np.abs(z) > 1.645,
    "planned 'higher', reported with two sides": z > 1.96,
}
for choice, alarm in alarms.items():
    print(f"{choice}: {alarm.mean():.1%}")

# %% [markdown]
# Who decides on the number of sides afterwards has an alpha of 7.5 %, and who also picks the direction one of 10 %. To plan
# for "higher" and report a two-sided p is not dishonest: it is stricter than promised, and loses power.
#
# ### What does half the lift cost?
#
# Marketing would also be happy with a quarter of a point. "The need grows exponentially", somebody warns. Does it?

# %%
effects = np.array([0.02, 0.01, 0.005, 0.0025, 0.00125])
sizes = np.array([sample_size(0.05, effect) for effect in effects])
print(f"+0.25 pp: {sizes[3]:,} in each group, {2 * sizes[3]:,} in all")
print(f"half the lift: {sizes[3] / sizes[2]:.2f} times as many; a quarter of it: {sizes[4] / sizes[2]:.1f} times")

# %%
from lifecycle import show

figure, axes = show.figure(height=3)
axes.plot(100 * effects, sizes, "o-", label="users needed")
axes.plot(100 * effects, sizes[0] * (effects[0] / effects) ** 2, ":", color="black", label="a square, through the first")
for effect, size in zip(effects[1:4], sizes[1:4], strict=True):
    axes.annotate(
        f"{size:,}", (100 * effect, size), xytext=(-4, -4), textcoords="offset points", ha="right", va="top", fontsize=8
    )
axes.set(xscale="log", yscale="log", xlabel="smallest lift worth finding (percentage points)", ylabel="users in each group")
axes.set_xticks(100 * effects, [f"{100 * effect:g}" for effect in effects])
axes.set_yticks([3_000, 30_000, 300_000], ["3,000", "30,000", "300,000"])
axes.minorticks_off()
axes.set_title("The lift stands squared below the line", loc="left")
legend = axes.legend(frameon=False)

# %% [markdown]
# Half the lift takes 3.91 times as many, 122,125 in each group, and a straight line on two logarithmic axes is a power:
# the need grows with the **square**. (Not quite 4 times, because the variance falls a little as well.) That is bad
# enough. An exponential would be a curve here.
#
# One more line for your report: *which* formula. The three in use hardly differ here; the textbooks of your reviewers
# might.

# %%
for variance in ("pooled", "unpooled", "both"):
    print(f"{variance:>8}: {sample_size(0.05, 0.005, variance=variance):,}")

# %% [markdown]
# ### Why so many more than in the shadow?
#
# In a shadow run both models judge the same case, and only the cases on which they disagree count. In an A/B test each
# person meets one, and people differ among themselves much more than models do. To show 94 % against 92 %:

# %%
from lifecycle.iterate import paired_sample_size

paired, unpaired = paired_sample_size(0.02, disagreement=0.05), sample_size(0.92, 0.02, variance="unpooled")
print(f"paired, 5 % disagreement: {paired:,} cases; unpaired: {unpaired:,} users in each group")

# %% [markdown]
# 979 cases, or 2,551 people *twice*. That is why a shadow comes first and answers whatever it can.
#
# ## Why not simply stop when it looks significant?
#
# The dashboard is live, and on Wednesday the difference turns significant. Before you stop, try this: tests in which both
# groups get *the same model*, five looks each, and a winner at the first p below 0.05.

# %%
looks, per_look = 5, 6_247
rng = np.random.default_rng(seed)
clicks = rng.binomial(per_look, 0.05, size=(2, n_tests, looks)).cumsum(axis=2)
visitors_so_far = per_look * np.arange(1, looks + 1)


# %%
def z_of(clicks):
    difference = (clicks[1] - clicks[0]) / visitors_so_far
    rate = clicks.sum(axis=0) / (2 * visitors_so_far)
    return difference / np.sqrt(2 * rate * (1 - rate) / visitors_so_far)


z_seen = z_of(clicks)
crossed = np.abs(z_seen) > 1.96

# %%
from lifecycle.iterate import crossing_probability

exact = crossing_probability(range(1, 6), [1.96] * 5)[-1]
print(f"one look at the end:    {crossed[:, -1].mean():.1%} false alarms")
print(f"stop at any of 5 looks: {crossed.any(axis=1).mean():.1%}; exactly: {exact:.3f}")

# %% [markdown]
# Nothing was different, and yet about one test in seven ships a "winner". Each line below is one test of two identical
# models; the rust-coloured ones touch the bound somewhere on their way.

# %%
figure, axes = show.figure(height=3.2)
for path, hit in zip(z_seen[:40], crossed[:40].any(axis=1), strict=True):
    colour = show.COLOURS["vermilion"] if hit else show.COLOURS["grey"]
    axes.plot(range(1, looks + 1), path, color=colour, lw=1.6 if hit else 0.7)
for bound in (-1.96, 1.96):
    axes.axhline(bound, color="black", lw=1, ls="--")
axes.set(xlabel="look", ylabel="z of the difference", xticks=range(1, looks + 1))
title = axes.set_title("40 tests of two identical models", loc="left")

# %%
print(f"of the 40 shown, {crossed[:40].any(axis=1).sum()} crossed a bound at some look")
for k in (2, 5, 14, 60):
    print(f"{k:>2} looks: {crossing_probability(range(1, k + 1), [1.96] * k)[-1]:.1%} false alarms")

# %% [markdown]
# Daily for two weeks is worse than five times, and there is no end to it: who looks for ever finds something in every
# test. (Statisticians call it p-hacking when it happens by intent, and cherry-picking when the good days are reported.)
#
# There is a second price, which even honest winners pay. Let there *be* a lift of 0.5 points. Tests that are stopped at
# their first significant look report:

# %%
lifted = rng.binomial(per_look, [[[0.05]], [[0.055]]], size=(2, n_tests, looks)).cumsum(axis=2)
lift = (lifted[1] - lifted[0]) / visitors_so_far
over = z_of(lifted) > 1.96
first = np.where(over.any(axis=1), over.argmax(axis=1), -1)
for look in range(looks):
    stopped = first == look
    print(f"stopped at look {look + 1}: {stopped.sum():>5} tests, mean lift {100 * lift[stopped, look].mean():.2f} pp")

# %% [markdown]
# The earlier the stop, the larger the lift in the report: only a lucky peak is significant so soon. Half a year later
# somebody asks where the clicks went. They were never there.
#
# ### Paying for the looks
#
# One way out is to fix the number of visitors and look once. The other is a **sequential test**, whose bounds are
# stricter, so that all looks *together* raise false alarms in 5 % of the tests. Alpha becomes a budget. How it is spent
# is up to you: Pocock spends about the same at each look, O'Brien and Fleming next to nothing early.

# %%
from lifecycle.iterate import inflation, spending_bounds

days = np.arange(1, 15) / 14
bounds = {style: spending_bounds(days, spending=style) for style in ("obrien-fleming", "pocock")}
rows = [{"day": day, **{style: found[day - 1] for style, found in bounds.items()}} for day in (1, 3, 5, 7, 10, 14)]
show.table(rows, "What |z| has to reach, with a look every day for two weeks")

# %%
for style, found in bounds.items():
    exact = crossing_probability(days, found)[-1]
    print(f"{style}: {exact:.1%} false alarms over 14 looks, {inflation(days, spending=style):.2f} times the users for 80 %")

# %% [markdown]
# Both keep the promise, looked at every single day. The price of O'Brien and Fleming is 4 % more users at most, because
# on day 3 it believes only what is overwhelming; that is what one wants of a safety exit. Pocock leaves earlier and costs
# 26 %.

# %%
figure, axes = show.figure(height=3)
for (style, found), mark in zip(bounds.items(), ("o-", "s-"), strict=True):
    axes.plot(range(1, 15), found, mark, markersize=4, label=style)
axes.axhline(1.96, color="black", ls="--", lw=1, label="1.96, for one look")
axes.set(xlabel="day of the look", ylabel="bound of |z|", ylim=(1.5, 6), xticks=range(1, 15))
axes.set_title("What it takes to stop early", loc="left")
legend = axes.legend(frameon=False)

# %% [markdown]
# The first O'Brien-Fleming bound is 8.3 and lies outside of the picture. Now the same tests as before, in which nothing
# was different, with bounds for five looks:

# %%
fair = np.array(spending_bounds(np.arange(1, 6) / 5))
print(f"identical models: {(np.abs(z_seen) > fair).any(axis=1).mean():.1%} false alarms in {n_tests:,} tests")
print(
    f"a lift of 0.5 pp: found in {(z_of(lifted) > fair).any(axis=1).mean():.0%}; at the end alone: {over[:, -1].mean():.0%}"
)

# %% [markdown]
# Hardly any power is lost. What if there is no planned end at all, and somebody will always look "once more"? There are
# bounds that hold *for ever*. Beside those for five looks:

# %%
from lifecycle.iterate import always_valid_bound

for n, ends in zip(per_look * np.arange(1, 6), fair, strict=True):
    deviation = (2 * 0.0525 * 0.9475 / n) ** 0.5
    print(f"{n:>6,} in each group: for ever {always_valid_bound(deviation, effect=0.005):.2f}, with an end {ends:.2f}")

# %% [markdown]
# Narrower at first (3.37 against 4.88), since nothing is saved up for an end; and wider at the end (3.04 against 2.03),
# where most lifts are found. What never ends costs power.

# %% [markdown]
# ## The week is over. Can you believe it?
#
# Before the result, the data. Here is an experiment with a clear winner:

# %%
seen = {"A": (2580, 50_000), "B": (2530, 45_000)}
test = compare_rates(*seen["A"], *seen["B"])
print(f"A {test.rate_a:.2%}, B {test.rate_b:.2%}, p {test.p:.4f}")

# %% [markdown]
# Would you ship B? Look at the counts before you read on. The split was 50/50.

# %%
from lifecycle.iterate import sample_ratio

halves = {"A": 0.5, "B": 0.5}
ratio = sample_ratio({"A": 50_000, "B": 45_000}, halves)
print(f"expected {ratio.expected['A']:,.0f} in each, p {ratio.p:.1g}, mismatch: {ratio.mismatch}")

# %% [markdown]
# A lot does not fall like that: five thousand users of B are missing. Which ones? Version B crashes on old phones, for
# every second of them, before anything is logged:

# %%
phones = {"old": ((100, 10_000), (50, 5_000)), "new": ((2480, 40_000), (2480, 40_000))}
for phone, (a, b) in phones.items():
    print(f"{phone} phones: A {a[0] / a[1]:.1%}, B {b[0] / b[1]:.1%}; B lacks {a[1] - b[1]:,} users")

# %% [markdown]
# On each kind of phone the versions are equal. B only got rid of those who rarely click, and called it a win. This is a
# **sample-ratio mismatch**, and it is checked first, for every experiment. The rule: such data are not corrected, they
# are thrown away, since the missing people cannot be asked. It need not be five thousand:

# %%
close_call = sample_ratio({"A": 50_000, "B": 51_000}, halves)
print(f"50,000 and 51,000: p {close_call.p:.4f}, mismatch: {close_call.mismatch}")

# %% [markdown]
# Looks harmless, and comes by chance in one split of 600 (.0017). Find the cause before you read any further. Usual ones:
# a version that crashes or redirects, bots that prefer one of them, a filter that came after the split, a ratio that was
# changed on the way.
#
# ## Is it better, and by how much?
#
# The groups are in order now. Week 1: 50,000 each, 5.0 % against 5.6 %. Week 2: 5.1 % against 5.7 %. The report that went
# round said "p = .003, interval [.2, 1.0]". Check it.

# %%
weeks = {"week 1": (2500, 50_000, 2800, 50_000), "week 2": (2550, 50_000, 2850, 50_000)}
weeks["both"] = tuple(np.add(weeks["week 1"], weeks["week 2"]).tolist())
tests = {name: compare_rates(*counts) for name, counts in weeks.items()}
for name, found in tests.items():
    print(f"{name}: z {found.z:.2f}, p {found.p:.1e}, {100 * found.low:.2f} to {100 * found.high:.2f} pp")

# %%
n = 24_500
report = compare_rates(0.051 * n, n, 0.057 * n, n)
print(f"with 24,500 in each group: p {report.p:.3f}, {100 * report.low:.1f} to {100 * report.high:.1f} pp")

# %% [markdown]
# Week 2 has z = 4.20, p = 2.7e-05 and an interval of .32 to .88 points. The figures of the report belong to groups of
# some 24,500: half of the users had been lost on the way to it, or it was copied from elsewhere. Both weeks together give
# p = 2.5e-09 and .40 to .80, *if* the users of week 2 are others than those of week 1. What if the same people come back,
# with the same habits? Two identical models, and everybody is counted in both weeks:

# %%
rng = np.random.default_rng(5)  # always the same draw, since we talk about it
habits = rng.beta(0.05, 0.95, (400, 2, 1000))  # 400 tests, two groups
clicks_of_both = rng.binomial(2, habits).sum(axis=2)
wrong = sum(compare_rates(a, 2000, b, 2000).p < 0.05 for a, b in clicks_of_both)
print(f"weeks added as if they were other people: {wrong / 400:.0%} false alarms")

# %% [markdown]
# More than promised. Whoever comes back is counted once.
#
# Give the interval, not the p: "p < .05" says that it is not nothing, the interval says what it may be worth. Worth:

# %%
extra = 0.006 * 10_000_000
print(f"0.6 pp of 10 million daily users: {extra:,.0f} clicks a day")
print(f"if that is worth $50,000 a month, a click is worth ${50_000 / (30 * extra):.3f}")

# %% [markdown]
# 60,000 clicks at 2.8 cents each. Two silent assumptions stand behind it: the rate of two weeks holds for the year, and
# every user has exactly **one** impression a day. If it was a rate per impression:

# %%
for impressions in (1, 3, 10):
    print(f"{impressions} impressions a user: {impressions * extra:,.0f} clicks a day")
print(f"if .6 pp more *users* click, at twice each: {2 * extra:,.0f} clicks of {extra:,.0f} users")

# %% [markdown]
# So ask what was counted, before you multiply.
#
# ### One person, ten impressions
#
# Users are assigned, so users are counted. What if somebody takes impressions for the unit? Two identical models again, a
# thousand users a group, ten impressions each on average; some people click often and many never.

# %%
from lifecycle.iterate import compare_ratios


def a_group(rng):
    shown = 1 + rng.poisson(9, 1000)
    return rng.binomial(shown, rng.beta(0.25, 4.75, 1000)), shown


# %%
rng, alarms = np.random.default_rng(seed), {"impressions": 0, "users": 0}
for _ in range(400):
    (a, shown_a), (b, shown_b) = a_group(rng), a_group(rng)
    alarms["impressions"] += compare_rates(a.sum(), shown_a.sum(), b.sum(), shown_b.sum()).p < 0.05
    alarms["users"] += compare_ratios(a, shown_a, b, shown_b).p < 0.05
for unit, found in alarms.items():
    print(f"{unit} as units: {found / 400:.0%} false alarms")

# %% [markdown]
# Ten impressions of one person are no ten independent draws. The test that counts them as such cries wolf several times
# as often as it promised; the one that knows whose impressions they are (the *delta method*) keeps its word. **Analyse
# what you assigned.**
#
# ## "And it did no harm"
#
# Next to the goal stand **guardrails**: latency, errors, complaints, revenue. Nobody hopes that they improve; they must
# not get worse. A report says: "complaints 2.0 % and 2.2 %, p = .46, no difference". With how many users?

# %%
complaints = compare_rates(110, 5500, 121, 5500)
print(f"p {complaints.p:.2f}; worse by {100 * complaints.low:+.2f} to {100 * complaints.high:+.2f} pp")

# %% [markdown]
# "No significant difference" is what small groups say of everything. This interval allows for a third more complaints and
# beyond. To claim *no harm*, name the worsening that you could just live with, and show that it is **excluded**. That
# takes users of its own:

# %%
from lifecycle.iterate import Guardrail, guardrail_size, judge_guardrail

print(f"complaints at 2 %, 0.2 pp tolerated: {guardrail_size(0.02, 0.002):,} users in each group")
guard = Guardrail("complaints", margin=0.002)
for a, b in (((110, 5500), (121, 5500)), ((1212, 60_590), (1215, 60_590)), ((1212, 60_590), (1460, 60_590))):
    print(f"{b[1]:,} users, {a[0] / a[1]:.2%} and {b[0] / b[1]:.2%}: {judge_guardrail(guard, a, b).state}")

# %% [markdown]
# 60,590 in each group, twice what the CTR needs: the guardrail is the expensive part of this experiment, and a plan that
# leaves it out has not planned for it.
#
# ### The ramp that turned the result round
#
# A careful team gave B 10 % on Friday, saw no harm, and 50 % on Saturday. Then they added up the days.

# %%
from lifecycle.iterate import simpson, stratified_rates

ramp = {"Friday": (5400, 90_000, 630, 10_000), "Saturday": (1500, 50_000, 1600, 50_000)}
summed = {**ramp, "both": tuple(sum(each) for each in zip(*ramp.values(), strict=True))}
for day, (a, n, b, m) in summed.items():
    print(f"{day}: A {a / n:.2%} of {n:,}, B {b / m:.2%} of {m:,}")
print("each day points one way and the sum the other:", simpson(ramp))

# %% [markdown]
# B is better on each day and worse in total. (*Simpson's paradox*.) The sum compares an A that saw mostly Friday with a B
# that saw mostly Saturday, when everybody clicks less. Compare within days, then put the differences together:

# %%
mended = stratified_rates(ramp.values())
print(f"within days: {100 * mended.difference:+.2f} pp ({100 * mended.low:+.2f} to {100 * mended.high:+.2f})")

# %% [markdown]
# Better still, do not let it happen: ramp the *exposure* and keep 50/50 inside, as `Splitter.ramped` does. Then each day
# has both groups in the same ratio.
#
# ## For whom did it work?
#
# The result is flat, and somebody asks: "But among women under 30 in the north?" Two identical models, twelve segments
# (regions, devices, new and old customers...): how often is at least one of them "significant"?

# %%
from scipy.stats import norm

rng = np.random.default_rng(seed)
a, b = rng.binomial(4000, 0.05, size=(2, n_tests, 12))
rate = (a + b) / 8000
p_values = 2 * norm.sf(np.abs(b - a) / 4000 / np.sqrt(rate * (1 - rate) / 2000))

# %%
from lifecycle.iterate import holm

adjusted = np.array([holm(row) for row in p_values.tolist()])
print(f"some segment below .05: in {(p_values < 0.05).any(axis=1).mean():.0%} of tests; by independence {1 - 0.95**12:.0%}")
print(f"the same with Holm's adjustment: {(adjusted < 0.05).any(axis=1).mean():.1%}")

# %% [markdown]
# In almost every second test *some* segment wins, and there is always a story why. Holm's rule multiplies the smallest p
# by 12, the next by 11, and so on, so that any false alarm among the twelve is as rare as one used to be. Segments are
# chosen beforehand, from what was known before (a segment "clicked at least once" is made by the experiment itself); what
# is found without a plan is an idea for the next test.
#
# ## Fewer people for the same answer
#
# Most of what people spend this month they would have spent anyway, and last month's bill tells how much. **CUPED** takes
# that part away before comparing: what is left varies less, and no difference between the groups is lost, because last
# month knew nothing of the lot.

# %%
from lifecycle.iterate import compare_means, cuped

rng = np.random.default_rng(3)  # always the same draw, since we talk about it
habit = rng.gamma(2, 20, 20_000)
last_month, this_month = (habit + rng.normal(0, 15, 20_000) for _ in range(2))
in_b = rng.random(20_000) < 0.5
this_month += 1.0 * in_b  # the truth: one more

# %%
for name, values in (("as it is", this_month), ("CUPED", cuped(this_month, last_month))):
    spend = compare_means(values[~in_b], values[in_b])
    print(f"{name}: {spend.difference:+.2f} ({spend.low:+.2f} to {spend.high:+.2f})")
r = np.corrcoef(this_month, last_month)[0, 1]
print(f"correlation {r:.2f}: variance, and so users needed, times {1 - r**2:.2f}")

# %% [markdown]
# The truth is +1.00, both intervals hold it, and the second is far narrower. Two warnings: adjust by something measured
# *before* the assignment, and say in the plan that you will, or it becomes one more way to choose.
#
# ## When does it end at once?
#
# A **kill switch** is part of the plan, and not of the emergency. It has *limits* (errors, answer times, complaints,
# revenue), a *least number* of requests before it believes anything, an *automatic* way back to the champion, an *owner*
# who is called and who alone may put it back, and a *log*.

# %%
from lifecycle.iterate import KillLimit, KillSwitch

limits = [KillLimit("errors", 0.01), KillLimit("complaints", 0.03), KillLimit("revenue", 0.9, kind="value", worse="lower")]
switch = KillSwitch(limits, owner="Ada", least=500)
trace = [(120, 9, 8, 0.7), (900, 11, 20, 0.95), (1800, 17, 39, 0.88), (3000, 25, 60, 0.86)]
for day, (n, errors, angry, revenue) in enumerate(trace, start=1):
    action = switch.look({"errors": errors, "complaints": angry, "revenue": revenue}, n=n, when=f"day {day}")
    print(f"day {day}, {n:>5,} users: {action}")
for entry in switch.log:
    print(f"{entry.when}: {entry.action} by {entry.by}; {entry.reason}")

# %% [markdown]
# Day 1 looked terrible, with 120 users: wait. On day 3 revenue (as a share of the champion's) was below its limit, once;
# on day 4 again, and that ended it. Peeking for *harm* is allowed, and wanted: going back costs a delay. A limit
# on a *rate* still asks for more certainty than 95 %, and one on a *value* for two looks that agree, since a switch that
# goes off every week gets disconnected.

# %%
with show.error():
    switch.put_back("it looks fine to me", by="Bo")

# %% [markdown]
# ## Now with the real service
#
# The champion is the package of lesson 07, the challenger that of lesson 14, and the shadow run of lesson 15 has looked
# at both. What did it decide?

# %%
from lifecycle import artifacts, develop
from lifecycle.deploy import create_app, open_package

shadow = artifacts.read_json("15/comparison.json", use_case=use_case)
packages = {
    "champion": open_package(artifacts.path("07/package.zip", use_case=use_case)),
    "challenger": open_package(artifacts.path("14/challenger.zip", use_case=use_case)),
}
for name, package in packages.items():
    print(f"{name}: {package.name} {package.version}")
print("the rules of lesson 15 said:", shadow.get("ruling", {}).get("outcome", "not on record"))

# %% [markdown]
# (The rules sort candidates into reject, manual and automatic. A rejected one has no business before people; we go on here
# in any case, since a lesson may.) Whose rows shall stand for our users? Not those that the challenger has *learnt* from:
# lesson 14 wrote down where they end. And a service refuses rows that its contract does not allow.

# %%
case = develop.use_case(use_case)
learnt = artifacts.read_json("14/retraining.json", use_case=use_case)["learnt_from"]["production_rows_to"]
rows = artifacts.read_frame("11/production.parquet", use_case=use_case).iloc[learnt:]
fields = [each for package in packages.values() for each in package.fields]
rows = rows[np.all([rows[each.name].between(each.low, each.high) for each in fields], axis=0)].reset_index(drop=True)
print(f"{len(rows):,} rows of production that neither model has seen, one a {case.unit}")

# %% [markdown]
# First the plumbing: two services, and before them a front that asks the splitter, hands the request on and notes who met
# what. The challenger of this rehearsal breaks at every tenth request.

# %%
import httpx

from lifecycle.deploy import serving
from lifecycle.iterate import ExperimentFront

apps = {name: create_app(package, reasons=False) for name, package in packages.items()}
requests = [{"features": row} for row in rows[list(packages["champion"].features)].head(150).to_dict("records")]


class Failing:
    """An application that breaks at every tenth request."""

    def __init__(self, app):
        self.app, self.asked = app, 0

    async def __call__(self, scope, receive, send):
        self.asked += scope["type"] == "http"
        if scope["type"] == "http" and self.asked % 10 == 0:
            raise MemoryError("out of memory")
        await self.app(scope, receive, send)


# %%
switch = KillSwitch([KillLimit("errors", 0.01)], owner="Ada", least=40)
with serving(apps["champion"]) as a, serving(Failing(apps["challenger"])) as b:
    front = ExperimentFront({"champion": a.url, "challenger": b.url}, Splitter("release-1.1"), kill_switch=switch)
    with serving(front) as door, httpx.Client(base_url=door.url) as caller:
        for number, request in enumerate(requests):
            caller.post("/score", json=request, headers={"x-user-id": f"user-{number}"}).raise_for_status()

# %%
log = front.frame()
log["failed"] = log["status"] >= 500
show.table(log.groupby(["group", "served", "failed"]).size().rename("requests"))
for entry in switch.log:
    print(f"{entry.action} at {entry.when}; {entry.reason}")

# %% [markdown]
# Every caller got an answer with status 200: where the challenger failed, the champion stood in, and after the switch it
# answered everybody. Note the line `challenger`, served by the champion. In the analysis these users still belong to the
# **challenger**: they were assigned to it, and it failed them. Comparing those who were *served* compares the lucky ones.
#
# ### People around the rows
#
# The scores are the service's. What people do about it has to be simulated, since nobody has put our models before
# anybody. The story: for whoever is flagged, something is done beforehand. It prevents the bad event in half of the cases
# in which it would have come; and of those who are bothered without need, 5 % complain.

# %%
stories = {
    "credit": ("an adviser calls the client", "instalments missed per client"),
    "fraud": ("the payment is held back", "frauds that succeed per payment"),
    "churn": ("a voucher is sent", "customers lost per customer"),
}
deed, metric = stories[use_case]
print(f"flagged: {deed}; to become fewer: {metric}")

# %% [markdown]
# Each simulated person stands for one real row. The same row gets the same answer, so each service is asked once a row, a
# thousand at a time.

# %%
from lifecycle.deploy import in_process


def decisions(app, frame):
    found = []
    with in_process(app) as caller:
        for start in range(0, len(frame), 1000):
            batch = frame.iloc[start : start + 1000].to_dict("records")
            found += caller.post("/score/batch", json={"rows": batch}).raise_for_status().json()["results"]
    return np.array([each["prediction"] for each in found])


flags = {name: decisions(apps[name], rows[list(package.features)]) for name, package in packages.items()}
print(f"flagged by the champion {flags['champion'].mean():.1%}, by the challenger {flags['challenger'].mean():.1%}")

# %%
from lifecycle.iterate import reactions, visitors


def experiment(splitter, flags_of_b, *, days, seed):
    people = visitors(len(rows), days=days, per_day=per_day, seed=seed)
    people["group"] = splitter.groups(people["user"])
    treated = np.where(people["group"] == "challenger", flags_of_b[people["row"]], flags["champion"][people["row"]])
    truth = rows[case.target].to_numpy()[people["row"]]
    return people.join(reactions(truth, treated, works=0.5, annoyed=0.05, seed=seed))


# %% [markdown]
# Before the test of A against B, one of A against A: both groups get the champion for a week. It should find nothing, and
# it tells us today's rate, which the plan needs.

# %%
both_a = experiment(Splitter("a-against-a"), flags["champion"], days=7, seed=seed + 1)
counts = both_a.groupby("group")["event"].agg(["sum", "count"])
same = compare_rates(*counts.loc["champion"], *counts.loc["challenger"])
baseline = max(both_a["event"].mean(), 1 / len(both_a))
print(f"A {show.number(100 * same.rate_a)} %, A again {show.number(100 * same.rate_b)} %, p {same.p:.2f}")

# %% [markdown]
# (If it does find something here, remember how often that happens to honest tests, and try another seed.) Worth having is
# a twentieth fewer; complaints may rise by a tenth of today's rate. Whichever of the two needs more people sets the size,
# with room for a look each day:

# %%
employees = frozenset(both_a["user"].head(3))
plan = ExperimentPlan(metric, baseline, -0.05 * baseline, salt="release-1.1", left_out=("staff",))
angry = max(both_a["complaint"].mean(), 1 / len(both_a))
guards = [Guardrail("complaint", margin=0.1 * angry)]
sizes = {"metric": plan.per_group, "guardrail": guardrail_size(angry, guards[0].margin)}
end = round(max(sizes.values()) * inflation(np.arange(1, 15) / 14))
for hypothesis, words in zip(("H0", "H1"), plan.hypotheses, strict=True):
    print(f"{hypothesis}: {words}")
needs = ", ".join(f"{n:,} for the {name}" for name, n in sizes.items())
print(f"complaints {show.number(100 * angry)} %; in each group: {needs}")

# %%
weeks = -(-2 * end // (7 * per_day))
days = 7 * min(weeks, 2)
looks_at = np.arange(1, days + 1) / days
drift = -plan.effect / (2 * baseline * (1 - baseline) / (days * per_day / 2)) ** 0.5
power = crossing_probability(looks_at, spending_bounds(looks_at), drift=drift)[-1]
print(f"{end:,} in each group; with {per_day:,} a day, weeks needed: {weeks:,}, weeks taken: {days // 7}")
print(f"power of the metric with {days} daily looks: {power:.0%}; one case in {1 / baseline:,.0f} is positive")

# %% [markdown]
# Read the last line before anything else. If it is small, the honest decision is not to begin, or to look for a larger
# effect, a sharper metric or more people. (Run this lesson with `use_case="fraud"`, and see how many weeks rare cases
# take.) We begin all the same, to see what such a test then says.

# %%
from lifecycle.iterate import SequentialTest

splitter = Splitter(plan.salt, left_out=employees)
people = experiment(splitter, flags["challenger"], days=days, seed=seed)
daily = people.groupby(["day", "group"])["event"].agg(["sum", "count"]).unstack().cumsum()
sequential = SequentialTest(days * per_day // 2)
for day in range(days):
    a, b = ((daily.loc[day, ("sum", name)], daily.loc[day, ("count", name)]) for name in ("champion", "challenger"))
    look = sequential.look(*map(int, a), *map(int, b), final=day == days - 1)
    if look.outcome != "go on":
        break
print(f"of three employees, in a group: {people['group'].notna()[people['user'].isin(employees)].sum()}")

# %%
figure, axes = show.figure(height=3)
x = range(1, len(sequential.looks) + 1)
axes.plot(x, [each.z for each in sequential.looks], "o-", label="z of the difference")
bounds = [each.bound for each in sequential.looks]
axes.plot(x, bounds, color="black", label="bound")
axes.plot(x, [-bound for bound in bounds], color="black")
axes.axhspan(-1.96, 1.96, color=show.COLOURS["grey"], alpha=0.25, label="not significant at a single look")
axes.set(xlabel="day of the look", ylabel="z (negative: fewer)", ylim=(-6, 6), title="The experiment, day by day")
legend = axes.legend(frameon=False, fontsize=8)

# %%
naive = [day for day, each in enumerate(sequential.looks, start=1) if abs(each.z) > 1.96]
print(f"days on which somebody who peeks would have stopped: {', '.join(map(str, naive)) or 'none'}")
print(f"the sequential test: {look.outcome}, after {len(sequential.looks)} days; z {look.z:.2f}, bound {look.bound:.2f}")

# %% [markdown]
# Now the analysis, in the order of the plan: can it be believed, did it harm, was it long enough, and only then the
# result.

# %%
from lifecycle.iterate import analyse_experiment

taken = people[people["day"] < len(sequential.looks)]
report = analyse_experiment(taken, plan, outcome="event", guardrails=guards, look=look)
show.table(report.rows())
print(f"decision: {report.decision}; {report.reason}")

# %% [markdown]
# And if a crash had swallowed some of the challenger's users: one in five of all, and every second of those with bad
# luck? The rate would look better than ever.

# %%
even, fifth = taken.index % 2 == 0, taken.index % 5 == 0
crashed = (taken["group"] == "challenger") & (fifth | (even & (taken["event"] == 1)))
spoilt = analyse_experiment(taken[~crashed], plan, outcome="event", guardrails=guards)
after, before = (show.number(100 * one.result.rate_b) for one in (spoilt, report))
print(f"challenger {after} %, before it was {before} %; decision: {spoilt.decision}")
print(spoilt.reason)

# %% [markdown]
# For whom does it make a difference? Three segments, by the score that each had *before* (lesson 11), fixed beforehand,
# with Holm's adjustment. And the same score, as a time before, sharpens the result.

# %%
import pandas as pd

from lifecycle.iterate import by_segment, heterogeneity

before = rows["score"].to_numpy()[taken["row"]]
bands = pd.qcut(pd.Series(before).rank(method="first"), 3, labels=["1 low", "2 middle", "3 high"])
segments = by_segment(taken.assign(band=bands.to_numpy()), "band", outcome="event")
show.table(segments[["segment", "users_a", "users_b", "rate_a", "rate_b", "p", "p_adjusted", "shown"]])
print(f"do they differ from each other? p {heterogeneity(segments):.2g}")

# %%
sharper = cuped(taken["event"], before)
is_b = (taken["group"] == "challenger").to_numpy()
for name, values in (("as it is", taken["event"].to_numpy()), ("CUPED", sharper)):
    found = compare_means(values[~is_b], values[is_b])
    print(f"{name}: {100 * found.difference:+.3f} pp, half width {50 * (found.high - found.low):.3f} pp")

# %%
experiment_record = report.to_json() | {
    "use_case": use_case,
    "packages": {name: package.digest for name, package in packages.items()},
    "looks": len(sequential.looks),
    "outcome": look.outcome,
    "kill_switch": switch.to_json(),
}
artifacts.write_json("16/experiment.json", experiment_record, use_case=use_case)
print("written:", ", ".join(experiment_record))

# %% [markdown]
# ## Claims to distrust
#
# Each of them was recomputed above:
#
# | you will read | but |
# |---|---|
# | "50,000 in each group give 80 %" | 94.3 %; 80 % takes 31,235, or 24,604 with one side |
# | "p = .003, interval [.2, 1.0]" | with these counts z = 4.20 and .32 to .88; report and data do not belong together |
# | "the need grows exponentially" | with the square: half the effect takes 3.91 times as many |
# | "higher", says H1, and the p is two-sided | choose beforehand; afterwards alpha is 7.5 %, with the direction 10 % |
# | "we look daily, and stop when it is clear" | five looks: .142; the lift at an early stop is a lucky peak |
# | "no harm: p = .46" | a guardrail needs power of its own |
# | ".6 points of 10 million users are 60,000 clicks" | if each has one impression, and then as users, not as clicks |
# | "we ramped carefully, so the total is safe" | shares that change over time mix days: Simpson |
#
# ## What you did
#
# You drew lots with a hash, planned with two promises, saw what early looks cost and paid for them, threw away data that
# had lost people, gave an interval where others give a p, asked guardrails and segments properly, and ran it all before
# two real services, with a switch that works at night. The next lesson asks a question that no average answers: is it
# fair to everyone?

# %%
from workbench import quiz

quiz("16_ab_testing")

# %% [markdown]
# Now try it yourself: [exercise 16](../exercises/16_ab_testing.ipynb).
