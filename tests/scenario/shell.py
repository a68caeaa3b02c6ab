"""Drives `airlock shell` as somebody at a terminal would: shell.sh."""

import os, pty, select, signal, struct, sys, termios, fcntl, time

LIMIT = 60
failures = 0


def fail(what):
    global failures
    failures += 1
    print("FAIL:", what)


class Session:
    """A command on a terminal of its own."""

    def __init__(self, command, rows=24, columns=80):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.fd)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)

    def expect(self, what, why):
        """Reads until it is there; what was before it is forgotten."""
        end = time.time() + LIMIT
        while what not in self.text:
            if time.time() > end or not self.read(1):
                if time.time() > end or os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    fail(f"{why}: no {what!r} in {self.text[-300:]!r}")
                    return False
        self.text = self.text.split(what, 1)[1]
        return True

    def end(self):
        """Its status, once it has ended."""
        end = time.time() + LIMIT
        while time.time() < end:
            self.read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
        fail("it does not end")
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]

    def is_as_before(self, why):
        # The guardian of a command that was killed needs a moment.
        end = time.time() + LIMIT
        while termios.tcgetattr(self.fd) != self.before and time.time() < end:
            time.sleep(0.05)
        if termios.tcgetattr(self.fd) != self.before:
            fail(why + ": the terminal has not its settings back")


def main(command):
    s = Session(command)
    print("a shell")
    s.expect("#", "a prompt")
    # What is typed is echoed by the guest; what is computed comes from there.
    s.type("echo $((6*7))-answer\r")
    s.expect("42-answer", "a command")
    s.type("tty; stty size\r")
    s.expect("/dev/pts/0", "the terminal's name")
    s.expect("24 80", "the window's size")
    s.resize(30, 100)
    # The shell is told of it at some moment; what is typed doesn't say what is expected.
    s.type('until [ "$(stty size)" = "30"" 100" ]; do :; done; stty size\r')
    s.expect("30 100", "another size")
    print("Ctrl-C")
    # What Ctrl-C is for must have the terminal: it says so itself. Said by the shell, before it has handed the terminal over, the
    # key ends nothing and the shell waits for 1000 s, once in some hundred times, on Linux, too.
    s.type("sh -c 'echo be\"\"gun; exec sleep 1000'; echo status $?\r")
    s.expect("begun\r\n", "sleep")
    s.type("\x03")
    s.type("echo after-$((1+1))\r")
    s.expect("after-2", "after Ctrl-C")
    print("Ctrl-Z and fg")
    # The job ends when it has read a line, and fg says what it brings back.
    s.type("sh -c 'echo began; read x; echo fin''ished $x'\r")
    s.expect("began\r\n", "a job")
    s.type("\x1a")
    s.expect("Stopped", "Ctrl-Z")
    s.type("jobs\r")
    s.expect("Stopped", "jobs")
    s.expect("read x", "jobs")
    s.type("fg\r")
    s.expect("read x", "fg")
    s.type("now\r")
    s.expect("finished now", "the job's end")
    print("editing")
    s.type("echo wrongg\x7f\x7f\x7f\x7f\x7f\x7fright-$((2+2))\r")
    s.expect("right-4", "erase")
    # The shell's own editing is over when the command runs.
    s.type("echo no''w; cat\r")
    s.expect("now\r\n", "cat")
    s.type("a line\r\x04")
    s.expect("a line\r\na line\r\n", "end of file")
    s.type("exit 7\r")
    status = s.end()
    if os.waitstatus_to_exitcode(status) != 7:
        fail(f"status {status:#x}")
    s.is_as_before("exit")

    print("the keys to leave")
    s = Session(command)
    s.expect("#", "a prompt")
    s.type("\x1d.")
    s.end()
    s.is_as_before("Ctrl-] .")

    for number in signal.SIGTERM, signal.SIGKILL:
        print("killed by", number.name)
        s = Session(command)
        s.expect("#", "a prompt")
        os.kill(s.pid, number)
        s.end()
        s.is_as_before(number.name)
    return failures


sys.exit(main(sys.argv[1:]) != 0)
