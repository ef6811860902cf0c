# SPDX-License-Identifier: MIT
"""frames.py - the deepest chain of frames of each public function, on each instruction set.

Usage: frames.py heed-source-directory directory-of-objects bound

Reads what gcc says with -fcallgraph-info=su, so that processors which nobody has here count too.
Exits 1 if a chain is longer than the bound, or goes where this program cannot follow it.
"""

import re
import sys
from pathlib import Path

RETURN = 8  # the address of the caller, beside each frame of x86
ROWS = ("exp", "softmax", "normalize")  # what rows.c calls through a pointer of its job
CALLERS_OWN = ("heed_run",)  # threads

# What one cannot see from the graph.
SMALL = "run_on_stack"  # neither shows scores nor has enough memory for a unit
GIVEN = "heed_self_attention"  # attention of f32 with a workspace, and without scores
UNIT = re.compile(r"/(matrix\w*|unit)\.h:")


class Unit:
    """Functions of one file: their frames, and whom they call from which line."""

    def __init__(self, path):
        text = path.read_text()
        self.frames, self.places, self.calls = {}, {}, {}
        for name, label in re.findall(r'node: \{ title: "([^"]*)" label: "([^"]*)"', text):
            frame = re.search(r"\\n(\d+) bytes \(([^)]*)\)", label)
            if frame:
                if frame[2] == "dynamic":
                    sys.exit(f"{name} has a frame of any size")
                self.frames[name] = int(frame[1]) + RETURN
                self.places[name] = label.split("\\n")[1]
        for source, target, at in re.findall(
                r'edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"(?: label: "([^"]*)")?', text):
            self.calls.setdefault(source, []).append((target, at))


class Library:
    """The portable files with the kernels of one instruction set."""

    def __init__(self, root, units, isa):
        self.root, self.isa, self.lines, self.known = root, isa, {}, {}
        self.frames, self.places, self.calls = {}, {}, {}
        for unit in units:
            self.frames.update(unit.frames)
            self.places.update(unit.places)
            self.calls.update(unit.calls)
        table = (root / "src/kernels/table.h").read_text()
        self.table = dict(re.findall(r"\.(\w+) = (\w+),", table))

    def named(self, name, file):
        """Functions of a file, clones among them."""
        return [f for f in self.frames if re.fullmatch(rf".*/{file}:{name}(\..*)?", f)]

    def kernels(self, member):
        name = self.table[member]
        names = {"ATTEND": ("attend_matrix", "attend"), "UNIT_WORKS": ("unit_works",)}
        found = [self.named(n, f"kernels/{self.isa}.c") for n in names.get(name, (name,))]
        return next((f for f in found if f), [])

    def source(self, at):
        file, line, _ = at.rsplit(":", 2)
        lines = self.lines.setdefault(file, Path(file).read_text().split("\n"))
        return " ".join(lines[int(line) - 1:int(line) + 4]).split(";")[0]

    def pointed(self, caller, at):
        """Whom a call through a pointer can reach."""
        text, name = self.source(at), caller.split(":")[-1].split(".")[0]
        member = re.search(r"isa->(\w+)\(", text)
        if member:
            return self.kernels(member[1])
        if "job->run(" in text:
            return [f for row in ROWS for f in self.kernels(row)]
        if "tile[" in text:
            return self.named(r"vm_tile_\d+", f"kernels/{self.isa}.c")
        if name in CALLERS_OWN or "run->task(" in text:
            return []
        sys.exit(f"{caller} calls whom? {text}")

    def given(self, caller, at):
        """What heed_run() or heed_run_on_heap() is told to run: a function of the caller's file."""
        file = caller.split(":")[0] if ":" in caller else at.rsplit(":", 2)[0]
        own = {f.split(":")[1].split(".")[0]: f for f in self.frames if f.startswith(file + ":")}
        found = [own[word] for word in re.findall(r"\w+", self.source(at)) if word in own]
        if not found:
            sys.exit(f"{caller} runs what? {self.source(at)}")
        return found

    def callees(self, caller, context):
        for target, at in self.calls.get(caller, []):
            through = 0
            if target == "__indirect_call":
                targets = self.pointed(caller, at)
            elif target == "heed_run_on_heap":
                targets = self.given(caller, at)
                through = self.frames[target]
            elif target == "heed_run":
                targets = self.given(caller, at)
                through = self.frames[target] + max(self.frames[f] for f in self.named("work", "parallel.c"))
            else:
                targets = [target]
            for name in targets:
                if not self.excluded(name, context):
                    yield name, through

    def excluded(self, name, context):
        if context and ("reveal_block" in name or UNIT.search(self.places.get(name, "")) and
                        "attend_matrix" not in name):
            return True
        return context == GIVEN and SMALL in name

    def deepest(self, name, context=""):
        """The bytes of the deepest chain from here, and who is in it."""
        if SMALL in name or name == GIVEN:
            context = SMALL if SMALL in name else GIVEN
        key = name, context
        if key not in self.known:
            self.known[key] = (0, [])  # recursion would come back to this
            below = [(self.deepest(n, context), t) for n, t in self.callees(name, context)]
            (most, chain), through = max(below, key=lambda b: b[0][0] + b[1], default=((0, []), 0))
            own = self.frames.get(name, 0)
            self.known[key] = own + through + most, [f"{name.split('/')[-1]} {own}"] + chain
        return self.known[key]


def main():
    root, objects, bound = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    files = sorted(objects.rglob("*.ci"))
    kernels = [f for f in files if f.parent.name == "kernels"]
    portable = [Unit(f) for f in files if f not in kernels]
    functions = re.findall(r"^HEED_API.*?\b(heed_\w+)\(", (root / "include/heed/heed.h").read_text(), re.M)
    if not kernels:
        sys.exit(f"no call graphs in {objects}")
    failed = False
    for file in kernels:
        isa = file.name.split(".")[0]
        library = Library(root, portable + [Unit(file)], isa)
        (most, chain), name = max((library.deepest(f), f) for f in functions)
        print(f"{isa:12} {most:6} bytes, {name}")
        if most > bound:
            print("    " + "\n    ".join(chain))
            failed = True
    return failed


sys.exit(main())
