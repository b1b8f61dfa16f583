"""Tables of trainings: NAS-Bench-Edu, our own complete one, and NAS-Bench-201 beside it."""

from nas_edu.nas_bench.nas_bench_201 import NASBench201
from nas_edu.nas_bench.nas_bench_edu import NASBenchEdu, Proxies
from nas_edu.nas_bench.table import REGRET, Result, Table

__all__ = ["REGRET", "NASBench201", "NASBenchEdu", "Proxies", "Result", "Table"]
