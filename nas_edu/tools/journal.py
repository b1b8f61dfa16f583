r"""An append-only file of records, one a line, each with its checksum: a crash at any moment loses no finished line.

    {"cell": 17, ...}\t<first 16 hex digits of the SHA-256 of the JSON text>

A process that is killed while it writes leaves at most one broken line, and it is the last one. `Journal` finds it by
its checksum, cuts it off and goes on behind it. A broken line anywhere else is damage of another kind: it is reported.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


class Journal:
    """Records at `path`; opening reads what is there. Raises ValueError, with the line, where the file is damaged.

    One process at a time may write. What others need is `read`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records, good = _read(path)
        if path.exists() and path.stat().st_size > good:
            os.truncate(path, good)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; when this returns, it is on the disk."""
        text = json.dumps(record, separators=(",", ":"), allow_nan=False)
        with self.path.open("ab") as file:
            file.write(f"{text}\t{_checksum(text.encode())}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self.records.append(record)


def read(path: Path) -> list[dict[str, Any]]:
    """The finished records, while another process may be writing: the file is left as it is."""
    return _read(path)[0]


def _read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The records, and the number of bytes that they take."""
    content = path.read_bytes() if path.exists() else b""
    *lines, unfinished = content.split(b"\n")  # the last item is empty, or a line that was never finished
    records, good = [], 0
    for number, line in enumerate(lines, start=1):
        record = _parsed(line)
        if record is None:
            if number == len(lines) and not unfinished:
                break
            raise ValueError(f"{path}, line {number}: the checksum does not fit; restore the file from a copy")
        records.append(record)
        good += len(line) + 1
    return records, good


def _parsed(line: bytes) -> dict[str, Any] | None:
    text, _, checksum = line.rpartition(b"\t")
    return json.loads(text) if _checksum(text) == checksum.decode(errors="replace") else None


def _checksum(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
