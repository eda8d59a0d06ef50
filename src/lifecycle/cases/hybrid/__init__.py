"""Known fraud and new fraud: a supervised score, a novelty score, and one budget of people who look.

`payments` makes months of payments in which the truth is known, with a scheme that appears later; `alerts` picks what is
looked at, from one score or from two; `learning` lets the team label, wait for complaints and train again, month after
month; `plan` holds what is watched about a deployed detector, as data that can be checked.
"""
