"""Apache Kafka with as many brokers as asked for, each reached by three ways.

`DIRECT` is for the brokers among themselves and for whoever observes; `LANE_A` and `LANE_B` are what the two copies
of each service connect to. Each lane is advertised at the port of the fault proxy, so that no client gets around it.
"""

import asyncio
import signal
import uuid
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from baton import kafka, kafka_apache, processes
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from events.topics import Topic

LANES = ("a", "b")
STOP_SECONDS = 20.0
START_SECONDS = 2 * kafka.START_SECONDS
"""Three brokers share the machine with a dozen processes under load."""
PARTITIONS = 3
"""Of each topic: with two copies of each consumer, one of them has two."""

PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=DIRECT://{host}:{direct},LANE_A://{host}:{a},LANE_B://{host}:{b},CONTROLLER://{host}:{controller}
advertised.listeners=DIRECT://{host}:{direct},LANE_A://{host}:{advertised_a},LANE_B://{host}:{advertised_b}
listener.security.protocol.map=DIRECT:PLAINTEXT,LANE_A:PLAINTEXT,LANE_B:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=DIRECT
controller.listener.names=CONTROLLER
log.dirs={logs}
num.partitions=3
default.replication.factor={replicas}
min.insync.replicas={in_sync}
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=5
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
replica.lag.time.max.ms=5000
unclean.leader.election.enable=false
"""


@dataclass
class Node:
    """One broker that is a controller too."""

    number: int
    directory: Path
    direct: int = field(default_factory=free_port)
    controller: int = field(default_factory=free_port)
    lanes: dict[str, int] = field(default_factory=lambda: {lane: free_port() for lane in LANES})
    advertised: dict[str, int] = field(default_factory=dict)
    running: Running | None = None

    @property
    def address(self) -> str:
        """Where observers connect."""
        return f"{LOOPBACK}:{self.direct}"

    def write(self, voters: str, replicas: int) -> None:
        """Write its configuration."""
        self.directory.mkdir(parents=True, exist_ok=True)
        log = self.directory.with_suffix(".log")
        (self.directory / "log4j2.yaml").write_text(kafka_apache.LOGGING.format(log=log))
        text = PROPERTIES.format(
            node=self.number, voters=voters, host=LOOPBACK, direct=self.direct, controller=self.controller,
            a=self.lanes["a"], b=self.lanes["b"],
            advertised_a=self.advertised["a"], advertised_b=self.advertised["b"],
            logs=self.directory / "data", replicas=replicas, in_sync=max(1, replicas - 1),
        )  # fmt: skip
        (self.directory / "server.properties").write_text(text)

    def program(self) -> Program:
        """Return what runs it."""
        return Program(
            f"Kafka {self.number}",
            (*self.java(), "kafka.Kafka", str(self.directory / "server.properties")),
            self.directory.with_suffix(".log"),
            directory=self.directory,
        )

    def java(self) -> tuple[str, ...]:
        """Return how a class of Kafka is started."""
        return kafka_apache._java_command(kafka_apache._fetch_jars(), self.directory / "log4j2.yaml")

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        program = self.program()
        self.running = Running(program, program.spawn())

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        if self.running is not None and self.running.is_alive():
            self.running.process.send_signal(number)

    def is_ready(self) -> bool:
        """Return whether it answers and knows a live broker."""
        return kafka.is_kafka_ready(self.address)


@dataclass
class Cluster:
    """The brokers of one Kafka."""

    nodes: list[Node]

    @property
    def replicas(self) -> int:
        """How many copies of each partition there are."""
        return len(self.nodes)

    @property
    def bootstrap(self) -> str:
        """Where observers connect first."""
        return ",".join(node.address for node in self.nodes)

    def lane(self, lane: str) -> str:
        """Return where a copy of a service connects first."""
        return ",".join(f"{LOOPBACK}:{node.advertised[lane]}" for node in self.nodes)

    async def start(self) -> None:
        """Format new log directories, start all brokers, return when each answers."""
        voters = ",".join(f"{node.number}@{LOOPBACK}:{node.controller}" for node in self.nodes)
        identity = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        for node in self.nodes:
            node.write(voters, self.replicas)
            configuration = ("--config", str(node.directory / "server.properties"))
            command = (*node.java(), "kafka.tools.StorageTool", "format", f"--cluster-id={identity}", *configuration)
            await asyncio.to_thread(kafka_apache._run_or_fail, "Kafka could not format its log directory", *command)
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            await self.await_ready(node)

    async def await_ready(self, node: Node) -> None:
        """Return when a broker answers; raise when its process ends or too much time has passed."""
        assert node.running is not None
        await asyncio.to_thread(processes.await_ready, node.running, node.is_ready, START_SECONDS)

    async def mend(self) -> None:
        """Let go on what was stopped, start what has ended, return when all answer."""
        for node in self.nodes:
            if node.running is None or not node.running.is_alive():
                node.start()
            node.signal(signal.SIGCONT)
        for node in self.nodes:
            await self.await_ready(node)

    def stop(self) -> None:
        """Stop all brokers."""
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            if node.running is not None:
                node.running.ask_to_stop()
        for node in self.nodes:
            if node.running is not None:
                node.running.wait_stopped(STOP_SECONDS)

    async def create_with_lonely_partition(self, topic: Topic) -> None:
        """Create a topic whose partition 0 is on the last broker alone, and the others on all brokers."""
        numbers = [node.number for node in self.nodes]
        assignments = dict.fromkeys(range(PARTITIONS), numbers) | {0: numbers[-1:]}
        configs = {**topic.settings(), "min.insync.replicas": "1"}
        async with self.admin() as admin:
            await admin.create_topics([NewTopic(topic.name, -1, -1, assignments, configs)])

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """Return a client for the topics, on the direct way."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await client.start()
        try:
            yield client
        finally:
            await client.close()
