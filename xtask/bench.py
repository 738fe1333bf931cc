#!/usr/bin/env python3
# The yardstick of `cargo xtask bench`: DuckDB parses the JSONL and counts one regular expression by month.
"""bench.py FILE.jsonl PATTERN THREADS     prints seconds, matches and months; the start of Python is not counted"""
import sys
import time

import duckdb

path, pattern, threads = sys.argv[1:]
db = duckdb.connect()
db.execute("SET threads=%d" % int(threads))
start = time.perf_counter()
rows = db.execute(
    "SELECT date_trunc('month', date) AS month, count(*) AS n "
    "FROM read_json(?, format='newline_delimited', columns={id: 'VARCHAR', source: 'VARCHAR', date: 'TIMESTAMP', text: 'VARCHAR'}) "
    "WHERE regexp_matches(text, ?) GROUP BY 1 ORDER BY 1",
    [path, pattern],
).fetchall()
print("%.4f %d %d" % (time.perf_counter() - start, sum(n for _, n in rows), len(rows)))
