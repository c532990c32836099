"""Settings for a secured Kafka and secrets from files: what does not fit is named, and no value is shown."""

from pathlib import Path

import pytest

from events.runtime import starting
from events.runtime.kafka import KafkaSecurity
from events.runtime.settings import Settings

SECRET = "hunter2-hunter2"  # noqa: S105 - for these tests alone


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_DATABASE_URL", "postgresql://a@127.0.0.1/a")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    monkeypatch.setenv("BATON_SECRET", SECRET)


def complaint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        starting.check_settings(Settings)
    assert ended.value.code == 2
    output = capsys.readouterr().err
    assert SECRET not in output
    return output


def test_plain_is_what_nobody_asked_otherwise() -> None:
    assert Settings().kafka.security.options() == {"security_protocol": "PLAINTEXT"}


def test_a_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BATON_SECRET")
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("BATON_SECRET_FILE", str(tmp_path / "secret"))
    assert Settings().secret.get_secret_value() == "from a file"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_SECURITY_PROTOCOL=SASL_SSL needs KAFKA_SASL_MECHANISM"),
        ({"KAFKA_SASL_MECHANISM": "PLAIN"}, "KAFKA_SASL_MECHANISM needs SASL_SSL"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"},
            "KAFKA_SASL_MECHANISM=SCRAM-SHA-256 needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "OAUTHBEARER"},
            "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL",
        ),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL: Input should be 'PLAINTEXT'"),
        ({"KAFKA_SSL_KEY_LOCATION": "/k"}, "need each other"),
        ({"KAFKA_SASL_PASSWORD": SECRET, "KAFKA_SASL_PASSWORD_FILE": "/k"}, "set only one of them"),
        ({"BATON_SECRET_FILE": "/k"}, "BATON_SECRET and BATON_SECRET_FILE are both set"),
        ({"BATON_DATABASE_URL": "", "BATON_DATABASE_URL_FILE": "/none/url"}, "BATON_DATABASE_URL_FILE: /none/url"),
        ({"BATON_LOG_LEVEL": "loud"}, "BATON_LOG_LEVEL: Input should be 'DEBUG'"),
        ({"BATON_DATABASE_URL": "mysql://a"}, "BATON_DATABASE_URL: a database URL begins with postgresql://"),
        ({"BATON_DATABASE_URL": "postgresql://a:hunter2-hunter2@x@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:hunter2-hunter2/x@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:8/hunter2-hunter2@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:hunter2-hunter2#x@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:8#hunter2-hunter2@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:8?hunter2-hunter2@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a:hunter2-hunter2[@h/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a@h:port/a"}, "@ is written as %40"),
        ({"BATON_DATABASE_URL": "postgresql://a@h/a?sslmode=verify-full", "HOME": "/none"}, "needs sslrootcert="),
        ({"BATON_DATABASE_URL": "postgresql://a@h/a?sslmode=VERIFY-FULL"}, "sslmode is one of"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "SASL_SSL://h:9092"}, "KAFKA_BOOTSTRAP_SERVERS: host:port,host:port"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "h:9092,"}, "KAFKA_BOOTSTRAP_SERVERS: host:port,host:port"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "h:kafka"}, "KAFKA_BOOTSTRAP_SERVERS: host:port,host:port"),
        ({"KAFKA_SECURITY_PROTOCOL": "sasl_ssl"}, "KAFKA_SECURITY_PROTOCOL: Input should be 'PLAINTEXT'"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "scram-sha-512"},
            "KAFKA_SASL_MECHANISM: Input should be 'PLAIN'",
        ),
        ({"BATON_BOOTSTRAP_KEY": "letmein"}, "BATON_BOOTSTRAP_KEY: a key is bk_<id>_<secret>"),
        ({"BATON_PORT": "http"}, "BATON_PORT: Input should be a valid integer"),
    ],
)
def test_what_does_not_fit_ends_the_process_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], expected: str
) -> None:
    output = complaint(monkeypatch, capsys, **variables)
    assert expected in output
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a:p%40ss%2F%25@h.example:5432/a",
        "postgresql://a:50%off:x@h.example:5432/a",
        "postgresql://h/a",
        "postgresql://a@[::1]:5432/a",
        "postgresql://a:b@h1:5432,h2:5433/a?sslmode=require",
        "postgresql:///a?host=/run/postgresql&user=a",
    ],
)
def test_what_is_written_right_is_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_DATABASE_URL", url)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka, k2.example:9093,[::1]:9092")
    assert Settings().database_url.get_secret_value() == url


def test_a_file_of_authorities_where_libpq_looks_for_it_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    monkeypatch.setenv("BATON_DATABASE_URL", "postgresql://a@h/a?sslmode=verify-full")
    assert Settings().database_url


def test_all_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("BATON_DATABASE_URL")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS")
    output = complaint(monkeypatch, capsys)
    assert "BATON_DATABASE_URL: Field required" in output
    assert "KAFKA_BOOTSTRAP_SERVERS: Field required" in output


def test_a_login_needs_no_default() -> None:
    assert not KafkaSecurity().uses_sasl
    assert not KafkaSecurity().uses_tls


def test_a_log_level_is_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_LOG_LEVEL", "debug")
    assert Settings().log_level == "DEBUG"
