"""Commands for a debugger on the kernel (airlock run --gdb): docs/tracing.md.

    gdb -x tools/gdb/airlock.py build/kernel-release/airlock.elf -ex 'target remote 127.0.0.1:1234'

Nothing here changes the machine. Structures are read as they are, without locks: stop the machine where they are consistent.
"""
import gdb

STATES = ["new", "runnable", "sleeping", "sleeping, interruptible", "dead"]
KINDS = ["SYSCALL", "ENTRY", "EXIT", "NMI", "FAULT", "SWITCH", "WAKE", "MIGRATE", "BLOCK", "PAGE", "SHOOT", "LOCK", "TIMER",
         "IRQ", "CALL", "WORDS", "RESULT", "NAME", "CLOCK"]
CPU_AREA, CPU_AREA_SIZE, CPU_RING = 0xfffffe0000000000, 0x40000, 32 * 4096
RECORD_SIZE, RING_SIZE = 32, 0x10000
DIRECT_MAP = 0xffff800000000000
ADDRESS = 0x000ffffffffff000
LEAF_PIDS = 64


def number(value):
    return int(value) & 0xffffffffffffffff


def text(value):
    return value.string(errors="replace")


def symbol(address):
    """A kernel address as function+offset, with its source line."""
    block = gdb.execute(f"info symbol {address:#x}", to_string=True).split(" in section")[0].replace(" + ", "+")
    place = gdb.find_pc_line(address)
    line = f" at {place.symtab.filename}:{place.line}" if place.symtab else ""
    return f"{block}{line}"


def pointer(address, name):
    return gdb.Value(address).cast(gdb.lookup_type(name).pointer())


def container(node, name, member):
    """What holds the node."""
    kind = gdb.lookup_type(name)
    offset = next(f.bitpos // 8 for f in kind.fields() if f.name == member)
    return pointer(number(node) - offset, name)


def in_list(head, name, member):
    node = head["next"]
    for _ in range(100000):
        if number(node) == number(head.address):
            return
        yield container(node, name, member)
        node = node["next"]


def in_tree(node, name, member):
    if not number(node):
        return
    yield from in_tree(node["left"], name, member)
    yield container(node, name, member)
    yield from in_tree(node["right"], name, member)


def cpus():
    count = int(gdb.parse_and_eval("'cpu.c'::count"))
    return [pointer(CPU_AREA + i * CPU_AREA_SIZE, "struct cpu") for i in range(count)]


def processes():
    leaves = gdb.parse_and_eval("'pid.c'::leaves")
    for i in range(leaves.type.range()[1] + 1):
        if not number(leaves[i]):
            continue
        for j in range(LEAF_PIDS):
            process = leaves[i]["pid"][j]["process"]
            if number(process):
                yield process


def threads():
    """Those of processes, those that run, and those that wait for a CPU."""
    seen = set()

    def new(thread):
        known = number(thread) in seen or not number(thread)
        seen.add(number(thread))
        return not known

    for cpu in cpus():
        if new(cpu["current"]):
            yield cpu["current"]
        tree = cpu["runq"]["tree"]["top"]
        yield from (t for t in in_tree(tree, "struct thread", "run_node") if new(t))
    for process in processes():
        yield from (t for t in in_list(process["threads"], "struct thread", "process_link") if new(t))


def words(address, count):
    data = gdb.selected_inferior().read_memory(address, 8 * count).tobytes()
    return [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]


def callers(frame, low, high):
    """Return addresses up a chain of frame pointers."""
    while low <= frame <= high - 16 and frame % 8 == 0:
        above, address = words(frame, 2)
        if not address:
            return
        yield address
        if above <= frame:
            return
        frame = above


def running_stack(cpu):
    """What gdb itself sees: a CPU is one of its threads, counted from 1."""
    before = gdb.selected_thread()
    lines = []
    for t in gdb.selected_inferior().threads():
        if t.num != cpu + 1:
            continue
        t.switch()
        frame = gdb.newest_frame()
        while frame and len(lines) < 32:
            lines.append(symbol(frame.pc()) if frame.pc() >= DIRECT_MAP else f"ring 3 at {frame.pc():#x}")
            frame = frame.older() if frame.pc() >= DIRECT_MAP else None
    before.switch()
    return lines


def stack_of(thread):
    top = number(thread["arch"]["stack_top"])
    if bool(thread["on_cpu"]):
        for cpu in cpus():
            if number(cpu["current"]) == number(thread):
                return running_stack(int(cpu["id"]))
    # What context_switch() pushed: r15 r14 r13 r12 rbp rbx, the return address.
    saved = words(number(thread["arch"]["kernel_rsp"]), 7)
    return [symbol(a) for a in [saved[6]] + list(callers(saved[4], top - 0x4000, top))]


class Command(gdb.Command):
    """Base: a command that says in one line what is wrong."""

    def __init__(self):
        super().__init__(self.NAME, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        try:
            self.run(gdb.string_to_argv(argument))
        except gdb.error as error:
            raise gdb.GdbError(f"{self.NAME}: {error}")


class Threads(Command):
    """airlock-threads: threads with their stacks (those of processes, running and runnable ones)."""
    NAME = "airlock-threads"

    def run(self, words_):
        for t in threads():
            state = STATES[int(t["state"]["v"])]
            print(f"thread {int(t['tid']) & ~0x40000000} '{text(t['name'])}' CPU {int(t['cpu'])}, {state}")
            for line in stack_of(t):
                print(f"    {line}")


class Processes(Command):
    """airlock-processes: processes with their parents, threads and memory."""
    NAME = "airlock-processes"

    def run(self, words_):
        for p in processes():
            pages = int(p["mm"]["pages"]) if number(p["mm"]) else 0
            print(f"process {int(p['pid'])} '{text(p['name'])}' {int(p['thread_count'])} threads, {pages} pages, "
                  f"mm {number(p['mm']):#x}")


def process_of(words_):
    wanted = int(words_[0], 0) if words_ else None
    for p in processes():
        if wanted is None or int(p["pid"]) == wanted:
            return p
    raise gdb.GdbError("no such process")


class Areas(Command):
    """airlock-areas [PID]: the areas of a process's address space."""
    NAME = "airlock-areas"

    def run(self, words_):
        mm = process_of(words_)["mm"]
        if not number(mm):
            raise gdb.GdbError("it has no address space any more")
        for a in in_tree(mm["areas"]["top"], "struct area", "node"):
            prot = int(a["prot"])
            bits = "".join(c if prot & 1 << i else "-" for i, c in enumerate("rwx"))
            what = "file" if number(a["source"]) else "anonymous"
            print(f"{number(a['start']):#014x}-{number(a['end']):#014x} {bits} {what} flags {int(a['flags']):#x}")


def physical(address):
    return words(DIRECT_MAP + address, 1)[0]


class Walk(Command):
    """airlock-walk ADDRESS [PID | root=CR3]: the page tables on the way to an address."""
    NAME = "airlock-walk"

    def run(self, words_):
        if not words_:
            raise gdb.GdbError("airlock-walk ADDRESS [PID | root=CR3]")
        address = number(gdb.parse_and_eval(words_[0]))
        if len(words_) > 1 and words_[1].startswith("root="):
            table = int(words_[1][5:], 0) & ADDRESS
        elif len(words_) > 1:
            table = number(process_of(words_[1:])["mm"]["tables"]["root"]["v"])
        else:
            table = number(cpus()[0]["paranoid_cr3"]) & ADDRESS
        for level in (4, 3, 2, 1):
            index = address >> 12 + 9 * (level - 1) & 511
            entry = physical(table + 8 * index)
            flags = " ".join(n for b, n in ((1, "P"), (2, "W"), (4, "U"), (0x20, "A"), (0x40, "D"), (0x80, "large"),
                                            (0x100, "G"), (1 << 63, "NX")) if entry & b)
            print(f"level {level} table {table:#x} entry {index}: {entry:#018x} {flags}")
            if not entry & 1:
                print("not mapped")
                return
            table = entry & ADDRESS
            if level == 1 or entry & 0x80:
                size = 1 << 12 + 9 * (level - 1)
                print(f"physical {(table & ~(size - 1)) + (address & size - 1):#x}")
                return


class Queues(Command):
    """airlock-runqueues: what runs and what waits on each CPU."""
    NAME = "airlock-runqueues"

    def run(self, words_):
        for cpu in cpus():
            queue = cpu["runq"]
            if not number(queue):
                print(f"CPU {int(cpu['id'])}: not started")
                continue
            current = cpu["current"]
            print(f"CPU {int(cpu['id'])}: runs '{text(current['name'])}', {int(queue['running'])} wanted, "
                  f"{int(queue['switches'])} switches, lock {'held' if int(queue['lock']['locked']) else 'free'}")
            for t in in_tree(queue["tree"]["top"], "struct thread", "run_node"):
                print(f"    '{text(t['name'])}' vruntime {int(t['vruntime'])}")


class Locks(Command):
    """airlock-locks: the spinlocks that each CPU holds (debug kernels)."""
    NAME = "airlock-locks"

    def run(self, words_):
        try:
            held = gdb.parse_and_eval("'spinlock_debug.c'::held")
        except gdb.error:
            print("this kernel does not follow its locks: use kernel-debug")
            return
        for cpu in cpus():
            mine = held[int(cpu["id"])]
            names = [text(mine["lock"][i]["name"]) for i in range(int(mine["count"]))]
            print(f"CPU {int(cpu['id'])}: {', '.join(names) if names else 'none'}")


class Rings(Command):
    """airlock-rings [N]: the last N records of each CPU (default 10)."""
    NAME = "airlock-rings"

    def run(self, words_):
        last = int(words_[0], 0) if words_ else 10
        for cpu in cpus():
            count = number(cpu["trace_at"]) // RECORD_SIZE
            for n in range(max(0, count - min(last, RING_SIZE // RECORD_SIZE)), count):
                at = number(cpu) + CPU_RING + n * RECORD_SIZE % RING_SIZE
                tsc, place, pair, word = words(at, 4)
                kind = KINDS[place >> 56] if place >> 56 < len(KINDS) else "?"
                address = place & (1 << 48) - 1
                address |= 0xffff << 48 if address >> 47 else 0
                print(f"cpu{int(cpu['id'])} #{n} tsc {tsc} {kind} address {address:#x} number {pair & 0xffffffff} "
                      f"extra {pair >> 32} word {word:#x}")


class ThreadPrinter:
    """A struct thread in one line."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        v = self.value
        return f"thread {int(v['tid']) & ~0x40000000} '{text(v['name'])}' {STATES[int(v['state']['v'])]} on CPU {int(v['cpu'])}"


class AddressPrinter:
    """paddr_t and atomic words as their number."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return f"{number(self.value['v']):#x}"


def printer(value):
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag == "thread":
        return ThreadPrinter(value)
    if str(value.type) in ("paddr_t", "atomic32_t", "atomic64_t"):
        return AddressPrinter(value)
    return None


gdb.pretty_printers.append(printer)
for command in (Threads, Processes, Areas, Walk, Queues, Locks, Rings):
    command()
