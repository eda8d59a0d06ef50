"""How good is a forecast, told by a past that did not know its future: folds, measures, intervals, and what shuffling does.

Nothing here knows a model. A forecaster comes in as an argument, and a reader's own is as welcome as ours.
"""
