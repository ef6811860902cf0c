# SPDX-License-Identifier: MIT
"""peer_measure - rounds of calls through Python."""
import resource
import statistics
import time


def sample(compute, calls):
    """A round as in schema.md: seconds of this process's own time, so that others who take
    the core in turn do not count."""
    switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    start = time.process_time()
    for _ in range(calls):
        compute()
    seconds = (time.process_time() - start) / calls
    switched = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw != switches
    return {"seconds": seconds, "calls": calls, "order": 0, "process": 0, "clock_before": None,
            "clock_after": None, "ceiling": None, "marks": ["switch"] if switched else []}


def samples_of(computes, rounds, budget):
    """Rounds of each, measured in turn; short calls in batches of 2 ms."""
    calls = {name: max(1, int(2e-3 / sample(c, 3)["seconds"])) for name, c in computes.items()}
    samples = {name: [] for name in computes}
    end = time.perf_counter() + budget
    while len(samples["heed"]) < rounds and (
        len(samples["heed"]) < 3 or time.perf_counter() < end
    ):
        for name, compute in computes.items():
            samples[name].append(sample(compute, calls[name]))
    return samples


def median(samples):
    return statistics.median(s["seconds"] for s in samples)
