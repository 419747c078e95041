"""What is measured of the screen, and how: each gives rows of a table."""

import time

WORDS = "build test deploy token handbook worker"
SCREENS = [("a trajectory", b"gl\r"), ("review", b"gr\r"), ("insights", b"gi"), ("rules", b"gu"), ("redactions", b"gs"), ("pairs", b"gp")]
MIB = 1 << 20


def spread(times, unit="ms"):
    """Says the middle, the worst of a hundred and the worst of some times."""
    ordered = sorted(times)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]
    return f"p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, max {ordered[-1]:.1f} {unit} ({len(ordered)})"


def start(make, times):
    """From the start to the first whole frame, and until nothing more came for 0.3 s."""
    first, all_of_it = [], []
    for _ in range(times):
        screen = make()
        _, frame, _ = screen.read(0, until=b"\\?2026l" if screen.frames else b".")
        _, _, last = screen.read(0.3)
        first.append((frame - screen.began) * 1e3)
        all_of_it.append((last - screen.began) * 1e3)
        screen.end()
    return [("start to the first frame", spread(first)), ("start until all of it stands", spread(all_of_it))]


def held(screen, name, keys, times, quiet=0.03):
    """A key after the other, each to the last byte of what it draws; one that changes nothing, as at the end of a list, is not counted."""
    last, written = [], []
    for at in range(times):
        _, end, said = screen.press(keys[at % len(keys)], quiet)
        if said:
            last.append(end)
            written.append(len(said))
    if not last:
        return (f"{name}, to the last byte", "nothing changed")
    return (f"{name}, to the last byte", f"{spread(last)}; p50 {sorted(written)[len(written) // 2]:,} bytes")


def library(screen):
    """The list with its preview."""
    open_library(screen)
    yield held(screen, "library, a line down", [b"j"] * 20 + [b"k"] * 20, 300)
    yield held(screen, "library, half a page", [b"\x04", b"\x15"], 100)
    yield held(screen, "library, to its end and back", [b"G", b"gg"], 40)


def open_library(screen):
    for keys in (b"\x1b", b"\x1b", b"gl"):  # one by one: escape before a letter would be another key
        screen.press(keys, 0.2)
    screen.settle()


def search(screen):
    """A query as one types it, each letter to the frame of its hits and to the last byte of what it changes."""
    open_library(screen)
    screen.press(b"/", 0.3)
    frames, last = [], []
    for word in WORDS.split():
        for letter in word:
            frame, end, _ = screen.press(letter.encode(), 0.15)
            frames.append(frame)
            last.append(end)
        screen.press(b"\x15", 0.4)
    screen.press(b"\x1b", 0.3)
    yield ("search as one types, to the frame of a letter", spread(frames))
    yield ("search as one types, to the last byte", spread(last))


def screens(screen):
    """Each screen, opened from the library: shown, settled, scrolled, and what it holds."""
    for name, keys in SCREENS:
        open_library(screen)
        begun, work = time.perf_counter(), screen.work()
        _, shown, _ = screen.press(keys, 0.2)
        peak = 0
        woken = None
        while woken != (woken := screen.woken()):
            for _ in range(10):
                screen.read(0.1)
                peak = max(peak, screen.anonymous())
        settled = time.perf_counter() - begun
        said = f"{shown:.0f} ms; settled within {settled:.0f} s, {screen.work() - work:.1f} s of work; {peak // MIB} MB at its peak"
        yield (f"{name}: shown", said)
        yield held(screen, f"{name}, a line down and up", [b"j"] * 5 + [b"k"] * 5, 60)


def pasted(screen, keys=1000):
    """Many keys at once."""
    open_library(screen)
    _, last, said = screen.press(b"".join(b"jk"[at // 250 % 2 : at // 250 % 2 + 1] for at in range(keys)), 0.3)
    frames = said.count(b"\x1b[?2026l")
    return [(f"{keys:,} keys at once", f"{last:.0f} ms, {frames} frames, {len(said):,} bytes")]


def idle(screen, seconds):
    """Nothing is done."""
    screen.settle()
    woken, work = screen.woken(), screen.work()
    time.sleep(seconds)
    said = f"{screen.woken() - woken} wake-ups, {screen.work() - work:.2f} s of CPU; {screen.anonymous() // MIB} MB of anonymous memory"
    return [(f"idle for {seconds} s", said)]
