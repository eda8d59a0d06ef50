"""A whole project handed over: driven through its gates, put into one dossier, and answered for when something goes wrong.

`project` drives steps, each behind a gate, and says which gate stopped them; `chain` asks the files of a finished run the
questions that a stranger would ask; `rubric` turns what is shown into marks. `errata` knows figures that are often quoted
and wrong, and finds them in a report. `dossier` binds all files of a run by their digests, and `verification` names what
was changed on the way; `response` says what helps against which incident, and `memo` writes down what happened.

Signing, verifying a card and reading belong to other stages: who calls hands them in as functions.
"""
