"""Who knows one service knows all (style, principle 5)."""

import ast
import importlib
import re
from types import ModuleType

import pytest
from sqlmodel import SQLModel

from events.playbook import Playbook
from events.runtime import DomainError
from events.topics import TOPICS
from tests.architecture.code import ROOT, SERVICE_SOURCES, ServiceSource, modules, named, tree

every_service = pytest.mark.parametrize("service", SERVICE_SOURCES, ids=lambda service: service.name)

FILES = [
    "__init__",
    "__main__",
    "api",
    "app",
    "domain",
    "handlers",
    "migrations",
    "models",
    "playbook",
    "settings",
    "store",
]
CHAPTERS = ["Owns", "Consumes", "Publishes", "Tables", "Endpoints", "When it is down"]
INNER_FILES = {
    "api": {"commands", "queries", "pages"},
    "handlers": {"topic_handlers", "timers", "commands", "queries", "errors"},
    "store": {"audit", "erasure"},
    "domain": {"from_events", "to_events"},
}
"""What every service has in these folders, beside `__init__`."""

OWN_FILES = {
    "capture": {
        "api/answers": "what commands and queries answer",
        "api/gate": "who may submit: API keys, signatures, form keys, origins, rates",
        "api/import_files": "the options of an import and its file while it arrives",
        "api/import_previews": "what an import would become, table by table",
        "api/import_rows": "rows of a list as submissions, for an import and its preview",
        "api/intake": "submissions of many requests gathered into one transaction",
        "api/shown_once": "secrets of an answer that a repeated request is shown again",
        "api/stream": "NDJSON answered line by line while it arrives",
        "handlers/recovery": "what a restored database lacks is read from capture's own topics",
    },
    "desk": {
        "api/candidates": "proposing, signing and activating a candidate, for programs",
        "api/access": "who is signed in, and how they come in",
        "api/operating": "the operator's page, about every service",
        "api/persons": "what is stored of somebody, and who would get their lead now",
        "api/rules": "the agreement, and the candidate beside it",
        "api/scanners": "the phones that scan, and links that pair them",
        "api/snippets": "forms for marketing's own pages",
        "api/forms": "forms that carry the token of their session",
        "api/stream": "server-sent events, as long as a page is open",
        "api/static": "what the pages load",
        "api/templates": "the pages",
        "api/wordings": "what they say in other languages",
        "handlers/languages": "what pages and messages say, by language",
        "handlers/mailing": "one mail or chat message on its way",
        "handlers/access": "invitations and sessions, which no topic and no lead knows",
        "handlers/changes": "who is told that something changed",
        "handlers/operating": "what every service answers about itself, and what operators decide about it",
        "handlers/person_data": "what capture stores of a person, and what is decided about it",
        "handlers/rule_drafts": "numbers that are changed on a page: tried, then proposed",
        "handlers/rules": "the rules in force, proposing others, signing them",
        "handlers/rule_activation": "putting a candidate in force in every service, and going back",
        "handlers/scanners": "links that pair a phone, and the end of a device",
        "handlers/snippets": "the key and the HTML of a form elsewhere, and tests of it",
        "handlers/provider": "signing in at the company's identity provider",
        "handlers/notices": "which messages an event makes",
        "handlers/sending": "the worker that sends messages beside the handlers",
        "handlers/upstream": "the services that decide, as clients see them",
    },
    "feedback": {
        "api/attention": "what of a week needs attention, for its page",
        "api/links": "from the numbers of a page to the lists behind them",
        "handlers/digest": "what a week amounts to for both teams, of many queries",
        "api/answers": "what commands and queries answer",
        "handlers/recovery": "what people did since the backup is read from feedback's own topics",
        "handlers/contact_changes": "topics, timers and commands share the steps: load, change, settle, save, publish",
    },
    "routing": {
        "api/answers": "what commands and queries answer",
        "handlers/calendar_reading": "the worker that reads reps' own calendars beside the handlers",
        "handlers/calendar_parsing": "a calendar file is parsed in another process, which may be ended",
        "handlers/calendar_requests": "one file of a calendar's host, at an address that was checked",
        "handlers/calendars": "commands and a timer publish the same: when reps work",
        "handlers/pending_decisions": "what a transaction decides, saved together",
        "handlers/recovery": "where leads were placed since the backup is read from routing's own topic",
    },
    "scoring": {
        "handlers/deciding": "topics, timers and commands end in the same steps: load, add, decide, save, publish",
        "handlers/asking": "whom the enrichment service is asked about, before a decision, and who waits for it",
        "handlers/enriching": "the worker that asks it beside the handlers",
        "handlers/shadowing": "a candidate playbook that decides beside the playbook in force",
    },
    "sla-monitor": {
        "handlers/settling": "events and timers end in the same three steps: add, compute, publish",
        "handlers/deliveries": "the worker that sends messages beside the handlers",
        "handlers/sending": "one signed message to an address that was checked",
    },
}
"""Files of `api` and `handlers` that one service has for itself, each with its reason."""

SCREEN = 70
WRAP = 100


def app_of(service: ServiceSource) -> ModuleType:
    return importlib.import_module(f"{service.module}.app")


@every_service
def test_a_service_has_the_same_files_as_every_other(service: ServiceSource) -> None:
    """A file that grows too large becomes a folder of the same name, never a new name."""
    found = sorted(path.stem for path in service.source.iterdir() if path.name not in {"py.typed", "__pycache__"})
    assert found == FILES
    assert (service.source / "py.typed").is_file()
    assert (service.folder / "pyproject.toml").is_file()


@every_service
def test_the_files_inside_the_folders_are_the_same_everywhere(service: ServiceSource) -> None:
    """`domain` and `store` have modules of their own; `api` and `handlers` are alike to the last file."""
    source = service.source
    for folder, wanted in INNER_FILES.items():
        found = {path.stem for path in (source / folder).iterdir()} - {"__init__", "__pycache__"}
        assert wanted <= found, folder
        if folder in {"api", "handlers"}:
            own = {each.partition("/")[2] for each in OWN_FILES.get(service.name, {}) if each.startswith(folder)}
            assert found == wanted | own, folder


@every_service
def test_errors_have_one_home_and_one_family(service: ServiceSource) -> None:
    """A service's errors stand in `handlers/errors.py`, and each is a `DomainError`; domains raise Python's own."""
    errors = importlib.import_module(f"{service.module}.handlers.errors")
    home = [each for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__]
    assert home
    assert all(issubclass(each, DomainError) and each.__doc__ for each in home)
    elsewhere = [
        f"{named(path)}:{node.name}"
        for path in modules(service.source)
        if path.stem != "errors"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and {"Exception", "DomainError"} & {ast.unparse(base) for base in node.bases}
    ]
    assert elsewhere == []


@every_service
def test_the_readme_lists_the_modules_of_the_domain(service: ServiceSource) -> None:
    """One line each, in the order in which data passes them; and it wraps at 100."""
    text = (service.folder / "README.md").read_text(encoding="utf-8")
    chapter = text.partition("## Modules of the domain")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE)
    assert sorted(listed) == sorted({path.stem for path in service.part("domain")} - {"__init__"})
    assert listed[0] == "from_events"
    assert listed[-1] == "to_events"
    assert [line for line in text.splitlines() if len(line) > WRAP and not line.startswith("|")] == []


@every_service
def test_a_service_has_its_migrations_and_its_default_playbook(service: ServiceSource) -> None:
    assert (service.source / "migrations" / "env.py").is_file()
    versions = sorted((service.source / "migrations" / "versions").glob("*.py"))
    assert [path.stem[:4] for path in versions] == [f"{n:04}" for n in range(1, len(versions) + 1)]
    assert versions
    playbooks = app_of(service).service.playbooks
    assert (ROOT / "deploy" / "playbook" / playbooks.file).is_file()
    assert issubclass(playbooks.model, Playbook)


@every_service
def test_a_service_has_its_tests(service: ServiceSource) -> None:
    for file in ("test_domain.py", "test_service.py"):
        assert (ROOT / "tests" / service.module / file).is_file()


@every_service
def test_the_map_of_events_to_handlers_fits_on_a_screen(service: ServiceSource) -> None:
    (file,) = service.part("app")
    assert len(file.read_text(encoding="utf-8").splitlines()) <= SCREEN


@every_service
def test_a_service_consumes_what_the_catalogue_says_and_names_its_handlers_after_it(service: ServiceSource) -> None:
    consumed = app_of(service).service.on
    wanted = {topic for topic in TOPICS if service.name in topic.consumers}
    assert {topic.name for topic in consumed} == {topic.name for topic in wanted}
    for topic, handler in consumed.items():
        assert handler.__name__ == "on_" + re.sub(r"\.v\d+$", "", topic.name).replace(".", "_")


@every_service
def test_the_readme_answers_what_an_operator_asks(service: ServiceSource) -> None:
    text = (service.folder / "README.md").read_text(encoding="utf-8")
    titles = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    assert [title for title in titles if title in CHAPTERS] == CHAPTERS


@every_service
def test_the_readme_names_every_topic_and_table(service: ServiceSource) -> None:
    text = (service.folder / "README.md").read_text(encoding="utf-8")
    spoken = [topic for topic in TOPICS if service.name in topic.producers]
    for topic in [*spoken, *app_of(service).service.on]:
        assert topic.name in text, f"{named(service.folder)}/README.md does not name {topic.name}"
    for file in service.part("models"):
        for table in tables(tree(file)):
            assert f"`{table}`" in text, f"{named(service.folder)}/README.md does not name {table}"


@every_service
def test_a_service_names_its_tables_as_it_likes(service: ServiceSource) -> None:
    """Five services have a table `leads`; each has a registry of its own, so that one process can hold all."""
    models = importlib.import_module(f"{service.module}.models")
    found = [
        each
        for each in vars(models).values()
        if isinstance(each, type) and issubclass(each, SQLModel) and hasattr(each, "__table__")
    ]
    assert found
    assert all(each.metadata is not SQLModel.metadata for each in found)


def tables(module: ast.Module) -> list[str]:
    return [
        node.value.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and "__tablename__" in ast.unparse(node).split("=")[0]
    ]
