# %% [markdown]
# # 09 · Batch scoring
#
# **You will be able to** decide between live and batch, score a table of any length in memory that has a bound, and
# build a job that may be killed at any moment and started any number of times. **You need** lessons 07 and 08. **Time**
# 45 minutes. **Next** [exercise 09](../exercises/09_batch_scoring.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
n_rows: int = 40000  # customers of tonight's table
seed: int = 9  # random seed of the table

# %% [markdown]
# ## Who is waiting for the answer?
#
# In lesson 08 somebody stood at a till and waited. Nobody waits for the list of customers that the retention team will
# call tomorrow. Such answers can be made all at once, at a quiet hour, and be looked up later:
#
# ```text
#   schedule (cron, Airflow) ──► job with the model inside ──► result database ──► dashboard, campaign
#                                        ▲
#                                 features of the day
# ```
#
# The model is **embedded**: it is packaged into the application that uses it, a script or a batch framework such as
# Spark, and runs in the same process. The job is **asynchronous**: it runs hourly, daily or weekly, and whoever needs a
# result reads it from a table. Typical uses are daily churn lists, weekly sales forecasts, monthly credit risk, nightly
# e-mail targeting, and quarterly finance.
#
# | | live | batch |
# |---|---|---|
# | latency | below 100 ms | minutes to hours |
# | infrastructure | an API that is always on | a job on a schedule |
# | decision | at once, one by one | in bulk |
# | cost | higher: it is there 24/7 | lower: computing now and then |
#
# How much lower? A service is paid for around the clock, a job for as long as it runs. Say that the job takes a quarter
# of an hour a day:

# %%
hours_live, hours_batch = 24.0, 0.25
for copies in (1, 3):
    print(f"live copies: {copies}; machine hours, against 15 minutes a day: {copies * hours_live / hours_batch:.0f} times")

# %% [markdown]
# 96 times as many hours for one machine, and 288 for the three copies that lesson 08 reckoned with, so that one may fail.
#
# Choose by one question: **would an answer made last night still be right, and would it be there?** A card payment did
# not exist last night, so it needs a live answer. A customer's churn risk did, and it hardly moves in a day.
#
# ### "Embedded means batch"
#
# That sentence mixes two things up. *Where* the model runs and *when* it runs are independent:
#
# | | on request | on a schedule |
# |---|---|---|
# | behind a service | fraud check at the till | a nightly job that calls the API a million times |
# | embedded | autocorrection on a telephone | tonight's churn list |
#
# The lower left corner takes three lines. Here is the package of lesson 07 inside *this* process, and a single row that
# asks it now. No server, no network, no schedule:

# %%
from lifecycle import artifacts, show
from lifecycle.deploy import open_package

package = open_package(artifacts.path("07/package.zip", use_case=use_case))
one = package.golden[list(package.features)].head(1)
print(f"{package.name} {package.version}, embedded, on request: {show.number(package.scores(one)[0])}")

# %% [markdown]
# ## Two o'clock in the morning
#
# An operator with 1,000,000 customers scores them at 02:00: load the features, score, rank, save. It takes 15 minutes. By
# breakfast the dashboard is fresh and the customers at high risk are with the retention team. How fast is that?

# %%
from lifecycle.deploy import minutes_for, rows_a_second, rows_in_window

rate = rows_a_second(1_000_000, minutes=15)
print(f"{rate:,.0f} rows a second")
print(f"4,000,000 customers at that rate: {minutes_for(4_000_000, rate=rate):.0f} minutes")

# %% [markdown]
# Four times the customers, four times the time: a batch job scales in a straight line, as long as nothing in it has to
# hold all rows at once. Suppose that the list must be there at 06:00. How large may the customer base grow?

# %%
for tries in (1, 2):
    print(
        f"room for {tries} {'try' if tries == 1 else 'tries'}: {rows_in_window(minutes=240, rate=rate, tries=tries):,} rows"
    )

# %% [markdown]
# Plan with the second line. A job that just fits into its window cannot be repeated when it fails at 05:30.
#
# The night's result comes in three bands:

# %%
bands_told = {"high, above 0.7": 50_000, "medium, 0.4 to 0.7": 200_000, "low, below 0.4": 750_000}
rows = [{"band": name, "customers": n, "share": n / sum(bands_told.values())} for name, n in bands_told.items()]
show.table(rows, formats={"share": ".0%"})

# %% [markdown]
# ## Where does 0.7 belong?
#
# "High is .7 and more", says one colleague. "High is more than .7", says another. Both read it from the same slide, which
# shows the three bands as a picture. Does it matter? Probabilities that went through a file or a form are often rounded,
# so let us take 10,000 of them with two decimals:

# %%
import numpy as np

rng = np.random.default_rng(seed)
rounded = rng.beta(0.9, 2.2, 10_000).round(2)
print(f"high, if 0.7 itself is high: {(rounded >= 0.7).sum():,}")
print(f"high, if 0.7 itself is not:  {(rounded > 0.7).sum():,}")

# %% [markdown]
# Two dashboards with two numbers, and both are "right". So the rule is written down, once, as code: **high is above 0.7,
# low is below 0.4, and both edges are medium.**

# %%
from lifecycle.deploy import Bands

bands = Bands(medium=0.4, high=0.7)
for chance in (0.39, 0.4, 0.7, 0.71, 0.1 + 0.2 + 0.4):
    print(f"{chance:<4.2f} is {bands.of(chance)}")

# %% [markdown]
# Look at the last line. It reads 0.70, and it is high. The sum of 0.1, 0.2 and 0.4 is not 0.7 for a computer but a tiny
# bit more. An edge decides on the stored number and not on the printed one. So nobody should re-derive a band from a
# report with two decimals: store the band beside the chance.
#
# ## Is 0.7 a chance of 70 %?
#
# Only if the score is *calibrated*. Our model was trained with a weight that lets both classes count the same, which
# pushes every score the same way: up, where positives are rare. Lesson 04 undid that, and the package does so on every
# call. Here are both numbers, on test rows that the model has never seen:

# %%
handed = artifacts.read_frame("03/features.parquet", use_case=use_case)
test = handed[handed["split"] == "test"]
target = next(name for name in handed if name not in ("entity", "split", *package.features))
chance = package.scores(test[list(package.features)])

# %%
undone = package.config["calibration"] or {"trained": 0.5, "actual": 0.5}
weight = undone["trained"] / (1 - undone["trained"]) / (undone["actual"] / (1 - undone["actual"]))
score = weight * chance / (weight * chance + 1 - chance)

# %%
rows = []
for name, values in {"raw score": score, "calibrated chance": chance}.items():
    for code, band in enumerate(("low", "medium", "high")):
        inside = bands.codes(values) == code
        rows.append({"cut on": name, "band": band, "rows": int(inside.sum())})
        means = (values[inside].mean(), test[target][inside].mean()) if inside.any() else (None, None)
        rows[-1] |= {"says": means[0], "happened": means[1]}
show.table(rows, formats={"says": ".1%", "happened": ".1%"})

# %% [markdown]
# Compare the last two columns. With the raw score they part company, and always in the same direction: its 0.7 is a
# number between 0 and 1 and nothing else. With the calibrated chance they come closer, as far as a band has enough rows
# to tell. Now look at the sizes of the bands. Both numbers rank the customers alike, since the correction is monotone;
# but a cut at 0.7 separates quite different crowds, and only one of the two cuts can be explained to anybody. A picture
# of the same thing, with the rows in ten groups by rank:

# %%
groups = np.array_split(np.argsort(chance), 10)
happened = [test[target].to_numpy()[each].mean() for each in groups]
figure, axes = show.figure(width=6, height=3.4)
for values, label, mark in ((score, "raw score", "s--"), (chance, "calibrated chance", "o-")):
    axes.plot([values[each].mean() for each in groups], happened, mark, label=label)
axes.plot([0, 1], [0, 1], color=show.COLOURS["grey"], lw=1)
for edge in (bands.medium, bands.high):
    axes.axvline(edge, color=show.COLOURS["black"], lw=0.8, ls=":")
axes.set(xlabel="what the number says", ylabel="share that was positive", title="Dotted: the edges of the bands")
legend = axes.legend()

# %%
for name, values in {"raw score": score, "calibrated chance": chance}.items():
    gaps = [abs(values[each].mean() - seen) for each, seen in zip(groups, happened, strict=True)]
    print(f"{name}: mean distance from the diagonal {100 * np.mean(gaps):.1f} points")

# %% [markdown]
# ## Tonight's table
#
# Now the job itself. What it gets are *model inputs*: the columns that the feature store serves (lesson 03), and not raw
# rows. There are two reasons. To engineer one row with pandas costs more than to score it, as lesson 07 measured. And a
# job that engineers features by itself will one day do so otherwise than the training did.
#
# We draw tonight's customers from the rows at hand, and give each a number of its own.

# %%
import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
place = Path(folder.name)
drawn = handed.iloc[rng.integers(0, len(handed), n_rows)][list(package.features)].reset_index(drop=True)
drawn.insert(0, "entity", 100_000 + rng.permutation(n_rows))

# %% [markdown]
# It comes as a CSV file from another system, and that system has its moods. We plant seven faults in seven rows:

# %%
lines = drawn.to_csv(index=False, lineterminator="\n").splitlines()
cells = [line.split(",") for line in lines]
for row, value in {10: "n/a", 11: "", 12: "1e12", 13: "inf"}.items():
    cells[row + 1][1] = value  # the first input; line 0 is the header
cells[15][0] = cells[4][0]  # a customer who is there already
cells[16][0] = ""  # a customer without a number
cells[17] = cells[17][:3]  # a line that was cut off
feed = place / "tonight.csv"
written = feed.write_text("\n".join(",".join(line) for line in cells) + "\n", encoding="utf-8")

# %% [markdown]
# First the obvious way: read the table, take the columns, predict. What does it do with the seven?

# %%
import pandas as pd

tonight = pd.read_csv(feed)
scores = package.scorer().scores(tonight[list(package.features)].to_numpy("float32"))
rows = [{"row": row, "first input": tonight[package.features[0]][row], "score": scores[row]} for row in range(10, 17)]
show.table(rows)

# %% [markdown]
# No error, and a plausible score for every one of them: for the customer who has no value there, for the one with a value
# that cannot be, even for the one whose line was cut off. The reader turned "n/a" into "missing", and the trees have a
# branch for that. Nobody would ever know. The package's own guard is stricter. Too strict for a million rows?

# %%
with show.error(lines=1):
    package.guard(tonight[list(package.features)])

# %% [markdown]
# Now one cell in one row is enough, and *nobody* gets a score. The quick mend is the worst of the three: with `dropna()`
# the job is green, and the customers simply vanish. No count says that they were ever there.
#
# The promise has to be stronger. **Every row of the input is one row of the output: scored, or set aside with its
# reasons.** Such a place is called a *quarantine*.

# %%
from lifecycle.deploy import run_batch

job = {"package": artifacts.path("07/package.zip", use_case=use_case), "table": feed, "chunk": 5_000}
report = run_batch(**job, out=place / "night", date="2025-11-30", digest=package.digest)
print(report)

# %%
print(f"{report.rows:,} in = {report.scored:,} scored + {report.quarantined} set aside:", end=" ")
print(report.rows == report.scored + report.quarantined)
quarantine = pd.read_parquet(place / "night/quarantine.parquet")
show.table(quarantine[["row", "key", "reasons"]], formats={"row": "d"})

# %% [markdown]
# Seven rows, each with its place in the file and a reason that somebody can act on. The values are kept as well, so that
# a row can be mended and sent again. Notice row 14: the *first* row of a customer counts, and a later one is set aside.
# Any rule would do, but there must be one, or the result depends on who comes last.
#
# And the scores:

# %%
scored = pd.read_parquet(place / "night/scores.parquet")
show.table(scored.head(4), formats={"chance": ".4f", "row": "d"})

# %% [markdown]
# ## Whom do we call?
#
# The file is *ranked*: 1 is the highest chance. Equal chances are ordered by key, so that the list is the same tomorrow.
# Say that the team can make 500 calls. As far as the chances are calibrated, we know what to expect before anybody lifts
# the receiver: the expected number of positives is the sum of the chances.

# %%
calls = scored[scored["rank"] <= 500]
print(f"500 best: {calls['chance'].sum():.0f} positives expected; any 500: {500 * scored['chance'].mean():.0f}")

# %% [markdown]
# How far is that? The sum takes its word from the top of the scale alone, so that is where to look: at the same share of
# the test rows, the best of them, of whom we know how it ended.

# %%
from lifecycle.develop import wilson

best = np.argsort(-chance)[: len(test) * len(calls) // len(scored)]
positive = int(test[target].to_numpy()[best].sum())
found = wilson(positive, len(best))
print(f"the best {len(best)} of {len(test):,} test rows: their chances say {chance[best].mean():.1%},")
print(f"{found.estimate:.1%} were positive (95 % interval {found.low:.1%} to {found.high:.1%})")

# %% [markdown]
# Where more of them were positive than the chances say, the sum above is probably too low, and where fewer were, too
# high. The table of the bands can be read in the same way. Look at the interval before you correct anything, though: if
# what the chances say lies within it, so few rows cannot tell luck from a fault. Give the team the number as a forecast.
#
# A band answers another question than a rank. "All of band high" may be 200 customers or 20,000, depending on the night;
# "the first 500" is what a team with 500 calls needs.
#
# ## The power goes at chunk three
#
# The job read the table in *chunks* of 5,000 rows. Each chunk's scores go to a file of its own, written under a
# temporary name and then renamed; only afterwards is the chunk entered in a *journal*. Let us start the same job in a
# process of its own, which kills itself, as `kill -9` does, as soon as three chunks are done.

# %%
import subprocess
import sys

code = """
import os, sys
from lifecycle.deploy import run_batch

def power_cut(done, total):
    if done == 3:
        os.kill(os.getpid(), 9)

run_batch(sys.argv[1], sys.argv[2], sys.argv[3], date="2025-11-30", chunk=int(sys.argv[4]), progress=power_cut)
"""
words = [str(job["package"]), str(feed), str(place / "cut"), str(job["chunk"])]
ended = subprocess.run([sys.executable, "-c", code, *words], check=False)

# %%
from lifecycle.deploy import Journal

with Journal(place / "cut/journal.jsonl") as journal:
    print(f"ended well: {ended.returncode == 0}; chunks in the journal: {len(journal.entries)}")
print(f"scores published: {(place / 'cut/scores.parquet').exists()}")

# %% [markdown]
# Three chunks are safe, nothing half-done is visible. To make it harder, we tear the last line of the journal in two, as
# a full disk would, and start the *same command* again.

# %%
notes = place / "cut/journal.jsonl"
notes.write_bytes(notes.read_bytes()[:-40])
resumed = run_batch(**job, out=place / "cut", date="2025-11-30")
print(f"chunks: {resumed.chunks}, kept from the first start: {resumed.kept}")

# %%
from lifecycle.deploy import digest_of_file

same = digest_of_file(place / "cut/scores.parquet") == digest_of_file(place / "night/scores.parquet")
print(f"the same bytes as the job that was never killed: {same}")

# %% [markdown]
# Two of the three were kept: the torn entry cannot be believed, so its chunk was done again. A journal may know too
# little, which costs a chunk's time. It must never know too much, which would cost the chunk's rows. That is why the
# order matters: first the file, then the entry.
#
# ## Twice is once
#
# Schedulers retry. People press a button twice. A second failure for you to find: this is how a result table is usually
# filled.

# %%
import duckdb

naive = duckdb.connect()
naive.execute("CREATE TABLE scores (key VARCHAR, chance DOUBLE)")
for attempt in ("the job", "the retry"):
    naive.execute("INSERT INTO scores SELECT key, chance FROM scored")
    appended, expected = naive.execute("SELECT count(*), sum(chance) FROM scores").fetchone()
    print(f"after {attempt}: {appended:,} rows, {expected:,.0f} positives expected")
naive.close()

# %% [markdown]
# The retry doubled the customers and the expected positives, and no error was raised. A job is **idempotent** when doing
# it twice leaves what doing it once leaves. The cure is a key: a result is known by *customer, date and model version*,
# and writing means *replace or add* (an "upsert").

# %%
again = run_batch(**job, out=place / "night", date="2025-11-30")
with duckdb.connect(str(place / "night/scores.duckdb"), read_only=True) as database:
    print(f"rows after the rerun: {database.execute('SELECT count(*) FROM scores').fetchone()[0]:,}")
print(f"the same report: {again == report}")

# %% [markdown]
# Each part of the key does its work. Without the *customer* there is nothing to replace. Without the *date*, tonight
# overwrites yesterday, and nobody can see a trend. Without the *model version*, the new model overwrites what the old one
# said, and nobody can compare them. The date is the day that the scores are *for*: a job that starts again after midnight
# is still yesterday's, so the schedule says the date and the clock does not.
#
# Now somebody mends row 10 and sends the table again. It is another table, so it is another job in another folder. But
# the results go to the same database:

# %%
cells[11][1] = lines[11].split(",")[1]
mended = place / "mended.csv"
written = mended.write_text("\n".join(",".join(line) for line in cells) + "\n", encoding="utf-8")
shared = place / "night/scores.duckdb"
second = run_batch(job["package"], mended, place / "mended", date="2025-11-30", database=shared)

# %%
with duckdb.connect(str(shared), read_only=True) as database:
    now = database.execute("SELECT count(*), count(DISTINCT key) FROM scores").fetchone()
    runs = database.execute("SELECT count(*) FROM runs").fetchone()
print(f"rows {now[0]:,}, customers {now[1]:,}, runs {runs[0]}: one row more than {report.scored:,}")

# %% [markdown]
# ## How much fits into memory?
#
# The plain job read the whole table. Ours held 5,000 rows at a time. Sorting and the search for repeated keys, which need
# all rows, are left to DuckDB, which is given so much memory and goes to disk beyond. That is a promise about tables of
# any length, so try it with two: one of 20,000 rows, and one four times as long, each in a process of its own that says
# at the end how much memory it has taken at most.

# %%
peak = """
import sys
from pathlib import Path
from lifecycle.deploy import run_batch

run_batch(*sys.argv[1:4], date="2025-11-30", chunk=int(sys.argv[4]))
notes = Path("/proc/self/status")  # Linux has it, others do not
lines = notes.read_text().splitlines() if notes.exists() else []
print(next((f"{int(line.split()[1]) / 1024:.0f} MB" for line in lines if line.startswith("VmHWM")), "not known here"))
"""

# %%
peaks = {}
for length in (20_000, 80_000):
    long = handed.iloc[rng.integers(0, len(handed), length)][list(package.features)].assign(entity=range(length))
    long.to_parquet(place / f"{length}.parquet")
    words = [str(job["package"]), str(place / f"{length}.parquet"), str(place / str(length)), str(job["chunk"])]
    ended = subprocess.run([sys.executable, "-c", peak, *words], check=True, capture_output=True, text=True)
    peaks[length] = ended.stdout.strip()

# %%
from lifecycle.deploy.batch.database import MEMORY

for length in peaks:
    chunks = [len(pd.read_parquet(part)) for part in (place / f"{length}/parts").glob("*.scores.parquet")]
    print(f"{length:,} rows: {len(chunks)} chunks, the largest of {max(chunks):,} rows")
print("DuckDB may take at most", MEMORY)

# %% tags=["nbval-ignore-output"]
# Not compared: memory differs from machine to machine and a little from run to run.
for length, most in peaks.items():
    print(f"{length:,} rows: {most} at most")

# %% [markdown]
# Four times the rows make four times as many chunks, and none is larger. The memory hardly knows which table it was: most
# of it goes to the program and its libraries, and DuckDB's share has a limit.
#
# Are small chunks slow, then? And what does a loop over single rows cost? Here on this machine:

# %% tags=["nbval-ignore-output"]
# Not compared: seconds differ from machine to machine and from run to run.
from time import perf_counter

scorer, inputs = package.scorer(), drawn[list(package.features)]
speeds = {}
for name, size, count in (("row by row", 1, 300), ("chunks of 5,000", 5_000, n_rows), ("whole table", n_rows, n_rows)):
    start = perf_counter()
    for begin in range(0, count, size):
        scorer.scores(package.guard(inputs.iloc[begin : begin + size]))
    speeds[name] = count / (perf_counter() - start)
for name, speed in speeds.items():
    print(f"{name:>15}: {show.number(speed):>8} rows a second, a million in {show.number(1e6 / speed)} s")

# %% [markdown]
# The loop pays the price of a call for every row. From a few thousand rows on, a larger chunk gains nothing: memory is
# then the better thing to save.
#
# ## More hands
#
# Chunks know nothing of each other, so others can do them at the same time. The job takes any executor of Python's
# `concurrent.futures`: threads, processes, or the workers of a cluster. Does the result depend on who did what, and in
# which order?

# %%
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(2) as two:
    shared_work = run_batch(**job, out=place / "two", date="2025-11-30", executor=two)
same = digest_of_file(place / "two/scores.parquet") == digest_of_file(place / "night/scores.parquet")
print(f"the same report: {shared_work == report}; the same bytes: {same}")

# %% [markdown]
# At a shell, with two processes, or with a cluster whose workers see the same folder:
#
# ```sh
# workbench score package.zip tonight.csv --out 2025-11-30 --date 2025-11-30 --jobs 2
# workbench score package.zip tonight.csv --out 2025-11-30 --date 2025-11-30 --scheduler tcp://127.0.0.1:8786
# ```
#
# That line is also what a schedule starts. Which one?
#
# | | cron | Airflow and its like |
# |---|---|---|
# | starts at | a time | a time, or when its inputs are there |
# | features are late | runs anyway, on yesterday's | waits |
# | it fails | you read the mail, perhaps | tries again, then tells somebody |
# | last Tuesday again | by hand, with the right date | a button, which hands over the date |
# | needs | nothing | a service of its own, to be looked after |
#
# Retries, overlaps and repeats happen with both. An idempotent job makes them harmless.
#
# ## When it must *not* publish
#
# Two nights on which a fresh dashboard would be worse than an old one. First: the upstream system changed a unit, and
# most rows are beyond their range.

# %%
broken = drawn.head(2_000).copy()
broken[package.features[0]] = broken[package.features[0]] * 1e9 + 1e12
broken.to_parquet(place / "broken.parquet")
refused = run_batch(job["package"], place / "broken.parquet", place / "broken", date="2025-12-01")
print(f"{refused.quarantined:,} of {refused.rows:,} set aside; published: {refused.published}")

# %% [markdown]
# Set aside is not enough here. Beyond a share that is tolerated, the job hands on nothing. And whoever started it has to
# notice, so the command says it in the one way that every scheduler understands, by its exit code:

# %%
from lifecycle.deploy.batch.job import TOLERATED

command = [sys.executable, "-c", "from workbench.cli import main; main()", "score"]  # what `workbench score` starts
words = [str(job["package"]), str(place / "broken.parquet"), "--out", str(place / "broken"), "--date", "2025-12-01"]
ended = subprocess.run([*command, *words], check=False, capture_output=True, text=True)
print(f"tolerated: {TOLERATED:.0%}; exit code of `workbench score`: {ended.returncode}")
print(next(line for line in ended.stdout.splitlines() if "published" in line))

# %% [markdown]
# More than 5 % were set aside, so the exit code is 1 and not 0. The old list stays, and somebody is told. Second: the
# package in the release folder is not the one that was approved.

# %%
with show.error(lines=1):
    run_batch(**job, out=place / "other", date="2025-12-01", digest="0" * 64)
with show.error(lines=1):
    run_batch(**job, out=place / "night", date="2025-12-01")

# %% [markdown]
# The second refusal protects the folder: it holds the job of another day. What does the dashboard read in the end? A
# table like any other:

# %%
with duckdb.connect(str(shared), read_only=True) as database:
    query = "SELECT date, band, count(*) AS customers, avg(chance) AS chance FROM scores GROUP BY ALL ORDER BY chance DESC"
    show.table(database.execute(query).df(), formats={"chance": ".3f"})

# %% [markdown]
# ## What do we hand over?
#
# The facts of the run, which are the same however often it is run. How long it took is no such fact, and stays out.

# %%
artifacts.write_json("09/report.json", report.facts(), use_case=use_case)
folder.cleanup()
print("report.json holds:", ", ".join(report.facts()))

# %% [markdown]
# ## Claims to distrust
#
# Each was computed above; here they stand side by side.

# %%
edge = int((rounded == 0.7).sum())
claims = {
    "embedded means batch": "one row, embedded, answered on request",
    "high is 0.7": f"{edge} of 10,000 rounded chances change sides; 0.1 + 0.2 + 0.4 is {bands.of(0.1 + 0.2 + 0.4)}",
    "a score of 0.7 is 70 %": "only if calibrated: compare 'says' and 'happened' of the raw score",
    "the job was green, so all is well": f"{report.quarantined} rows were not scored, and the report says which",
    "a retry does no harm": f"appended, {scored.shape[0]:,} rows became {appended:,}",
}
show.table([{"claim": claim, "computed": computed} for claim, computed in claims.items()])

# %% [markdown]
# ## What you did
#
# - You chose between live and batch by who waits, and told *where* a model runs from *when*.
# - You gave the edges of the bands to one side, and cut on chances and not on scores.
# - You scored a table with faults in it: each row once, scored or set aside with its reasons.
# - You killed the job, tore its journal, repeated it and spread it over two threads, and the result stayed the same.
#
# **To take away** A batch job is finished when it may be started again at any moment by anybody. Key, journal, and a sum
# that must add up.

# %%
from workbench import quiz

quiz("09_batch_scoring")

# %% [markdown]
# Now you: [exercise 09](../exercises/09_batch_scoring.ipynb).
