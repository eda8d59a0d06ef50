"""A/B tests: the only comparison in which people, and not rows, have the last word.

`design` says how many it takes, `assignment` who meets which version, `rates` and `means` what came of it and how sure
that is, `segments` for whom. `spending` and `sequential` pay for early looks. `guardrails` and `kill_switch` say when to end
it, `front` puts it before two services, `quality` asks whether the data can be believed, and `report` decides in the order
that was fixed before.
"""
