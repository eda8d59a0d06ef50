"""From a recipe to a model, and the record of every try.

A `recipe` decides everything but the rows, `preparation` makes its rows, `models` fits and scores, `model_bytes` keeps a
model without code. `tuning` searches, `candidate` and `candidates` compare; `tracking`, `tracked_run`, `model_registry` and
`mlflow_store` are the tracker; `defaults` replays settings that a library has changed.
"""
