"""The API's description: stored, so that a change of the interface shows in review.

Write it anew with: python -m tests.service.test_openapi
"""

import json
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.settings import Settings

GOLDEN = Path(__file__).with_name("openapi.json")


def described() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def to_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_description_is_the_stored_one() -> None:
    hint = "write it anew with: python -m tests.service.test_openapi"

    assert to_text(described()) == GOLDEN.read_text(encoding="utf-8"), hint


def test_the_description_is_made_once() -> None:
    app = create_app(Settings())

    assert app.openapi() is app.openapi()


@pytest.mark.parametrize("path", ["/v1/search", "/v1/articles/{article_id}/similar"])
def test_faults_are_described_in_the_one_shape_and_never_as_422(path: str) -> None:
    for operation in described()["paths"][path].values():
        responses = operation["responses"]
        assert "422" not in responses
        for status in ("400", "401", "500", "503"):
            schema = responses[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}


def test_every_operation_and_parameter_is_described() -> None:
    for path in described()["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            for parameter in operation.get("parameters", []):
                assert parameter["in"] == "path" or parameter["description"]


if __name__ == "__main__":
    GOLDEN.write_text(to_text(described()), encoding="utf-8")
