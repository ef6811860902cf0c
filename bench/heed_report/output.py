# SPDX-License-Identifier: MIT
"""output - files that appear whole or not at all; places that cannot be written are found first."""
import os
import sys
import tempfile
from pathlib import Path

from .fields import Refused


def _refuse(path, error):
    raise Refused(f"{path}: {error.strerror or error}") from None


def check_file(path):
    """Refuses where write() would: before minutes of drawing."""
    if str(path) == "-":
        return
    try:
        if path.is_dir():
            raise Refused(f"{path}: Is a directory")
        if path.exists() and not path.is_file():  # a device, a pipe
            return
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        _refuse(path, error)


def check_folder(path):
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        _refuse(path, error)


def _replace(path, data):
    """Beside it first, then in its place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write(path, data):
    """Text as UTF-8, or bytes; `-` is standard output."""
    data = data.encode() if isinstance(data, str) else data
    try:
        if str(path) == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        _refuse("standard output" if str(path) == "-" else path, error)
