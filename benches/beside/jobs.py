"""What is compared with what: each job gives tables, and names what cannot be in them on this machine."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import measured
import peers


@dataclass
class Table:
    """Rows that are run in turn; the first is what the others are held against. `bytes` is what each row reads. Quick ones take
    milliseconds: they are run several times in a round, and the run in the middle counts."""

    title: str
    rows: list
    bytes: int
    missing: list = field(default_factory=list)
    quick: bool = False


@dataclass
class Bench:
    """What is at hand: ossia, the content, a folder to write in, and each peer or None."""

    binary: Path
    content: object
    scratch: Path
    yardstick: object
    databases: object
    agentsview: Path | None
    gitleaks: Path | None
    kingfisher: Path | None
    found: dict

    def ossia(self, name):
        return peers.Ossia(str(self.binary), self.scratch / name)

    def lacks(self, *wanted):
        """Names those of some tools that are not at hand."""
        here = self.found | {name: getattr(self, name) for name in ("yardstick", "agentsview", "gitleaks", "kingfisher")}
        return [f"{name}: not at hand, and so not in the table" for name in wanted if not here[name]]

    def need(self, contestant):
        """Runs what a table stands on, unmeasured; without it there is nothing to measure."""
        if contestant.ready:
            contestant.ready()
        sample = measured.run(contestant.command, contestant.env, contestant.cwd)
        if sample.status not in contestant.fine:
            raise SystemExit(f"{contestant.name} failed, so nothing can be measured on it: {sample.erred[-400:]}")


def imports(bench):
    """Import beside other builders of an index over the same sessions, and beside the peer that reads the same files."""
    content = bench.content
    if content.recordings and content.neutral:
        rows = [bench.ossia("recordings").imports(content.recordings)]
        rows += [bench.yardstick.builds(content.neutral)] if bench.yardstick else []
        rows += [bench.databases.builds(content.lines)]
        yield Table("Import: the same sessions, ossia from Maestro's recordings, the others from neutral lines", rows, measured.size(content.recordings), bench.lacks("yardstick"))
    if content.claude:
        rows = [bench.ossia("claude").imports(content.claude)]
        rows += [agentsview(bench).syncs()] if bench.agentsview else []
        yield Table("Import of Claude Code's files", rows, measured.size(content.claude), bench.lacks("agentsview"))


def agentsview(bench):
    return peers.Agentsview(bench.agentsview, bench.content.claude, bench.scratch / "agentsview")


def again(bench):
    """The same import when nothing has changed, beside a walk over the tree that reads sizes and times alone."""
    for name, folder in (("recordings", bench.content.recordings), ("claude", bench.content.claude)):
        if not folder:
            continue
        ossia = bench.ossia(name)
        bench.need(ossia.imports(folder))
        rows, missing = [ossia.imports(folder, "ossia import, nothing changed", anew=False), peers.find(folder)], []
        if name == "claude" and bench.agentsview:
            bench.need(agentsview(bench).syncs())
            rows.append(agentsview(bench).syncs("agentsview sync, nothing changed", anew=False))
        elif name == "claude":
            missing = bench.lacks("agentsview")
        files = sum(path.is_file() for path in folder.rglob("*"))
        yield Table(f"Import again, nothing changed, {files:,} files ({name})", rows, measured.size(folder), missing, quick=True)


# What is asked: its name, in ossia's words, in FTS5's, as a pattern for those that scan, and whether that is a literal.
QUERIES = [
    ("a rare word", "quixotic_needle", "quixotic_needle", "quixotic_needle", "literal"),
    ("a common word", "timeout", "timeout", "timeout", "literal"),
    ("a phrase", '"connection reset"', '"connection reset"', "connection reset", "literal"),
    ("a filter", "kind:wait decision:denied", None, '"decision":"denied"', "literal"),
    ("a regex with a rare word in it", "/quixotic_[a-z]+/", None, "quixotic_[a-z]+", "regex"),
    ("a regex with a literal in it", "/conn[a-z]+.reset.by.p[a-z]+/", None, "conn[a-z]+.reset.by.p[a-z]+", "regex"),
    ("a regex with hardly any", "/dur=[0-9]{4}ms|[0-9]{5}ms/", None, "dur=[0-9]{4}ms|[0-9]{5}ms", "regex"),
]


def search(bench):
    """Searches, each as a whole process, beside scans of the raw lines and queries of other indexes."""
    content = bench.content
    if not (content.neutral and (content.recordings or content.claude)):
        return
    ossia = bench.ossia("searched")
    bench.need(ossia.imports(content.recordings or content.neutral))
    bench.need(bench.databases.builds(content.lines))
    if bench.yardstick:
        bench.need(bench.yardstick.builds(content.neutral))
    served = nullcontext()
    if bench.agentsview and content.claude:
        bench.need(agentsview(bench).syncs())
        served = agentsview(bench)
    with served as server:
        for query in QUERIES:
            yield searched(bench, ossia, server, *query)


def searched(bench, ossia, server, name, words, match, pattern, kind):
    content, rows = bench.content, ossia.searches(words)
    rows += [bench.yardstick.starts()] if bench.yardstick and name == "a common word" else []
    rows += [bench.databases.searches(match)] if match else []
    rows += peers.ripgrep(pattern, kind, content.lines, content.neutral) if bench.found["rg"] else []
    rows += [bench.databases.scans(content.lines, kind, pattern)] if bench.found["duckdb"] and name != "a filter" else []
    rows += [peers.lnav(pattern, content.lines)] if bench.found["lnav"] and name == "a rare word" else []
    rows += [server.searches(pattern, kind)] if server and name != "a filter" else []
    return Table(f"Search: {name}, `{words}`", rows, measured.size(content.lines), bench.lacks("yardstick", "rg", "duckdb", "lnav", "agentsview"), quick=True)


def audit(bench):
    """The whole audit of a workspace that was just imported, beside scanners for secrets over the same files."""
    folder = bench.content.recordings or bench.content.claude
    if not folder:
        return
    imported, home = bench.ossia("imported"), bench.scratch / "scanners"
    home.mkdir(parents=True, exist_ok=True)
    bench.need(imported.imports(folder))
    rows = [bench.ossia("audited").audits(imported)]
    rows += [peers.kingfisher(bench.kingfisher, folder, home)] if bench.kingfisher else []
    rows += [peers.gitleaks(bench.gitleaks, folder, home)] if bench.gitleaks else []
    yield Table("Audit of sessions just imported, beside scanners over the same files", rows, measured.size(folder), bench.lacks("gitleaks", "kingfisher"))


JOBS = {"import": imports, "again": again, "search": search, "audit": audit}
