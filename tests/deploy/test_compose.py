"""The Compose file asks for exactly the secrets that `.env.example` lists, and has no default."""

import re
import subprocess
from pathlib import Path

import yaml

from baton.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_every_variable_is_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", COMPOSE))
    listed = re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert {name for name, _ in listed} == wanted
    assert not any(value for _, value in listed)


def test_no_secret_has_a_default() -> None:
    assert not re.findall(r"\$\{\w+:?-", COMPOSE)


def test_the_services_run_as_they_do_on_one_machine() -> None:
    composed = yaml.safe_load(COMPOSE)["services"]
    for service in SERVICES:
        part = composed[service.name]
        assert part["command"] == ["python", "-m", service.module]
        assert part["environment"]["BATON_SERVICE"] == service.name
        assert part["ports"] == [f"127.0.0.1:{service.port(8000)}:8000"]


def test_a_one_shot_prints_the_first_key() -> None:
    """Of all that it is given it prints the key alone, whatever runs or does not."""
    part = yaml.safe_load(COMPOSE)["services"]["first-key"]
    given = {name: value.replace("${BATON_BOOTSTRAP_KEY}", "bk_first") for name, value in part["environment"].items()}
    done = subprocess.run(
        [*part["entrypoint"], *part.get("command", [])], env={"PATH": "/usr/bin:/bin"} | given,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "bk_first\n"
    assert (part["network_mode"], part["depends_on"], part["profiles"]) == ("none", {}, ["tools"])


def test_nothing_takes_all_of_the_memory() -> None:
    """Each part has a limit; the whole of it fits on a machine with 8 GiB."""
    parts = yaml.safe_load(COMPOSE)["services"]
    limits = {name: part.get("mem_limit", "") for name, part in parts.items()}
    assert all(re.fullmatch(r"\d+[mg]", limit) for limit in limits.values()), limits
    running = [limit for name, limit in limits.items() if "profiles" not in parts[name]]
    assert sum(int(limit[:-1]) * (1024 if limit[-1] == "g" else 1) for limit in running) <= 8 * 1024 + 512


def test_prometheus_and_alertmanager_are_given_their_files() -> None:
    """Each severity of an alert has somebody who is to receive it."""
    parts = yaml.safe_load(COMPOSE)["services"]
    folder = ROOT / "deploy" / "prometheus"
    watching = yaml.safe_load((folder / "prometheus.yml").read_text())
    (target,) = watching["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert target.partition(":")[0] in parts
    found = yaml.safe_load((folder / "alertmanager.yml").read_text())
    named = {found["route"]["receiver"], *(route["receiver"] for route in found["route"]["routes"])}
    assert named == {receiver["name"] for receiver in found["receivers"]}
