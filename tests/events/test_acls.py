"""Rights on Kafka, from the catalogue: what each service needs and no more."""

import pytest
import yaml

from events.acls import build_acl_commands, build_strimzi_yaml, list_rights
from events.topics import SERVICES, TOPICS


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_what_it_consumes_writes_what_it_produces_and_sees_all(service: str) -> None:
    found = {right.name: set(right.operations) for right in list_rights(service) if right.kind == "topic"}
    for topic in TOPICS:
        assert "Describe" in found[topic.name]
        assert ("Write" in found[topic.name]) == (service in topic.producers)
        assert ("Read" in found[topic.name]) == (service in topic.producers or service in topic.consumers)
    assert found[f"{service}.dead-letters"] == {"Describe", "Read", "Write"}
    assert not any(name.endswith(".dead-letters") and not name.startswith(service) for name in found)


def test_no_groups_of_a_service_begin_like_another_service() -> None:
    assert not any(service != other and service.startswith(other) for service in SERVICES for other in SERVICES)


def test_strimzi_and_the_commands_say_the_same() -> None:
    users = [each for each in yaml.safe_load_all(build_strimzi_yaml()) if each["kind"] == "KafkaUser"]
    assert [user["metadata"]["name"] for user in users] == list(SERVICES)
    for user in users:
        granted = {(acl["resource"]["name"], tuple(acl["operations"])) for acl in user["spec"]["authorization"]["acls"]}
        service = user["metadata"]["name"]
        assert granted == {(right.name, right.operations) for right in list_rights(service)}
        lines = [line for line in build_acl_commands() if f"User:{service}" in line]
        for name, operations in granted:
            assert any(
                f" {name}" in line and all(f"--operation {each}" in line for each in operations) for line in lines
            )


def test_strimzi_makes_each_topic_that_a_service_would_make() -> None:
    made = {
        each["metadata"]["name"]: each["spec"]
        for each in yaml.safe_load_all(build_strimzi_yaml())
        if "replicas" in each["spec"]
    }
    assert made.keys() == {
        right.name for service in SERVICES for right in list_rights(service) if right.kind == "topic"
    }
    for topic in TOPICS:
        assert made[topic.name]["partitions"] == topic.partitions
        assert topic.settings().items() <= made[topic.name]["config"].items()
    assert all(spec["config"]["min.insync.replicas"] == "2" for spec in made.values())
