"""Retraining: when, from which rows, how often, and when to refuse the result.

Making a model again is one line. Everything that goes wrong lies around it:

When
    `fired` evaluates four kinds of trigger (`Scheduled`, `Below`, `Above`, `Requested`) on what was known in a `Week`.
    A limit on a share fires by chance as well: `false_alarms` says how often.
From which rows
    A `Strategy` learns from all rows, the newest, all with weights (`decay_weights`), or goes on from the last model.
    `walk_forward` and `compare_windows` judge it on rows that came later, the only fair test there is.
How often
    `best_interval` weighs the price of a retraining against the wear of an older model; a `Timetable` says how
    fresh is fresh.
Through which gates
    `run_pipeline` wants all its steps, and stops at the first refusal: at a batch that breaks its `BatchRules`, at a
    candidate that does not pass the `champion_gate`. `Releases` puts live what a gate has accepted and knows the way back,
    and `share_alarm` when to take it. `automation` says which changes a machine may put live at all.
And from whose answers
    `selective_rounds` shows what becomes of a model that learns from what its own decisions let it see.

Models are made by functions that the caller passes, so any library will do.
"""

from __future__ import annotations
