"""An experiment is a function whose results are stored: a call reads the result, or computes and stores it.

    @experiment(version=1, space=TinyCell())
    def evolution_on_the_table(population_size: int, seed: int) -> History:
        rng = random.Random(seed)
        strategy = regularized_evolution(space, table.evaluate, population_size=population_size, rng=rng)
        return search(strategy, Budget(evaluations=200))

    histories = [evolution_on_the_table(20, seed) for seed in range(10)]
    again = stored("evolution_on_the_table", TinyCell(), population_size=20, seed=0)  # in another notebook

Arguments are plain data; they and `version` are the key of a run. Raise the version when the function gives other
results than before: what an older version stored is then computed anew, and written over. A result may hold histories,
numpy arrays, and plain data in lists, tuples and dicts. What a call returns is what was written and read again, so the
first call gives the same as all later ones.

One file an experiment, `<name>.json.gz`, in the folder that `experiments_folder` finds:

    {"format": "nas_edu experiment 1", "name", "version", "runs": {key: {"settings", "seconds", "processor", "result"}}}

`seconds` is what the run took, and `processor` the kind that it ran on; null where nobody wrote that down. The same
runs give the same bytes. Nothing is unpickled.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import inspect
import json
import math
import os
import platform
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, update_wrapper
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, cast

from nas_edu.core import history_format
from nas_edu.core.history import History
from nas_edu.core.search_space import SearchSpace

try:
    import fcntl
except ImportError:  # Windows: two processes that write one file at the same moment may lose a run
    fcntl = None  # type: ignore[assignment]

FORMAT = "nas_edu experiment 1"
ENDING = ".json.gz"
P = ParamSpec("P")
R = TypeVar("R")


def experiment(
    *, version: int, space: SearchSpace[Any] | None = None, trains: bool = False
) -> Callable[[Callable[P, R]], Experiment[P, R]]:
    """Make a function an experiment: its results are stored under its name, which no other experiment may have.

    version  raise it when the function gives other results than before
    space    its `parse` reads the architectures of stored histories; leave it out where no history is returned
    trains   whether networks are trained: then another kind of processor, which rounds otherwise, gives other results
    """
    return lambda function: Experiment(function, version, space, trains)


class Experiment(Generic[P, R]):
    """A function whose results are stored. Call it as if it were the function."""

    known: dict[str, Experiment[..., Any]] = {}  # noqa: RUF012 (all of this process, by name)

    def __init__(
        self, function: Callable[P, R], version: int, space: SearchSpace[Any] | None = None, trains: bool = False
    ) -> None:
        self.function, self.version, self.space, self.trains = function, version, space, trains
        self.name = function.__name__
        self.calls: dict[str, inspect.BoundArguments] = {}  # of each run that was asked for, by key
        update_wrapper(self, function)
        Experiment.known[self.name] = self

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The stored result for these arguments; where there is none, it is computed and stored.

        Raises TypeError for arguments or results that are no plain data, ValueError where the file is damaged.
        """
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        settings = _settings(self.name, bound.arguments)
        key = key_of(self.version, settings)
        self.calls[key] = bound
        content = read(self.name)
        run = content["runs"].get(key) if content["version"] == self.version else None
        if run is None:
            print(f"{self.name}({_in_words(settings)}): not stored yet, so it is computed", file=sys.stderr, flush=True)
            started = time.perf_counter()
            result = self.function(*args, **kwargs)
            run = store(self.name, self.version, settings, result, seconds=round(time.perf_counter() - started, 3))
        return cast(R, from_plain(run["result"], self.space, f"{self.name}{ENDING}"))


def stored(name: str, space: SearchSpace[Any] | None = None, /, **settings: Any) -> Any:
    """The stored result of an experiment of any notebook. `space` reads the architectures of histories.

    It is enough to name the settings that tell the run from the others. Raises KeyError, with what there is, where no
    run or more than one has these settings.
    """
    runs = list(read(name)["runs"].values())
    wanted = _settings(name, settings)
    found = [run for run in runs if all(run["settings"].get(key) == value for key, value in wanted.items())]
    if len(found) != 1:
        there = "; ".join(sorted(_in_words(run["settings"]) for run in runs)[:10]) or "none"
        raise KeyError(f"{len(found)} runs of {name} have {_in_words(wanted) or 'any settings'}; there are: {there}")
    return from_plain(found[0]["result"], space, f"{name}{ENDING}")


class MissingFile(FileNotFoundError):  # noqa: N818
    """An experiment needs a file that is not part of the project, and nobody has said where it is."""


def file_named_by(variable: str) -> Path:
    """The file that an environment variable names, such as NAS_EDU_NB201. Raises MissingFile where there is none."""
    path = Path(os.environ.get(variable, ""))
    if not path.is_file():
        raise MissingFile(f"this result is not stored, and to compute it, {variable} must name a file")
    return path


def store(
    name: str, version: int, settings: Mapping[str, Any], result: Any, *, seconds: float | None = None
) -> dict[str, Any]:
    """Add one run to the experiment's file, beside those of the same version, and return it."""
    settings = _settings(name, settings)
    run = {"settings": settings, "seconds": seconds, "processor": processor(), "result": to_plain(result)}
    folder = experiments_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        content = read(name)
        runs = content["runs"] if content["version"] == version else {}
        runs = dict(sorted({**runs, key_of(version, settings): run}.items()))
        content = {"format": FORMAT, "name": name, "version": version, "runs": runs}
        text = json.dumps(content, allow_nan=False, separators=(",", ":"))
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}-", delete=False) as file:
            file.write(gzip.compress(text.encode(), mtime=0))
        os.chmod(file.name, 0o644)  # a temporary file is its owner's only
        os.replace(file.name, folder / f"{name}{ENDING}")
    return run


def read(name: str) -> dict[str, Any]:
    """The content of an experiment's file; without runs, and of version None, where there is no file.

    Raises ValueError, with the file's name, for one that is damaged or of another format.
    """
    path = experiments_folder() / f"{name}{ENDING}"
    if not path.exists():
        return {"format": FORMAT, "name": name, "version": None, "runs": {}}
    state = path.stat()
    content = _read(path, state.st_mtime_ns, state.st_size)
    if content["name"] != name:
        raise ValueError(f"{path} holds the experiment {content['name']}")
    return content


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> dict[str, Any]:
    """The file in this state is read once, however many runs are asked for."""
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']!r}, and this version reads {FORMAT!r}")
        for key, run in content["runs"].items():
            if key != key_of(content["version"], run["settings"]) or not {"seconds", "result"} <= run.keys():
                raise ValueError(f"run {key} is not what its settings say")
    except (ValueError, OSError, EOFError, TypeError, KeyError, AttributeError, zlib.error) as error:
        raise ValueError(f"{path} is damaged ({error}); remove it, and what it held is computed anew") from error
    return cast(dict[str, Any], content)


def experiments_folder() -> Path:
    """Where results are stored: NAS_EDU_EXPERIMENTS if it is set; else the nearest `experiments` or
    `lectures/experiments` from the working directory upward; else that of the checkout; else `./experiments`."""
    if named := os.environ.get("NAS_EDU_EXPERIMENTS"):
        return Path(named)
    here = Path.cwd()
    upward = [up / name for up in (here, *here.parents) for name in ("experiments", "lectures/experiments")]
    checkout = Path(__file__).parents[2] / "lectures" / "experiments"
    return next((folder for folder in (*upward, checkout) if folder.is_dir()), here / "experiments")


@lru_cache
def processor() -> str:
    """The kind of this machine's processor: on another one sums are rounded otherwise."""
    with contextlib.suppress(OSError):
        lines = (line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
        told = {name.strip(): value.strip() for name, value in lines}
        kind = [told[name] for name in ("model name", "cpu family", "model", "stepping") if name in told]
        if kind:
            return ", ".join(kind)
    return platform.processor() or platform.machine()


def key_of(version: int, settings: Mapping[str, Any]) -> str:
    """The key of a run: sixteen hex digits of a hash of its version and settings."""
    text = json.dumps([version, settings], sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def to_plain(value: Any) -> Any:
    """A result as JSON can hold it. What JSON does not have is a dict whose only sign is a name with a dollar.

    Raises TypeError for what cannot be stored.
    """
    import numpy as np

    if isinstance(value, History):
        return {"$history": history_format.to_records(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        value = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        text = base64.b64encode(value.tobytes()).decode()
        return {"$array": text, "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, tuple):
        return {"$tuple": [to_plain(item) for item in value]}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"an experiment returns histories, numpy arrays and plain data (numbers, strings, None; lists, tuples, dicts "
        f"with strings as keys); found a {type(value).__name__}: {value!r:.200}"
    )


def from_plain(value: Any, space: SearchSpace[Any] | None = None, place: str = "this result") -> Any:
    """The inverse of `to_plain`. Raises ValueError, with the `place`, for what `to_plain` cannot have written."""
    import numpy as np

    if isinstance(value, list):
        return [from_plain(item, space, place) for item in value]
    if not isinstance(value, dict):
        return value
    if "$history" in value:
        if space is None:
            if value["$history"]:
                raise ValueError(f"{place} holds a history: a space must be named, which reads its architectures")
            return History()
        return History(history_format.from_records(value["$history"], space, place))
    if "$tuple" in value:
        return tuple(from_plain(item, space, place) for item in value["$tuple"])
    if "$float" in value:
        return float(value["$float"])
    if "$array" in value:
        try:
            flat = np.frombuffer(base64.b64decode(value["$array"], validate=True), dtype=value["dtype"])
            return flat.reshape(value["shape"]).copy()
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{place} holds a damaged array: {error}") from error
    return {key: from_plain(item, space, place) for key, item in value.items()}


def _settings(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as JSON has them: a tuple is a list."""

    def plain(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return {key: plain(item) for key, item in value.items()}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"{name} got {value!r}: arguments of an experiment are numbers, strings, lists, tuples, dicts")

    return {key: plain(value) for key, value in arguments.items()}


def _in_words(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in settings.items())


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Only one process at a time is between reading and replacing a file of this folder."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # and with it goes the lock
