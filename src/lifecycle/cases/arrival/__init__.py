"""When will it arrive? A promise with a tail, corrected by the trips that end, from a service that grows with its load.

`trips` makes trips through a town in which something changes one day; `promise` fits quantiles of their minutes and keeps
the promise that an interval makes; `feedback` lets each trip that has ended correct the next one that begins; `scaling`
lets the replicas of the service follow its load.
"""
