"""Prints what was measured as Markdown: medians with the least and the most, and ratios that were taken inside a round."""

from statistics import median

HEAD = ["", "wall", "CPU", "MB per CPU s", "anonymous", "resident", "on disk", "wall: ossia ÷ it", "CPU: ossia ÷ it", "answer"]
NOTHING = ("", "–")


def spread(values, scale, places):
    """Writes a median, and the least and the most beside it."""
    low, middle, high = (f"{value * scale:.{places}f}" for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low}–{high})"


def ratio(rounds, first, name, what):
    """Writes the median of what the first row cost against another one beside it in the same round."""
    values = [what(r[first]) / what(r[name]) for r in rounds if first in r and name in r and what(r[name])]
    return f"{median(values):.2f}" if values else "–"


def megabytes(values):
    return f"{median(values) / 1e6:.0f} MB" if max(values) else "–"


def row(table, rounds, contestant, sizes):
    name, first = contestant.name, table.rows[0].name
    samples = [r[name] for r in rounds if name in r]
    if not samples:
        return None
    wall, cpu = [s.wall for s in samples], [s.cpu for s in samples]
    scale, places, unit = (1000, 0 if median(wall) > 0.1 else 1, "ms") if table.quick else (1, 2, "s")
    cells = [name, f"{spread(wall, scale, places)} {unit}", f"{spread(cpu, scale, places)} {unit}"]
    cells += ["" if table.quick else f"{table.bytes / 1e6 / median(cpu):.1f}"]
    cells += [megabytes([s.anonymous for s in samples]), megabytes([s.resident for s in samples])]
    cells += [f"{sizes[name] / 1e6:.0f} MB" if sizes.get(name) else "–"]
    other = name != first
    cells += [ratio(rounds, first, name, lambda s: s.wall) if other else "", ratio(rounds, first, name, lambda s: s.cpu) if other else ""]
    return cells + [answered(contestant, samples[-1])]


def answered(contestant, sample):
    """Reads how much was found, so that it is seen whether the rows did the same."""
    if not contestant.answer:
        return ""
    try:
        return contestant.answer(sample)
    except (ValueError, KeyError, AttributeError, OSError) as wrong:
        return f"not understood: {wrong}"


def markdown(table, outcome):
    """Gives a table with its title, and below it what is not in it and why."""
    rows = list(filter(None, (row(table, outcome.kept, contestant, outcome.sizes) for contestant in table.rows)))
    said = [column for column in range(len(HEAD)) if any(cells[column] not in NOTHING for cells in rows)]
    lines = ["| " + " | ".join(cells[column] for column in said) + " |" for cells in (HEAD, ["---"] * len(HEAD), *rows)]
    notes = [*table.missing, *(f"{name}: failed, {why}" for name, why in outcome.failed.items()), outcome.verdict]
    return "\n".join([f"### {table.title} ({table.bytes / 1e6:.1f} MB)", "", *lines, "", *(f"- {note}" for note in notes), ""])
