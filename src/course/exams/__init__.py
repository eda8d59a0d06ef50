"""The exam bank: every question of the syllabus, asked by a lesson's quiz or here, and papers drawn from it.

`NN_name.toml` holds questions in the form of quizzes (`workbench.quizzes`); their ids begin with what they stand for in
the syllabus (``g3-...``: the third graded question). `bank` reads all of it, `paper` draws a paper by seed, `marking` grades
what was filled in.
"""

LARGEST_SEED = 2**63 - 1  # the largest whole number that every reader of TOML knows
