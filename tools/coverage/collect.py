#!/usr/bin/env python3
"""collect.py RAW_FOLDER: turns what the kernels of many runs counted into .gcda files.

Each *.raw file is one run's stream (kernel/sanitize/cov/cov.c describes it); the counters of all runs are added up, and written
beside the objects, where gcov looks for them. A stream that ends early (a machine that was killed) counts as far as it goes.
"""
import os
import struct
import sys

STREAM_MAGIC = 0x564F4341
FUNCTION = 0x01000000


class Stream:
    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at + 4 <= len(self.data)

    def peek(self):
        return struct.unpack_from("<I", self.data, self.at)[0]

    def word(self):
        value = self.peek()
        self.at += 4
        return value

    def take(self, size):
        if self.at + size > len(self.data):
            raise struct.error
        self.at += size
        return self.data[self.at - size : self.at]


def read_object(s, objects):
    if s.word() != STREAM_MAGIC:
        sys.exit("collect.py: not a coverage stream")
    name = s.take(s.word()).decode()
    header = s.take(16)
    known_header, functions = objects.setdefault(name, (header, {}))
    if known_header != header:
        sys.exit(f"collect.py: {name} comes from two different builds; empty the folder")
    function = None
    while s.more() and s.peek() != STREAM_MAGIC:
        tag, size = s.word(), s.word()
        body = s.take(size)
        if tag == FUNCTION:
            function = body
            continue
        values = struct.unpack(f"<{size // 8}q", body)
        old = functions.setdefault(function, {}).get(tag, [0] * len(values))
        functions[function][tag] = [a + b for a, b in zip(old, values)]


def write_object(name, header, functions):
    with open(name, "wb") as f:
        f.write(header)
        # The summary: number of runs, and the largest counter, which gcov does not use.
        f.write(struct.pack("<IIII", 0xA1000000, 8, 1, 1))
        for function, counters in functions.items():
            f.write(struct.pack("<II", FUNCTION, len(function)) + function)
            for tag, values in counters.items():
                f.write(struct.pack("<II", tag, 8 * len(values)))
                f.write(struct.pack(f"<{len(values)}q", *values))
        f.write(struct.pack("<I", 0))


def main():
    objects, runs = {}, 0
    for entry in sorted(os.listdir(sys.argv[1])):
        if not entry.endswith(".raw"):
            continue
        with open(os.path.join(sys.argv[1], entry), "rb") as f:
            s = Stream(f.read())
        runs += 1
        try:
            while s.more():
                read_object(s, objects)
        except struct.error:
            print(f"collect.py: {entry} ends early", file=sys.stderr)
    for name, (header, functions) in objects.items():
        write_object(name, header, functions)
    print(f"{runs} runs, {len(objects)} objects")


main()
