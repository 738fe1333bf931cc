#!/usr/bin/env python3
# Makes hostile input for `cargo xtask test`: broken files (bad) and decompression bombs (bombs). Seeded by nothing: always the same bytes.
"""make.py bad DIR      every broken kind of file, one good export among them; DIR.expected lists `name reason` for each skip
make.py bombs DIR    small files that unpack to gigabytes, and 0-harmless.json.gz to compare with
make.py xss DIR      exports whose names and texts are script, markup, style and polyglot payloads
"""
import gzip
import io
import json
import os
import struct
import sys
import zipfile
import zlib

GIB = 1 << 30


def export(name, texts, number=1_400_000_001, start=1_609_502_400):
    """A single-chat export of Telegram Desktop."""
    rows = []
    for i, text in enumerate(texts):
        rows.append({"id": i + 1, "type": "message", "date": "2021-01-01T12:00:00", "date_unixtime": str(start + i),
                     "from": name, "from_id": "channel%d" % number, "text": text,
                     "text_entities": [{"type": "plain", "text": text}]})
    return {"name": name, "type": "public_channel", "id": number, "messages": rows}


def dump(value):
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def bad(put, expect):
    good = dump(export("Good neighbor", ["Selling a database, deal through escrow, fee 5%", "Buying accounts, escrow only", "hello"]))
    put("good/result.json", good)
    other = dump(export("Other", ["text number %d of the other channel" % i for i in range(50)], 1_400_000_002))
    put("truncated/result.json", other[: len(other) * 2 // 3])
    expect("truncated/result.json", "truncated")
    put("empty.json", b"")
    expect("empty.json", "empty")
    put("picture.json", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)
    expect("picture.json", "*")
    put("noise.bin", bytes((i * 7919 >> 3) & 255 for i in range(100_000)))
    expect("noise.bin", "*")
    put("deep/result.json", b'{"name":"Deep","type":"public_channel","id":1400000003,"messages":[' + b"[" * 10_000 + b"]" * 10_000 + b"]}")
    expect("deep/result.json", "*")
    put("deep-line.jsonl", b'{"text":"a first line that is fine"}\n{"text":"x","y":' + b'{"z":' * 10_000 + b"1" + b"}" * 10_000 + b"}\n")
    expect("deep-line.jsonl", "*")
    put("huge-line.jsonl", b'{"text":"before"}\n{"text":"' + b"A" * (3 << 20) + b'"}\n{"text":"after"}\n')
    expect("huge-line.jsonl", "too-large")
    put("broken-lines.jsonl", b'{"text":"one"}\n{"text":"two"\n{"text":"three"}\n')
    expect("broken-lines.jsonl", "malformed")
    put("latin.jsonl", '{"text":"Preis f\xfcr die Datenbank, Treuh\xe4nder m\xf6glich"}\n'.encode("latin-1") * 20)
    put("utf16.jsonl", '{"text":"Сделка через гаранта, 5%"}\n'.encode("utf-16") )
    put("cut.json.gz", gzip.compress(other, mtime=0)[:-200])
    expect("cut.json.gz", "*")
    put("cut.zip", zipped({"result.json": other})[:-100])
    expect("cut.zip", "*")
    duplicate = b'{"name":"Twice","name":"Twice again","type":"public_channel","id":1400000004,"messages":[{"id":1,"id":2,"type":"message","date":"2021-01-01T12:00:00","date_unixtime":"1609502400","text":"a","text":"b","text_entities":[]}]}'
    put("duplicate-keys/result.json", duplicate)
    dates = export("Dates", ["a message of 1970", "a message of 2106", "a message without a date", "a message with a broken date"], 1_400_000_005)
    for row, unix in zip(dates["messages"], ("0", "4294967295", None, "soon")):
        row.pop("date") if unix in (None, "soon") else None
        row.pop("date_unixtime") if unix is None else row.update(date_unixtime=unix)
        if unix == "soon":
            row["date"] = "soon"
    put("dates/result.json", dump(dates))
    expect("dates/result.json", "bad-date")
    put("names \x1b]0;owned\x07\x1b[31m\u202egnp.json", b"")
    put("escapes/result.json", dump(export("Red \x1b[31m\u202eevil\u202c <script>alert(1)</script>", ["\x1b]52;c;b3duZWQ=\x07 escrow \x9b31m \u200b\u2066x\u2069"], 1_400_000_006)))


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2021, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def deflate_spaces(head, total):
    """A raw deflate stream of head and then spaces up to about total bytes, without deflating them one by one.

    Spaces and not zeros: zeros are seen to be no text before anything is unpacked."""
    block = 16 << 20
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    out = [c.compress(head) + c.flush(zlib.Z_FULL_FLUSH)]
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    spaces = c.compress(b" " * block) + c.flush(zlib.Z_FULL_FLUSH)
    out += [spaces] * (total // block)
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    out.append(c.flush())
    return b"".join(out)


def one_entry_zip(name, data, size, crc=0):
    """A zip whose one entry is an already deflated stream that claims to unpack to size bytes (zip64)."""
    extra = struct.pack("<HHQQ", 1, 16, size, len(data))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 8, 0, 0x5221, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra)) + name + extra
    central = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 8, 0, 0x5221, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra), 0, 0, 0, 0, 0) + name + extra
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    return local + data + central + end


def zstd_zeros(head, total):
    """A zstd frame by hand (RFC 8878): head raw, then RLE blocks of 128 KiB, four bytes each."""
    size = 128 << 10
    block = lambda kind, n, last: struct.pack("<I", n << 3 | kind << 1 | last)[:3]
    out = [b"\x28\xb5\x2f\xfd", b"\x00", bytes([(27 - 10) << 3]), block(0, len(head), 0), head]
    out += [block(1, size, 0) + b" "] * (total // size)
    out += [block(0, 0, 1)]
    return b"".join(out)


def overlapped(entries, kernel):
    """Many central entries that all point at one file (the idea of Fifield's bomb, without its nesting of quotes)."""
    packed = deflate_spaces(b"", kernel)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x5221, 0, len(packed), kernel, 1, 0) + b"a"
    rows = []
    for i in range(entries):
        name = b"%d.json" % i
        rows.append(struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x5221, 0, len(packed), kernel, len(name), 0, 0, 0, 0, 0, 0) + name)
    central = b"".join(rows)
    at = len(local) + len(packed)
    many = entries > 0xFFFE
    end64 = b""
    if many:
        end64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, entries, entries, len(central), at) + struct.pack("<IIQI", 0x07064B50, 0, at + len(central), 1)
    count = 0xFFFF if many else entries
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(central), at, 0)
    return local + packed + central + end64 + end


def bombs(put):
    head = b'{"name":"Bomb","type":"public_channel","id":1400000009,"messages":[{"id":1,"type":"message","date":"2021-01-01T12:00:00","date_unixtime":"1609502400","text":"'
    put("0-harmless.json.gz", gzip.compress(dump(export("Harmless", ["hello, a deal through escrow"] * 3)), mtime=0))
    gz = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
    big = deflate_spaces(head, 10 * GIB)
    put("one-member.json.gz", gz + big + struct.pack("<II", 0, (10 * GIB) & 0xFFFFFFFF))
    member = gzip.compress(b" " * (64 << 20), mtime=0)
    put("many-members.json.gz", gzip.compress(head, mtime=0) + member * 160)
    put("rle.json.zst", zstd_zeros(head, 10 * GIB))
    put("big-entry.zip", one_entry_zip(b"result.json", big, 10 * GIB))
    put("lying-size.zip", one_entry_zip(b"result.json", big, 1000))
    inner = zipped({"result.json": bytes(100 << 20)})
    for level in range(5):
        inner = zipped({"%d-%d.zip" % (level, i): inner for i in range(4)})
    put("nested.zip", inner)
    put("overlapped.zip", overlapped(60_000, 1 << 27))
    put("million-entries.zip", overlapped(1_000_000, 1 << 24))


XSS = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)", "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<img src=http://probe.example/a.png>", "<link rel=stylesheet href=//probe.example/a.css>", "@import url(http://probe.example/b.css);", "url(http://probe.example/c.png)",
    "<body onload=alert(1)>", "<a href=javascript:alert(1)>x</a>", "' onmouseover='alert(1)", "` onmouseover=`alert(1)", "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<template><script>alert(1)</script></template>", "<base href=http://probe.example/>",
    "<meta http-equiv=refresh content=\"0;url=http://probe.example/\">", "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>", "<scr\u0000ipt>alert(1)</scr\u0000ipt>", "<details open ontoggle=alert(1)>", "=HYPERLINK(\"http://probe.example\")", "]]><script>alert(1)</script>",
    # Not markup, but no kinder to a page: words without end, the other direction, towers of accents, borrowed letters.
    "W" * 400, "\u05e9" * 200, "e" + "\u0301" * 200, "\u0435s\u0441r\u043ew p\u0430y\u200bpal \u202etxet\u202c",
]


def xss(put):
    for n, payload in enumerate(XSS):
        texts = []
        for month in range(1, 13):
            texts.append("Selling database %d, deal through escrow %s" % (month, payload))
            texts.append(payload + " " + "long filler " * 90 + payload)
            texts.append("гарант %s комиссия 5%%" % payload)
        value = export(payload + " %d" % n, texts, 1_450_000_000 + n)
        for i, row in enumerate(value["messages"]):
            row["date_unixtime"] = str(1_609_502_400 + i * 10 * 86_400)
        put("%02d/result.json" % n, dump(value))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("bad", "bombs", "xss"):
        sys.exit(__doc__)
    kind, folder = sys.argv[1:]
    expected = []

    def put(name, data):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)

    if kind == "bad":
        bad(put, lambda name, reason: expected.append("%s %s" % (name, reason)))
        os.symlink("/etc/hostname", os.path.join(folder, "outside.json"))
        expected.append("outside.json outside-link")
        os.mkfifo(os.path.join(folder, "pipe.json"))
        expected.append("pipe.json not-a-file")
        if os.geteuid() != 0:  # root reads everything
            put("locked.json", b"{}")
            os.chmod(os.path.join(folder, "locked.json"), 0)
            expected.append("locked.json unreadable")
    elif kind == "bombs":
        bombs(put)
    else:
        xss(put)
    if expected:
        with open(folder.rstrip("/") + ".expected", "w") as f:
            f.write("".join(line + "\n" for line in expected))


if __name__ == "__main__":
    main()
