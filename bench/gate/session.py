# SPDX-License-Identifier: MIT
"""session - a heed-gate that is asked for rounds."""
import subprocess


class Failed(Exception):
    """The program could not be started, or ended before it was asked to."""


class Skipped(Exception):
    """One of the libraries does not do what the case asks for."""


class Session:
    """A process of its own with both libraries: other pages, other places."""

    def __init__(self, command):
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True)
        except OSError as error:
            raise Failed(str(error)) from error
        self.isas, self.cases = [], []
        while (words := self._line().split()) != ["ready"]:
            {"isa": self.isas, "case": self.cases}[words[0]].append(words[1])

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"heed-gate ended with status {self.process.wait()}")
        return line

    def rounds(self, case, count):
        """[(seconds of old, seconds of new)]"""
        try:
            self.process.stdin.write(f"{case} {count}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # how it ended is found out below
        found, reason = [], None
        while (line := self._line()) != "end\n":
            what, _, rest = line.strip().partition(" ")
            if what == "skip":
                reason = rest
            else:
                old, new = map(float, rest.split())
                found.append((old, new))
        if reason:
            raise Skipped(reason)
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
