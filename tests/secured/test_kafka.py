"""A Kafka with TLS, logins and rights: every way in works, and every wrong one is named in one line."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from baton import kafka_apache
from events.runtime import installation, kafka, topic_setup
from events.runtime.kafka import Cluster, Security
from events.runtime.kafka_refusals import refusal
from tests.secured.broker import PASSWORD, USER, SecuredKafka
from tests.secured.certificates import Authority
from tests.secured.endpoint import token_endpoint

pytestmark = pytest.mark.skipif(
    not kafka_apache.is_possible() or shutil.which("openssl") is None, reason="needs Java 17+, Maven and openssl"
)

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
SERVICE = USER


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> AsyncIterator[SecuredKafka]:
    broker = SecuredKafka(tmp_path_factory.mktemp("secured") / "kafka", authority)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        await asyncio.to_thread(broker.start)
        yield broker
    finally:
        await asyncio.to_thread(broker.stop)


def login(authority: Authority, **other: Any) -> Security:
    settings: dict[str, Any] = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        "ssl_ca_location": authority.certificate,
    }
    return Security(**settings | other)


def by_token(authority: Authority, endpoint: str, password: str = PASSWORD) -> Security:
    return Security(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauthbearer_token_endpoint_url=endpoint,
        sasl_oauthbearer_client_id=USER,
        sasl_oauthbearer_client_secret=password,
        ssl_ca_location=authority.certificate,
    )


def by_certificate(authority: Authority) -> Security:
    certificate, key = authority.sign(USER)
    return Security(
        security_protocol="SSL",
        ssl_ca_location=authority.certificate,
        ssl_certificate_location=certificate,
        ssl_key_location=key,
    )


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_name_and_a_password_log_in(secured: SecuredKafka, authority: Authority, mechanism: str) -> None:
    assert await refusal(Cluster(secured.sasl, login(authority, sasl_mechanism=mechanism))) == ""


async def test_a_token_and_a_certificate_log_in(secured: SecuredKafka, authority: Authority) -> None:
    with token_endpoint() as endpoint:
        assert await refusal(Cluster(secured.sasl, by_token(authority, endpoint))) == ""
        assert "refuses KAFKA_SASL_OAUTHBEARER_CLIENT_ID or its secret (401)" in await refusal(
            Cluster(secured.sasl, by_token(authority, endpoint, "wrong"))
        )
    assert "gives no token" in await refusal(Cluster(secured.sasl, by_token(authority, endpoint)))
    assert await refusal(Cluster(secured.tls, by_certificate(authority))) == ""


async def test_a_password_from_a_file_is_read_for_each_new_client(
    secured: SecuredKafka, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    cluster = Cluster(secured.sasl, login(authority, sasl_password=None, sasl_password_file=file))
    assert await refusal(cluster) == f"KAFKA_SASL_PASSWORD_FILE: {file} cannot be read: No such file or directory"
    file.write_text("old\n")
    assert "refuses KAFKA_SASL_USERNAME or password" in await refusal(cluster)
    file.write_text(f"{PASSWORD}\n")
    assert await refusal(cluster) == ""


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_wrong_password_is_named(secured: SecuredKafka, authority: Authority, mechanism: str) -> None:
    wrong = login(authority, sasl_mechanism=mechanism, sasl_password="wrong")  # noqa: S106
    assert await refusal(Cluster(secured.sasl, wrong)) == (
        f"{secured.sasl} refuses KAFKA_SASL_USERNAME or password ({mechanism})"
    )


async def test_every_other_mistake_is_named_in_one_line(
    secured: SecuredKafka, authority: Authority, tmp_path: Path
) -> None:
    other = Authority.make(tmp_path / "other")
    right, port = login(authority), secured.sasl.rpartition(":")[2]
    stranger = by_certificate(other).model_copy(update={"ssl_ca_location": authority.certificate})
    cases: list[tuple[str, Security, str]] = [
        (secured.sasl, login(other), "is not accepted (unable to get local issuer certificate)"),
        (f"localhost:{port}", right, "is not accepted (Hostname mismatch"),
        (secured.sasl, Security(), "it expects TLS or a login"),
        (secured.internal, right, "is KAFKA_SECURITY_PROTOCOL=SASL_SSL right?"),
        (secured.sasl, Security(security_protocol="SSL", ssl_ca_location=authority.certificate), "expects a cert"),
        (secured.tls, Security(security_protocol="SSL", ssl_ca_location=authority.certificate), "right?"),
        (secured.tls, stranger, "right?"),
        ("127.0.0.1:9", right, "nobody listens at 127.0.0.1:9"),
        ("no-such-host.invalid:9", right, "cannot connect to no-such-host.invalid:9"),
        (secured.sasl, login(authority, ssl_ca_location=tmp_path / "none.pem"), "KAFKA_SSL_CA_LOCATION"),
    ]
    for address, security, expected in cases:
        reason = await refusal(Cluster(address, security))
        assert expected in reason, (address, security.security_protocol, reason)
        assert "\n" not in reason
        assert PASSWORD not in reason


async def test_with_no_more_than_its_rights_a_service_finds_writes_and_reads_its_topics(
    secured: SecuredKafka, authority: Authority
) -> None:
    mine = installation.name("ours")
    await topic_setup.Topics(servers=secured.internal, service=SERVICE, replication_factor=1, installed=mine).make()
    cluster = Cluster(secured.sasl, login(authority))
    before = topic_setup.Topics(servers=cluster, service=SERVICE, replication_factor=1)
    await before.make()
    assert before.missing  # without rights it sees none of them, and may make none
    await secured.allow(SERVICE)
    topics = topic_setup.Topics(servers=cluster, service=SERVICE, replication_factor=1, installed=mine)
    await topics.make()
    assert (topics.missing, topics.reason) == ([], "")
    await _send(cluster, "feedback.dead-letters")
    with pytest.raises(Exception, match="TopicAuthorizationFailed"):
        await _send(cluster, "contacts.captured.v1")


async def test_a_kafka_of_another_installation_is_refused(secured: SecuredKafka) -> None:
    """X48: two installations on one broker by mistake; the second makes, reads and sends nothing, and says why."""
    mine = await installation.owner_of(secured.internal) or installation.name("ours")
    await topic_setup.Topics(servers=secured.internal, service="a", replication_factor=1, installed=mine).make()
    other = topic_setup.Topics(servers=secured.internal, service="b", replication_factor=1, installed="0002")
    making = asyncio.create_task(other.make())
    try:
        await _reason_of(other)
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
    assert "belongs to the installation" in other.reason


async def _reason_of(topics: topic_setup.Topics) -> None:
    """Wait until something is wrong, with a deadline."""
    async with asyncio.timeout(30):
        while not topics.reason:  # noqa: ASYNC110 - what another process answered
            await asyncio.sleep(0.05)


async def _send(cluster: Cluster, topic: str) -> None:
    producer = AIOKafkaProducer(**kafka.client(cluster))
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"value")
    finally:
        await producer.stop()


async def test_topics_are_listed_by_an_administrator(secured: SecuredKafka, authority: Authority) -> None:
    admin = AIOKafkaAdminClient(**kafka.client(Cluster(secured.sasl, login(authority))))
    await admin.start()
    try:
        assert "baton.installation.v1" in await admin.list_topics()
    finally:
        await admin.close()
