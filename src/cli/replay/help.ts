export const EXAMPLES = `
Examples:
  understudy replay keys.txt                                 one key per line, against a redis-server of its own
  understudy replay trace.jsonl --chaos kill,freeze,restart  what callers notice while Redis is broken
  understudy replay trace.jsonl --memory-only --capacity 20000 --json
  understudy replay trace.jsonl --redis redis://127.0.0.1:6379 --speed 100

A line is one read of its keys and one write of those that are missing. In the Mooncake format a line is
{"timestamp": <ms>, "hash_ids": [<number>, ...]}. Keys go under a prefix of their own and expire after --ttl.

Latency is that of a call from its intended start: with --speed the moment its timestamp names, whatever held it up.

With --chaos the faults are spread over the run. While one lasts the load is held to about a tenth of the trace, for
from memory it would be through before Redis is back, and to what the journal has room for. The server keeps an
append-only file, so what it confirmed outlives a kill; "lost" counts what Redis should hold at the end and does not,
read back from Redis itself.

Exit code: 0 no call failed and nothing was lost, 1 otherwise, 2 it could not be run.
`;
