"""What a table holds and whether it may be used, before any model.

`compliance` and `contract` decide and promise; `profile` and `association` describe and test; `leakage` and `duplicates`
look for what would fool us. For a table of one's own: `reading` a file, `recognition` of what its text means, `tables` that
are fit for a model, their `encoding` as numbers, and `survey`, `drawing` and `profile_report` for the page that shows it.
"""
