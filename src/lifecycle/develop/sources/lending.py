"""Applications for a mortgage in Boston, 1990: who was approved? Real decisions, with the applicants' race on record."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table

_FLAG = (0, 1)

APPLICATIONS = Table(
    columns=(
        Column("approved", "int64", "1 where the application was approved", values=_FLAG),
        Column("race", "int64", "1 white, 2 black, 3 Hispanic", values=(1, 2, 3)),
        Column("sex", "int64", "1 male, 0 female, -1 not recorded", values=(-1, 0, 1)),
        Column("older", "int64", "1 above the median age of the area", values=_FLAG),
        Column("married", "int64", "1 married, -1 not recorded", values=(-1, 0, 1)),
        Column("dependents", "int64", "people who depend on the applicant, -1 not recorded", low=-1, high=8),
        Column("schooling", "int64", "1 more than 12 years of school", values=_FLAG),
        Column("self_employed", "int64", "1 self-employed", values=_FLAG),
        Column("income", "float64", "the applicant's income", "USD a month", low=0),
        Column("co_income", "float64", "the co-applicant's income, 0 without one", "USD a month", low=0),
        Column("loan", "float64", "amount asked for", "1,000 USD", low=0),
        Column("price", "float64", "price of the property", "1,000 USD", low=0),
        Column("appraised", "float64", "appraised value of the property", "1,000 USD", low=0),
        Column("loan_to_price", "float64", "loan over price", low=0),
        Column("housing_ratio", "float64", "housing expense over income", "%", low=0),
        Column("obligation_ratio", "float64", "all obligations over income", "%", low=0),
        Column("consumer_history", "int64", "payment of consumer credit, 1 best to 6 worst", low=1, high=6),
        Column("mortgage_history", "int64", "payment of mortgages, 1 best to 4 worst", low=1, high=4),
        Column("bankrupt", "int64", "1 with a bankruptcy on record", values=_FLAG),
        Column("delinquent", "int64", "1 with an account 60 days late or more", values=_FLAG),
        Column("guidelines", "int64", "1 credit history meets the lender's guidelines, -1 not recorded", values=(-1, 0, 1)),
        Column("unverified", "int64", "1 where something could not be verified", values=_FLAG),
        Column("gift", "int64", "1 part of the down payment is a gift", values=_FLAG),
        Column("cosigner", "int64", "1 with a cosigner", values=_FLAG),
        Column("insurance_denied", "int64", "1 mortgage insurance asked for and not approved", values=_FLAG),
        Column("unemployment", "float64", "unemployment in the applicant's industry", "%", low=0, high=100),
        Column("net_worth", "float64", "net worth", "1,000 USD"),
        Column("tract_minority", "int64", "1 over 30 % minority in the tract, -1 not recorded", values=(-1, 0, 1)),
        Column("tract_vacant", "int64", "1 vacancy in the tract above the area's median", values=_FLAG),
        Column("tract_boarded", "int64", "1 boarded-up value in the tract above the area's median", values=_FLAG),
        Column("tract_income", "int64", "1 income in the tract above the area's median", values=_FLAG),
        Column("suffolk", "int64", "1 property in Suffolk county", values=_FLAG),
    )
)
