"""Who knows one room knows all five (style, principle 5)."""

import ast
import importlib
import re
from types import ModuleType

import pytest
from sqlmodel import SQLModel

from events import topics
from events.topics import TOPICS
from tests.architecture.code import ROOMS, ROOT, Room, named, tree

every_room = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)

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
LATER = {topics.CONTACTS_MERGED}
"""Topics that nobody listens to yet: merging contacts is the next step of capture."""

SCREEN = 70


def app_of(room: Room) -> ModuleType:
    return importlib.import_module(f"{room.module}.app")


@every_room
def test_a_room_has_the_same_files_as_every_other(room: Room) -> None:
    """A file that grows too large becomes a folder of the same name, never a new name."""
    found = sorted(path.stem for path in room.source.iterdir() if path.name not in {"py.typed", "__pycache__"})
    assert found == FILES
    assert (room.source / "py.typed").is_file()
    assert (room.folder / "pyproject.toml").is_file()


@every_room
def test_a_room_has_its_migrations_and_its_default_playbook(room: Room) -> None:
    assert (room.source / "migrations" / "env.py").is_file()
    versions = sorted((room.source / "migrations" / "versions").glob("*.py"))
    assert [path.stem[:4] for path in versions] == [f"{n:04}" for n in range(1, len(versions) + 1)]
    assert versions
    assert (ROOT / "deploy" / "playbook" / app_of(room).service.playbooks.file).is_file()


@every_room
def test_a_room_has_its_tests(room: Room) -> None:
    for file in ("test_domain.py", "test_service.py"):
        assert (ROOT / "tests" / room.module / file).is_file()


@every_room
def test_the_map_of_events_to_handlers_fits_on_a_screen(room: Room) -> None:
    (file,) = room.part("app")
    assert len(file.read_text(encoding="utf-8").splitlines()) <= SCREEN


@every_room
def test_a_room_hears_what_the_catalogue_says_and_names_its_handlers_after_it(room: Room) -> None:
    heard = app_of(room).service.on
    wanted = {topic for topic in TOPICS if room.name in topic.consumers} - LATER
    assert {topic.name for topic in heard if topic not in LATER} == {topic.name for topic in wanted}
    for topic, handler in heard.items():
        assert handler.__name__ == "on_" + re.sub(r"\.v\d+$", "", topic.name).replace(".", "_")


@every_room
def test_the_readme_tells_what_an_operator_asks(room: Room) -> None:
    text = (room.folder / "README.md").read_text(encoding="utf-8")
    titles = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    assert [title for title in titles if title in CHAPTERS] == CHAPTERS


@every_room
def test_the_readme_names_every_topic_and_table(room: Room) -> None:
    text = (room.folder / "README.md").read_text(encoding="utf-8")
    spoken = [topic for topic in TOPICS if room.name in topic.producers]
    for topic in [*spoken, *app_of(room).service.on]:
        assert topic.name in text, f"{named(room.folder)}/README.md does not name {topic.name}"
    for file in room.part("models"):
        for table in tables(tree(file)):
            assert f"`{table}`" in text, f"{named(room.folder)}/README.md does not name {table}"


@every_room
def test_a_room_names_its_tables_as_it_likes(room: Room) -> None:
    """Five rooms have a table `leads`; each has a registry of its own, so that one process can hold all."""
    models = importlib.import_module(f"{room.module}.models")
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
