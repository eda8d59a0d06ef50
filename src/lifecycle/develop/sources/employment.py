"""People of Massachusetts in four yearly surveys: who has work? A stream whose inputs drift while a model stays right."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table


def _codes(last: int, *, first: int = 1) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


PEOPLE = Table(
    columns=(
        Column("year", "int64", "year of the survey", values=(2015, 2016, 2017, 2018)),
        Column("age", "int64", "age; the oldest are put together", "years", low=0, high=99),
        Column("sex", "int64", "1 male, 2 female", values=(1, 2)),
        Column("race", "int64", "recorded race, nine codes of the survey", values=_codes(9)),
        Column(
            "schooling",
            "int64",
            "highest schooling, from 1 none to 24 doctorate; 0 under three years",
            values=_codes(24, first=0),
        ),
        Column(
            "marital",
            "int64",
            "1 married, 2 widowed, 3 divorced, 4 separated, 5 never married or under 15",
            values=_codes(5),
        ),
        Column(
            "relationship",
            "int64",
            "to the householder, who is 0; 16 and 17 live in an institution or other group quarters",
            values=_codes(17, first=0),
        ),
        Column(
            "parents", "int64", "work of a child's parents, eight codes; 0 for everybody else", values=_codes(8, first=0)
        ),
        Column("citizenship", "int64", "1 to 4 citizen by birth or naturalised, 5 no citizen", values=_codes(5)),
        Column(
            "moved",
            "int64",
            "1 same house as a year ago, 2 came from abroad, 3 moved within the country; 0 under one year",
            values=_codes(3, first=0),
        ),
        Column("military", "int64", "1 to 3 has served, 4 never; 0 under 17", values=_codes(4, first=0)),
        Column("ancestry", "int64", "1 one ancestry given, 2 several, 3 unclear, 4 none", values=_codes(4)),
        Column("nativity", "int64", "1 born in the country, 2 abroad", values=(1, 2)),
        Column("disability", "int64", "1 with, 2 without", values=(1, 2)),
        Column("hearing", "int64", "1 difficulty, 2 none", values=(1, 2)),
        Column("sight", "int64", "1 difficulty, 2 none", values=(1, 2)),
        Column("cognition", "int64", "1 difficulty, 2 none; 0 under five years", values=(0, 1, 2)),
        Column("employed", "int64", "1 where the person has work", values=(0, 1)),
    )
)
