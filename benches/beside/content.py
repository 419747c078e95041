"""The sessions that are measured: one seed, as neutral events, as Claude Code writes them, and as recordings of Maestro.

Neutral events and recordings hold the same sessions. The Claude Code files are as many bytes, but fewer sessions, as that format
writes more around each text: only tools that read it are compared over it.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SEED = "1"


@dataclass
class Content:
    """Folders of one content; None where it is not at hand. `lines` is all neutral events in one file."""

    neutral: Path | None
    lines: Path | None
    claude: Path | None
    recordings: Path | None


def given(folder):
    """Takes a folder that holds `neutral`, `claude` and `recordings`, or some of them."""
    present = lambda name: folder / name if (folder / name).is_dir() else None
    neutral = present("neutral")
    return Content(neutral, joined(neutral, folder / "neutral.jsonl") if neutral else None, present("claude"), present("recordings"))


def made(folder, generator, recorder, megabytes):
    """Makes what is missing in a folder: the generator's two formats, and recordings where their script is given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("neutral", "claude"):
        made_once(folder / name, [generator, "--seed", SEED, "--mb", str(megabytes), "--format", name, "--out"])
    if recorder:
        made_once(folder / "recordings", ["python3", recorder, folder / "neutral"])
    return given(folder)


def made_once(folder, command):
    """Runs a command that fills a folder, unless it was filled before; a half-filled one is begun again."""
    if folder.exists():
        return
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run([*map(str, command), str(half)], check=True, stdout=subprocess.DEVNULL)
    half.rename(folder)


def joined(folder, file):
    """Writes all events of a folder into one file, unless that was done before."""
    if not file.exists():
        half = file.with_suffix(".half")
        with open(half, "wb") as out:
            for part in sorted(folder.rglob("*.jsonl")):
                out.write(part.read_bytes())
        half.rename(file)
    return file
