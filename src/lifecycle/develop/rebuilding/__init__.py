"""The same model again, from the record alone.

`bundle` packs what a rebuild needs: code that `imports` finds, `locks`, texts (`bundle_text`), in an `archive` held together
by its manifest and `seal`. `retrain` is the work that travels in it; `rebuild` runs it, and `agreement` judges.
"""
