"""Champion and challenger on the same cases: how they are set side by side, and what is decided from it.

`paired` counts labelled cases, `mcnemar` says what the counts prove, `agreement` and `mismatches` say where two models part
while no truth is known; `changes` reads a table of metrics. `shadow` makes pairs out of live requests: `shadow_call` asks,
`shadow_pairs` reads the answers, `shadow_log` keeps them. `rules` decides, and `cells` shows that it always does; `choice`
is the smallest rule of all.
"""
