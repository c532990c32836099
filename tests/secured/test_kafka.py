"""A Kafka with TLS, logins and rights: every way in works, and every wrong one is named in one line."""

import asyncio
import logging
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr

from baton import kafka_apache
from events.runtime import installation, kafka, topic_setup
from events.runtime.consumer import Consumer
from events.runtime.kafka import KafkaCluster, KafkaSecurity
from events.runtime.kafka_refusals import GRANT, find_login_refusal
from events.topics import CONTACTS_CAPTURED, Topic
from tests.secured.broker import PASSWORD, USER, SecuredKafka
from tests.secured.certificates import Authority
from tests.secured.endpoint import token_endpoint

pytestmark = pytest.mark.skipif(
    not kafka_apache.can_run_apache_kafka() or shutil.which("openssl") is None,
    reason="needs Java 17+, Maven and openssl",
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


def login(authority: Authority, **other: Any) -> KafkaSecurity:
    settings: dict[str, Any] = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        "ssl_ca_location": authority.certificate,
    }
    return KafkaSecurity(**settings | other)


def by_token(authority: Authority, endpoint: str, password: str = PASSWORD) -> KafkaSecurity:
    return KafkaSecurity(
        security_protocol="SASL_SSL",
        sasl_mechanism="OAUTHBEARER",
        sasl_oauthbearer_token_endpoint_url=endpoint,
        sasl_oauthbearer_client_id=USER,
        sasl_oauthbearer_client_secret=password,
        ssl_ca_location=authority.certificate,
    )


def by_certificate(authority: Authority) -> KafkaSecurity:
    certificate, key = authority.sign(USER)
    return KafkaSecurity(
        security_protocol="SSL",
        ssl_ca_location=authority.certificate,
        ssl_certificate_location=certificate,
        ssl_key_location=key,
    )


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_name_and_a_password_log_in(secured: SecuredKafka, authority: Authority, mechanism: str) -> None:
    assert await find_login_refusal(KafkaCluster(secured.sasl, login(authority, sasl_mechanism=mechanism))) == ""


async def test_a_token_and_a_certificate_log_in(secured: SecuredKafka, authority: Authority) -> None:
    with token_endpoint() as endpoint:
        assert await find_login_refusal(KafkaCluster(secured.sasl, by_token(authority, endpoint))) == ""
        assert "refuses KAFKA_SASL_OAUTHBEARER_CLIENT_ID or its secret (401)" in await find_login_refusal(
            KafkaCluster(secured.sasl, by_token(authority, endpoint, "wrong"))
        )
    assert "gives no token" in await find_login_refusal(KafkaCluster(secured.sasl, by_token(authority, endpoint)))
    assert await find_login_refusal(KafkaCluster(secured.tls, by_certificate(authority))) == ""


async def test_a_password_from_a_file_is_read_for_each_new_client(
    secured: SecuredKafka, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    cluster = KafkaCluster(secured.sasl, login(authority, sasl_password=None, sasl_password_file=file))
    assert (
        await find_login_refusal(cluster)
        == f"KAFKA_SASL_PASSWORD_FILE: {file} cannot be read: No such file or directory"
    )
    file.write_text("old\n")
    assert "refuses KAFKA_SASL_USERNAME or password" in await find_login_refusal(cluster)
    file.write_text(f"{PASSWORD}\n")
    assert await find_login_refusal(cluster) == ""


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_wrong_password_is_named(secured: SecuredKafka, authority: Authority, mechanism: str) -> None:
    wrong = login(authority, sasl_mechanism=mechanism, sasl_password="wrong")  # noqa: S106
    assert await find_login_refusal(KafkaCluster(secured.sasl, wrong)) == (
        f"{secured.sasl} refuses KAFKA_SASL_USERNAME or password ({mechanism})"
    )


async def test_every_other_mistake_is_named_in_one_line(
    secured: SecuredKafka, authority: Authority, tmp_path: Path
) -> None:
    other = Authority.make(tmp_path / "other")
    right, port = login(authority), secured.sasl.rpartition(":")[2]
    stranger = by_certificate(other).model_copy(update={"ssl_ca_location": authority.certificate})
    (no_pem := tmp_path / "no.pem").write_text("none")
    server = await asyncio.start_server(_hang_up, "127.0.0.1", 0)
    silent = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    own = by_certificate(authority)
    locked = own.model_copy(update={"ssl_key_location": authority.lock(USER, "right")})
    opened, wrong = (locked.model_copy(update={"ssl_key_password": SecretStr(text)}) for text in ("right", "wrong"))
    anothers = own.model_copy(update={"ssl_key_location": authority.sign("another")[1]})
    cases: list[tuple[str, KafkaSecurity, str]] = [
        (secured.sasl, login(other), "is not accepted (unable to get local issuer certificate)"),
        (f"localhost:{port}", right, "is not accepted (Hostname mismatch"),
        (secured.sasl, KafkaSecurity(), "it expects TLS or a login"),
        (secured.internal, right, "is KAFKA_SECURITY_PROTOCOL=SASL_SSL right?"),
        (secured.sasl, KafkaSecurity(security_protocol="SSL", ssl_ca_location=authority.certificate), "expects a cert"),
        (secured.tls, KafkaSecurity(security_protocol="SSL", ssl_ca_location=authority.certificate), "right?"),
        (secured.tls, stranger, "right?"),
        ("127.0.0.1:9", right, "nobody listens at 127.0.0.1:9"),
        ("no-such-host.invalid:9", right, "cannot connect to no-such-host.invalid:9"),
        (secured.sasl, login(authority, ssl_ca_location=tmp_path / "none.pem"), "KAFKA_SSL_CA_LOCATION"),
        (secured.sasl, login(authority, ssl_ca_location=no_pem), "there is no certificate in it"),
        (secured.tls, locked, "a key that KAFKA_SSL_KEY_PASSWORD does not open"),
        (secured.tls, wrong, "a key that KAFKA_SSL_KEY_PASSWORD does not open"),
        (secured.tls, opened, ""),
        (secured.tls, anothers, "the key belongs to another certificate"),
        (secured.sasl, login(authority, sasl_username=USER.upper()), "refuses KAFKA_SASL_USERNAME or password"),
        (silent, right, "is it Kafka's port"),
    ]
    for address, security, expected in cases:
        reason = await find_login_refusal(KafkaCluster(address, security))
        assert expected in reason, (address, security.security_protocol, reason)
        assert bool(reason) is bool(expected)
        assert "\n" not in reason
        assert PASSWORD not in reason
    server.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a server of something else does that gets what it does not understand."""
    writer.close()


async def test_an_expired_certificate_of_the_broker_is_named(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "expired")
    certificate, key = authority.sign("broker", days=-1)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(_hang_up, "127.0.0.1", 0, ssl=context)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    reason = await find_login_refusal(KafkaCluster(address, login(authority)))
    server.close()
    assert f"the certificate of {address} is not accepted (certificate has expired)" in reason


async def test_with_no_more_than_its_rights_a_service_finds_writes_and_reads_its_topics(
    secured: SecuredKafka, authority: Authority
) -> None:
    mine = installation.derive_installation_name("ours")
    await topic_setup.TopicSetup(
        servers=secured.internal, service=SERVICE, replication_factor=1, installed=mine
    ).create_missing()
    cluster = KafkaCluster(secured.sasl, login(authority))
    before = topic_setup.TopicSetup(servers=cluster, service=SERVICE, replication_factor=1)
    await before.create_missing()
    assert before.missing  # without rights it sees none of them, and may make none
    await secured.allow(SERVICE)
    topics = topic_setup.TopicSetup(servers=cluster, service=SERVICE, replication_factor=1, installed=mine)
    await topics.create_missing()
    assert (topics.missing, topics.reason) == ([], "")
    await _send(cluster, "feedback.dead-letters")
    with pytest.raises(Exception, match="TopicAuthorizationFailed"):
        await _send(cluster, "contacts.captured.v1")


async def test_each_right_that_is_missing_is_named(secured: SecuredKafka, authority: Authority) -> None:
    """Without some topics, without the group: a line each says which, and what to grant."""
    service, cluster = "routing", KafkaCluster(secured.sasl, login(authority, sasl_username="routing"))
    await topic_setup.TopicSetup(servers=secured.internal, service=service, replication_factor=1).create_missing()
    await secured.allow(
        service, but={("topic", "leads.qualified.v1"), ("topic", "leads.worked.v1"), ("group", service)}
    )
    topics = topic_setup.TopicSetup(servers=cluster, service=service, replication_factor=1)
    await topics.create_missing()
    (complaint,) = topics.complaints_about_missing_topics
    assert complaint.startswith(
        "topic leads.qualified.v1, leads.worked.v1 is missing: or User:routing may neither see (Describe) nor make"
    )
    assert complaint.endswith(GRANT)
    denied = await _denied(cluster, service, CONTACTS_CAPTURED)
    assert denied == f"User:routing has no right Read on the group routing: {GRANT}"


async def _denied(cluster: KafkaCluster, group: str, topic: Topic) -> str | None:
    """Return what a service's consumer says that it may not do."""

    def nobody(came: object = None) -> Any:
        raise TimeoutError(came)

    async def apply(_: object, __: object) -> None:
        """Nothing arrives."""

    consumer = Consumer(group=group, servers=cluster, handlers={topic: apply}, transaction=nobody)
    running = asyncio.create_task(consumer.run())
    try:
        await _until(lambda: consumer.denied)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return consumer.denied


async def test_a_kafka_of_another_installation_is_refused(secured: SecuredKafka) -> None:
    """X48: two installations on one broker by mistake; the second makes, reads and sends nothing, and says why."""
    mine = await installation.read_kafka_owner(secured.internal) or installation.derive_installation_name("ours")
    await topic_setup.TopicSetup(
        servers=secured.internal, service="a", replication_factor=1, installed=mine
    ).create_missing()
    other = topic_setup.TopicSetup(servers=secured.internal, service="b", replication_factor=1, installed="0002")
    making = asyncio.create_task(other.create_missing())
    try:
        await _until(lambda: other.reason)
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
    assert "belongs to the installation" in other.reason


async def _until(holds: Callable[[], object]) -> None:
    """Wait until something holds, with a deadline."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what another process answered
            await asyncio.sleep(0.05)


async def _send(cluster: KafkaCluster, topic: str) -> None:
    producer = AIOKafkaProducer(**kafka.client_arguments(cluster))
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"value")
    finally:
        await producer.stop()


async def test_topics_are_listed_by_an_administrator(secured: SecuredKafka, authority: Authority) -> None:
    admin = AIOKafkaAdminClient(**kafka.client_arguments(KafkaCluster(secured.sasl, login(authority))))
    await admin.start()
    try:
        assert "baton.installation.v1" in await admin.list_topics()
    finally:
        await admin.close()
