"""Apache Kafka itself, one node without ZooKeeper (KRaft), its log kept in the data directory.

The jars come from Maven Central once and stay in the user's cache: Kafka has no package for PyPI,
and its 130 MB download is three times what running it takes.
"""

import os
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from baton.data_dir import make_private_folder
from baton.exit_codes import CannotStartError
from baton.ports import LOOPBACK, free_port
from baton.processes import PRIVATE, Program, find_telling_line

KAFKA_VERSION = "4.3.1"
OLDEST_JAVA = 17
POM = Path(__file__).with_name("kafka.pom.xml")
RESOLVE_SECONDS = 600

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={logs}
num.partitions=6
default.replication.factor=1
min.insync.replicas=1
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
# A killed broker is let in again only when its session has ended.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
# One node has nobody to tell that nothing happened, and a few clients: no record twice a second, few threads to wake.
metadata.max.idle.interval.ms=0
num.network.threads=1
num.io.threads=2
"""

LOGGING = """\
Configuration:
  status: error
  Appenders:
    File:
      name: file
      fileName: "{log}"
      append: true
      PatternLayout:
        pattern: "%d %p %c{{1}} %m%n"
  Loggers:
    Root:
      level: warn
      AppenderRef:
        ref: file
    Logger:
      - name: kafka.server.KafkaRaftServer
        level: info
"""


def can_run_apache_kafka() -> bool:
    """Return whether this machine can run it: Java 17 or later, and Maven to fetch it once."""
    return _has_jars_or_maven() and _java_version() >= OLDEST_JAVA


@dataclass
class ApacheKafka:
    """One broker that is its own controller."""

    directory: Path
    port: int
    log: Path
    rung: str = "apache"

    @property
    def bootstrap(self) -> str:
        """What clients connect to first."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Fetch the jars, write the configuration, format the log directory if it is new."""
        jars = _fetch_jars()
        make_private_folder(self.directory)
        logs = self.directory / "data"
        self._path_in_directory("log4j2.yaml").write_text(LOGGING.format(log=self.log))
        self._path_in_directory("server.properties").write_text(
            PROPERTIES.format(host=LOOPBACK, port=self.port, controller=free_port(), logs=logs)
        )
        if (logs / "meta.properties").exists():
            return
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        _run_or_fail(
            "Kafka could not format its log directory",
            *_java_command(jars, self._path_in_directory("log4j2.yaml")),
            "kafka.tools.StorageTool",
            *("format", f"--cluster-id={cluster}", "--config", str(self._path_in_directory("server.properties"))),
        )

    def program(self) -> Program:
        """Return what the supervisor runs: a small heap, one collector thread, the quick compiler."""
        return Program(
            name="Kafka",
            argv=(
                *_java_command(_fetch_jars(), self._path_in_directory("log4j2.yaml")),
                "kafka.Kafka",
                str(self._path_in_directory("server.properties")),
            ),
            log=self.log,
            directory=self.directory,
        )

    def _path_in_directory(self, name: str) -> Path:
        return self.directory / name


def _java_command(jars: Path, logging: Path) -> tuple[str, ...]:
    return (
        "java",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        f"-Dlog4j2.configurationFile={logging}",
        *("-cp", f"{jars}/*"),
    )


def _jar_cache_directory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "baton" / f"kafka-{KAFKA_VERSION}"


def _fetch_jars() -> Path:
    """Return the folder of jars, fetching them the first time.

    They are gathered beside the cache and renamed into it, so a broken download never looks whole.
    """
    cache = _jar_cache_directory()
    if cache.is_dir():
        return cache
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as scratch:
        gathered = Path(scratch) / "jars"
        _run_or_fail(
            "Kafka could not be fetched with Maven",
            *("mvn", "--batch-mode", "--quiet", "--file", str(POM), "dependency:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={gathered}"),
        )
        try:
            gathered.rename(cache)
        except OSError:
            if not cache.is_dir():
                raise
    return cache


def _has_jars_or_maven() -> bool:
    return _jar_cache_directory().is_dir() or shutil.which("mvn") is not None


def _java_version() -> int:
    """Return Java's major version, 0 without one (on macOS a stub is there that only complains)."""
    java = shutil.which("java")
    if java is None:
        return 0
    done = subprocess.run((java, "-version"), capture_output=True, text=True, check=False)  # noqa: S603
    _, _, rest = done.stderr.partition('version "')
    major = rest.split('"')[0].split(".")[0].split("-")[0]
    return int(major) if done.returncode == 0 and major.isdigit() else 0


def _run_or_fail(complaint: str, *command: str) -> None:
    with tempfile.NamedTemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603
                command, stdout=output, stderr=output, check=False, timeout=RESOLVE_SECONDS, umask=PRIVATE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotStartError(f"{complaint}: {error}") from error
        if done.returncode:
            raise CannotStartError(f"{complaint}: {find_telling_line(Path(output.name))}")
