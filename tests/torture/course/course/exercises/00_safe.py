# %% [markdown]
# # Exercise 00 · The safe

# %% tags=["parameters"]
seed: int = 7  # what the locksmith set

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · The code (2 points)
#
# The supplied `dial` shows some numbers. Put the sum of their squares into `code`.

# %%
dial = [(seed * step) % 101 + 1 for step in range(1, 25)]

# %% tags=["question:safe.code"]
### BEGIN SOLUTION
code = sum(number * number for number in dial)
### END SOLUTION

# %%
check("safe.code")

# %% [markdown]
# ## Question 2 · The mixture (3 points)
#
# Write `mix(numbers)`: each number times its place (from 1), summed, plus `seed`, and the remainder of that by 1009.

# %% tags=["question:safe.mix"]
def mix(numbers):
    ### BEGIN SOLUTION
    return (sum(place * number for place, number in enumerate(numbers, 1)) + seed) % 1009
    ### END SOLUTION


# %%
check("safe.mix")

# %% [markdown]
# ## Question 3 · The log (2 points)
#
# Put a table of how often each door was tried into `tried`: the columns `door` and `tries`, by door.

# %%
import pandas as pd

log = pd.DataFrame({"door": [f"door {number % 5}" for number in dial], "tries": dial})

# %% tags=["question:safe.table"]
### BEGIN SOLUTION
tried = log.groupby("door", as_index=False)["tries"].sum()
### END SOLUTION

# %%
check("safe.table")

# %%
check.progress()
