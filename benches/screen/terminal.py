"""A program in a pseudoterminal: keys in, frames out, and what its process did meanwhile."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

PATIENCE = 0.5  # seconds after which a key changed nothing
ENDS = b"\x1b[?2026l"  # a frame of the program ends with it
TICK = os.sysconf("SC_CLK_TCK")


class Screen:
    """One run of a program; `frames` says whether it marks the end of each frame."""

    def __init__(self, command, env, rows, cols, frames=True):
        self.began, self.frames = time.perf_counter(), frames
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, quiet, until=None):
        """Reads until nothing came for `quiet` seconds, or `until` was said; gives the bytes, when a frame first ended, and when the last byte came."""
        said, first, last = bytearray(), None, time.perf_counter()
        while select.select([self.fd], [], [], quiet if said or until is None else 30)[0]:
            try:
                part = os.read(self.fd, 1 << 16)
            except OSError:  # it ended
                break
            if not part:
                break
            said += part
            last = time.perf_counter()
            if first is None and (ENDS in said or not self.frames):
                first = last
            if until and re.search(until, said):
                break
        return bytes(said), first or last, last

    def press(self, keys, quiet=0.03):
        """Presses keys; gives the ms to the first whole frame, the ms to the last byte, and the bytes that were written, none where nothing changed."""
        begun = time.perf_counter()
        os.write(self.fd, keys)
        if not select.select([self.fd], [], [], PATIENCE)[0]:
            return 0.0, 0.0, b""
        said, first, last = self.read(quiet)
        return (first - begun) * 1e3, (last - begun) * 1e3, said

    def settle(self, limit=120):
        """Waits until no thread of it did anything for a second."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            before = self.woken()
            self.read(1)
            if self.woken() == before:
                return

    def woken(self):
        """Gives how often its threads woke, all together."""
        count = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{thread}/status") as file:
                    count += int(re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", file.read())[1])
            except OSError:  # it ended meanwhile
                pass
        return count

    def work(self):
        """Gives the seconds of CPU it took so far."""
        with open(f"/proc/{self.pid}/stat") as file:
            return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / TICK

    def anonymous(self):
        """Gives its anonymous memory in bytes."""
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"RssAnon:\s+(\d+)", file.read())[1]) << 10

    def end(self):
        """Ends it, by force where it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(self.pid, number)
            for _ in range(100):
                self.read(0.02)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return
