"""What a series is made of, and what it remembers.

`simulation` makes series whose truth is known, `decomposition` takes others apart, `memory` measures what the past says
about the future, `stationarity` whether there is a level to come back to.
"""
