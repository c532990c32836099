"""What Strimzi and CloudNativePG would do: a Kafka and a PostgreSQL of one server each, with TLS, logins and rights."""

import asyncio
from base64 import b64decode
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from events.acls import AclRight
from tests.cluster.api import Api, Refused, Resource, secret
from tests.secured.broker import PASSWORD, SecuredKafka
from tests.secured.certificates import Authority
from tests.secured.postgres import SecuredPostgres

OF_THE_CLUSTER = "strimzi.io/cluster"


class Strimzi:
    """One broker; what it may not be asked is more replicas."""

    def __init__(self, api: Api, names: dict[str, str], folder: Path) -> None:
        self.api = api
        self.names = names
        self.authority = Authority.make(folder / "of-kafka")
        self.broker = SecuredKafka(folder / "kafka", self.authority)

    async def applied(self, resource: Resource) -> None:
        """Act on Strimzi's kinds."""
        if resource["kind"] == "Kafka":
            await self._start(resource)
        elif resource["kind"] in {"KafkaTopic", "KafkaUser"}:
            metadata = resource["metadata"]
            self.api.get("Kafka", metadata["namespace"], metadata["labels"][OF_THE_CLUSTER])
            await (self._topic if resource["kind"] == "KafkaTopic" else self._user)(resource)

    async def _start(self, kafka: Resource) -> None:
        name, namespace = kafka["metadata"]["name"], kafka["metadata"]["namespace"]
        pools = self.api.of_kind("KafkaNodePool", namespace)
        if name not in [each["metadata"]["labels"][OF_THE_CLUSTER] for each in pools]:
            raise Refused(f"no KafkaNodePool of {name}")
        (listener,) = kafka["spec"]["kafka"]["listeners"]
        assert (listener["tls"], listener["authentication"]) == (True, {"type": "scram-sha-512"})
        await asyncio.to_thread(self.broker.start)
        self.names[f"{name}-kafka-bootstrap.{namespace}:{listener['port']}"] = self.broker.sasl
        ca = self.authority.certificate.read_text()
        await self.api.apply(secret(f"{name}-cluster-ca-cert", **{"ca.crt": ca}), namespace)

    async def _topic(self, topic: Resource) -> None:
        spec = topic["spec"]
        settings = {name: value for name, value in spec["config"].items() if name != "min.insync.replicas"}
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.internal)
        await admin.start()
        try:
            made = NewTopic(topic["metadata"]["name"], spec["partitions"], 1, topic_configs=settings)
            answer = await admin.create_topics([made])
            assert [code for _, code, *_ in answer.topic_errors] == [0], answer
        finally:
            await admin.close()

    async def _user(self, user: Resource) -> None:
        name, spec = user["metadata"]["name"], user["spec"]
        assert (spec["authentication"], spec["authorization"]["type"]) == ({"type": "scram-sha-512"}, "simple")
        granted = []
        for each in spec["authorization"]["acls"]:
            resource, operations = each["resource"], tuple(each["operations"])
            right = AclRight(resource["type"], resource["name"], operations)
            assert resource["patternType"] == right.pattern_type
            granted.append(right)
        await self.broker.grant(name, granted)
        await self.api.apply(secret(name, password=PASSWORD), user["metadata"]["namespace"])


class CloudNativePG:
    """One instance."""

    def __init__(self, api: Api, names: dict[str, str], folder: Path) -> None:
        self.api = api
        self.names = names
        self.authority = Authority.make(folder / "of-postgres")
        self.server = SecuredPostgres(folder / "postgres", self.authority)

    async def applied(self, resource: Resource) -> None:
        """Act on CloudNativePG's kinds."""
        spec = resource.get("spec", {})
        if resource["kind"] == "Cluster":
            await self._start(resource)
        elif resource["kind"] == "Database":
            self.api.get("Cluster", resource["metadata"]["namespace"], spec["cluster"]["name"])
            await self.server.execute(f"create database {spec['name']} owner {spec['owner']}")

    async def _start(self, cluster: Resource) -> None:
        name, namespace = cluster["metadata"]["name"], cluster["metadata"]["namespace"]
        logins = {}
        for role in cluster["spec"]["managed"]["roles"]:
            login = self.api.get("Secret", namespace, role["passwordSecret"]["name"])
            assert login["type"] == "kubernetes.io/basic-auth"
            given = {key: b64decode(value).decode() for key, value in login["data"].items()}
            assert given["username"] == role["name"]
            logins[role["name"]] = given["password"]
        await asyncio.to_thread(self.server.start)
        for role, password in logins.items():
            await self.server.execute(f"create role {role} login password '{password}'")
        self.names[f"{name}-rw.{namespace}:5432"] = f"127.0.0.1:{self.server.port}"
        await self.api.apply(secret(f"{name}-ca", **{"ca.crt": self.authority.certificate.read_text()}), namespace)
