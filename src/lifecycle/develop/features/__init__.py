"""What a model sees, and which of it is worth its place.

`engineering` makes features row by row from `feature_sets` with `formulas`; `churn_history` has features with event times;
`pruning`, `importance` and `reduction` choose, and `selection` measures a choice on rows that had no say in it.
"""
