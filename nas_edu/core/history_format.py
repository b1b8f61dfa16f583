"""A history as a table, as a JSON file, and as a picklable value: in all three, parents are row numbers."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_edu.core.events import CurvePoint, Evaluation, Event, Step, Trial

if TYPE_CHECKING:
    import pandas as pd

    from nas_edu.core.history import History

FORMAT = "nas_edu history 1"


def links(history: History) -> list[tuple[Event, tuple[int, ...], int | None]]:
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


def rebuild(plain: Iterable[tuple[Event, tuple[int, ...], int | None]]) -> History:
    """The inverse of `links`."""
    from nas_edu.core.history import History

    events: list[Any] = []
    for event, parents, replaces in plain:
        if isinstance(event, Trial):
            old = None if replaces is None else events[replaces]
            event = replace(event, parents=tuple(events[row] for row in parents), replaces=old)
        events.append(event)
    return History(events)


def comparable(history: History) -> list[Any]:
    """What counts when two histories are compared: everything but measured times and tracebacks."""
    return [
        (event.architecture, event.evaluation, event.failure, parents, replaces)
        if isinstance(event, Trial)
        else (event.index, event.architecture, _plain(event.losses), _plain(event.alpha), _plain(event.info))
        for event, parents, replaces in links(history)
    ]


def to_frame(history: History) -> pd.DataFrame:
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


def save(history: History, path: Path) -> Path:
    records = [_record(event, parents, replaces) for event, parents, replaces in links(history)]
    text = json.dumps({"format": FORMAT, "events": records}, allow_nan=False, separators=(",", ":"))
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def load(path: Path, space: Any) -> History:
    data = path.read_bytes()
    try:
        content = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        found = content["format"]
    except (ValueError, OSError, EOFError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a saved history (JSON, possibly gzipped): {error}") from error
    if found != FORMAT:
        raise ValueError(f"{path} has format {found!r}; this version reads {FORMAT!r}")
    return rebuild(_event(record, space) for record in content["events"])


def _record(event: Event, parents: tuple[int, ...], replaces: int | None) -> dict[str, Any]:
    if isinstance(event, Trial):
        evaluation = None
        if event.evaluation is not None:
            evaluation = asdict(replace(event.evaluation, checkpoint=None))
            evaluation["curve"] = [list(asdict(point).values()) for point in event.evaluation.curve]
            del evaluation["checkpoint"]
        return {
            "trial": str(event.architecture),
            "evaluation": _plain(evaluation),
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


def _event(record: dict[str, Any], space: Any) -> tuple[Event, tuple[int, ...], int | None]:
    if "trial" in record:
        evaluation = record["evaluation"]
        if evaluation is not None:
            curve = tuple(CurvePoint(*map(_number, point)) for point in evaluation["curve"])
            evaluation = Evaluation(**{**evaluation, "curve": curve})
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
    return Step(record["step"], record["losses"], alpha, architecture, record["info"]), (), None


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


def _number(value: float | str) -> float:
    return float(value)


def _arrays(alpha: Any) -> Any:
    import numpy as np

    if alpha is None:
        return None
    return {name: np.array(item) for name, item in alpha.items()} if isinstance(alpha, dict) else np.array(alpha)
