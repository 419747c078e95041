"""How each tool is called, and what its answer is: ossia, the bare builder, and the peers. Nobody else knows their command lines."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import measured

DATABASES = Path(__file__).with_name("databases.py")
# Nothing that is measured may speak to a network: the peers have telemetry, updates and validators.
ALONE = ["unshare", "--map-root-user", "--net"]


@dataclass
class Contestant:
    """One row of a table. `ready` runs before each round, unmeasured; `leaves` is what it wrote; `answer` reads what it printed."""

    name: str
    command: list
    env: dict = field(default_factory=dict)
    ready: object = None
    leaves: list = field(default_factory=list)
    answer: object = None
    cwd: Path | None = None
    fine: tuple = (0,)


def first_number(sample):
    """Gives the first whole number that was printed."""
    found = re.search(r"\d+", sample.said)
    return found.group() if found else "0"


def alone():
    """Says whether this machine can run a command without a network."""
    return shutil.which(ALONE[0]) and subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


class Ossia:
    """The program in a workspace of its own."""

    def __init__(self, binary, home):
        self.binary, self.home = binary, home
        self.env = {"OSSIA_WORKSPACE": str(home / "workspace"), "OSSIA_REVIEWER": "bench"}
        self.env |= {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA", "STATE")}

    def call(self, name, *args, **more):
        return Contestant(name, [self.binary, *map(str, args)], self.env, **more)

    def fresh(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)

    def imports(self, folder, name="ossia import", anew=True):
        index = lambda _: f"index alone {measured.size(self.home / 'cache') / 1e6:.0f} MB"
        more = {"ready": self.fresh, "leaves": [self.home], "answer": index} if anew else {}
        return self.call(name, "import", folder, "--quiet", **more)

    def searches(self, query):
        total = lambda sample: str(json.loads(sample.said)["total"])
        return [
            self.call("ossia search --json", "search", query, "--limit", "50", "--json", answer=total, fine=(0, 1)),
            self.call("ossia search", "search", query, "--limit", "50", fine=(0, 1)),
        ]

    def audits(self, imported):
        def ready():
            shutil.rmtree(self.home, ignore_errors=True)
            shutil.copytree(imported.home, self.home)

        found = lambda sample: str(sum(f["tier"] in ("certain", "candidate") for f in json.loads(sample.said)["findings"]))
        return self.call("ossia audit", "audit", "--status", "all", "--json", "--quiet", ready=ready, answer=found, fine=(0, 1))


class Yardstick:
    """The bare tantivy builder and its queries: what any index of that library costs."""

    def __init__(self, tools, scratch):
        self.tools, self.index, self.scratch = tools, scratch / "bare", scratch

    def builds(self, folder):
        command = [str(self.tools / "tv"), "build", str(folder), str(self.index), "--threads", "2"]
        answer = lambda sample: re.search(r"docs=(\d+)", sample.said).group(1)
        return Contestant("bare tantivy, 2 threads", command, leaves=[self.index], answer=answer, cwd=self.scratch)

    def starts(self):
        answer = lambda sample: re.search(r"hits=(\d+)", sample.said).group(1)
        return Contestant("bare tantivy, open and one word", [str(self.tools / "tvq"), str(self.index), "cold"], answer=answer, cwd=self.scratch)


class Databases:
    """SQLite's FTS5 and DuckDB, through the Python that has them."""

    def __init__(self, python, scratch):
        self.python, self.file = python or sys.executable, scratch / "fts5.db"

    def call(self, name, *args, **more):
        return Contestant(name, [str(self.python), str(DATABASES), *map(str, args)], answer=first_number, **more)

    def has(self, module):
        return subprocess.run([str(self.python), "-c", f"import {module}"], capture_output=True).returncode == 0

    def builds(self, lines):
        def ready():
            for part in self.file.parent.glob(self.file.name + "*"):
                part.unlink()

        parser = "orjson" if self.has("orjson") else "Python's json"
        return self.call(f"SQLite FTS5, contentless, fed by {parser}", "fts5-build", lines, self.file, ready=ready, leaves=[self.file])

    def searches(self, query):
        return self.call("SQLite FTS5 (start of Python within)", "fts5-search", self.file, query)

    def scans(self, lines, kind, pattern):
        return self.call("DuckDB over the file (start of Python within)", "duckdb-scan", lines, kind, pattern)


class Agentsview:
    """agentsview (PyPI), which reads Claude Code; its search asks a server that it keeps."""

    def __init__(self, binary, folder, home):
        self.binary, self.home, self.server = str(binary), home, None
        self.env = {"HOME": str(home), "CLAUDE_PROJECTS_DIR": str(folder), "AGENTSVIEW_DATA_DIR": str(home / "data")}
        self.env |= {"AGENTSVIEW_DISABLE_UPDATE_CHECK": "1", "AGENTSVIEW_TELEMETRY_ENABLED": "0", "DO_NOT_TRACK": "1"}
        self.env |= {"AGENTSVIEW_NO_DAEMON": "1"}  # or any command would leave a server behind that nobody stops

    def fresh(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)

    def syncs(self, name="agentsview sync", anew=True):
        more = {"ready": self.fresh, "leaves": [self.home / "data"]} if anew else {}
        return Contestant(name, [*ALONE, self.binary, "sync"], self.env, **more)

    def __enter__(self):
        """Starts its server in a network of its own, where nothing but itself is reached."""
        command = ["sh", "-c", 'ip link set lo up; exec "$0" serve --no-browser --no-sync', self.binary]
        self.server = subprocess.Popen([*ALONE, *command], env={**os.environ, **self.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if subprocess.run(self.inside("session", "list", "--limit", "1"), env={**os.environ, **self.env}, capture_output=True).returncode == 0:
                return self
            time.sleep(0.2)
        raise RuntimeError("the server of agentsview did not answer within 20 s")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def inside(self, *args):
        return ["nsenter", "--target", str(self.server.pid), "--user", "--net", "--preserve-credentials", self.binary, *args]

    def searches(self, pattern, kind):
        flag = ["--regex"] if kind == "regex" else []
        shown = lambda sample: f"{len(json.loads(sample.said)['matches'])} shown"
        command = self.inside("session", "search", "--json", *flag, "--", pattern)
        return Contestant("agentsview search (its server's CPU not within)", command, self.env, answer=shown)


def ripgrep(pattern, kind, lines, folder):
    fixed = [] if kind == "regex" else ["-F"]
    over = lambda sample: str(sum(int(line.rsplit(":", 1)[1]) for line in sample.said.splitlines()))
    one = Contestant("rg -j1 -c over one file", ["rg", "-j1", "-c", *fixed, "-e", pattern, str(lines)], answer=first_number, fine=(0, 1))
    return [one, Contestant("rg -c over the folder", ["rg", "-c", *fixed, "-e", pattern, str(folder)], answer=over, fine=(0, 1))]


def lnav(pattern, lines):
    answer = lambda sample: str(sample.said.count("\n"))
    return Contestant("lnav, filter", ["lnav", "-n", "-c", f":filter-in {pattern}", str(lines)], answer=answer)


def find(folder):
    answer = lambda sample: str(sample.said.count("\n"))
    return Contestant("find -printf '%s %T@'", ["find", str(folder), "-printf", "%s %T@\\n"], answer=answer)


def gitleaks(binary, folder, home):
    report = home / "gitleaks.json"
    command = [str(binary), "detect", "--no-git", "--no-banner", "--exit-code", "0"]
    command += ["--report-format", "json", "--report-path", str(report), "--source", str(folder)]
    return Contestant("gitleaks detect", command, {"HOME": str(home)}, answer=lambda _: str(report.read_text().count('"RuleID"')))


def kingfisher(binary, folder, home):
    """Its rules are compiled once into a folder, by a run over nothing, as every later run finds them there."""
    env = {"HOME": str(home), "KF_RULE_CACHE_DIR": str(home / "kingfisher-rules")}
    command = [*ALONE, str(binary), "--no-update-check", "scan", "--no-validate", "--no-dedup", "--format", "json"]
    nothing = home / "nothing"

    def ready():
        if not nothing.exists():
            nothing.mkdir(parents=True)
            subprocess.run([*command, str(nothing)], env={**os.environ, **env}, capture_output=True)

    answer = lambda sample: re.search(r'"findings":(\d+),', sample.said).group(1)
    return Contestant("kingfisher scan", [*command, str(folder)], env, ready=ready, answer=answer, fine=(0, 200))
