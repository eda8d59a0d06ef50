"""Recommendation engines for many firms at once: one pipeline, one schema, a thousand data sets.

`sources` are where exports come from; `schema` maps what a firm exports to common fields (`days`, as it wrote them),
`history` holds them, `engine` learns which products go together. `factory` does all of this for every tenant through an
executor: `orders` is what is done for one, `results` what came of it, in a file, `report` what came of all. `watch` says
which engines decline. `offering` decides what is shown to whom (rules, switches, control groups), by `service` while
somebody waits, or as a list for the night; `vector` describes a customer at a moment, `experiment` asks whether any of it
helps, and `tenants` draws firms to practise on.
"""
