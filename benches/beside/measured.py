"""Runs one command to its end and says what it cost: wall, CPU of it and its children, memory while it ran."""

import os
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass

SHORTEST, LONGEST = 2, 40  # milliseconds between two looks at the memory


@dataclass
class Sample:
    """What one run cost; seconds and bytes. Memory is 0 where the run was over before it was looked at."""

    wall: float
    cpu: float
    anonymous: int
    resident: int
    status: int
    said: str
    erred: str


def run(command, env=None, cwd=None, core=None):
    """Runs a command, on one core only where one is given. Its output goes to files, so that nothing waits for a reader."""
    pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(env or {})}, cwd=cwd, preexec_fn=pin)
        anonymous, resident = watch(child.pid)
        wall = time.perf_counter() - start
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return Sample(wall, usage.ru_utime + usage.ru_stime, anonymous, resident, child.returncode, text(out), text(err))


def watch(pid):
    """Looks at the memory until the process ends, seldomer the longer it runs; gives the peaks."""
    ended, pause, peaks = select.poll(), SHORTEST, (0, 0)
    handle = os.pidfd_open(pid)
    ended.register(handle, select.POLLIN)
    while not ended.poll(pause):
        peaks = tuple(map(max, peaks, memory(pid)))
        pause = min(LONGEST, pause * 2)
    os.close(handle)
    return peaks


def memory(pid):
    """Gives anonymous and resident bytes of a process and all below it. The kernel's own peak would count what forked it."""
    anonymous = resident = 0
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    anonymous = int(line.split()[1]) << 10
                elif line.startswith("VmRSS:"):
                    resident = int(line.split()[1]) << 10
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            below = [memory(child) for child in file.read().split()]
    except OSError:  # it ended while it was looked at
        below = []
    return anonymous + sum(b[0] for b in below), resident + sum(b[1] for b in below)


def text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def size(*paths):
    """Gives the bytes of files, and of folders with all that is in them."""
    total = 0
    for path in paths:
        if path.is_dir():
            total += size(*path.iterdir())
        elif path.exists():
            total += path.stat().st_size
    return total
