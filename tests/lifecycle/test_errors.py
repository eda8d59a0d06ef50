from __future__ import annotations

import pickle

import pytest

from lifecycle.errors import ArtifactError, DataError, LifecycleError


def test_the_message_says_what_where_tried_and_next():
    error = DataError("column `age` is missing", where="credit.csv", tried="its columns: sex", remedy="restore it")

    assert str(error) == "credit.csv: column `age` is missing\n  tried: its columns: sex\n  next:  restore it"


def test_parts_that_are_not_given_leave_no_trace():
    assert str(DataError("no rows")) == "no rows"


@pytest.mark.parametrize("kind", [DataError, ArtifactError])
def test_every_error_of_the_package_has_one_base(kind):
    with pytest.raises(LifecycleError):
        raise kind("wrong")


def test_an_error_crosses_to_another_process_whole():
    error = ArtifactError("missing", where="01/charter.yaml", tried="two places", remedy="run lesson 01")

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), vars(copy), str(copy)) == (type(error), vars(error), str(error))
