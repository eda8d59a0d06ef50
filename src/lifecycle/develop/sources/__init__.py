"""Where rows come from: the three use cases, their schemas, and the one loader that verifies and validates.

`data` loads; `use_cases` says what the columns mean; `credit`, `churn` and `fraud` know their own tables; `schema` holds
rows against a table's description.
"""
