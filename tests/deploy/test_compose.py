"""The Compose file asks for exactly the secrets that `.env.example` lists, and has no default."""

import re
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
