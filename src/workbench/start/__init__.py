"""The page that a learner begins on: the course map, what is done of it, and the next step.

``record`` keeps what `check` has said of a learner's answers, ``standing`` puts it beside the course map, ``page`` draws it,
and ``extension`` serves it from JupyterLab's own server, anew each time that it is asked for.
"""
