"""What each service may do on Kafka, from the catalogue of topics: as commands of `kafka-acls.sh` or `KafkaUser`s.

`python -m events.acls` prints commands, `python -m events.acls strimzi` resources for Strimzi's operator: a
`KafkaTopic` for each topic, with the settings of the catalogue, and a `KafkaUser` for each service.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from events.topics import KEEP_FOR_EVER, SERVICES, TOPICS, Topic, dead_letter_topic, dead_letter_topic_name

INSTALLATION = "baton.installation.v1"
"""The topic that says whose Kafka it is."""
INSTALLATION_TOPIC = Topic(
    INSTALLATION,
    (),
    SERVICES,
    SERVICES,
    "Which installation this Kafka belongs to: the first record says it.",
    key="installation",
    retention_ms=KEEP_FOR_EVER,
    partitions=1,
)


@dataclass(frozen=True)
class AclRight:
    """Operations on one topic, or on all groups whose name begins with `name`."""

    kind: str
    name: str
    operations: tuple[str, ...]

    @property
    def pattern_type(self) -> str:
        """How `name` is compared."""
        return "prefix" if self.kind == "group" else "literal"


def list_rights(service: str) -> list[AclRight]:
    """Return the least that a service needs where somebody else makes the topics.

    It describes every topic, since its readiness says which are missing, and reads those that it writes: a restored
    database takes up from there what it had published.
    """
    found = []
    for topic in TOPICS:
        writes, reads = service in topic.producers, service in topic.consumers
        operations = ("Describe", *(("Read",) if reads or writes else ()), *(("Write",) if writes else ()))
        found.append(AclRight("topic", topic.name, operations))
    own = ("Describe", "Read", "Write")
    found += [AclRight("topic", name, own) for name in (dead_letter_topic_name(service), INSTALLATION)]
    return [*found, AclRight("group", service, ("Describe", "Read"))]


def build_acl_commands(server: str = '"$KAFKA_BOOTSTRAP_SERVERS"') -> Iterator[str]:
    """Return the commands that give each service its rights, as the principal `User:<service>`.

    One command takes all topics with the same operations; `ADMIN` is the file with an administrator's settings.
    """
    start = f'kafka-acls.sh --bootstrap-server {server} --command-config "$ADMIN" --add'
    for service in SERVICES:
        groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for right in list_rights(service):
            groups.setdefault((right.kind, right.operations), []).append(right.name)
        for (kind, operations), names in groups.items():
            arguments = [f"--allow-principal {quote(f'User:{service}')}"]
            arguments += [f"--operation {operation}" for operation in operations]
            arguments += [f"--{kind} {quote(name)}" for name in names]
            arguments += ["--resource-pattern-type prefixed"] if kind == "group" else []
            yield " ".join([start, *arguments])


def build_strimzi_yaml(cluster: str = "baton") -> str:
    """Return a `KafkaTopic` for each topic and a `KafkaUser` (SCRAM-SHA-512) for each service, as YAML."""
    topics = [*TOPICS, *map(dead_letter_topic, SERVICES), INSTALLATION_TOPIC]
    return "".join(
        [*(_topic_yaml(each, cluster) for each in topics), *(_user_yaml(service, cluster) for service in SERVICES)]
    )


def _topic_yaml(topic: Topic, cluster: str) -> str:
    settings = topic.settings() | {"min.insync.replicas": "2"}
    lines = [
        "---",
        "apiVersion: kafka.strimzi.io/v1",
        "kind: KafkaTopic",
        f"metadata: {{name: {topic.name}, labels: {{strimzi.io/cluster: {cluster}}}}}",
        "spec:",
        f"  partitions: {topic.partitions}",
        "  replicas: 3",
        "  config:",
        *(f'    {key}: "{value}"' for key, value in settings.items()),
    ]
    return "\n".join(lines) + "\n"


def _user_yaml(service: str, cluster: str) -> str:
    lines = [
        "---",
        "apiVersion: kafka.strimzi.io/v1",
        "kind: KafkaUser",
        f"metadata: {{name: {service}, labels: {{strimzi.io/cluster: {cluster}}}}}",
        "spec:",
        "  authentication: {type: scram-sha-512}",
        "  authorization:",
        "    type: simple",
        "    acls:",
    ]
    for right in list_rights(service):
        resource = f"{{type: {right.kind}, name: {right.name}, patternType: {right.pattern_type}}}"
        lines.append(f"      - {{resource: {resource}, operations: [{', '.join(right.operations)}]}}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Print commands, or with `strimzi` resources."""
    sys.stdout.write(build_strimzi_yaml() if arguments == ["strimzi"] else "\n".join(build_acl_commands()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
