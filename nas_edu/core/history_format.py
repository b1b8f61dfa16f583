"""The events of a history as a table, as a JSON file, and as plain values: in all three, parents are row numbers."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_edu.core.events import CurvePoint, Evaluation, Event, Step, Trial
from nas_edu.core.search_space import SearchSpace

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "nas_edu history 1"


def links(history: Iterable[Event]) -> list[tuple[Event, tuple[int, ...], int | None]]:
    """Each event with the rows of its parents and of the trial that it replaces, and without the references."""
    rows = {id(event): row for row, event in enumerate(history)}
    plain: list[tuple[Event, tuple[int, ...], int | None]] = []
    for event in history:
        if isinstance(event, Trial):
            parents = tuple(rows[id(parent)] for parent in event.parents if id(parent) in rows)
            replaces = None if event.replaces is None else rows.get(id(event.replaces))
            plain.append((replace(event, parents=(), replaces=None), parents, replaces))
        else:
            plain.append((event, (), None))
    return plain


def linked(plain: Iterable[tuple[Event, tuple[int, ...], int | None]]) -> list[Event]:
    """The inverse of `links`."""
    events: list[Any] = []
    for event, parents, replaces in plain:
        if isinstance(event, Trial):
            old = None if replaces is None else events[replaces]
            event = replace(event, parents=tuple(events[row] for row in parents), replaces=old)
        events.append(event)
    return events


def comparable(history: Iterable[Event]) -> list[Any]:
    """What counts when two histories are compared: everything but measured times and tracebacks."""
    return [
        (event.architecture, _plain_evaluation(event.evaluation, times=False), event.failure, parents, replaces)
        if isinstance(event, Trial)
        else (event.index, event.architecture, _plain(event.losses), _plain(event.alpha), _plain(event.info))
        for event, parents, replaces in links(history)
    ]


def to_frame(history: Iterable[Event]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for event, parents, replaces in links(history):
        if isinstance(event, Trial):
            evaluation = event.evaluation or Evaluation(score=-math.inf)
            rows.append(
                {
                    "kind": "trial",
                    "architecture": str(event.architecture),
                    "score": event.score,
                    "validation_accuracy": evaluation.validation_accuracy,
                    "validation_loss": evaluation.validation_loss,
                    "cost": evaluation.cost,
                    "epochs": evaluation.epochs,
                    "seconds": event.seconds,
                    "parents": parents,
                    "replaces": replaces,
                    "failure": event.failure,
                    **evaluation.objectives,
                }
            )
        else:
            architecture = None if event.architecture is None else str(event.architecture)
            rows.append({"kind": "step", "step": event.index, "architecture": architecture, **event.losses})
    return pd.DataFrame(rows)


def to_records(history: Iterable[Event]) -> list[dict[str, Any]]:
    """One record of plain data an event; JSON can hold it."""
    return [_record(event, parents, replaces) for event, parents, replaces in links(history)]


def save(history: Iterable[Event], path: Path) -> Path:
    text = json.dumps({"format": FORMAT, "events": to_records(history)}, allow_nan=False, separators=(",", ":"))
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def load(path: Path, space: SearchSpace[Any]) -> list[Event]:
    """The inverse of `save`. Raises ValueError, with the event's row, for whatever `save` cannot have written."""
    data = path.read_bytes()
    try:
        content = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        found, records = content["format"], content["events"]
    except (ValueError, OSError, EOFError, TypeError, KeyError, zlib.error) as error:
        raise ValueError(f"{path} is not a saved history (JSON, possibly gzipped): {_text(error)}") from error
    if found != FORMAT:
        raise ValueError(f"{path} has format {found!r}; this version reads {FORMAT!r}")
    if not isinstance(records, list):
        raise ValueError(f"{path} is not a saved history: its events are no list but {records!r}")
    return from_records(records, space, str(path))


def from_records(records: Iterable[dict[str, Any]], space: SearchSpace[Any], place: str) -> list[Event]:
    """The inverse of `to_records`; `place` is where they were found, for the message of a ValueError."""
    plain = []
    for row, record in enumerate(records):
        try:
            event, parents, replaces = _event(record, space)
            relatives = parents if replaces is None else (*parents, replaces)
            if not all(isinstance(relative, int) and 0 <= relative < row for relative in relatives):
                raise ValueError(f"parents {parents} and replaces {replaces} must name earlier events")
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{place} is damaged at event {row}: {_text(error)}") from error
        plain.append((event, parents, replaces))
    return linked(plain)


def _record(event: Event, parents: tuple[int, ...], replaces: int | None) -> dict[str, Any]:
    if isinstance(event, Trial):
        return {
            "trial": str(event.architecture),
            "evaluation": _plain_evaluation(event.evaluation, times=True),
            "parents": list(parents),
            "replaces": replaces,
            "failure": event.failure,
            "traceback": event.failure_traceback,
            "seconds": event.seconds,
        }
    architecture = None if event.architecture is None else str(event.architecture)
    return {
        "step": event.index,
        "architecture": architecture,
        "losses": _plain(event.losses),
        "alpha": _plain(event.alpha),
        "info": _plain(event.info),
    }


def _event(record: dict[str, Any], space: SearchSpace[Any]) -> tuple[Event, tuple[int, ...], int | None]:
    if "trial" in record:
        evaluation = record["evaluation"]
        if evaluation is not None:
            curve = tuple(CurvePoint(*map(_numbers, point)) for point in evaluation["curve"])
            numbers = {name: _numbers(value) for name, value in evaluation.items() if name not in ("curve", "info")}
            evaluation = Evaluation(**numbers, curve=curve, info=evaluation["info"])
        trial = Trial(
            architecture=space.parse(record["trial"]),
            evaluation=evaluation,
            failure=record["failure"],
            failure_traceback=record["traceback"],
            seconds=record["seconds"],
        )
        return trial, tuple(record["parents"]), record["replaces"]
    architecture = None if record["architecture"] is None else space.parse(record["architecture"])
    alpha = _arrays(record["alpha"])
    return Step(record["step"], _numbers(record["losses"]), alpha, architecture, record["info"]), (), None


def _plain_evaluation(evaluation: Evaluation | None, *, times: bool) -> dict[str, Any] | None:
    """Its fields as plain data, with or without the measured `times`; never the checkpoint."""
    if evaluation is None:
        return None
    kept = [f.name for f in fields(Evaluation) if f.name not in ("curve", "checkpoint") and (times or f.compare)]
    of_point = [f.name for f in fields(CurvePoint) if times or f.compare]
    curve = [[getattr(point, name) for name in of_point] for point in evaluation.curve]
    plain: dict[str, Any] = _plain({**{name: getattr(evaluation, name) for name in kept}, "curve": curve})
    return plain


def _plain(value: Any) -> Any:
    """Numbers, strings, lists and dicts only. JSON has no NaN or infinity: these become strings."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # numpy arrays and scalars, torch tensors
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a history stores plain data only; found a {type(value).__name__}: {value!r}")


def _numbers(value: Any) -> Any:
    """Undo `_plain` where numbers belong: "nan" and "inf" become floats again. None stays."""
    if isinstance(value, dict):
        return {name: _numbers(item) for name, item in value.items()}
    return float(value) if isinstance(value, str) else value


def _arrays(alpha: Any) -> Any:
    import numpy as np

    if alpha is None:
        return None
    if isinstance(alpha, dict):
        return {name: np.array(item, dtype=float) for name, item in alpha.items()}
    return np.array(alpha, dtype=float)


def _text(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
