"""How good a model is, how sure that is, and where to draw the line.

`metrics` of decisions, scores and amounts on checked `samples`; `intervals` for all of them; `scorecard` for many at once;
`threshold` by cost; `calibration` of chances; `resampling` in folds; `repeat` for the luck of rows and seeds.
"""
