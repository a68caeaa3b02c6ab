"""What the manual says: the errors of each system call, from section 2 of Debian's manual pages.

One page describes several calls, and says in prose which of its errors belongs to which:

  - a sentence in front of a list:    "The following additional errors can occur for linkat():"
  - the beginning of an item:         "(fchmodat()) Invalid flag specified in flags."
  - another call's errors:            "The same errors that occur for utimes(2) can also occur for futimesat()."

These three forms are understood. A list that names no call belongs to all of the page; so does a list for some call, if no list of the page
is for the others ("The more general errors for chmod() are listed below:" in the page that fchmod has no list of its own in).
Items about other architectures and about kernels of twenty years ago are left out.

What the pages say wrongly is not corrected here but explained, as everything else that nobody provokes: tests/abi/errno.unprovoked.
"""

import functools
import gzip
import os
import re

PAGES = "/usr/share/man"

# What the pages call those of the kernel's calls that have another name there: that of the C library's function.
LIBRARY_NAMES = {
    "eventfd2": "eventfd", "exit_group": "_exit", "faccessat2": "faccessat", "fadvise64": "posix_fadvise", "newfstatat": "fstatat",
    "pread64": "pread", "prlimit64": "prlimit", "pselect6": "pselect", "pwrite64": "pwrite", "rt_sigaction": "sigaction",
    "rt_sigpending": "sigpending", "rt_sigprocmask": "sigprocmask", "rt_sigsuspend": "sigsuspend", "rt_sigtimedwait": "sigtimedwait",
    "signalfd4": "signalfd",
}

# "The errors are as given for read(2) and write(2)", "the same errors apply": which of them for which call is left to the reader.
AS_FOR = {
    "ftruncate": ["truncate"],
    "readv": ["read"], "writev": ["write"], "pread64": ["read", "lseek"], "pwrite64": ["write", "lseek"],
    "preadv": ["readv", "lseek"], "preadv2": ["readv", "lseek"], "pwritev": ["writev", "lseek"], "pwritev2": ["writev", "lseek"],
    "wait4": ["waitpid"],
}
XATTR_AS_FOR = {"l": "lstat", "f": "fstat", "": "stat"}

# Two names of one number.
SAME = {"EWOULDBLOCK": "EAGAIN", "ENOTSUP": "EOPNOTSUPP", "EDEADLOCK": "EDEADLK"}
# Words in capitals that begin with E and are no errors, or errors that no program ever sees.
NO_ERRORS = re.compile(r"EPOLL\w*|EOF|ELF|EXEC|EFD_\w*|ERESTART\w*|ENOATTR|ECHO")
ERROR = re.compile(r"\bE[A-Z0-9]{2,}\b")
ELSEWHERE = re.compile(r"i386 only|PowerPC|AArch64|ARM |not on Linux|Linux 2\.[0-5][^0-9]|before Linux 5\.3|Linux 3\.11 to Linux 4\.8", re.I)


class NoPage(Exception):
    pass


@functools.lru_cache(maxsize=None)
def page_text(call):
    """The source of the page that describes a call; pages that only refer to another are followed."""
    for name in (call, LIBRARY_NAMES.get(call, call)):
        path = f"{PAGES}/man2/{name}.2.gz"
        while os.path.exists(path):
            with gzip.open(path, "rt", errors="replace") as file:
                text = file.read()
            other = re.match(r"\s*\.so (\S+)", text)
            if not other:
                return text
            path = f"{PAGES}/{other.group(1)}.gz"
    raise NoPage(call)


def plain(line):
    """A line of a page as a reader sees it."""
    macro = re.match(r"\.(BR|RB|IR|RI|BI|IB|B|I|SM|SB) +(.*)", line)
    if macro:
        words = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', macro.group(2))]
        line = ("" if len(macro.group(1)) == 2 else " ").join(words)
    elif line.startswith("."):
        return ""
    return re.sub(r"\\f.|\\&", "", line).replace("\\-", "-").replace("\\", "")


def sections(text):
    """The section about errors as a list of ("prose", text) and ("item", errors, text)."""
    match = re.search(r"^\.SH ERRORS\n(.*?)^\.SH (?!ERRORS)", text, re.S | re.M)
    parts, tag_next = [["prose", [], ""]], False
    for line in (match.group(1) if match else "").split("\n"):
        if line.startswith((".\\\"", "'\\\"")):
            continue
        if line.startswith((".PP", ".LP", ".P ", ".SS")) or line == ".P":
            parts.append(["prose", [], ""])
        elif line.startswith((".TP", ".TQ")):
            tag_next = True
        elif tag_next and line.startswith("."):
            tag_next = False
            tag = plain(line)
            begins = parts[-1][0] == "item" and not parts[-1][2].strip(" ")
            if begins:
                parts[-1][1].extend(ERROR.findall(tag))
            else:
                parts.append(["item", ERROR.findall(tag), ""])
            # What the tag says besides the error: "(clone3() only)"
            parts[-1][2] += re.sub(r"^[ ,or]*(E[A-Z0-9]+[ ,or]*)+", "", tag)
        elif re.match(r"\.B E[A-Z]+$", line) and parts[-1] == ["prose", [], ""]:
            parts.append(["item", ERROR.findall(line), ""])
        else:
            parts[-1][2] += " " + plain(line)
    return parts


def calls_in(text, family):
    """Which calls of a page a text names, as a page writes functions: "chmod()". """
    named = set(re.findall(r"\b(\w+) ?\(\)", text))
    return {call for call in family if {call, LIBRARY_NAMES.get(call, call)} & named}, bool(named)


def item_calls(text, family):
    """Whom an item is about, if it begins with that, else None."""
    text = text.strip()
    begin = re.match(r"\((?:for )?((?:[^()]|\(\))*\(\)(?:[^()]|\(\))*)\)|((?:\w+ ?\(\)(?:, and |, | and |: )?)+)", text)
    if not begin:
        return None
    calls, named = calls_in(begin.group(0), family)
    return calls if named else None


def families(calls):
    """Calls that share a page."""
    pages = {}
    for call in calls:
        try:
            pages.setdefault(page_text(call), []).append(call)
        except NoPage:
            pages[call] = None
    return pages


def page_errors(text, family):
    """{call: errors} and {call: names of the calls whose errors it has, too}."""
    errors = {call: set() for call in family}
    also = {call: set() for call in family}
    scopes = []
    scope = set(family)
    for kind, numbers, body in sections(text):
        if kind == "prose":
            same = re.search(r"same errors that occur for (.*?) can also occur for (.*?)\.", body)
            if same:
                for call in calls_in(same.group(2), family)[0]:
                    also[call] |= set(re.findall(r"(\w+) ?\(", same.group(1)))
                body = body.replace(same.group(0), "")
            calls, named = calls_in(body, family)
            if named:
                scope = calls
            continue
        whom = item_calls(body, family)
        if not ELSEWHERE.search(body[:60]):
            scopes.append((set(scope), whom, {SAME.get(n, n) for n in numbers if not NO_ERRORS.fullmatch(n)}))
    # Calls that no list is for have the first one.
    orphans = set(family) - set().union(*(s for s, _, _ in scopes)) - {c for c in family if also[c]} if scopes else set()
    first = scopes[0][0] if scopes else set()
    for scope, whom, numbers in scopes:
        scope = scope | orphans if scope == first else scope
        for call in scope if whom is None else whom:
            errors[call] |= numbers
    return errors, also


def manual_errors(calls):
    """{call: errors of the manual}, and the calls that have no page."""
    errors, also, without = {}, {}, []
    for text, family in families(list(calls) + ["waitpid"]).items():
        if family is None:
            without.append(text)
            continue
        of_page, more = page_errors(text, family)
        errors.update(of_page)
        also.update(more)
    for call in errors:
        also[call] |= set(AS_FOR.get(call, []))
        kind = re.fullmatch(r"([lf]?)(?:get|set|list|remove)xattr", call)
        if kind:
            also[call].add(XATTR_AS_FOR[kind.group(1)])

    def with_others(call, seen=()):
        result = set(errors.get(call, ()))
        for other in also.get(call, ()):
            if other not in seen:
                result |= with_others(other, (*seen, call))
        return result

    return {call: with_others(call) for call in calls if call in errors}, without
