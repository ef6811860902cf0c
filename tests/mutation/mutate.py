#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mutate - do the tests notice when the library is wrong?

Changes one place of the sources at a time (a comparison, a sign, a constant, a
condition, a call left out), builds, runs the tests, and counts the changes that
they notice.  A change that leaves the compiled library as it was is no change and
is drawn again, as is one that does not compile.  Works on a copy: the tree stays
as it is.

    tests/mutation/mutate.py --count 300 --report mutants.json
"""
import argparse
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A pattern and what takes its place.  Spaces around operators are clang-format's: they keep
# templates of pointers, arrows and headers out.
OPERATORS = [
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "),
    (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " + "), (r" / ", " * "), (r" % ", " / "),
    (r" \+= ", " -= "), (r"\+\+", "--"), (r"!(?=[a-z(])", ""),
    (r"\breturn true\b", "return false"), (r"\breturn false\b", "return true"),
    (r"\bvf_max\(", "vf_min("), (r"\bheed_most\(", "heed_least("), (r"\bheed_least\(", "heed_most("),
    (r"\bheed_pad\(", "heed_pieces("),
    (r"(?<![\w.])0(?![\w.])", "1"), (r"(?<![\w.])1(?![\w.])", "0"), (r"(?<![\w.])2(?![\w.])", "3"),
]
CALL_STATEMENT = re.compile(r"^\s+[a-z_]\w*\(.*\);$")


def code_lines(text):
    """Numbers of the lines that hold code: no comments, no preprocessor, no declarations of enums."""
    inside = False
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        if inside:
            inside = "*/" not in stripped
            continue
        if stripped.startswith("/*"):
            inside = "*/" not in stripped
            continue
        if stripped and not stripped.startswith(("#", "//", "_Static_assert", "static_assert")):
            yield number, line.split("/*")[0]


def mutants_of(path):
    """All changes of a file: (line number, column, what stands there, what shall)."""
    text = path.read_text()
    for number, line in code_lines(text):
        code = re.sub(r'"(\\.|[^"])*"', lambda m: " " * len(m.group()), line)
        for pattern, other in OPERATORS:
            for match in re.finditer(pattern, code):
                yield number, match.start(), match.group(), other
        if CALL_STATEMENT.match(code):
            yield number, 0, line, re.sub(r"\S.*", ";", line)


def changed(text, mutant):
    number, column, old, new = mutant
    lines = text.split("\n")
    line = lines[number]
    if column == 0 and old == line.split("/*")[0]:
        lines[number] = new
    else:
        lines[number] = line[:column] + new + line[column + len(old):]
    return "\n".join(lines)


class Tree:
    """A copy of the sources, its build, and the tests that judge it."""

    def __init__(self, directory, options):
        self.source, self.build = directory / "source", directory / "build"
        self.tests = [["tools/heed", "check", "--isa", isa] for isa in options.isa.split(",")]
        self.tests.append(["ctest", "--stop-on-failure", "--exclude-regex", options.exclude])
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns("build*", ".git"))
        subprocess.run(["cmake", "-G", "Ninja", "-S", self.source, "-B", self.build,
                        "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_FLAGS=-O1",
                        f"-DHEED_ONLY={options.isa.replace(',', ';')}",
                        "-DHEED_BUILD_BENCH=OFF", "-DHEED_BUILD_EXAMPLES=OFF"],
                       check=True, stdout=subprocess.DEVNULL)

    def compile(self):
        done = subprocess.run(["ninja", "-C", self.build], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=900)
        return done.returncode == 0

    def library(self):
        """What the compiler made of it: without names and lines of the sources."""
        copy = self.build / "stripped.so"
        subprocess.run(["objcopy", "--strip-all", self.build / "libheed.so", copy], check=True)
        return hashlib.sha256(copy.read_bytes()).hexdigest()

    def passes(self, limit):
        """Whether all tests pass, each command within `limit` seconds."""
        for test in self.tests:
            command = [self.build / test[0], *test[1:]] if "/" in test[0] else test
            try:
                done = subprocess.run(command, cwd=self.build, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, timeout=limit)
            except subprocess.TimeoutExpired:
                return False
            if done.returncode != 0:
                return False
        return True


def candidates(files, seed):
    found = [(path, mutant) for path in files for mutant in mutants_of(path)]
    random.Random(seed).shuffle(found)
    return found


def judge(tree, path, mutant, original, limit):
    """One of: "does not compile", "same code", "killed", "survived"."""
    place = tree.source / path.relative_to(ROOT)
    text = place.read_text()
    place.write_text(changed(text, mutant))
    try:
        if not tree.compile():
            return "does not compile"
        if tree.library() == original:
            return "same code"
        return "survived" if tree.passes(limit) else "killed"
    except subprocess.TimeoutExpired:
        return "killed"
    finally:
        place.write_text(text)


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=300, help="mutants that compile to other code")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--isa", default="avx2", help="instruction sets, separated by commas")
    parser.add_argument("--files", nargs="*", help="sources to change (default: those of the library)")
    parser.add_argument("--exclude", default="^(package|report|conformance|cli|bench)",
                        help="tests that do not judge")
    parser.add_argument("--report", type=Path, help="where to write all of them, as JSON")
    return parser.parse_args(arguments)


def sources(names):
    """Those that the instruction sets of x86-64 without a matrix unit compile."""
    if names:
        return [Path(name).resolve() for name in names]
    found = sorted(ROOT.glob("src/*.[ch]")) + sorted(ROOT.glob("src/kernels/*.h"))
    other = re.compile(r"cpu|matrix|unit\.h|quiet|pool|amx")
    return [path for path in found if not other.search(path.name)]


def main():
    options = options_of(sys.argv[1:])
    results, counts = [], {}
    with tempfile.TemporaryDirectory(prefix="heed-mutants-") as directory:
        tree = Tree(Path(directory), options)
        begin = time.monotonic()
        if not tree.compile() or not tree.passes(3600):
            sys.exit("mutate: the tests fail without any change")
        original, limit = tree.library(), 60 + 5 * (time.monotonic() - begin)
        for path, mutant in candidates(sources(options.files), options.seed):
            verdict = judge(tree, path, mutant, original, limit)
            counts[verdict] = counts.get(verdict, 0) + 1
            results.append({"file": str(path.relative_to(ROOT)), "line": mutant[0] + 1,
                            "from": mutant[2].strip(), "to": mutant[3].strip(), "verdict": verdict})
            judged = counts.get("killed", 0) + counts.get("survived", 0)
            print(f"{judged:4} {verdict:17} {results[-1]['file']}:{mutant[0] + 1}  "
                  f"{mutant[2].strip()}  ->  {mutant[3].strip()}", flush=True)
            if options.report:
                options.report.write_text(json.dumps(results, indent=1) + "\n")
            if judged >= options.count:
                break
    killed, survived = counts.get("killed", 0), counts.get("survived", 0)
    print(f"{killed} of {killed + survived} mutants killed, {survived} survived; "
          f"{counts.get('same code', 0)} were the same code, "
          f"{counts.get('does not compile', 0)} did not compile")


if __name__ == "__main__":
    main()
