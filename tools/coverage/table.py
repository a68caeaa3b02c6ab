#!/usr/bin/env python3
"""table.py SUMMARY.json DOCUMENT: puts the table per folder into the document, between its two marks."""
import json
import os
import re
import sys

BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main():
    with open(sys.argv[1]) as f:
        files = json.load(f)["files"]
    folders = {}
    for file in files:
        for folder in (os.path.dirname(file["filename"]), "all of kernel/"):
            sums = folders.setdefault(folder, [0] * 4)
            for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
                sums[i] += file[key]
    rows = ["| folder | lines | of | branches | of |", "|---|---|---|---|---|"]
    for folder, (lines, all_lines, branches, all_branches) in sorted(folders.items()):
        rows.append(
            f"| `{folder}` | {percent(lines, all_lines)} | {all_lines} "
            f"| {percent(branches, all_branches)} | {all_branches} |"
        )
    with open(sys.argv[2]) as f:
        text = f.read()
    table = BEGIN + "\n" + "\n".join(rows) + "\n" + END
    text = re.sub(BEGIN + ".*?" + END, lambda _: table, text, flags=re.S)
    with open(sys.argv[2], "w") as f:
        f.write(text)


main()
