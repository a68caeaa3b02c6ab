#!/usr/bin/env python3
"""Holds a trace file against the Trace Event Format: usage trace-validate.py FILE [WORD...]

Prints what is wrong with it and fails if anything is. Words are demands on the contents:
  cpus=N          threads of a program ran on N CPUs' tracks
  call=NAME       a slice of that system call with arguments, and a result (but exit and exit_group)
  flows           at least one wakeup, from begin to end
  thread=NAME     a thread's track has that name
  complete        no record was lost
"""
import json
import sys

PHASES = {"X", "i", "s", "f", "M"}
MANDATORY = {"X": {"name", "cat", "ts", "dur", "pid", "tid"}, "i": {"name", "ts", "s"},
             "s": {"name", "cat", "id", "ts", "pid", "tid"}, "f": {"name", "cat", "id", "ts", "pid", "tid", "bp"},
             "M": {"name", "pid", "tid", "args"}}
problems = []


def complain(text):
    problems.append(text)


def check_event(event):
    phase = event.get("ph")
    if phase not in PHASES:
        complain(f"phase {phase!r}: {event}")
        return
    missing = MANDATORY[phase] - event.keys()
    if missing:
        complain(f"without {missing}: {event}")
    for key in ("ts", "dur"):
        if key in event and (not isinstance(event[key], (int, float)) or event[key] < 0):
            complain(f"{key} is {event[key]!r}: {event}")
    for key in ("pid", "tid"):
        if not isinstance(event.get(key), int):
            complain(f"{key} is no number: {event}")
    if not isinstance(event.get("args", {}), dict):
        complain(f"args is no object: {event}")


def check_nesting(events):
    """Slices of one track are one after the other or one inside the other."""
    tracks = {}
    for event in events:
        if event["ph"] == "X":
            start = round(event["ts"] * 1000)
            tracks.setdefault((event["pid"], event["tid"]), []).append(
                (start, start + round(event["dur"] * 1000), event["name"]))
    for track, slices in tracks.items():
        stack = []
        for start, end, name in sorted(slices, key=lambda s: (s[0], -s[1])):
            while stack and stack[-1][0] <= start:
                stack.pop()
            if stack and end > stack[-1][0]:
                complain(f"track {track}: {name} at {start} ns ends after {stack[-1][1]}, in which it began")
            stack.append((end, name))
    return tracks


def check_flows(events, tracks):
    """Each end has its begin, before it; both lie in a slice."""
    begins = {e["id"]: e for e in events if e["ph"] == "s"}
    ends = [e for e in events if e["ph"] == "f"]
    for end in ends:
        begin = begins.get(end["id"])
        if begin is None:
            complain(f"flow without begin: {end}")
        elif begin["ts"] > end["ts"]:
            complain(f"flow {end['id']} ends before it begins")
    for event in list(begins.values()) + ends:
        at = round(event["ts"] * 1000)
        if not any(start <= at <= stop for start, stop, _ in tracks.get((event["pid"], event["tid"]), [])):
            complain(f"flow in no slice: {event}")
    return len(ends)


def check_demand(word, trace, events, flows):
    kind, _, value = word.partition("=")
    if kind == "cpus":
        cpus = {e["tid"] for e in events if e["ph"] == "X" and e["pid"] == 0 and e["args"].get("pid")}
        if len(cpus) < int(value):
            complain(f"programs ran on CPUs {cpus} only")
    elif kind == "call":
        calls = [e for e in events if e.get("cat") == "syscall" and e["name"] == value]
        if not calls:
            complain(f"no call {value}")
        for e in calls:
            if "args" not in e["args"] or ("result" not in e["args"] and not value.startswith("exit")):
                complain(f"no arguments or result: {e}")
    elif kind == "flows":
        if flows == 0:
            complain("no wakeups")
    elif kind == "thread":
        if not any(e["ph"] == "M" and e["name"] == "thread_name" and e["args"]["name"] == value for e in events):
            complain(f"no thread {value}")
    elif kind == "complete":
        if trace["otherData"]["lost"] != "0":
            complain(f"{trace['otherData']['lost']} records lost")
    else:
        complain(f"what is {word}?")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    events = trace["traceEvents"]
    for event in events:
        check_event(event)
    if not problems:
        tracks = check_nesting(events)
        flows = check_flows(events, tracks)
        for word in sys.argv[2:]:
            check_demand(word, trace, events, flows)
    for problem in problems[:20]:
        print(problem)
    sys.exit(1 if problems else 0)


main()
