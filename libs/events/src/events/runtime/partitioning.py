"""Which partition a key goes to: murmur2, as every client of Kafka does it by default."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=20_000)
def hash_record_key(key: str) -> int:
    """Return a key's hash, not negative. In Python it takes longer than all else about a record, and keys recur."""
    return int(murmur2(key.encode())) & 0x7FFF_FFFF
