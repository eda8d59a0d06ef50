"""Data governance: what is held on people, on what ground, who may see it, for how long, and where it went.

Five parts, and none of them is paper alone.

Privacy
    `find_pii` looks for personal data in a table (`pii_cells`: cell by cell; `redact`: in a text), `score_pii` says how
    well, with `personal_table`, which invents people and has the truth beside them. `data_class`
    says how careful one has to be. A `Pseudonymiser` gives names that only a key can give, `dictionary_attack` shows what
    becomes of a plain hash. `k_anonymity` and `l_diversity` measure how well a row hides (`crowds`), `link_attack` tries,
    `generalise`, `suppress` and `mondrian` help. `private_count` tells a count that gives nobody away, and a
    `PrivacyBudget` ends it in time.
Quality
    `data_quality` measures; `rectify` corrects and keeps what was there. A `Lineage` says what a column was made of and
    what was made of it, `observed_lineage` finds out by trying, `compare_lineage` holds the two together.
Access
    An `AccessPolicy` of `Grant` decides, a `Gatekeeper` enforces it on a database and records who came. A `KeyRing`
    encrypts files.
Retention
    `due_rows` and `sweep` apply a `RetentionRule`; a destroyed key deletes where no sweep reaches. `erase` forgets a
    `Subject` in every file of a folder and names the models to train again; `find_traces` looks whether anything is left.
Rights and duties
    A `Register` of `DataSet` holds purposes and lawful bases, a `ConsentLedger` what people chose; `permit` asks both before
    a run, and `permitted_run` does not start one that may not be. `rights` names the function that serves each right:
    `subject_access`, `portable_copy`, `solely_automated`, `compare_treatment` among them. What the law counts is in `law`
    (dates and thresholds, as of `law_as_of`): `largest_fine`, `ccpa_applies`, `gdpr_applies`, `answer_due`.
"""

from __future__ import annotations

from lifecycle.govern.data.access import Access, AccessPolicy, Grant
from lifecycle.govern.data.anonymity import crowds, generalise, k_anonymity, l_diversity, link_attack, mondrian, suppress
from lifecycle.govern.data.consent import Choice, ConsentLedger
from lifecycle.govern.data.encryption import KeyRing
from lifecycle.govern.data.erasure import Erased, Erasure, ErasureError, erase
from lifecycle.govern.data.errors import GovernanceError, RefusedError
from lifecycle.govern.data.gatekeeper import Gatekeeper
from lifecycle.govern.data.law import (
    Reach,
    answer_due,
    ccpa_applies,
    equal_turnover,
    gdpr_applies,
    largest_fine,
    law,
    law_as_of,
    laws,
)
from lifecycle.govern.data.lineage import Lineage, compare_lineage, observed_lineage
from lifecycle.govern.data.lineage_drawing import draw_lineage
from lifecycle.govern.data.permission import Permit, permit, permitted_run
from lifecycle.govern.data.pii import PII_KINDS, find_pii, pii_cells, pii_in_text, redact, score_pii
from lifecycle.govern.data.pii_table import PersonalTable, personal_table
from lifecycle.govern.data.privacy import PrivacyBudget, noise_pmf, private_count
from lifecycle.govern.data.pseudonyms import Pseudonymiser, dictionary_attack, pseudonymise
from lifecycle.govern.data.quality import Correction, data_quality, rectify
from lifecycle.govern.data.register import LEVELS, DataSet, Register, data_class
from lifecycle.govern.data.retention import RetentionRule, Sweep, due_rows, sweep
from lifecycle.govern.data.rights import RIGHTS, Right, rights
from lifecycle.govern.data.subject import Subject
from lifecycle.govern.data.subject_access import portable_copy, subject_access
from lifecycle.govern.data.traces import Trace, find_traces
from lifecycle.govern.data.treatment import Treatment, compare_treatment, solely_automated

__all__ = [
    "LEVELS",
    "PII_KINDS",
    "RIGHTS",
    "Access",
    "AccessPolicy",
    "Choice",
    "ConsentLedger",
    "Correction",
    "DataSet",
    "Erased",
    "Erasure",
    "ErasureError",
    "Gatekeeper",
    "GovernanceError",
    "Grant",
    "KeyRing",
    "Lineage",
    "Permit",
    "PersonalTable",
    "PrivacyBudget",
    "Pseudonymiser",
    "Reach",
    "RefusedError",
    "Register",
    "RetentionRule",
    "Right",
    "Subject",
    "Sweep",
    "Trace",
    "Treatment",
    "answer_due",
    "ccpa_applies",
    "compare_lineage",
    "compare_treatment",
    "crowds",
    "data_class",
    "data_quality",
    "dictionary_attack",
    "draw_lineage",
    "due_rows",
    "equal_turnover",
    "erase",
    "find_pii",
    "find_traces",
    "gdpr_applies",
    "generalise",
    "k_anonymity",
    "l_diversity",
    "largest_fine",
    "law",
    "law_as_of",
    "laws",
    "link_attack",
    "mondrian",
    "noise_pmf",
    "observed_lineage",
    "permit",
    "permitted_run",
    "personal_table",
    "pii_cells",
    "pii_in_text",
    "portable_copy",
    "private_count",
    "pseudonymise",
    "rectify",
    "redact",
    "rights",
    "score_pii",
    "solely_automated",
    "subject_access",
    "suppress",
    "sweep",
]
