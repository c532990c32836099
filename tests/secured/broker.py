"""Apache Kafka with TLS, every login that Baton offers, and access control lists."""

import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Container, Iterable
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from baton import kafka_apache, processes
from baton.kafka import is_kafka_ready
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from events.acls import AclRight, list_rights
from events.topics import SERVICES
from tests.secured.certificates import Authority

PASSWORD = "correct horse battery staple"  # noqa: S105 - for a broker that lives as long as a test
USER = "feedback"
"""Every way to log in ends as this principal, or as a service with the same password."""

TOPIC, GROUP, LITERAL, PREFIXED, ALLOW = 2, 3, 3, 4, 3
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8}
"""The numbers of Kafka's protocol."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=INTERNAL://{host}:{internal},SASL_SSL://{host}:{sasl},SSL://{host}:{tls},CONTROLLER://{host}:{controller}
advertised.listeners=INTERNAL://{host}:{internal},SASL_SSL://{host}:{sasl},SSL://{host}:{tls}
listener.security.protocol.map=INTERNAL:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={ca}
ssl.principal.mapping.rules=RULE:^CN=(.*?)$/$1/
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={jaas}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={jaas}.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config={jaas}.plain.PlainLoginModule required user_{user}="{password}";
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config={jaas}.oauthbearer.OAuthBearerLoginModule required \
unsecuredLoginStringClaim_sub="broker";
"""


class SecuredKafka:
    """One broker; `internal` is a listener without security, for the tests themselves."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder = folder
        self.authority = authority
        self.internal, self.sasl, self.tls = (f"{LOOPBACK}:{free_port()}" for _ in range(3))
        self._java = kafka_apache._java_command(kafka_apache._fetch_jars(), folder / "log4j2.yaml")
        self._running: Running | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate, key = self.authority.sign("broker")
        (self.folder / "broker.pem").write_text(key.read_text() + certificate.read_text())
        (self.folder / "log4j2.yaml").write_text(kafka_apache.LOGGING.format(log=self.folder / "kafka.log"))
        properties = self.folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(
                host=LOOPBACK, controller=free_port(), internal=self._port(self.internal), sasl=self._port(self.sasl),
                tls=self._port(self.tls), folder=self.folder, ca=self.authority.certificate, user=USER,
                password=PASSWORD, jaas="org.apache.kafka.common.security",
            )
        )  # fmt: skip
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._run(
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(properties),
            *(
                f"--add-scram={kind}=[name={name},password={PASSWORD}]"
                for name in SERVICES
                for kind in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            ),
        )  # fmt: skip
        program = Program(
            name="Kafka", argv=(*self._java, "kafka.Kafka", str(properties)), log=self.folder / "kafka.log",
            directory=self.folder,
        )  # fmt: skip
        self._running = processes.start_program(program, lambda: is_kafka_ready(self.internal), 90.0)

    async def allow(self, service: str, but: Container[tuple[str, str]] = ()) -> None:
        """Grant a service the rights that `events.acls` lists, as an administrator does, but for some: (kind, name)."""
        await self.grant(service, [right for right in list_rights(service) if (right.kind, right.name) not in but])

    async def grant(self, service: str, granted: Iterable[AclRight]) -> None:
        """Grant a service some rights."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.internal)
        await admin.start()
        try:
            for right in granted:
                kind, pattern = (TOPIC, LITERAL) if right.kind == "topic" else (GROUP, PREFIXED)
                for operation in right.operations:
                    request = CreateAclsRequest(
                        kind, right.name, pattern, f"User:{service}", "*", OPERATIONS[operation], ALLOW
                    )
                    answer = await admin._send_request(request)
                    assert [error for error, *_ in answer.creation_responses] == [0]
        finally:
            await admin.close()

    def login(self, service: str) -> dict[str, str]:
        """Return the variables with which a service logs in."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.sasl,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": service,
            "KAFKA_SASL_PASSWORD": PASSWORD,
            "KAFKA_SSL_CA_LOCATION": str(self.authority.certificate),
        }

    def stop(self) -> None:
        if self._running is not None:
            self._running.stop(20.0)

    @staticmethod
    def _port(address: str) -> str:
        return address.rpartition(":")[2]

    def _run(self, *arguments: str) -> None:
        done = subprocess.run((*self._java, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
