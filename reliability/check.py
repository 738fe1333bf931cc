#!/usr/bin/env python3
# The checker for kill_test.py and power_cut.py: prints each capture that is in the tables whole and once.
"""check.py NOCTULE DATA_DIR --messages N [--repair]

Prints the id of every capture whose N messages are all in the tables, each once. A capture with a message twice is
printed twice, so that the test calls it doubled; one with some messages is not printed, so that it counts as lost if it
was acknowledged. A data directory that was never created holds nothing.

--repair   run `noctule verify` first; if it finds damage, `noctule rebuild`, and `verify` must then be clean (promise A2)

exit 0: could be read.  1: could not.
"""
import argparse
import csv
import io
import os
import subprocess
import sys

# The exit status for a data directory in which nothing was ever acknowledged.
NOTHING_YET = 66

QUERY = (
    "select c.capture_id as id, count(m.message_id) as n, count(distinct m.message_id) as d "
    "from captures c join messages m on m.capture_id = c.capture_id group by c.capture_id"
)


def noctule(args, *words):
    command = [args.noctule, words[0], *words[1:], "--data-dir", args.data_dir]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def fail(what, ran):
    sys.exit("%s ended with status %d: %s" % (what, ran.returncode, ran.stderr.strip()[-400:]))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("noctule")
    p.add_argument("data_dir")
    p.add_argument("--messages", type=int, required=True)
    p.add_argument("--repair", action="store_true")
    args = p.parse_args()
    if not os.path.isdir(args.data_dir) or not os.listdir(args.data_dir):
        return
    if args.repair and noctule(args, "verify").returncode not in (0, NOTHING_YET):
        ran = noctule(args, "rebuild")
        if ran.returncode:
            fail("rebuild", ran)
        ran = noctule(args, "verify")
        if ran.returncode:
            fail("verify after rebuild", ran)
        print("repaired by rebuild", file=sys.stderr)
    ran = noctule(args, "sql", QUERY, "--format", "csv")
    if ran.returncode == NOTHING_YET:
        return
    if ran.returncode not in (0, 1):  # 1: no rows
        fail("sql", ran)
    for row in csv.DictReader(io.StringIO(ran.stdout)):
        count, distinct = int(row["n"]), int(row["d"])
        if count > distinct or count > args.messages:
            print(row["id"])
            print(row["id"])
        elif count == args.messages:
            print(row["id"])


if __name__ == "__main__":
    main()
