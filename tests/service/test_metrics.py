"""What the service counts of itself is what was asked of it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient

KEY = "sixteen-letters-x"


def counted(client: LocalClient) -> dict[tuple[str, ...], float]:
    """Read the metrics: the value of each name with the values of its labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status(engine: SearchEngine) -> None:
    client = LocalClient(create_app(Settings(), engine))
    for path in (
        "/v1/search?q=a",
        "/v1/search?q=b",
        "/v1/search?limit=0",
        "/nowhere/1",
        "/nowhere/2",
    ):
        client.get(path)

    found = counted(client)

    def number(route: str, status: str) -> float:
        return found["cognate_request_seconds_count", "GET", route, status]

    assert number("/v1/search", "200") == 2
    assert number("/v1/search", "400") == 1
    # one name for all that is not there, or whoever asks fills the memory
    assert number("other", "404") == 2
    assert not any("nowhere" in part for name in found for part in name)


def test_the_snapshot_and_the_answers_that_were_kept_are_counted(engine: SearchEngine) -> None:
    client = LocalClient(create_app(Settings(), engine))
    before = counted(client)

    client.get("/v1/search?q=moths")
    client.get("/v1/search?q=moths")

    after = counted(client)
    assert after["cognate_ready",] == 1
    assert after["cognate_articles",] == engine.n_articles
    assert after["cognate_snapshot_age_seconds",] > 0
    made, kept = (
        (after["cognate_answers_total", what] - before["cognate_answers_total", what])
        for what in ("no", "yes")
    )
    assert made + kept == 2


def test_without_a_snapshot_that_is_what_is_said() -> None:
    found = counted(LocalClient(create_app(Settings())))

    assert found["cognate_ready",] == 0
    assert ("cognate_articles",) not in found


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), ("wrong-wrong-wrong", 401)])
def test_metrics_need_the_key_as_all_else_does(engine: SearchEngine, key: str, status: int) -> None:
    client = LocalClient(create_app(Settings(api_key=KEY), engine))

    assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == status


def test_the_queue_is_counted(engine: SearchEngine) -> None:
    found = counted(LocalClient(create_app(Settings(), engine)))

    # the metrics themselves take no turn
    assert found["cognate_running",] == found["cognate_waiting",] == 0
    assert found["cognate_expected_wait_seconds",] == 0


def test_the_steps_of_an_answer_and_what_was_encoded_are_timed(engine: SearchEngine) -> None:
    client = LocalClient(create_app(Settings(), engine))
    steps = ("encode", "scan", "words", "names", "second_look", "facets", "read", "highlight")

    def numbers() -> dict[str, float]:
        found = counted(client)
        n_steps = {one: found.get(("cognate_step_seconds_count", one), 0) for one in steps}
        return n_steps | {"texts": found["cognate_encoded_texts_sum",]}

    before = numbers()
    client.get("/v1/search?q=how+moths+find+light&facet=authors")
    after = numbers()

    assert {name: after[name] - before[name] for name in after} == {
        **dict.fromkeys(steps, 1),
        # the question is looked at for slips, and for what it names
        "names": 2,
        "texts": 1,
    }
