"""What is wanted, and can it be had: goals with targets and units, their arithmetic, and the conflicts between them.

`objective` and `quantities` take targets down, `feasibility` and `cost` compute what they imply, `conflicts` finds those
that cannot hold together, `charter` is what remains; `briefs` are the cases that the lessons open with.
"""
