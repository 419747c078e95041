"""What SQLite's FTS5 and DuckDB do with the same sessions, each as a program of its own, so that it is measured like the others.

usage: databases.py fts5-build FILE DATABASE
       databases.py fts5-search DATABASE QUERY
       databases.py duckdb-scan FILE literal|regex PATTERN

The last line printed is the number of hits and the seconds of the query alone, without the start of Python.
"""

import json
import sqlite3
import sys
import time

try:
    from orjson import loads
except ImportError:
    from json import loads

BATCH = 5000
TEXTS = ("text", "output", "reason", "title")
FIELDS = ("type", "session_id", "ts", "role", "text", "tool", "output", "args", "reason", "title", "decision")


def body(event):
    """Gives the text of an event: the first field that has one, as the yardstick takes it."""
    return next((event[name] for name in TEXTS if event.get(name)), None) or json.dumps(event.get("args", ""))


def fts5_build(file, database):
    """Fills a contentless table: positions are kept, texts are not."""
    connection = sqlite3.connect(database)
    connection.executescript("pragma journal_mode=wal; pragma synchronous=normal; pragma cache_size=-262144")
    connection.execute("create virtual table steps using fts5(body, content='')")
    rows = []
    for number, line in enumerate(open(file, "rb")):
        rows.append((number, body(loads(line))))
        if len(rows) == BATCH:
            connection.executemany("insert into steps(rowid, body) values (?, ?)", rows)
            rows.clear()
    connection.executemany("insert into steps(rowid, body) values (?, ?)", rows)
    connection.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    return number + 1


def fts5_search(database, query):
    """Ranks the first fifty and counts all, which is what a list of hits needs."""
    connection = sqlite3.connect(database)
    connection.execute("select rowid from steps where steps match ? order by rank limit 50", (query,)).fetchall()
    return connection.execute("select count(*) from steps where steps match ?", (query,)).fetchone()[0]


def duckdb_scan(file, kind, pattern):
    """Reads the file as JSON with named columns and counts the events with the pattern in their text."""
    import duckdb

    connection = duckdb.connect()
    columns = ", ".join(f"{name}: '{'JSON' if name == 'args' else 'VARCHAR'}'" for name in FIELDS)
    events = f"read_json(?, format='newline_delimited', columns={{{columns}}})"
    test = "regexp_matches" if kind == "regex" else "contains"
    query = f"select count(*) from {events} where {test}(coalesce(text, output, reason, title, args::varchar), ?)"
    return connection.execute(query, [file, pattern]).fetchone()[0]


def main():
    command, *rest = sys.argv[1:]
    if command == "duckdb-scan":
        import duckdb  # noqa: F401  its loading is no part of the query
    start = time.perf_counter()
    hits = {"fts5-build": fts5_build, "fts5-search": fts5_search, "duckdb-scan": duckdb_scan}[command](*rest)
    print(hits, f"{time.perf_counter() - start:.6f}")


if __name__ == "__main__":
    main()
