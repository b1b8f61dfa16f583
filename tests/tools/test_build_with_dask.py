"""The builder on a real Dask cluster, a worker of which is killed in the midst of it."""

import os
import signal
import threading
import time

import pytest

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")

from nas_edu.search_spaces import TinyCell  # noqa: E402
from nas_edu.tools import journal  # noqa: E402
from nas_edu.tools.build_table import build_table, train_cell  # noqa: E402

SPACE = TinyCell()
INDICES = sorted({SPACE.index(SPACE[place].canonical) for place in (3, 40, 500, 1234, 7000, 9001, 12345, 15000)})


def without_seconds(record):
    return {name: value for name, value in record.items() if name != "seconds"}


def test_a_worker_that_dies_costs_its_trainings_and_nothing_else(tmp_path):
    path = tmp_path / "digits-seed0.jsonl"
    killed = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def kill_one_after_the_first_result():
            while not (path.exists() and path.read_bytes().count(b"\n")):
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)
            killed.append(len(journal.read(path)))

        killer = threading.Thread(target=kill_one_after_the_first_result, daemon=True)
        killer.start()
        cells = [SPACE[index] for index in INDICES]
        build_table("digits", 0, tmp_path, client.get_executor(), cells=cells, in_flight=4)
        killer.join(10)
    assert killed, "no worker was killed"
    assert killed[0] < len(INDICES)  # it was killed while there was work to do
    records = journal.read(path)
    assert sorted(record["cell"] for record in records) == INDICES
    for record in records:
        if record["cell"] in INDICES[:3]:
            assert without_seconds(record) == without_seconds(train_cell("digits", 0, record["cell"]))
