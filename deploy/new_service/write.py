"""Write a service that passes every check: `make new-service NAME=renewals`.

What stands under `template` is a whole service named `newcomer`, with its tests; it is copied under the new name. What
all services stand in (topics, compose, Kubernetes, import rules, rights) gets its line behind the desk's.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"[a-z]{3,20}")
PORTS = re.compile(r'Service\("[a-z-]+", "\w+", (\d+)')


class Refused(Exception):
    """The service cannot be written; the message says why."""


def inserted(pattern: str, line: str) -> Callable[[str], str]:
    """Return what puts a text behind each place that a pattern finds."""

    def edit(text: str) -> str:
        found, count = re.subn(pattern, lambda match: match[0] + line, text, flags=re.MULTILINE | re.DOTALL)
        if not count:
            raise Refused(f"nothing looks like {pattern!r}: it was changed, and deploy/new_service/write.py was not")
        return found

    return edit


def before(pattern: str, block: str) -> Callable[[str], str]:
    """Return what puts a text before the first place that a pattern finds."""

    def edit(text: str) -> str:
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            raise Refused(f"nothing looks like {pattern!r}: it was changed, and deploy/new_service/write.py was not")
        return text[: match.start()] + block + text[match.start() :]

    return edit


def connection(name: str, prefix: str) -> str:
    """Return the property under which a client's front has it."""
    folder = f"{prefix.lower()}_operations".lstrip("_")
    module = f"{prefix.lower()}_{name}".lstrip("_")
    kind = f"{prefix}{name.title()}"
    return (
        f'    @cached_property\n    def {name}(self) -> "{module}.{kind}":\n'
        f'        """{PURPOSE.capitalize()}."""\n'
        f"        from baton_client.generated.{folder}.{name} import {kind}  # noqa: PLC0415 - likewise\n\n"
        f'        return {kind}(self._connect("{name}"))\n\n'
    )


Edits = Iterator[tuple[str, Callable[[str], str]]]
"""Files that name all services, and what is done to each."""
PURPOSE = "who needs to be looked at, and who has looked"


def of_packages(name: str) -> Edits:
    """Add it to the workspace's tools and import rules, and to what the command `baton` runs."""
    tools, local = "pyproject.toml", "deploy/local/pyproject.toml"
    yield tools, inserted(r'"desk"(?=[,\]])', f', "{name}"')
    yield tools, inserted(r'"feedback"(?=\])', f', "{name}"')
    yield tools, inserted(r'^    "services/desk/src",\n', f'    "services/{name}/src",\n')
    yield tools, inserted(r'^    "desk\.domain",\n', f'    "{name}.domain",\n')
    yield tools, inserted(r'"desk\.playbook",', f' "{name}.domain", "{name}.playbook",')
    yield local, inserted(r'^    "baton-desk",\n', f'    "baton-{name}",\n')
    yield local, inserted(r"^baton-desk = [^\n]*\n", f"baton-{name} = {{ workspace = true }}\n")


def of_code(name: str, port: int) -> Edits:
    """Add it to the topics that it reads and writes, to the local stack, the ledger and the client."""
    topics, front = "libs/events/src/events/topics.py", "libs/client/src/baton_client/baton.py"
    yield topics, inserted(r'^SERVICES = \([^)]*?"desk"', f', "{name}"')
    yield topics, inserted(r'^CONTACTS_ERASED = Topic\((?:(?!^\)).)*?"desk"', f', "{name}"')
    yield topics, inserted(r'^LEADS_LIFECYCLE = Topic\((?:(?!^\)).)*?"desk",?', f' "{name}"')
    line = f'    Service("{name}", "{name}", {port}, "{name.upper()}", 10),\n'
    yield "deploy/local/src/baton/services.py", inserted(r'^    Service\("desk"[^\n]*\n', line)
    erased = f'    "{name}": "erasures",\n'
    yield "deploy/local/src/baton/ledger/facts.py", inserted(r'^    "desk": "erasures",\n', erased)
    yield "libs/client/write.py", inserted(r'^    "desk": "desk",\n', f'    "{name}": "{name}",\n')
    yield front, inserted(r'^SERVICES = \([^)]*"desk"', f', "{name}"')
    typed = f"    from baton_client.generated.async_operations import {name} as async_{name}\n"
    yield front, before(r"^    from baton_client\.generated\.async_operations import routing", typed)
    yield front, inserted(r"generated\.operations import capture, common, desk, feedback", f", {name}")
    yield front, before(r'^    def service\(self, name: str\) -> "common', connection(name, ""))
    yield front, before(r'^    def service\(self, name: str\) -> "async_common', connection(name, "Async"))


def of_deployment(name: str, port: int) -> Edits:
    """Add it to the image, to Compose with its database, to Kubernetes and to what Prometheus reads."""
    upper, compose, kubernetes = name.upper(), "docker-compose.yml", "deploy/kubernetes"
    yield "deploy/Dockerfile", inserted(r"--package baton-desk", f" --package baton-{name}")
    yield "deploy/postgres/10-databases.sh", inserted(r"^create desk [^\n]*\n", f'create {name} "${upper}_PASSWORD"\n')
    yield ".env.example", inserted(r"^DESK_PASSWORD=\n", f"{upper}_PASSWORD=\n")
    password = f"      {upper}_PASSWORD: ${{{upper}_PASSWORD:?see .env.example}}\n"
    yield compose, inserted(r"^      DESK_PASSWORD:[^\n]*\n", password)
    yield compose, inserted(r"^      BATON_DESK_URL:[^\n]*\n", f"      BATON_{upper}_URL: http://{name}:8000\n")
    yield compose, before(r"^  # `docker compose run", COMPOSED.format(name=name, upper=upper, port=8000 + port))
    scraped = f'      - targets: ["{name}:8000"]\n        labels: {{service: {name}}}\n'
    yield "deploy/prometheus/prometheus.yml", inserted(r"^        labels: \{service: desk\}\n", scraped)
    yield f"{kubernetes}/kustomization.yaml", inserted(r"^resources: \[[^\]]*desk", f", {name}")
    url = f"  {name}-database-url: postgresql://{name}:PASSWORD@postgres.example:5432/{name}\n"
    chart, example = "deploy/helm/baton/values.yaml", f"{kubernetes}/examples/postgres.yaml"
    yield chart, inserted(r"^  desk: \{\}\n", f"  {name}: {{}}\n")
    yield chart, inserted(r"^  byLag: \[[^\]]*feedback", f", {name}")
    yield example, inserted(r"^      - \{name: desk,[^\n]*\n", ROLE.format(name=name))
    yield example, added_at_end(DATABASE.format(name=name))
    yield f"{kubernetes}/secret.example.yaml", inserted(r"^  desk-database-url:[^\n]*\n", url)


def of_papers(name: str) -> Edits:
    """Add it to the table of rights, to the catalogue of topics, and to what people read."""
    calls = (f"GET /v1/{name}", f"POST /v1/{name}/{{contact_id}}/handle")
    rights = "".join(f'        "{call}": "unbound",\n' for call in calls)
    yield "tests/rights/table.py", inserted(r'^    "desk": \{.*?^    \},\n', f'    "{name}": {{\n{rights}    }},\n')
    catalogue = "tests/events/test_contract_catalogue.py"
    yield catalogue, inserted(r'^ALL = "[a-z -]*?desk', f" {name}")
    yield catalogue, inserted(r"^leads\.lifecycle\.v1 \|[^\n]*?desk", f" {name}")
    row = f"| [`services/{name}`](../services/{name}) | {PURPOSE} |\n"
    yield "docs/architecture.md", inserted(r"^\| \[`services/desk`\][^\n]*\n", row)
    yield "docs/sizing.md", inserted(r"^\| desk \| `entries`[^\n]*\n", f"| {name} | `cases`, `erasures` |\n")
    row = f"| [{name}](../services/{name}/README.md) | {PURPOSE} |  |\n"
    yield "docs/architecture.md", inserted(r"^\| \[desk\]\([^\n]*\n", row)
    yield "CHANGELOG.md", added(f"- {name}: a new service; {PURPOSE}.\n")


def edits(name: str, port: int) -> Edits:
    """Yield every edit."""
    yield from of_packages(name)
    yield from of_code(name, port)
    yield from of_deployment(name, port)
    yield from of_papers(name)


def added_at_end(block: str) -> Callable[[str], str]:
    """Return what puts a text at the end."""
    return lambda text: text + block


def added(line: str) -> Callable[[str], str]:
    """Return what puts a line among the additions that are not released yet."""

    def edit(text: str) -> str:
        head, title, rest = text.partition("## [Unreleased]\n")
        chapter = "\n### Added\n\n"
        return head + title + chapter + line + rest.removeprefix(chapter)

    return edit


ROLE = "      - {{name: {name}, login: true, passwordSecret: {{name: {name}-login}}}}\n"
DATABASE = """---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: {{name: {name}, namespace: baton}}
spec: {{name: {name}, owner: {name}, cluster: {{name: postgres}}}}
"""
COMPOSED = """\
  {name}:
    <<: *service
    mem_limit: 256m
    command: [python, -m, {name}]
    environment:
      <<: *environment
      BATON_SERVICE: {name}
      BATON_DATABASE_URL: postgresql://{name}:${{{upper}_PASSWORD}}@postgres:5432/{name}
    ports: ["127.0.0.1:{port}:8000"]

"""


def renamed(text: str, name: str) -> str:
    """Return a text of the template under the new name."""
    return text.replace("NEWCOMER", name.upper()).replace("Newcomer", name.title()).replace("newcomer", name)


def targets(root: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """Yield each file of the template, and where it goes."""
    places = {
        "service": root / "services" / name,
        "tests": root / "tests" / name,
        "playbook.yaml": root / "deploy" / "playbook" / f"{name}.yaml",
        "kustomization.yaml": root / "deploy" / "kubernetes" / name / "kustomization.yaml",
    }
    for path in sorted(TEMPLATE.rglob("*")):
        first, *rest = path.relative_to(TEMPLATE).parts
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, places[first].joinpath(*(renamed(part, name) for part in rest))


def write(root: Path, name: str) -> None:
    """Write the service, and its line into every file that names all services.

    Raises:
        Refused: The name is none or taken, or a file no longer looks as it did. Nothing was written.
    """
    if not NAME.fullmatch(name):
        raise Refused("a name is one word of 3 to 20 small letters: make new-service NAME=renewals")
    taken = {path.name for folder in ("services", "libs", "tests") for path in (root / folder).iterdir()} | {"baton"}
    if name in taken | set(sys.stdlib_module_names):
        raise Refused(f"there is a {name} already")
    services = (root / "deploy/local/src/baton/services.py").read_text(encoding="utf-8")
    port = max(int(found) for found in PORTS.findall(services)) + 1
    changed: dict[Path, str] = {}
    for file, edit in edits(name, port):
        path = root / file
        changed[path] = edit(changed.get(path) or path.read_text(encoding="utf-8"))
    for source, target in targets(root, name):
        changed[target] = renamed(source.read_text(encoding="utf-8"), name)
    for path, text in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Write the service that is named."""
    try:
        write(Path(__file__).parents[2], sys.argv[1] if len(sys.argv) > 1 else "")
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
