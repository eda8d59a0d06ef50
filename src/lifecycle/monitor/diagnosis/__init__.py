"""Diagnosis: from what a team sees of a stream to what happened to it, and a game to practise that.

`seen` is what is known on a day; `reference` what a good time looks like; `scan` finds the day since which a quantity is
another; `inputs`, `feeds`, `outcomes` and `service` look for signs in four places, `look`
asks them all, and `verdict` says it in words (`words`).

`game` judges an answer that a person gives, and `folder` hands them the days as files.
"""
