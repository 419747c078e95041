"""Compares the agreement that ossia computes with independent implementations, to 1e-9.

usage: agreement.py OSSIA WORKSPACE    (sources imported, nothing judged; four reviewers' labels are added to it)
needs: scikit-learn, krippendorff, irrCAC
"""

import itertools
import json
import random
import subprocess
import sys
import tempfile

import krippendorff
import numpy
import pandas
from irrCAC.raw import CAC
from sklearn.metrics import cohen_kappa_score

ossia, workspace = sys.argv[1:3]
REVIEWERS = ["ana", "bob", "cyn", "dan"]


def run(*args):
    done = subprocess.run([ossia, *args, "--workspace", workspace, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def label(reviewer, said):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for target, answers in said.items():
            file.write(json.dumps({"target": target, "answers": answers}) + "\n")
        file.flush()
        run("label", "--from", file.name, "--reviewer", reviewer)


def near(name, found, expected):
    assert abs(found - expected) < 1e-9, f"{name}: ossia says {found!r}, the other {expected!r}"
    print(f"{name}: {found:.12f}")


def check(question, answers, complete):
    found = next(q for q in run("agree", "--question", question)["questions"] if q["reviewers"] == REVIEWERS)
    rows = {}
    for row in run("labels")["labels"]:
        if row["question"] == question:
            rows.setdefault(row["target"], {})[row["reviewer"]] = answers.index(row["answer"])
    table = numpy.array([[row.get(reviewer, numpy.nan) for reviewer in REVIEWERS] for row in rows.values()])
    assert found["answers"] == answers
    near(f"{question} alpha", found["krippendorff_alpha"]["value"], krippendorff.alpha(table.T, level_of_measurement=found["scale"]))
    for pair in found["pairs"]:
        two = table[:, [REVIEWERS.index(pair["a"]), REVIEWERS.index(pair["b"])]]
        two = two[~numpy.isnan(two).any(axis=1)]
        near(f"{question} kappa of {pair['a']} and {pair['b']}", pair["cohen_kappa"]["value"], cohen_kappa_score(two[:, 0], two[:, 1]))
    if complete:
        cac = CAC(pandas.DataFrame(table), digits=15)
        near(f"{question} AC1", found["gwet_ac1"]["value"], cac.gwet()["est"]["coefficient_value"])
        near(f"{question} Fleiss", found["fleiss_kappa"]["value"], cac.fleiss()["est"]["coefficient_value"])


targets = [item["target"] for item in run("queue", "show", "all", "--limit", "100000", "--reviewer", "ana")["items"]]
calls = [target for target in targets if "#" in target][:120]
seeded = random.Random(7)
# `no` is the truth of many items, so that chance and agreement are both at work; every answer occurs.
needs, severity = ["barred", "yes", "no"], ["0", "1", "2", "3"]
truth = {call: (seeded.choice(needs + ["no"] * 3), seeded.choice(severity)) for call in calls}
for reviewer in REVIEWERS:
    said = {}
    for call in calls:
        asked = truth[call][0] if seeded.random() < 0.7 else seeded.choice(needs)
        said[call] = {"needs_ask": asked}
        # Severity has answers missing; needs_ask has none.
        if seeded.random() < 0.6:
            said[call]["severity"] = truth[call][1] if seeded.random() < 0.5 else seeded.choice(severity)
    label(reviewer, said)
# `covered` needs a quotation and is given once by each reviewer, so that all four answers occur.
quoted = [target for target in targets if "#" in target][120:121]
for reviewer in REVIEWERS:
    run("label", quoted[0], "needs_ask=covered", "--quote", "u.text:0..4", "--reviewer", reviewer)
check("needs_ask", ["barred", "covered", "yes", "no"], True)
check("severity", severity, False)
print("all agree to 1e-9")
