"""Checks of exercise 19: process governance."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, manual, mistake, part, question

SOUND = {
    "Build": {"X": "A/R", "Y": "C", "Z": "-"},
    "Run": {"X": "I", "Y": "A", "Z": "R"},
    "Watch": {"X": "-", "Y": "A/R", "Z": "R"},
}
FAULTY = {
    "Build": {"X": "R", "Y": "C", "Z": "I"},
    "Run": {"X": "A", "Y": "A/R", "Z": "-"},
    "Watch": {"X": "A", "Y": "A", "Z": "C"},
    "Stop": {"X": "-", "Y": "-", "Z": "C"},
    "Tell": {"X": "A", "Y": "R", "Z": "-"},
}
ONES = dict.fromkeys(
    ["regulation", "consumers", "error_impact", "effects", "availability", "cadence", "lifetime", "decay", "explanation"], 0
)
CASES = [
    {},
    {"error_impact": 2},
    {"effects": 2},
    {"consumers": 2},
    {"consumers": 2, "regulation": 2},
    {"consumers": 2, "regulation": 1},
    {"decay": 1, "cadence": 1},
    {"decay": 1, "cadence": 1, "lifetime": 1},
    {"regulation": 2, "availability": 2, "cadence": 2, "lifetime": 2, "decay": 2, "explanation": 2},
]
GATES = [("one", "r1"), ("two", "r2"), ("three", "r3")]
ROLES = {"a": {"r1"}, "b": {"r2"}, "c": {"r3"}, "d": {"r1", "r2", "r3"}, "m": {"r1", "r2"}}
DAYS = [
    [(1, "a", "approved"), (2, "b", "approved"), (3, "c", "approved"), (3, "c", "approved"), (4, "c", "approved")],
    [(2, "b", "approved"), (1, "a", "approved"), (1, "d", "approved"), (3, "c", "approved"), (2, "b", "approved")],
    [(1, "d", "approved"), (2, "d", "approved"), (2, "b", "approved"), (3, "d", "approved")],
    [(1, "m", "approved"), (1, "b", "approved"), (1, "z", "approved"), (1, "a", "approved"), (2, "m", "refused")],
    [(1, "a", "approved"), (2, "b", "refused"), (1, "a", "approved"), (2, "b", "approved")],
    [(1, "a", "approved"), (2, "c", "refused"), (3, "c", "refused"), (2, "b", "approved")],
    [(1, "m", "refused"), (1, "a", "approved"), (1, "a", "refused")],
    [(1, "a", "approved"), (2, "b", "approved"), (3, "c", "refused"), (2, "b", "approved"), (1, "d", "approved")],
    [],
]


@question(
    "process_governance.raci",
    title="Who does what?",
    points=4,
    hints=[
        "A cell can hold several letters: split it at the stroke before you look for one.",
        "Count the roles with A. One is right; nought and two are different faults.",
        "The work can be done by the one who answers for it: `A/R` has both.",
    ],
    mutants=[
        Mutant("A/R is no A", replace=('if letter in letters.split("/")', "if letter == letters")),
        Mutant("two A are fine", replace=("if answering != 1:", "if not answering:")),
        Mutant("no R goes unseen", replace=('wrong.append((task, "no R"))', "continue")),
        Mutant("C too", replace=('not who(table, task, "R")', 'not (who(table, task, "R") and who(table, task, "C"))')),
        Mutant("one a task", replace=('        if not who(table, task, "R")', '        elif not who(table, task, "R")')),
        Mutant("letters mixed up", replace=('who(tasks, "Deployments", "R")', 'who(tasks, "Deployments", "A")')),
        Mutant("some tasks only", replace=("[task for task in tasks if", "[task for task in list(tasks)[:3] if")),
    ],
)  # fmt: skip
def who_does_what(answer, key):
    with part(1, "`who` for any table"):
        for task in SOUND:
            for letter in "RACI":
                said = answer.call("who", SOUND, task, letter)
                mistake(isinstance(said, str), "`who` should return a list, also where one role has the letter")
                equal(list(said), key.call("who", SOUND, task, letter), f"`who` is wrong for {letter} of a task")
    with part(1, "`faults` for any table"):
        equal(answer.call("faults", SOUND), key.call("faults", SOUND), "`faults` finds a fault in a table that has none")
        said = [tuple(pair) for pair in answer.call("faults", FAULTY)]
        right = [tuple(pair) for pair in key.call("faults", FAULTY)]
        mistake(len(said) < len(right), "`faults` misses a fault: no A, many A and no R are three, and a task can have two")
        mistake(len(said) > len(right), "`faults` reports what is allowed: a row may do without C and I")
        equal(said, right, "`faults` names the wrong task or the wrong fault")
    with part(1, "what the table says"):
        for name in ("modelling", "deploys"):
            mistake(isinstance(answer.read(name), list), f"`{name}` should be one role, not a list")
            equal(answer.read(name), key.read(name), f"`{name}` is another role")
        equal(list(answer.read("of_risk")), key.read("of_risk"), "`of_risk` should list the tasks in which RA has the A")
    with part(1, "`found` is about `spoilt`"):
        said = [tuple(pair) for pair in answer.read("found")]
        mistake(not said, "`found` is empty: look at `spoilt`, not at `tasks`")
        equal(said, [tuple(pair) for pair in key.read("found")], "`found` is not what is wrong with `spoilt`")


@question(
    "process_governance.implied",
    title="What a card gives away",
    points=2,
    hints=[
        "Write the errors for one positive: the missed share, and the false alarms that belong to each true one.",
        "Recall ties the true positives to the positives; precision ties the false alarms to those. All errors: accuracy.",
        "The model approves TP + FP.",
    ],
    mutants=[
        Mutant("the approved", replace=("1 - positive * recall / precision", "positive * recall / precision")),
        Mutant("what was not approved in the past", replace=("1 - positive * recall / precision", "1 - positive")),
        Mutant("precision for recall", replace=("(1 - recall) + recall * (1 - precision) / precision",
                                                "(1 - precision) + precision * (1 - recall) / recall")),
        Mutant("false alarms by recall", replace=("recall * (1 - precision) / precision", "recall * (1 - precision)")),
        Mutant("in per cent", replace=("return positive, 1", "return 100 * positive, 1")),
    ],
)  # fmt: skip
def what_a_card_gives_away(answer, key):
    with part(1, "`implied` for any card"):
        for rates in ((0.9, 0.8, 0.7), (0.75, 0.6, 0.9), (0.95, 0.5, 0.5)):
            said, right = answer.call("implied", *rates), key.call("implied", *rates)
            mistake(not isinstance(said, tuple | list) or len(said) != 2, "`implied` should return two shares")
            mistake(said[0] > 1.5, "`implied` returns per cent; a share lies between 0 and 1")
            close(said[0], right[0], "`implied` gives another share of positives", rtol=1e-6)
            close(said[1], right[1], "`implied` gives another share of rejections: the model approves TP + FP", rtol=1e-6)
    with part(1, "the card at hand"):
        close(answer.read("approved_before"), key.read("approved_before"), "`approved_before` is the share of positives")
        close(answer.read("to_review"), key.read("to_review"), "`to_review` is the share that the model rejects")


@question(
    "process_governance.classes",
    title="Five projects",
    points=3,
    hints=[
        "Ask the rules in their order, and return at the first that holds.",
        "One grave stake decides alone, however harmless the rest is.",
        "For `by_points`: leave out what `level` calls strong, then compare the sums.",
    ],
    mutants=[
        Mutant("a sum of points", code="""
def level(weights):
    points = sum(weights.values())
    return "strong" if points >= 10 else "middle" if points >= 4 else "light"

classes = [level(weights) for weights in projects.values()]
by_points = "route planning"
"""),
        Mutant("either of public and sector", replace=('weights["consumers"] == weights["regulation"] == 2',
                                                       'weights["consumers"] == 2 or weights["regulation"] == 2')),
        Mutant("effects forgotten", replace=(' or weights["effects"] == 2', "")),
        Mutant("more than three", replace=(">= 3:", "> 3:")),
        Mutant("only twos count", replace=("max(weights.values()) == 2 or ", "")),
        Mutant("the gravest of all", replace=('if level(projects[name]) != "strong"]', "]")),
    ],
)  # fmt: skip
def five_projects(answer, key):
    with part(1, "`level` for any weights"):
        for change in CASES:
            weights = ONES | change
            said, right = answer.call("level", weights), key.call("level", weights)
            mistake(said not in ("strong", "middle", "light"), "`level` should return strong, middle or light")
            grave = right == "strong" and said != right
            mistake(grave, "`level` lets a grave stake be outvoted, or misses one of the stakes")
            mistake(said == "strong" and said != right, "`level` calls a case strong for which no rule does")
            equal(said, right, "`level` separates middle and light in another way than rule 2")
    with part(1, "the five"):
        equal(list(answer.read("classes")), key.read("classes"), "`classes` should be those of the five projects, in order")
    with part(1, "by points"):
        said = answer.read("by_points")
        mistake(said in ("loan decisions", "who gets a kidney"), "`by_points` is strong; look among the others")
        equal(said, key.read("by_points"), "`by_points` is not the one with the largest sum")


@question(
    "process_governance.card",
    title="What the card does not say",
    points=3,
    hints=[
        "`card.get(section, {})` does not fail where the section is gone.",
        "`not value` is true for 0 and `False` as well. Name what counts as empty.",
        "Take the blanks off a text before you compare it.",
    ],
    mutants=[
        Mutant("zero is nothing", replace=('value is None or value in ("", [], {})', "not value")),
        Mutant("blanks are a text", replace=("            value = value.strip()\n", "            pass\n")),
        Mutant(
            "a section that is gone lacks nothing",
            replace=("        if value is None", "        if section in card and value is None"),
        ),
        Mutant("only what is absent", replace=('value is None or value in ("", [], {})', "value is None")),
        Mutant("any order", replace=("    return lacking\n", "    return sorted(lacking, reverse=True)\n")),
    ],
)
def what_the_card_does_not_say(answer, key):
    wanted = ["a.x", "a.y", "b.x", "b.z"]
    cards = {
        "the section is gone": {"a": {"x": "1", "y": "2"}},
        "a field is gone": {"a": {"x": "1"}, "b": {"x": "1", "z": [3]}},
        "0 or False is a value": {"a": {"x": 0, "y": False}, "b": {"x": 0.0, "z": "0"}},
        "a value is empty": {"a": {"x": "", "y": None}, "b": {"x": [], "z": {}}},
        "a text is blank": {"a": {"x": " ", "y": "\t\n"}, "b": {"x": "no", "z": "-"}},
    }
    with part(2, "`missing` for any card"):
        for name, card in cards.items():
            said = answer.call("missing", card, wanted)
            right = key.call("missing", card, wanted)
            mistake(sorted(said) == sorted(right) and list(said) != right, "`missing` should keep the order of `needed`")
            equal(list(said), right, f"`missing` is wrong where {name}")
    with part(1, "the supplied card"):
        equal(list(answer.read("lacking")), key.read("lacking"), "`lacking` is not what `card` lacks")


@question(
    "process_governance.gates",
    title="Six gates",
    points=5,
    hints=[
        "Keep one list: who has approved so far. Its length says which gate is next.",
        "First ask whether an event counts. Only then ask for its outcome.",
        "A refusal by somebody who may not judge here is no refusal.",
    ],
    mutants=[
        Mutant("any order", replace=("gate == len(signed) + 1 and gate <= len(gates)", "gate <= len(gates)")),
        Mutant("the author may", replace=(" or person == author", "")),
        Mutant("twice is fine", replace=(" or person in signed:", ":")),
        Mutant("any role", replace=("gates[gate - 1][1] not in roles.get(person, set()) or ", "")),
        Mutant("back by one gate", replace=("            signed = []\n", "            signed = signed[:-1]\n")),
        Mutant("a refusal does nothing", replace=("            signed = []\n", "            ignored.append(place)\n")),
        Mutant("all may refuse", replace=("if not is_next or gates", 'if not is_next or outcome == "approved" and gates')),
        Mutant("fails after the last", replace=(" and gate <= len(gates)", "")),
        Mutant("names for roles", replace=("[role for _, role in gates]", "[name for name, _ in gates]")),
    ],
)  # fmt: skip
def six_gates(answer, key):
    with part(1, "`approvers`"):
        said = answer.read("approvers")
        mistake(list(said) == ["Kim", "Lea", "Max", "Bo", "Nia", "Otto"], "`approvers` has people; roles are asked for")
        equal(list(said), key.read("approvers"), "`approvers` should be the six roles in the order of the gates")
    with part(3, "`standing` for any events"):
        for day in DAYS:
            said = answer.call("standing", day, ROLES, "m", GATES)
            passed, ignored = key.call("standing", day, ROLES, "m", GATES)
            mistake(
                not isinstance(said, tuple | list) or len(said) != 2, "`standing` should return how many, and the places"
            )
            equal(list(said[1]), list(ignored), "`standing` ignores other events than the rules say")
            equal(said[0], passed, "`standing` passes another number of gates")
    with part(1, "`now`"):
        said, right = answer.read("now"), key.read("now")
        equal([said[0], list(said[1])], [right[0], list(right[1])], "`now` is not where the supplied events lead")


internal = manual(
    "process_governance.internal",
    title="It is only an internal tool",
    criteria=[
        ("classifies by effect on people and its duration, not by who runs it", 1),
        ("asks for measures that fit, and leaves out at least one that would be too much", 1),
        ("names who answers for it, and keeps making and accepting apart", 1),
        ("says what equal accuracy leaves open, and what to show instead", 1),
    ],
    hints=[
        "Who bears the effect of the ranking, and for how long?",
        "Go through the matrix of measures. Which row would be theatre here, and which one would have found the problem?",
    ],
)
