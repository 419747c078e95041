"""Runs ossia and its peers in turn over the same sessions and prints Markdown tables of what each cost.

    python3 benches/beside --ossia target/release/ossia --yardsticks DIR --recorder FILE --scratch DIR

`--yardsticks` is the folder of the generator `gen` and of the bare tantivy programs `tv` and `tvq`; without it give `--content`, a folder
with `neutral`, `claude` and `recordings`. Peers are taken from PATH or from their options; what is not there is named under each table.
Every round begins with `tv`: one in which its wall or CPU time is off by more than a quarter of its own median is thrown away, and another
is run, up to twice as many as were asked for. Ratios are taken inside a round; their median is printed.
"""

import argparse
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True  # nothing is left in the folder of the sources
import content
import measured
import peers
import tables
from jobs import JOBS, Bench

OFF = 0.25
TIMES = 7
YARDSTICK = "yardstick"


@dataclass
class Outcome:
    """The rounds that count, what each contestant left on disk, who failed, and a sentence on what was thrown away."""

    kept: list
    sizes: dict
    failed: dict
    verdict: str


def steady(rounds):
    """Gives the rounds in which the yardstick was near its own median, and all of them where there is none."""
    measures = [lambda sample: sample.wall, lambda sample: sample.cpu]
    near = lambda one, what: abs(what(one[YARDSTICK]) / median(what(r[YARDSTICK]) for r in rounds) - 1) <= OFF
    return [one for one in rounds if YARDSTICK not in one or all(near(one, what) for what in measures)]


def in_the_middle(contestant, times, core):
    """Runs a contestant so many times, or for a second, and gives the run in the middle; one that failed is given at once."""
    samples = []
    while len(samples) < times and sum(sample.wall for sample in samples) < 1:
        samples.append(measured.run(contestant.command, contestant.env, contestant.cwd, core))
        if samples[-1].status not in contestant.fine:
            return samples[-1]
    return sorted(samples, key=lambda sample: sample.wall)[len(samples) // 2]


def compete(table, yardstick, wanted, core):
    """Runs the rows of a table in turn until enough rounds count."""
    rounds, sizes, failed = [], {}, {}
    while len(steady(rounds)) < wanted and len(rounds) < 2 * wanted:
        one = {YARDSTICK: measured.run(yardstick.command, yardstick.env, yardstick.cwd, core)} if yardstick else {}
        for contestant in table.rows:
            if contestant.name in failed:
                continue
            if contestant.ready:
                contestant.ready()
            sample = in_the_middle(contestant, TIMES if table.quick else 1, core)
            if sample.status in contestant.fine:
                one[contestant.name], sizes[contestant.name] = sample, measured.size(*contestant.leaves)
            else:
                failed[contestant.name] = f"exit {sample.status}: {(sample.erred or sample.said).strip()[-200:]}"
        rounds.append(one)
        print(f"{table.title}: round {len(rounds)}, {len(steady(rounds))} count", file=sys.stderr)
    return Outcome(steady(rounds), sizes, failed, verdict(rounds, wanted))


def verdict(rounds, wanted):
    kept = len(steady(rounds))
    if not rounds or YARDSTICK not in rounds[0]:
        return f"{kept} rounds; no yardstick was there to tell a disturbed one"
    walls, cpus = ([what(one[YARDSTICK]) for one in rounds] for what in (lambda s: s.wall, lambda s: s.cpu))
    said = f"{kept} of {len(rounds)} rounds count; `tv` took {tables.spread(walls, 1, 2)} s, {tables.spread(cpus, 1, 2)} s of CPU over all of them"
    return said if kept >= wanted else f"{said}; too few were steady ({wanted} wanted)"


def machine():
    """Says on what this ran."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown processor")
    return f"{os.cpu_count()} cores ({model}), Linux {os.uname().release}, load {os.getloadavg()[0]:.1f} as it began"


def asked():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    path = lambda text: Path(text).absolute()
    installed = lambda name: Path(found) if (found := shutil.which(name)) else None
    parser.add_argument("--ossia", type=path, required=True, help="the release binary")
    parser.add_argument("--scratch", type=path, required=True, help="a folder to write in: some gigabytes, on the disk that is meant")
    parser.add_argument("--yardsticks", type=path, help="folder with gen, tv and tvq")
    parser.add_argument("--recorder", type=path, help="script that writes a neutral folder as recordings")
    parser.add_argument("--content", type=path, help="folder with neutral, claude and recordings, instead of making them")
    parser.add_argument("--mb", type=int, default=100, help="megabytes that are made (100)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--job", choices=JOBS, action="append", help="only this one; may be repeated")
    parser.add_argument("--core", type=int, help="run everything on this core alone")
    parser.add_argument("--python", type=path, help="a Python that has duckdb and orjson")
    for name in ("agentsview", "gitleaks", "kingfisher"):
        parser.add_argument(f"--{name}", type=path, default=installed(name))
    args = parser.parse_args()
    if not (args.yardsticks or args.content):
        parser.error("give --yardsticks, to make the sessions, or --content, where they are")
    return args


def bench(args):
    """Gathers what is at hand."""
    made = content.given(args.content) if args.content else content.made(args.scratch / f"content-{args.mb}", args.yardsticks / "gen", args.recorder, args.mb)
    databases = peers.Databases(args.python, args.scratch)
    found = {name: shutil.which(name) for name in ("rg", "lnav")} | {"duckdb": databases.has("duckdb")}
    alone = peers.alone()
    if not alone:
        print("agentsview and kingfisher are left out: a command cannot be kept from the network here (unshare)", file=sys.stderr)
    yardstick = peers.Yardstick(args.yardsticks, args.scratch) if args.yardsticks else None
    return Bench(args.ossia, made, args.scratch, yardstick, databases, alone and args.agentsview, args.gitleaks, alone and args.kingfisher, found)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    args = asked()
    args.scratch.mkdir(parents=True, exist_ok=True)
    at_hand = bench(args)
    yardstick = at_hand.yardstick.builds(at_hand.content.neutral) if at_hand.yardstick and at_hand.content.neutral else None
    print(f"{machine()}; {measured.run([str(args.ossia), '--version']).said.strip()}\n")
    for name in args.job or JOBS:
        for table in JOBS[name](at_hand):
            print(tables.markdown(table, compete(table, yardstick, args.rounds, args.core)), flush=True)


if __name__ == "__main__":
    main()
