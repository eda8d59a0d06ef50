from collections import Counter

import pytest

from lifecycle.deploy import create_app

OPERATIONS = {"POST /score", "POST /score/batch", "GET /health", "GET /ready", "GET /version", "GET /metrics"}
CHECKS = {
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "positive_data_acceptance", "missing_required_header",
    "unsupported_method", "allow_header_conformance", "ignored_auth",
}  # fmt: skip


@pytest.fixture(scope="module")
def findings(small_package):
    """What schemathesis finds in the service with all its checks: examples, coverage of the schema, and random requests."""
    import schemathesis
    from schemathesis.engine import events, from_schema

    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(small_package))
    schema.config.generation.update(max_examples=40)
    schema.config.seed = 5
    tried, failures, checks = Counter(), [], set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(str(event))
        if isinstance(event, events.ScenarioFinished):
            for case, results in event.recorder.checks.items():
                tried[event.recorder.label] += 1
                checks |= {result.name for result in results}
                body = event.recorder.cases[case].value.body
                faults = [result for result in results if result.failure_info is not None]
                failures += [f"{fault.name}: {fault.failure_info.failure} {body!r}" for fault in faults]
    return tried, failures, checks


def test_the_service_keeps_its_own_description(findings):
    _, failures, _ = findings
    assert failures == []


def test_every_path_was_tried_with_every_check(findings):
    tried, _, checks = findings
    assert set(tried) >= OPERATIONS
    assert tried["POST /score"] > 40
    assert tried["POST /score/batch"] > 40
    assert checks >= CHECKS
