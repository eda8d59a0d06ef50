# %% [markdown]
# # 22 · Recommendation engines at scale
#
# **You will be able to** build an engine from purchases alone, run one pipeline for many firms whose data look different,
# put broken ones aside, watch all of them without crying wolf, retrain those that decline, leave the last word to people,
# answer while somebody waits, and measure what it brings rather than what is clicked. **You need** lessons 08, 12, 14 and
# 16. **Time** 60 minutes. **Next** [exercise 22](../exercises/22_recommendation.ipynb).

# %% tags=["parameters"]
n_tenants: int = 32  # firms for which the pipeline runs
seed: int = 22  # random seed of firms, customers and experiments

# %% [markdown]
# ## Who knows what goes with what?
#
# For some twenty years machines have suggested things: first books, then whatever shops sell, then adverts, music and
# video. Before that, people wrote rules. The best-known one is that men who are sent for nappies take beer home as well,
# on Thursdays and Saturdays. It is a legend, and a good one. Here are a thousand made-up receipts that tell it:

# %%
receipts = {"Thursday": (200, 60, 40, 24), "Saturday": (300, 120, 60, 36), "other days": (500, 100, 50, 10)}
for day, (n, beer, nappies, both) in receipts.items():
    print(f"{day}: {both} with both, lift {both * n / (beer * nappies):.1f}")

# %% [markdown]
# **Lift** is how many times as often the two lie in one basket as they would by chance. 2 on Thursdays, 1.5 on Saturdays,
# 1 on other days: a rule, found by somebody who thought of beer, of nappies and of the day. What if nobody does?

# %%
products = 20_000
print(f"pairs of {products:,} products: {products * (products - 1) // 2:,}")
print(f"for each of seven days: {7 * products * (products - 1) // 2:,}")

# %% [markdown]
# Nobody writes that down, tests it, and does so again when the range changes. **Collaborative filtering** asks the
# customers instead: millions of them, tens of thousands of products, and no knowledge of marketing.
#
# | | rules by hand | learned from purchases |
# |---|---|---|
# | knowledge | of somebody who knows the trade | of all customers |
# | what counts | soon too many things to combine | whatever purchases (or a vector of features) hold |
# | tested | seldom | each time, on later purchases |
# | updated | when somebody finds the time | every night, by itself |
# | compared | by opinion | shadow ([15](15_shadow.ipynb)), A/B ([16](16_ab_testing.ipynb)) |
#
# Because a learned strategy rebuilds itself, it is compared with the next one often. That it is cheaper *and* better is
# claimed by those who sell it; the second half of this lesson is about measuring it.
#
# ## What would go with fibre and wi-fi?
#
# A telecom firm sells to offices. A customer is on the telephone, the seller types *fibre* and *wi-fi*, and wants to see
# what else would fit, now. Eight customers of the past:

# %%
offices = {
    "A": ["fibre", "wi-fi", "router"],
    "B": ["fibre", "wi-fi", "router"],
    "C": ["fibre", "wi-fi"],
    "D": ["fibre", "phone"],
    "E": ["wi-fi", "router", "alarm"],
    "F": ["phone", "tv"],
    "G": ["fibre", "phone", "tv"],
    "H": ["tv"],
}

# %% [markdown]
# Two products are similar if the same customers have them. Write each as a column with a 1 for every customer who has it;
# the **cosine** of two columns is the number of common customers, divided by the root of the product of both numbers.

# %%
from math import sqrt

has = {p: {c for c, basket in offices.items() if p in basket} for basket in offices.values() for p in basket}


def cosine(one, other):
    return len(has[one] & has[other]) / sqrt(len(has[one]) * len(has[other]))


# %%
for one in ("fibre", "wi-fi"):
    print(one, {other: round(cosine(one, other), 3) for other in has if other != one})

# %% [markdown]
# A suggestion's score is its mean similarity to what is in the basket. So for fibre and wi-fi:

# %%
basket = ["fibre", "wi-fi"]
scores = {p: sum(cosine(b, p) for b in basket) / len(basket) for p in has if p not in basket}
for name, score in sorted(scores.items(), key=lambda pair: -pair[1]):
    print(f"{name:<7} {score:.3f}")

# %% [markdown]
# The router, clearly. Three customers have it, as many as a telephone, so popularity alone would not have told. The
# engine that the rest of this lesson uses computes the same, from the purchases of a window of days; it keeps the nearest
# neighbours of each product, and trusts rare pairs less if it is told to. Here is all of it on the eight offices:

# %%
import pandas as pd

from lifecycle.cases import LIVE, History, Setting, fit_engine

rows = [{"customer": c, "product": p, "day": "2025-06-01"} for c, basket in offices.items() for p in basket]
telecom = fit_engine(History.of(pd.DataFrame(rows)), Setting(neighbours=5), at=LIVE)
for basket in (["fibre", "wi-fi"], []):
    print(basket or "an empty basket", "→", {name: round(score, 3) for name, score in telecom.suggest(basket, n=3)})

# %% [markdown]
# With an empty basket all scores are 0, and the order falls back on popularity: the **cold start** of a customer whom
# nobody knows. It costs nothing to have that built in. (A score of 0 is not a bad score here, but none: a floor under the
# scores, which comes later, does not hold for it.)
#
# ## Four thousand of them
#
# *Larkfield* (made up) sells sales software from the cloud: some 200 million dollars a year, a few thousand staff, and
# about 4,000 clients, from brewing to telecom, whose data are private. Its product tracks deals, takes paperwork away,
# shows past interactions, and builds offers and discounts for each customer. Now it wants to suggest products to the
# sellers of its clients, in calls that come in (**pull**) and calls that they make (**push**).
#
# | challenge | what makes it hard | answer |
# |---|---|---|
# | scale | 4,000 engines, each firm's data for itself | one prototype pipeline, duplicated |
# | customise | breweries are no telecoms | same algorithm; own data, own parameters |
# | watch | good for beverages, poor for telecom | automatic monitoring and retraining, firm by firm |
# | real time | in the middle of a call, not ten minutes later | answers made when they are asked for |
# | trust | clients have intuition, and are often right | an off switch: a human in command |
#
# What makes it possible to duplicate a pipeline is dull: **one universal schema**. Here are two firms' exports.

# %%
from lifecycle import show
from lifecycle.cases import draw_tenants

firms = draw_tenants(n_tenants, seed=seed)
spoken = {firm.dialect: firm for firm in reversed(firms) if not firm.fault}
for firm in [spoken[d] for d in sorted(spoken)][:2]:
    show.table(firm.read().head(2), caption=f"{firm.name}, {firm.industry}")

# %% [markdown]
# Other names, other dates, and one of them may count cents. A **mapping** says where each firm keeps what: four fields
# that are required, three that are welcome. Everything behind it sees the same table.

# %%
from lifecycle.cases import Column, map_table

export = pd.DataFrame({"Kunde": ["C1", "C2"], "Artikel": ["P7", "P7"], "Datum": ["03.02.2025", "04.02.2025"],
                       "Betrag_ct": [1250, 830], "Gebiet": ["north", "south"], "Mond": ["full", "new"]})  # fmt: skip
mapping = {"customer": Column("Kunde"), "product": Column("Artikel"), "day": Column("Datum", "%d.%m.%Y")}

# %%
from lifecycle.cases import missing_fields

print("required and missing:", missing_fields(export.columns, mapping))
mapping["amount"] = Column("Betrag_ct", factor=0.01)
print("required and missing:", missing_fields(export.columns, mapping))

# %% [markdown]
# The mapping forgot the amount; a pipeline that found out in the middle of the night would have had to guess. Now it
# maps:

# %%
two = pd.concat([export, export.assign(Artikel="P9")])
mapped = map_table(two, mapping | {"region": Column("Gebiet")})
show.table(mapped.table[["customer", "product", "day", "amount", "region"]])
print("given up:", mapped.unused, "- not there, and not required:", mapped.absent)

# %% [markdown]
# The phase of the moon is given up. That is the **price** of one schema: what only one client knows is lost. Some of
# Larkfield's clients export a hundred columns, numbered, and can say of a few what they mean:

# %%
wide = next(firm for firm in draw_tenants(200, seed=seed, broken=0) if firm.dialect == 4)
kept = map_table(wide.read(), wide.mapping)
print(f"{wide.name}: {len(wide.mapping)} columns kept, {len(kept.unused)} given up")

# %% [markdown]
# And names can be guessed, if the guess is shown to somebody:

# %%
from lifecycle.cases import propose_mapping

sure, unsure = propose_mapping(["Client-ID", "SKU", "order_date", "closed_on", "net_amount", "gross", "qty"])
print("sure:", {field: column.name for field, column in sure.items()})
print("a person decides:", unsure)

# %% [markdown]
# Two columns could be the day, so nobody guesses. Larkfield asks.
#
# ### A customer as a vector
#
# Purchases are not all there is, and our engine looks at nothing else: it does not use what follows. An engine that
# predicts answers to offers needs each customer as a vector of fixed length: **structure** (age, gender, place, trade),
# **history** (purchases last week and last month, views, whether they rise, what was shown before and what came of it)
# and **context** (days to summer, to payday). The options that it ranks include offers and channels, and one that is
# forgotten easily: *show nothing*.

# %%
from datetime import date

from lifecycle.cases import customer_vector

events = pd.DataFrame({
    "day": ["2025-05-20", "2025-06-01", "2025-06-05", "2025-06-06", "2025-06-06", "2025-06-08"],
    "kind": ["view", "shown", "view", "shown", "click", "purchase"],
    "amount": [0, 0, 0, 0, 0, 240.0],
})  # fmt: skip
structure = {"age": 41, "woman": 1, "north": 0}
vectors = [customer_vector(events, at=day, structure=structure) for day in (date(2025, 6, 8), date(2025, 6, 9))]
show.table(pd.DataFrame(vectors, index=["8 June", "9 June"]).T.rename_axis("number").reset_index())

# %% [markdown]
# Structure stays, history and context move. On the morning of 8 June the purchase of that day is not known, and the
# vector does not hold it; a day later it does. The rule from [lesson 03](03_features.ipynb), again: only what was known
# then.
#
# ## One pipeline, all tenants
#
# For each firm: read, map, try four settings on the last month but one, test the best on the last month, train it on
# everything. The settings are popularity alone, few neighbours, many, and many with little trust in rare pairs. It is
# written once, against `concurrent.futures.Executor`: nobody, a pool, or a cluster may carry it out.

# %%
from lifecycle.cases import train_tenants

done = []
report = train_tenants(firms, at=LIVE, progress=lambda n, total: done.append(n))
print(f"progress: {done[0]}, {done[1]}, ... {done[-1]} of {len(firms)}")
print(f"trained: {len(report.trained)}, in quarantine: {len(report.quarantined)}")

# %%
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(2) as pool:
    elsewhere = train_tenants(firms[:6], pool, at=LIVE)
print("two workers, the same results:", elsewhere.results == report.results[:6])

# %% [markdown]
# (`benchmarks/tenants.py` does this for 4,000 firms, in a pool of processes and on two workers of a `distributed`
# cluster.) Not one of the firms stopped the others. Those that could not be trained are set aside, each with its reason:

# %%
planted = {firm.name: firm.fault for firm in firms if firm.fault}
for name, reason in report.quarantined.items():
    print(f"{name}: {reason}")
print("broken by us, and found:", sorted(planted) == sorted(report.quarantined))

# %% [markdown]
# None of them raised an error before the schema's rules looked: a file delivered twice is a perfectly good file. And none
# is mended by guessing. Somebody calls the client.
#
# What if the machine goes down at tenant 2,371? With a folder, each result is a file with its digest, and whoever starts
# again makes only what is missing, or not what it was:

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:
    train_tenants(firms[:6], at=LIVE, out=folder)
    files = sorted(Path(folder).glob("*.json"))
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:-20])
    again = train_tenants(firms[:6], at=LIVE, out=folder)
print(f"after one was lost and one was torn: {again.made} made, {again.kept} kept")

# %% [markdown]
# ## Does one algorithm suit all?
#
# Take the customers who, in the month after, bought something new to them: a product that they had not bought in the 152
# days before. A **hit** is one of them who bought at least one of five suggestions. The *hit rate* is the share of hits
# among these customers, not among all: who buys nothing new is not counted. Here is each firm's engine beside popularity,
# on the month that had no say in anything.

# %%
table = report.table()
good = table[table["reason"] == ""]
figure, axes = show.figure(height=3.6)
axes.plot([0, 1], [0, 1], color=show.COLOURS["grey"], lw=1, label="no better than popularity")
for (industry, part), mark in zip(good.groupby("industry"), "osD^v", strict=False):
    axes.plot(part["popular_rate"], part["hit_rate"], mark, label=industry)
axes.set(xlabel="hit rate of popularity (share of those who bought something new)", ylabel="hit rate of the engine",
         xlim=(0.1, 0.6), ylim=(0.1, 1), title="One dot a firm, in a month that chose nothing")  # fmt: skip
legend = axes.legend(fontsize=8, ncols=3, loc="upper left")

# %%
both = good.groupby("industry")[["hit_rate", "popular_rate"]].mean().join(good.groupby("industry").size().rename("firms"))
show.table(both.reset_index(), formats={"hit_rate": ".2f", "popular_rate": ".2f"})
show.table(good["setting"].value_counts().rename("firms").rename_axis("setting").reset_index())

# %% [markdown]
# Same code, other answers. Where tastes rule, as in brewing, neighbours find what popularity cannot. Where there are many
# products and few purchases, popularity is hard to beat, and the pipeline chose it by itself for some. That is what "own
# parameters" means: nobody looked at any of these firms.
#
# ### "A new tenant has data"
#
# It has not. What would the engine of the largest firm have been worth in its first days and weeks?

# %%
from datetime import timedelta

from lifecycle.cases import count_hits

engines = report.engines()
firm = max((f for f in firms if f.name in engines and not f.turns), key=lambda f: f.interactions)
history = History.of(map_table(firm.read(), firm.mapping).table)
month, today = timedelta(days=28), LIVE - timedelta(days=28)
curve = []
for days in (3, 7, 14, 28, 56, 152):
    hits = [count_hits(fit_engine(history, Setting(k, s, days), at=today), history, at=today) for k, s in ((0, 0), (20, 5))]
    known = int(history.within(today - timedelta(days=days), today).sum())
    curve.append({"days": days, "purchases": known, "popularity": hits[0].rate, "neighbours": hits[1].rate})

# %%
grown = pd.DataFrame(curve)
figure, axes = show.figure(height=2.8)
axes.plot(grown["purchases"], grown["popularity"], "o--", label="popularity")
axes.plot(grown["purchases"], grown["neighbours"], "s-", label="20 neighbours")
axes.set(
    xscale="log",
    xlabel="purchases that the engine has seen (log scale)",
    ylabel="hit rate (share)",
    ylim=(0, 1.25 * grown[["popularity", "neighbours"]].to_numpy().max()),
)
title, legend = axes.set_title(f"The first days of {firm.name}"), axes.legend()

# %%
show.table(grown, formats={"popularity": ".2f", "neighbours": ".2f"})

# %% [markdown]
# At first, neighbours add nothing: two customers in common prove nothing. How long that lasts differs from firm to firm.
# Popularity learns from a handful of purchases, and an engine that falls back on it loses nothing by starting early. And
# before the first purchase?

# %%
newcomer = draw_tenants(1, seed=seed, broken=0)[0]
with show.error(lines=1):
    map_table(newcomer.read(date(2025, 1, 1)), newcomer.mapping, where="a firm that joined today")

# %% [markdown]
# Then there is nothing to suggest, and *nothing* is what is shown, or a list that the client's own people wrote. (To
# borrow from another brewery would be easy, and a breach of contract: those data are private.)
#
# ## Watching all of them
#
# The engines are live. Is one threshold enough, say an alarm below a hit rate of 30 %?

# %%
low = good[good["hit_rate"] < 0.30]
print(f"below 30 % on the day they went live: {len(low)} of {len(good)}")
print("their industries:", ", ".join(sorted(set(low["industry"]))) or "none")
best = good.loc[good["hit_rate"].idxmax()]
lost = 1 - 0.30 / best["hit_rate"]
print(f"{best['tenant']} ({best['industry']}) is at {best['hit_rate']:.0%}: it could lose {lost:.0%} of its hits unnoticed")

# %% [markdown]
# One **global threshold** knows nothing of anybody. So hold each firm against its own record: given the hits of then and
# now, how likely are so few now, if nothing has changed? That is Fisher's exact test, one for each firm. But 4,000 tests
# are many:

# %%
from lifecycle.cases import bonferroni_level, expected_false_alarms

for level in (0.05, 0.01):
    print(f"4,000 tests at {level:.0%}: {expected_false_alarms(4_000, level=level):.0f} false alarms, with nothing wrong")
print(f"to keep the chance of any at 5 %: {bonferroni_level(4_000, level=0.05):.3g} for each")

# %% [markdown]
# 200 people are woken for nothing, every month; 40 at 1 %. Bonferroni's 1.25e-05 lets them sleep, the ones with a true
# decline too. Between the two stands a bound on the *share* of false ones among the alarms, the false discovery rate of
# Benjamini and Hochberg. A simulation in which the truth is known: 4,000 engines, of which 200 have really declined.

# %%
import numpy as np
from scipy.stats import norm

from lifecycle.monitor import adjust

rng = np.random.default_rng(seed)
fell = np.arange(4_000) < 200
p_values = norm.sf(rng.normal(size=4_000) + 3.5 * fell)

# %%
ways = {"5 % each": p_values <= 0.05, "Bonferroni": adjust(p_values, method="bonferroni") <= 0.05}
ways["false discovery rate 5 %"] = adjust(p_values, method="bh") <= 0.05
show.table([{"rule": name, "alarms": int(a.sum()), "false": int((a & ~fell).sum()), "found of 200": int((a & fell).sum())}
            for name, a in ways.items()])  # fmt: skip

# %% [markdown]
# At 5 % each, nearly all are found, and about every second alarm is false. Bonferroni wakes hardly anybody for nothing,
# and lets about three of four decline. The bound on the share finds most of them, and nearly all its alarms are true.
#
# Now for our own firms. Some of them have customers whose tastes turn in the first weeks; we know which, and the monitor
# does not. A month after the start:

# %%
from lifecycle.cases import alarm_quality, decline_p, watch_tenants

record = {result.name: result.test for result in report.trained}


def alarms_of(seen, rule="bh"):
    then = [record[name] for name in seen["tenant"]]
    p = decline_p([h.hits for h in then], [h.customers for h in then], seen["hits"], seen["customers"])
    return seen["tenant"][adjust(p, method=rule) <= 0.05].tolist()


# %%
seen = watch_tenants(firms, engines, at=LIVE + month)
turned = [firm.name for firm in firms if firm.turns]
truth = {rule: alarm_quality(alarms_of(seen, rule), turned) for rule in ("bh", "bonferroni")}
show.table([{"rule": rule} | {k: v for k, v in said.items() if k != "share_false"} for rule, said in truth.items()])
print(f"firms that turned: {len(turned)}; their customers with something new that month:",
      *seen.loc[seen["tenant"].isin(turned), "customers"])  # fmt: skip

# %% [markdown]
# An alarm that is missed is not a mistake of the rule alone: a firm in which a hundred customers buy something new in a
# month cannot prove much in one month, and some turned only days before. What is missed now may be found next month.
#
# ### And retrain those that decline
#
# By itself, every month from the second on: whoever raised an alarm is trained anew, on a shorter memory too, because old
# purchases now mislead. The successor replaces its champion only if it had more hits *in the same month*, which neither
# was trained on ([lesson 14](14_retraining.ipynb)). Otherwise the firm waits for another month of data.

# %%
from lifecycle.cases import SETTINGS

shorter = [Setting(s.neighbours, s.shrink, window) for window in (152, 28) for s in SETTINGS]


def retrained(names, at):
    chosen = [firm for firm in firms if firm.name in names]
    successors = train_tenants(chosen, at=at, settings=shorter, champions=engines)
    return [new for new in successors.trained if new.test.hits > new.champion.hits]


# %%
from lifecycle.cases import Engine

first, log = dict(engines), [{"month": 1, "alarms": alarms_of(seen), "replaced": []}]
course = [[seen[seen["tenant"].isin(turned)]] * 2]
for number in (2, 3, 4):
    today = LIVE + number * month
    seen = watch_tenants(firms, engines, at=today)
    accepted = retrained(alarms_of(seen), today)
    course.append([watch_tenants([f for f in firms if f.turns], first, at=today), seen[seen["tenant"].isin(turned)]])
    log.append({"month": number, "alarms": alarms_of(seen), "replaced": [new.name for new in accepted]})
    engines |= {new.name: Engine.from_json(new.engine) for new in accepted}
    record |= {new.name: new.test for new in accepted}

# %%
show.table([{"month": e["month"], "alarms": len(e["alarms"]), "of firms that turned": len({*e["alarms"]} & {*turned}),
             "replaced": ", ".join(e["replaced"]) or ("none" if e["month"] > 1 else "not tried yet")}
            for e in log])  # fmt: skip
never = set(turned) - {name for entry in log for name in entry["alarms"]}
print(f"turned, and never found in four months: {len(never)} of {len(turned)}", *sorted(never))

# %%
figure, axes = show.figure(height=2.8)
rates = [[seen["hits"].sum() / max(1, seen["customers"].sum()) for seen in pair] for pair in course]
tested = [report[name].test for name in turned if name in first]
rates = [[sum(h.hits for h in tested) / max(1, sum(h.customers for h in tested))] * 2, *rates]
for k, (label, style) in enumerate({"first engines kept": "o--", "retrained when they decline": "s-"}.items()):
    axes.plot([pair[k] for pair in rates], style, label=label)
axes.set(xlabel="month since the start (0: the test month before it)", ylabel="hit rate (share)", xticks=range(5),
         ylim=(0, None))  # fmt: skip
title, legend = axes.set_title("Firms whose customers' tastes turned"), axes.legend()

# %%
for name, k in {"first engines kept": 0, "retrained": 1}.items():
    print(f"{name}:", *(f"{pair[k]:.2f}" for pair in rates))
lost, back = rates[0][0] - rates[-1][0], rates[-1][1] - rates[-1][0]
print(f"of the {lost:.2f} that are lost by month 4, retraining has won back {back:.2f}")

# %% [markdown]
# What is won back is seldom all that was lost: successors know the new tastes from a month or two, and a firm that raises
# no alarm keeps its old engine. In the first month nothing could be won: the month that judges a successor is the only
# one after the turn, so it would have had nothing new to learn from. "Retrain on alarm" has a delay built into it, and
# during that delay the engine is wrong and on. Who helps? The client, who knows that the range changed, and has a switch.
#
# ## What may be shown, and who says so
#
# Back to the telecom firm. An engine ranks; a firm decides what may be shown at all. Fibre is not laid everywhere. Some
# suggestions are unethical: alcohol to somebody who is recovering is the textbook case, and no purchase in the data says
# so. And suggestions that follow purchases narrow what a customer ever sees (a **filter bubble**). So rules are laid
# *over* the scores: the desk goes down the ranking until the answer is full, records each suggestion that a rule takes
# away with its reason, and stops where scores fall below a floor.

# %%
from lifecycle.cases import Desk, Rules

rules = Rules(
    regions={"fibre": frozenset({"north"}), "tv": frozenset({"north", "east"})},
    barred={"office 12": frozenset({"router"})},
    floor=0.2,
    most=3,
)
desk = Desk({"telecom": telecom}, rules={"telecom": rules}, clock=lambda: 0.0)

# %%
calls = [
    ("office 11", ["fibre", "wi-fi"], "north"),
    ("office 12", ["fibre", "wi-fi"], "north"),
    ("office 13", ["phone"], "south"),
    ("office 14", ["alarm"], "north"),
    ("office 15", [], "east"),
]

# %%
for customer, basket, region in calls:
    answer = desk.answer("telecom", basket, customer=customer, region=region)
    print(customer, basket, [name for name, _ in answer.items], answer.reason, answer.left_out or "")

# %% [markdown]
# Office 12 does not see the router. Office 13 would like fibre and tv, which are not sold in the south, and all else is
# below the floor: it sees nothing. *Showing nothing* is a recommendation too, often the right one. Of office 15 nothing
# is known, so there is no score that a floor could hold against it: it sees what is popular, fibre left out. A floor that
# held here would silence every newcomer, and every firm whose engine goes by popularity.
#
# ### The switch
#
# The firm's sellers find that suggestions get in their way. Their manager switches them off, now, without asking a data
# scientist. From the next answer on there is none, and the record says why:

# %%
desk.switch.turn("telecom", "off", who="sales manager", why="range changes on Monday")
answer = desk.answer("telecom", ["fibre", "wi-fi"], customer="office 11", region="north")
print("items:", answer.items, "reason:", answer.reason)
print("recorded:", {key: desk.answers[-1][key] for key in ("tenant", "customer", "items", "reason")})

# %%
with show.error():
    desk.switch.turn("telecom", "on", who="", why="works again")
desk.switch.turn("telecom", "on", who="sales manager", why="new range is trained")
show.table([{k: entry[k] for k in ("tenant", "position", "who", "why")} for entry in desk.switch.log])

# %% [markdown]
# An empty answer is still an answer: it is logged, it has a reason, and the seller's screen does not break. Nobody
# switches without a name and a reason. Who can switch off also dares to switch on.
#
# ### How narrow is the bubble?

# %%
firm = max((f for f in firms if f.name in engines and first[f.name].setting.neighbours), key=lambda f: f.products)
engine, history = first[firm.name], History.of(map_table(firm.read(), firm.mapping).table)
baskets = pd.Series(history.products).iloc[history.product].groupby(history.customer).agg(set)
lists = {"engine": [[p for p, _ in engine.suggest(sorted(b))] for b in baskets]}
lists["popularity"] = [[p for p in engine.products if p not in b][:5] for b in baskets]
for name, shown in lists.items():
    ever = len({p for each in shown for p in each})
    print(
        f"{name}: {ever} of {len(engine.products)} products are ever suggested, {1 - ever / len(engine.products):.0%} never"
    )

# %% [markdown]
# Whatever is left out is never shown, so never bought on a suggestion, so less popular in the next training: the loop
# that [lesson 17](17_fairness.ipynb) closed. A share of suggestions drawn at random keeps it open.
#
# ## Push and pull
#
# | | push | pull |
# |---|---|---|
# | who begins | the firm: e-mail, a call | the customer: a search, a call that comes in |
# | when | a batch, daily to monthly | now; from what the session says, prebaked or made on the spot |
# | effect | weak: the moment is the firm's | strong: the moment of need |
# | groups | clean: split the list | hard: who calls is no random sample, groups are unequal, sellers remember |
# | cycle | slow | quick, once it is framed |
#
# One desk serves both, so that they cannot contradict each other. Push is a list for tonight:

# %%
from lifecycle.cases import push_table

offices_now = {name: basket for name, basket in offices.items() if len(basket) < 3} | {"I": ["phone"]}
tonight = push_table(desk, "telecom", offices_now, regions=dict.fromkeys(offices_now, "north") | {"I": "south"})
show.table(tonight)
print("not called, because nothing is worth showing:", sorted(set(offices_now) - set(tonight["customer"])))

# %% [markdown]
# And pull is a service ([lesson 08](08_live_scoring.ipynb)), here asked in process:

# %%
from lifecycle.cases import recommendation_app
from lifecycle.deploy import in_process

app = recommendation_app(desk)
caller = in_process(app)
request = {"tenant": "telecom", "basket": ["fibre", "wi-fi"], "region": "north"}
print(caller.post("/recommend", json=request).json())

# %%
odd = {"a basket that is no list": request | {"basket": "fibre"}, "a field nobody knows": request | {"colour": 1},
       "nobody's tenant": request | {"tenant": "acme"}, "a thousand, please": request | {"n": 1000}}  # fmt: skip
for what, body in odd.items():
    reply = caller.post("/recommend", json=body)
    print(f"{what}: {reply.status_code} {reply.json()}")

# %%
live = {"customer": "D", "tenant": "telecom", "basket": offices["D"], "region": "north"}
pulled = [item["product"] for item in caller.post("/recommend", json=live).json()["items"]]
print("pull and push agree:", pulled == tonight.loc[tonight["customer"] == "D", "product"].tolist())

# %% [markdown]
# Who is asking? So far the service believes the tenant's name in the request: behind one firm's own door, that will do.
# Where 4,000 firms whose data are private share an address, each has a key:

# %%
guarded = in_process(recommendation_app(desk, keys={"telecom": "kept in a vault"}))
for key in ("kept in a vault", "somebody else's"):
    reply = guarded.post("/recommend", json=request, headers={"X-Tenant-Key": key})
    print(reply.status_code, reply.json().get("error", "answered"))

# %% [markdown]
# Is it quick enough for the middle of a call? All firms' engines in one service, over a real connection:

# %% tags=["nbval-ignore-output"]
# times are those of the machine
import json

from lifecycle.deploy import load_test, serving

everyone = Desk(engines, quarantined=report.quarantined)
bodies = [json.dumps({"tenant": name, "basket": list(e.products[:2])}).encode() for name, e in engines.items()]
with serving(recommendation_app(everyone)) as service:
    load = load_test(service.url, bodies, path="/recommend", seconds=1.5, rate=60)
print(f"p95 below 20 ms: {load.percentile(0.95) < 0.020} ({1000 * load.percentile(0.95):.1f} ms)")

# %% [markdown]
# ## Does it help?
#
# ### "Sellers with suggestions sell more"
#
# Suggestions are seen in calls. So compare customers who had some with those who had none? Here are simulated customers.
# Suggestions add five points to a caller's chance of buying, and we know it, because we wrote it down.

# %%
from lifecycle.cases import simulate_calls
from lifecycle.iterate import compare_rates


def effect(one, other):
    test = compare_rates(int(one.sum()), len(one), int(other.sum()), len(other))
    return f"{test.difference:+.3f} (95 % from {test.low:+.3f} to {test.high:+.3f})"


people = simulate_calls(40_000, seed=seed)
with_them, without = people["suggested"], people["called"] & ~people["suggested"]

# %%
print("suggestions against all others:", effect(people.loc[~with_them, "bought"], people.loc[with_them, "bought"]))
print("among callers, by lot:         ", effect(people.loc[without, "bought"], people.loc[with_them, "bought"]))

# %% [markdown]
# Who calls wants something, and would have bought more in any case. So callers are compared with callers: no list can be
# split beforehand, and who belongs to which group is looked up *on the fly*, when the call comes in. Even then the groups
# can be **polluted**: a seller who saw the router beside ten similar offices suggests it to the eleventh without being
# told to.

# %%
for remembered in (0.0, 0.4, 0.8):
    people = simulate_calls(40_000, seed=seed, remembered=remembered)
    lots = [people.loc[people["called"] & (people["suggested"] == s), "bought"] for s in (False, True)]
    print(f"sellers remember in {remembered:.0%} of the other calls: {effect(*lots)}")

# %% [markdown]
# The effect is the same; the measurement sees less and less of it. So the lot is not drawn anew for each call: a hash of
# the seller (or of the office) decides, still on the fly and still among callers, and each seller always sees suggestions
# or never. The desk takes that as its `control`, and the empty answer is logged like any other:

# %%
from lifecycle.iterate import Splitter

lot = Splitter("seen-or-not", {"nothing": 0.5, "suggestions": 0.5})
trial = Desk({"telecom": telecom}, control=lambda tenant, customer: lot.group(customer) == "nothing", clock=lambda: 0.0)
for office in ("office 24", "office 25", "office 26", "office 27", "office 28"):
    trial.answer("telecom", ["fibre"], customer=office)
show.table([{key: line[key] for key in ("customer", "items", "reason")} for line in trial.answers])

# %% [markdown]
# What pull has in its favour is the size of its effect, which is what the number of people hangs on:

# %%
from lifecycle.iterate import sample_size

print(f"push, 6 % and one point more: {sample_size(0.06, 0.01):,} in each group")
print(f"pull, 30 % and five points:   {sample_size(0.30, 0.05):,} in each group")

# %% [markdown]
# ### "More clicks, more revenue"
#
# Clicks are the simple objective: they come at once and in numbers. Now a firm has a *basic* product (it keeps 10 dollars
# of each) and a *premium* one (50 dollars). A banner for basic goes up, and clicks with it. Sales of a week, before and
# after:

# %%
from lifecycle.cases import margin_change

before, after = {"basic": 100, "premium": 40}, {"basic": 150, "premium": 20}
print("units:", f"{sum(after.values()) / sum(before.values()) - 1:+.0%}")
print("dollars:", margin_change(before, after, {"basic": 10, "premium": 50}))

# %% [markdown]
# Over a fifth more units, and 500 dollars less: half of those who would have bought premium did not. That is
# **cannibalisation**. It does not show in clicks, and not in sales of the product that was promoted. Two weeks of an
# experiment with three random groups, one of which is shown nothing:

# %%
from lifecycle.cases import simulate_offers
from lifecycle.iterate import compare_means

offers = simulate_offers(60_000, seed=seed)
show.table(offers.groupby("group")[["clicked", "basic", "premium", "margin"]].mean().reset_index())

# %%
margin = dict(list(offers.groupby("group")["margin"]))
for name in ("clicks", "margin"):
    test = compare_means(margin["nothing"], margin[name])
    print(f"{name} against nothing: {test.difference:+.2f} dollars a customer ({test.low:+.2f} to {test.high:+.2f})")

# %% [markdown]
# The strategy with most clicks costs money, surely; without the group that saw nothing, nobody would know. The third one
# shows premium to those whose history says that they like it, and *nothing* to the others. A good **KPI** here is revenue
# (or margin) within two weeks, measured on people and not on clicks. And the firm is not alone in the world: the
# customer's interest belongs into the rules, not into the hope that both agree.
#
# ### "The more accurate engine sells more"
#
# Offline, an engine is judged by what was bought while it was *not* there. So it is good at finding what is bought
# anyway:

# %%
from lifecycle.cases import offline_and_uplift

show.table(offline_and_uplift(20_000, seed=seed))

# %% [markdown]
# The engine that hits far more often is the one that adds less: look at `uplift`. Offline accuracy chooses between
# engines that are alike, and is no promise. Our hit rate above is no exception.
#
# ### The experiment, in two steps
#
# How should customers be split? The new strategy looks good, so give it 90 % and keep 10 % as a control group:

# %%
from lifecycle.cases import variance_ratio

for share in (0.5, 0.2, 0.1):
    ratio = variance_ratio(share)
    print(f"{share:.0%} in the smaller group: variance times {ratio:.2f}, as if {1 / ratio:.0%} of the people had come")

# %% [markdown]
# With 10/90 the same people give 2.78 times the variance, as if only 36 % of them had come. So: first two *equal, small*
# groups, which risk little and measure well, if they are large enough. How large is that, for three quarters of a dollar?

# %%
sd, wanted = offers["margin"].std(), 0.75
size = 2 * (norm.ppf(0.975) + norm.ppf(0.80)) ** 2 * sd**2 / wanted**2
print(f"to see {wanted} dollars with a standard deviation of {sd:.1f}: {size:,.0f} customers in each group")

# %% [markdown]
# Of 50,000 customers, a tenth is enough for each group. If the new strategy holds, it gets 10 % more at a time, and the
# control group of the first step stays one to the end, to notice when the effect fades. A hash draws ([lesson
# 16](16_ab_testing.ipynb)): each customer has a place between 0 and 1, the first tenth is the control group, and the
# border of the new strategy moves up, so that people only ever cross it in one direction.

# %%
names = [f"customer {k}" for k in range(50_000)]
steps = []
for new in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
    ramp = Splitter("larkfield-1", {"control": 0.1, "new": new, "not yet": 0.9 - new})
    steps.append(ramp.groups(names))
steps.append(Splitter("larkfield-1", {"control": 0.1, "new": 0.9}).groups(names))
show.table([{"step": k} | {g: drawn.count(g) for g in ("control", "new", "not yet")} for k, drawn in enumerate(steps, 1)])

# %% [markdown]
# Where did everybody go, from the first step to the last?

# %%
from itertools import pairwise

moves = pd.crosstab(pd.Series(steps[0], name="step 1"), pd.Series(steps[-1], name="step 9"))
show.table(moves.reset_index())
lost = sum(a == "new" != b for one, two in pairwise(steps) for a, b in zip(one, two, strict=True))
print(f"customers who lose the new strategy at some step: {lost}")
print(f"control group of step 1 that still is one: {moves.loc['control', 'control'] / steps[0].count('control'):.0%}")

# %% [markdown]
# Nobody loses the new strategy, and the control group is the same people throughout. That takes care: with an experiment
# at 10 % exposure in halves, followed by one of 10 to 90 under the same name, nobody would lose it either, and most of
# the control group would be gone:

# %%
small = Splitter("larkfield-1", {"old": 0.5, "new": 0.5}, exposure=0.10).groups(names)
full = Splitter("larkfield-1", {"old": 0.1, "new": 0.9}).groups(names)
show.table(pd.crosstab(pd.Series(small, name="halves").fillna("outside"), pd.Series(full, name="10 to 90")).reset_index())

# %% [markdown]
# ## Claims to distrust
#
# | claim | what we computed |
# |---|---|
# | "More clicks mean more revenue." | 21 % more units and 500 dollars less; what is clicked most lost against nothing |
# | "A 5 % test for each of 4,000 tenants." | 200 false alarms, and 40 at 1 % |
# | "One threshold for all." | low where trades are hard, blind where they are easy |
# | "Better offline, so better." | what is bought anyway is easy to foretell, and adds next to nothing |
# | "A new tenant has data." | at first neighbours add nothing to popularity; before that, there is nothing to show |
#
# ## What is handed on

# %%
from lifecycle import artifacts

handed = {
    "tenants": len(firms),
    "trained": {r.name: {"setting": r.setting, "customers": r.test.customers, "hits": r.test.hits} for r in report.trained},
    "quarantined": report.quarantined,
    "months": log,
    "switch": [{k: entry[k] for k in ("tenant", "position", "who", "why")} for entry in desk.switch.log],
}
place = artifacts.write_json("22/tenants.json", handed)

# %% [markdown]
# ## What you did
#
# You computed what goes with what from purchases alone, brought exports that look nothing alike into one schema, and paid
# with the columns that only one client had. One pipeline trained all firms, put the broken ones aside with a reason, and
# survived an interruption. Each engine was watched against its own record, with a bound on false alarms; those that
# declined were retrained, and replaced only by something better. Rules, a floor and a switch stand above the scores. And
# you saw why clicks, hits and groups that nobody drew say little about what an engine brings.

# %%
from workbench import quiz

quiz("22_recommendation")

# %% [markdown]
# Now try it yourself: [exercise 22](../exercises/22_recommendation.ipynb).
