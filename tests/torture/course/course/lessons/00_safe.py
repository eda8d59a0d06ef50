# %% [markdown]
# # 00 · The safe
#
# **You will be able to** open a safe. **You need** patience. **Time** 5 minutes.

# %% tags=["parameters"]
seed: int = 7  # what the locksmith set

# %%
print(seed)
