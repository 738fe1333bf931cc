#!/usr/bin/env python3
# Flattens a folder of Telegram exports into one JSONL file, for the tools that `cargo xtask bench` compares with.
"""flatten.py FOLDER OUT.jsonl     fields: id, source, date (ISO 8601, UTC), text"""
import datetime
import json
import os
import sys


def plain(text):
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else part.get("text", "") for part in text)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, target = sys.argv[1:]
    count = 0
    with open(target, "w", encoding="utf-8") as out:
        for base, dirs, names in os.walk(folder):
            dirs.sort()
            for name in sorted(names):
                if not name.endswith(".json"):
                    continue
                with open(os.path.join(base, name), encoding="utf-8") as f:
                    value = json.load(f)
                if not isinstance(value, dict):
                    continue
                chats = value.get("chats", {}).get("list", []) if "chats" in value else [value]
                for chat in chats:
                    for m in chat.get("messages", []):
                        if not isinstance(m, dict) or m.get("type") != "message":
                            continue
                        when = datetime.datetime.fromtimestamp(int(m["date_unixtime"]), datetime.timezone.utc)
                        row = {"id": "%s-%s" % (chat.get("id"), m["id"]), "source": chat.get("name"),
                               "date": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "text": plain(m.get("text", ""))}
                        out.write(json.dumps(row, ensure_ascii=False) + "\n")
                        count += 1
    print(count)


if __name__ == "__main__":
    main()
