#!/usr/bin/env python3
# The recipes of docs/guides/other-tools.md, run as they stand, against `noctule sql`.
"""recipes.py NOCTULE GUIDE.md     in a folder with a data directory named data; exit status 1 when an answer differs"""
import csv
import io
import re
import subprocess
import sys

noctule, guide = sys.argv[1:]
blocks = re.findall(r"```python\n(.*?)```", open(guide, encoding="utf-8").read(), re.S)
space, compared = {}, 0
for block in blocks:
    exec(compile(block, guide, "exec"), space)
    for query in re.findall(r"^# noctule sql: (.*)$", block, re.M):
        command = [noctule, "sql", query, "--data-dir", "data", "--format", "csv", "--quiet"]
        said = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
        expected = [tuple(row) for row in csv.reader(io.StringIO(said))][1:]
        # A guard before formulas is the CSV's own.
        expected = [tuple(cell[1:] if cell[:1] == "'" else cell for cell in row) for row in expected]
        answer = [tuple("" if cell is None else str(cell) for cell in row) for row in space["answer"]]
        if answer != expected:
            pairs = [pair for pair in zip(answer, expected) if pair[0] != pair[1]]
            sys.exit("%s\nthe recipe gives %d rows, noctule %d; first difference: %r" % (
                query, len(answer), len(expected), pairs[:1]))
        if not answer:
            sys.exit("%s\ngives no rows, so nothing was compared" % query)
        compared += 1
print("%d blocks, %d answers the same" % (len(blocks), compared))
if compared < 3:
    sys.exit("too few answers were compared")
