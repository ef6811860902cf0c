#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""synthetic - makes results that look like those of heed-bench, for tests.  Nothing is measured.

    synthetic.py out.json [--seed N] [--machine NAME] [--slower ID=FACTOR] [--drift FACTOR]
"""
import argparse
import json
import random
import statistics

# Rates of made-up machines: FMA per instruction set, reads of L1, L2, L3 and memory.
MACHINES = {
    "small": {"brand": "Synthetic 2-port core", "architecture": "x86_64",
              "fma": {"scalar": 12.9e9, "sse2": 50.3e9, "avx2": 101.2e9},
              "read": {"read_l1": 190e9, "read_l2": 92e9, "read_l3": 48e9, "read_memory": 20.5e9},
              "clock": 3.35e9, "clusters": ["sse2", "avx2"], "threads": [1, 2]},
    "wide": {"brand": "Synthetic 512-bit core", "architecture": "x86_64",
             "fma": {"scalar": 13.4e9, "sse2": 52e9, "avx2": 108e9, "avx512": 205e9},
             "read": {"read_l1": 380e9, "read_l2": 140e9, "read_l3": 40e9, "read_memory": 13.8e9},
             "clock": 3.3e9, "clusters": ["sse2", "avx2", "avx512"], "threads": [1]},
    "tiles": {"brand": "Synthetic core with tiles", "architecture": "x86_64",
              "fma": {"scalar": 12e9, "avx512": 200e9, "amx": 198e9}, "matrix": {"amx": 3.2e12},
              "read": {"read_l1": 370e9, "read_l2": 150e9, "read_l3": 30e9, "read_memory": 12e9},
              "clock": 3.1e9, "clusters": ["avx512", "amx"], "threads": [1],
              "dtypes": ("f32", "bf16", "bf16-qkv")},
}
# Name, batch, q_heads, kv_heads, q_rows, kv_rows, dim, causal, share of a vector unit's ceiling.
WORKLOADS = (
    ("small", 1, 1, 1, 64, 64, 64, False, .72), ("bert", 1, 12, 12, 512, 512, 64, False, .79),
    ("vit", 1, 12, 12, 197, 197, 64, False, .75), ("minilm", 32, 12, 12, 64, 64, 32, False, .58),
    ("llama-prefill", 1, 32, 8, 1024, 1024, 128, True, .82),
    ("chunk", 1, 32, 8, 256, 4096, 128, True, .83), ("verify-4", 1, 32, 8, 4, 4096, 128, True, .5),
    ("decode-4k", 1, 32, 8, 1, 4096, 128, False, .74),
    ("decode-32k", 1, 32, 8, 1, 32768, 128, False, .78))
LENGTHS = (16, 32, 64, 128, 197, 256, 512, 1024, 2048, 4096)
ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64, 96, 128)
SIZES = {"f32": 4, "f16": 2, "bf16": 2, "bf16-qkv": 2, "i8": 1, "f8": 1}
ERRORS = {"f32": 2e-7, "f16": 4e-4, "bf16": 3e-3, "bf16-qkv": 4e-3, "i8": 4e-7, "f8": 4e-7}
ROUNDS = 11


def spread(values):
    """Median, median absolute deviation, and a plain stand-in for a bootstrap interval."""
    middle = statistics.median(values)
    mad = statistics.median(abs(value - middle) for value in values)
    reach = 1.6 * mad / len(values) ** .5
    return middle, mad, max(middle - reach, min(values)), min(middle + reach, max(values))


class Run:
    """One made-up run: draws noise, collects ceilings and cases."""

    def __init__(self, seed, machine, drift=1.0, slower=None):
        self.draw, self.machine, self.drift = random.Random(seed), MACHINES[machine], drift
        self.slower, self.seed, self.order = slower or {}, seed, 0
        self.ceilings, self.cases = [], []
        self.dtypes = self.machine.get("dtypes", ("f32", "f16", "bf16"))

    def ceiling(self, what, dtype, isa, threads, rate, unit, theory=None, pages=None):
        samples = [rate * self.drift * self.draw.gauss(1, .004) for _ in range(ROUNDS)]
        middle, mad, low, high = spread(samples)
        name = "/".join(part for part in (what, dtype, isa, f"t{threads}", pages) if part)
        self.ceilings.append({
            "id": name, "what": what, "dtype": dtype, "isa": isa, "threads": threads,
            "core_kind": None, "pages": pages, "unit": unit, "samples": samples, "kept": [True] * ROUNDS,
            "median": middle, "mad": mad, "low": low, "high": high, "theory": theory,
            "theory_is": theory and f"2 ports at {self.machine['clock'] / 1e9:.2f} GHz measured",
            "above_theory": bool(theory and middle > 1.02 * theory)})
        return name

    def add_ceilings(self):
        for isa, fma in self.machine["fma"].items():
            for threads in self.machine["threads"]:
                self.ceiling("fma", "f32", isa, threads, fma * threads, "flop/s",
                             fma * threads * 1.03)
            self.ceiling("exp", "f32", isa, 1, fma / 34, "element/s")
            if isa in self.machine.get("matrix", {}):
                self.ceiling("matrix", "bf16", isa, 1, self.machine["matrix"][isa], "flop/s")
            for dtype in self.dtypes:
                if dtype == "bf16-qkv":
                    continue
                self.ceiling("fma_loads", dtype, isa, 1, fma * .8, "flop/s")
                if dtype != "f32":
                    self.ceiling("read_memory", dtype, isa, 1,
                                 self.machine["read"]["read_memory"] * .9, "byte/s")
            for what, rate in self.machine["read"].items():
                narrow = {"scalar": .35, "sse2": .8}.get(isa, 1)
                rate *= 1 if what == "read_memory" and isa != "scalar" else narrow
                self.ceiling(what, "f32", isa, 1, rate * .94, "byte/s", pages="small")
                self.ceiling(what, "f32", isa, 1, rate, "byte/s", pages="huge")
            self.ceiling("copy_memory", "f32", isa, 1, rate * .8, "byte/s", pages="huge")

    def rounds(self, seconds, ceiling):
        rounds = []
        for _ in range(ROUNDS):
            self.order += 1
            bad = self.draw.random() < .05
            noise = self.draw.gauss(1, .006) * (1 + bad * self.draw.uniform(.03, .6))
            clock = self.machine["clock"] * self.draw.gauss(1, .002)
            rounds.append({
                "seconds": seconds * max(noise, .9), "calls": 12, "order": self.order,
                "process": 0, "clock_before": clock, "clock_after": clock * (.96 if bad else 1),
                "ceiling": ceiling and ceiling * self.draw.gauss(1, .004),
                "marks": [self.draw.choice(["clock", "switch", "steal", "fault"])] if bad else []})
        return rounds

    def case(self, operation, dtype, workload, isa, rate, **more):
        """more: library, threads, shape, flop, bytes, elements, ceiling_id, error, repeat."""
        threads, library = more.get("threads", 1), more.get("library", "heed")
        parts = [operation, dtype, workload, isa if library == "heed" else library, f"t{threads}"]
        name = "/".join(parts) + ("/again" if more.get("repeat") else "")
        rate_of = more.get("rate_of", "flop")
        work = more[rate_of]
        seconds = work / (rate * self.drift) * self.slower.get(name, 1)
        ceiling = next((c["median"] for c in self.ceilings if c["id"] == more.get("ceiling_id")),
                       None)
        rounds = self.rounds(seconds, ceiling)
        kept = [r["seconds"] for r in rounds if not r["marks"]]
        middle, mad, low, high = spread(kept)
        self.cases.append({
            "id": name, "operation": operation, "dtype": dtype, "workload": workload, "isa": isa,
            "library": library, "library_version": more.get("version", "0.1.0"),
            "threads": threads, "core_kind": None, "shape": more.get("shape"), "flop": more.get("flop"),
            "bytes": more.get("bytes"), "elements": more.get("elements"), "rate_of": rate_of,
            "rounds": rounds, "median_seconds": middle, "mad_seconds": mad, "low_seconds": low,
            "high_seconds": high, "kept": len(kept), "rate": work / middle,
            "ceiling_id": more.get("ceiling_id"),
            "of_ceiling": work / middle / ceiling if ceiling else None,
            "max_error": more.get("error"), "error_bound": more.get("bound"),
            "repeat_of": more.get("repeat")})
        return name

    def attention(self, operation, dtype, name, shape, isa, share, threads=1, **more):
        batch, q_heads, kv_heads, q_rows, kv_rows, dim, causal = shape
        halved = causal and q_rows == kv_rows
        flop = (2 if halved else 4) * batch * q_heads * q_rows * kv_rows * dim
        size = SIZES[dtype]
        kv_bytes = 2 * size * batch * kv_heads * kv_rows * dim
        moved = kv_bytes + 8 * batch * q_heads * q_rows * dim
        fma, read = self.machine["fma"][isa] * threads, self.machine["read"]["read_memory"]
        unit = self.machine.get("matrix", {}).get(isa) if dtype == "bf16-qkv" else None
        fma = unit or fma
        if isa == "scalar":
            share *= .55
        elif isa == "sse2":
            share *= .72
        decode = q_rows == 1
        if decode:
            rate, rate_of, ceiling = read * min(1, share), "bytes", f"read_memory/f32/{isa}/t1/huge"
            if dtype != "f32" and not unit:
                ceiling = f"read_memory/{dtype.removesuffix('-qkv')}/{isa}/t1"
            rate = min(rate, fma * share * moved / flop)
        else:
            rate = 1 / (1 / (fma * share) + moved / flop / read)
            rate_of, ceiling = "flop", f"fma/f32/{isa}/t{threads}"
            if unit:
                ceiling = f"matrix/bf16/{isa}/t1"
        error = ERRORS[dtype] * self.draw.uniform(.3, 1.2)
        names = ("batch", "q_heads", "kv_heads", "q_rows", "kv_rows", "dim", "causal")
        return self.case(operation, dtype, name, isa, rate, threads=threads, flop=flop,
                         shape=dict(zip(names, shape)) | {"mask": None, "window": None},
                         bytes=moved, rate_of=rate_of, ceiling_id=ceiling, error=error,
                         bound=ERRORS[dtype] * 5, **more)

    def add_cases(self):
        for isa in self.machine["fma"]:
            for name, *shape, share in WORKLOADS:
                for dtype in self.dtypes:
                    self.attention("attention", dtype, name, shape, isa, share)
                self.attention("attention_packed", "f32", name, shape, isa, min(share * 1.05, .97))
                for threads in self.machine["threads"][1:]:
                    self.attention("attention", "f32", name, shape, isa, share * .97, threads)
            for n in LENGTHS:
                self.attention("sweep_prefill", "f32", str(n), (1, 1, 1, n, n, 64, False), isa,
                               .82 * n / (n + 24))
            for rows in ROWS:
                self.attention("sweep_rows", "f32", str(rows), (1, 32, 8, rows, 4096, 128, True),
                               isa, .84 * (1 if rows > 2 else .6))
            for operation, per in (("exp", 36), ("softmax", 45)):
                self.case(operation, "f32", "1024", isa, self.machine["fma"][isa] / per,
                          elements=1024, rate_of="elements", ceiling_id=f"exp/f32/{isa}/t1",
                          error=8e-8, bound=1.2e-7)
            self.attention("attention", "f32", "bert", WORKLOADS[1][1:-1], isa, WORKLOADS[1][-1],
                           repeat=f"attention/f32/bert/{isa}/t1")
        widest = list(self.machine["fma"])[-1]
        for library, version, share in (("openblas", "0.3.21", .3), ("onnxruntime", "1.19", .42)):
            for name, *shape, _ in WORKLOADS:
                self.attention("peer", "f32", name, shape, widest, share, library=library,
                               version=version)

    def result(self):
        self.add_ceilings()
        self.add_cases()
        machine = self.machine
        return {
            "schema": "heed-bench", "schema_version": 1, "created": "2026-01-02T03:04:05Z",
            "suite": "default", "suite_id": "synthetic-1", "complete": True, "seed": self.seed,
            "duration_s": 181.2, "options": ["--report", "/srv/someone/out", "--cpu", "1"],
            "memory": "huge",
            "library": {"version": "0.1.0", "commit": "abc1234", "compiler": "gcc 12.2.0",
                        "flags": "-O3 -DNDEBUG", "build_type": "Release"},
            "machine": {
                "brand": machine["brand"], "architecture": machine["architecture"], "family": 25,
                "model": 1, "stepping": 1, "midr": None, "microcode": "0xa0011d1",
                "clusters": machine["clusters"], "cores": 2, "threads_per_core": 1, "sockets": 1,
                "l1d_bytes": 32768, "l2_bytes": 524288, "l3_bytes": 33554432,
                "memory_bytes": 24000000000, "huge_pages": "madvise", "kernel": "Linux 6.1",
                "governor": None, "turbo": None, "virtualisation": "kvm", "emulation": None},
            "convention": {
                "flop": "4 x batch x q_heads x q_rows x kv_rows x dim, halved for causal square "
                        "problems", "rates": "1e9 per second", "sizes": "KiB = 1024 bytes"},
            "quality": {"grade": "B", "resolution": .012,
                        "reasons": ["5 % of the rounds were marked", "a virtual machine"],
                        "commands": ["sudo cpupower frequency-set -g performance"]},
            "ceilings": self.ceilings, "cases": self.cases,
            "skipped": [{"id": "attention/f32/bert/avx512/t1",
                         "reason": "this CPU lacks avx512"}]}


def synthetic(seed=1, machine="small", drift=1.0, slower=None):
    """A result as heed-bench would write it: a dict for json.dump."""
    return Run(seed, machine, drift, slower).result()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--machine", choices=MACHINES, default="small")
    parser.add_argument("--drift", type=float, default=1.0)
    parser.add_argument("--slower", action="append", default=[], metavar="ID=FACTOR")
    options = parser.parse_args()
    slower = {name: float(factor) for name, factor in
              (item.rsplit("=", 1) for item in options.slower)}
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(synthetic(options.seed, options.machine, options.drift, slower), file)


if __name__ == "__main__":
    main()
