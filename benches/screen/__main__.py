"""Measures the screen in a pseudoterminal and prints a Markdown table: starts, keys, search, every screen, memory, and doing nothing.

    python3 benches/screen --ossia target/release/ossia [--workspace DIR] [--yardstick tuistart]

Without a workspace one with the built-in examples is made. `--yardstick` is a smallest ratatui program that draws on every key; its start and its
keys are measured beside. Times are ms of the wall, so they want a quiet machine; the last column of a key is what it writes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is left in the folder of the sources
import measures
from terminal import Screen

PARTS = ("start", "library", "search", "screens", "pasted", "idle")


def asked():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    path = lambda text: Path(text).absolute()
    parser.add_argument("--ossia", type=path, required=True, help="the release binary")
    parser.add_argument("--workspace", type=path, help="a workspace to open")
    parser.add_argument("--cache", type=path, help="the cache folder of that workspace, where its index lies")
    parser.add_argument("--yardstick", type=path, help="a smallest ratatui program, measured beside")
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--cols", type=int, default=160)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=30, help="how long nothing is done")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; may be repeated")
    return parser.parse_args()


def environment(args, folder):
    """Gives the folders of the run: those that were asked for, else new ones with the examples."""
    env = {"XDG_CONFIG_HOME": str(folder / "config")}
    if args.workspace:
        return env | {"OSSIA_WORKSPACE": str(args.workspace)} | ({"XDG_CACHE_HOME": str(args.cache)} if args.cache else {})
    env |= {"XDG_CACHE_HOME": str(folder / "cache"), "TMPDIR": str(folder)}
    made = subprocess.run([args.ossia, "demo", "--no-tui", "--json"], env={**os.environ, **env}, check=True, capture_output=True)
    return env | {"OSSIA_WORKSPACE": json.loads(made.stdout)["workspace"]}


def rows(args, env):
    """Measures what was asked for, row by row."""
    parts = args.part or PARTS
    make = lambda: Screen([str(args.ossia)], env, args.rows, args.cols)
    yardstick = lambda: Screen([str(args.yardstick), "key"], env, args.rows, args.cols, frames=False)
    if "start" in parts:
        yield from measures.start(make, args.starts)
        if args.yardstick:
            yield from ((f"{name}, yardstick", said) for name, said in measures.start(yardstick, args.starts))
    if args.yardstick and "library" in parts:
        screen = yardstick()
        screen.read(0.3)
        yield measures.held(screen, "a key, yardstick", [b"j", b"k"], 300)
        screen.end()
    screen = make()
    screen.settle()
    of_part = {"library": measures.library, "search": measures.search, "screens": measures.screens, "pasted": measures.pasted}
    for part, measure in of_part.items():
        if part in parts:
            yield from measure(screen)
    if "idle" in parts:
        yield from measures.idle(screen, args.seconds)
    screen.end()


def main():
    args = asked()
    with tempfile.TemporaryDirectory() as folder:
        env = environment(args, Path(folder))
        print(f"{args.cols}x{args.rows}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} as it began\n\n| what | measured |\n|---|---|")
        for name, said in rows(args, env):
            print(f"| {name} | {said} |", flush=True)


if __name__ == "__main__":
    main()
