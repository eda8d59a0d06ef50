"""Made-up CVs sent to real employers in Boston and Chicago, 2001-02: a question of whose name gets a call back."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table

_FLAG = (0, 1)

CVS = Table(
    columns=(
        Column("called", "int64", "1 where the employer called back", values=_FLAG),
        Column("name", "str", "the first name on the CV, drawn at random"),
        Column("sex", "int64", "what the name says: 1 male, 0 female", values=_FLAG),
        Column("race", "int64", "what the name says: 1 white-sounding, 2 black-sounding", values=(1, 2)),
        Column("quality", "int64", "1 the better CV, 0 the weaker", values=_FLAG),
        Column("city", "int64", "1 Chicago, 2 Boston", values=(1, 2)),
        Column("jobs", "int64", "jobs listed", low=0),
        Column("experience", "int64", "experience", "years", low=0),
        Column("honors", "int64", "1 lists an honour", values=_FLAG),
        Column("volunteer", "int64", "1 lists voluntary work", values=_FLAG),
        Column("military", "int64", "1 lists military service", values=_FLAG),
        Column("holes", "int64", "1 with a gap between jobs", values=_FLAG),
        Column("school", "int64", "1 worked while at school", values=_FLAG),
        Column("email", "int64", "1 gives an e-mail address", values=_FLAG),
        Column("computer", "int64", "1 lists computer skills", values=_FLAG),
        Column("special", "int64", "1 lists special skills", values=_FLAG),
        Column("college", "int64", "1 college degree", values=_FLAG),
        Column("equal", "int64", "1 the advertisement says `equal opportunity employer`", values=_FLAG),
        Column("wanted", "str", "the job advertised"),
        Column("industry", "str", "the employer's industry"),
    )
)
