# SPDX-License-Identifier: MIT
"""fuzz.py - runs all fuzzers for a while and adds what they did to docs/results/fuzz.json.

Usage: fuzz.py directory-of-the-build directory-of-inputs seconds jobs

`seconds` of the clock, shared by the fuzzers; inputs that reached something new stay in the directory
for the next run.  Exits 1 if one found something, which is counted, too.
"""
import datetime
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import page


def run(fuzzer, inputs, seconds):
    """What one fuzzer did: how often it was executed, and whether it found something."""
    corpus = inputs / fuzzer.name
    corpus.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([fuzzer.resolve(), f"-max_total_time={seconds}", "-timeout=20", "-print_final_stats=1",
                           "-verbosity=0", corpus.resolve()],
                          cwd=inputs, stderr=subprocess.PIPE, text=True, errors="replace")
    executions = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode != 0:
        print(done.stderr[-4000:])
    return {"fuzzer": fuzzer.name, "executions": int(executions[-1]) if executions else 0,
            "seconds": seconds, "findings": int(done.returncode != 0)}


def main():
    build, inputs, seconds, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    fuzzers = sorted(f for f in build.rglob("fuzz_*") if f.is_file() and f.stat().st_mode & 0o100)
    if not fuzzers:
        sys.exit(f"no fuzzer in {build}")
    inputs.mkdir(parents=True, exist_ok=True)
    each = max(1, seconds * jobs // len(fuzzers))
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(lambda f: run(f, inputs, each), fuzzers))
    today = datetime.date.today().isoformat()
    runs = page.read("fuzz") + [{"date": today, "version": page.version(), **result} for result in found]
    page.write("fuzz", runs)
    page.draw()
    for result in found:
        print(f"{result['fuzzer']:20} {result['executions']:>12,}")
    print(f"{sum(r['executions'] for r in runs):,} executions in all")
    return any(result["findings"] for result in found)


if __name__ == "__main__":
    sys.exit(main())
