"""Pieces from inside."""
from measuring import run_tool, table


def figure_micro(repetitions=5):
    """Pieces from inside: one call each, in nanoseconds of CPU time."""
    found = run_tool("bench-micro", "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                     "--benchmark_report_aggregates_only=true", limit=600)
    factor = {"ns": 1, "us": 1e3, "ms": 1e6}
    rows = [[row["run_name"].split("/iterations")[0], f"{row['cpu_time'] * factor[row['time_unit']]:,.0f}"]
            for row in found["benchmarks"] if row.get("aggregate_name") == "median"]
    yield (f"Median of {repetitions} repetitions, without sockets. What \"answer\" costs is what the server adds to "
           "the echo floor.\n\n" + table(["piece", "ns"], rows))
