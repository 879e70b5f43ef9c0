"""Settings: read from variables, refused where unknown, wrong or unsafe."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.query import Limits
from service.reranking import Reranking
from service.settings import Settings, SettingsError, is_loopback

KEY = "0123456789abcdef"


def test_without_variables_the_service_is_for_this_machine_alone() -> None:
    settings = Settings.from_env({"PATH": "/bin"})

    assert settings == Settings()
    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8000, None)


def test_variables_are_read_as_what_they_are() -> None:
    settings = Settings.from_env(
        {
            "COGNATE_INDEX": "/data",
            "COGNATE_PORT": " 9000 ",
            "COGNATE_PUBLIC": "Yes",
            "COGNATE_RELOAD_POLL_S": "0.5",
            "COGNATE_HOST": "",
            "COGNATE_MAX_LIMIT": "50",
            "COGNATE_RERANK": "0",
            "COGNATE_RERANK_MS": "500",
        }
    )

    assert settings == Settings(
        index=Path("/data"),
        port=9000,
        public=True,
        reload_poll_s=0.5,
        max_limit=50,
        rerank=0,
        rerank_ms=500,
    )


def test_an_unknown_variable_stops_the_start_and_the_nearest_is_named() -> None:
    with pytest.raises(SettingsError, match=r"COGNATE_PROT is no setting; .* COGNATE_PORT"):
        Settings.from_env({"COGNATE_PROT": "1"})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("PORT", "http", "COGNATE_PORT is 'http', which is not a whole number"),
        ("PUBLIC", "perhaps", "COGNATE_PUBLIC is 'perhaps', which is not true or false"),
        ("RELOAD_POLL_S", "soon", "not a number"),
        ("PORT", "65536", "a port is 0 to 65535"),
        ("RELOAD_POLL_S", "-1", "0 or more seconds"),
        ("RELOAD_POLL_S", "nan", "0 or more seconds"),
        ("RERANK", "-1", "COGNATE_RERANK is -1; give 0 to 100"),
        ("RERANK", "101", "COGNATE_RERANK is 101; give 0 to 100"),
        ("RERANK", "all", "not a whole number"),
        ("RERANK_MS", "-1", "0 or more milliseconds"),
        ("RERANK_MS", "1.5", "not a whole number"),
        ("CACHE", "-1", "COGNATE_CACHE is -1; give 0 or more answers"),
        ("HEADER_S", "0", "COGNATE_HEADER_S is 0.0; give more than 0 seconds"),
        ("STREAM_S", "inf", "more than 0 seconds"),
        ("BODY_S", "nan", "more than 0 seconds"),
        ("STALL_S", "soon", "which is not a number"),
        ("STOP_S", "0", "give 1 or more"),
        ("WORKERS", "0", "give 1 or more"),
        ("MAX_WAIT_MS", "0.5", "not a whole number"),
        ("TIMEOUT_MS", "60001", "more than COGNATE_MAX_TIMEOUT_MS, which is 60000"),
        ("MAX_LIMIT", "0", "COGNATE_MAX_LIMIT is 0; give 1 or more"),
        ("MAX_MATCHES", "0", "COGNATE_MAX_MATCHES is 0; give 1 or more"),
        ("MAX_MATCHES", "many", "COGNATE_MAX_MATCHES is 'many', which is not a whole number"),
        ("API_KEY", "short", "16 or more"),
        ("API_KEY", "with a space in between", "without spaces"),
        ("API_KEY", "ümlauts-are-not-ascii", "ASCII"),
        ("API_KEY", "a-colon:would-split-it", "colons"),
        ("HOST", "0.0.0.0", "set COGNATE_API_KEY or COGNATE_API_KEYS, or COGNATE_PUBLIC=true"),
        ("HOST", "example.org", "other machines can reach"),
        ("LOG", "all", "not one of none, requests, questions"),
        ("CORS_ORIGINS", "*", "which is no origin"),
        ("CORS_ORIGINS", "https://a.org,b.org", "'b.org', which is no origin"),
        ("CORS_ORIGINS", "https://a.org/path", "which is no origin"),
    ],
)
def test_a_value_that_cannot_be_right_or_safe_stops_the_start(
    name: str, text: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.from_env({f"COGNATE_{name}": text})


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(SettingsError, match=r"PORT.*; .*MAX_BATCH_IDS"):
        Settings(port=-1, max_batch_ids=0)


@pytest.mark.parametrize("safe", [{"api_key": KEY}, {"api_keys": Path("keys")}, {"public": True}])
def test_another_host_needs_a_key_or_to_be_public(safe: dict[str, object]) -> None:
    values: dict[str, object] = {"host": "0.0.0.0", **safe}

    assert Settings(**values).host == "0.0.0.0"  # type: ignore[arg-type]  # a table of values


def test_origins_are_read_with_commas_between_them() -> None:
    settings = Settings.from_env({"COGNATE_CORS_ORIGINS": "https://a.org/, http://localhost:3000"})

    assert settings.cors_origins == ("https://a.org", "http://localhost:3000")


def test_the_limits_of_a_query_are_those_set() -> None:
    settings = Settings(max_matches=1, max_query_chars=2, max_limit=3, max_batch_ids=4)

    assert settings.limits == Limits(max_matches=1, max_query_chars=2, max_limit=3, max_batch_ids=4)
    assert Settings().limits == Limits()


def test_a_reranker_gets_the_number_and_the_time_that_are_set() -> None:
    assert Settings(rerank=5, rerank_ms=250).reranking == Reranking(5, 0.25)
    assert Settings().reranking == Reranking()


def test_a_changed_copy_is_checked_again() -> None:
    with pytest.raises(SettingsError):
        replace(Settings(), host="::")


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(Settings(api_key=KEY))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_told_from_other_hosts(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_table_describes_every_setting() -> None:
    table = Settings.table()

    assert ("COGNATE_PORT", 8000) in [(name, default) for name, default, _ in table]
    assert all(about.unit and about.description for _, _, about in table)
