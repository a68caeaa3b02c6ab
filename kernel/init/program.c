/*
 * The init thread and the runners.
 *
 * One kernel thread for each program of `.airlock/init` starts it, waits for its end, and starts it again as often as was
 * asked. The init thread waits for all runners, tells the host, and ends the machine. The status is the first program's.
 *
 * Waiting: a runner that is done counts `running` down and wakes the init thread through `runners_done`; wait_event() joins the
 * queue before it looks, so the last wakeup can't be lost (sched/wait.h).
 */
#define LOG_SUBSYSTEM "init"
#include "init/program.h"

#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/kernel_map.h"
#include "arch/power.h"
#include "arch/serial.h"
#include "arch/smp.h"
#include "arch/thread.h"
#include "arch/upcalls.h"
#include "dev/chardev.h"
#include "dev/console.h"
#include "dev/tracer.h"
#include "dev/tty.h"
#include "fs/fs.h"
#include "fs/lock.h"
#include "fs/pts.h"
#include "init/config.h"
#include "init/guest_test.h"
#include "init/options.h"
#include "init/report.h"
#include "ipc/epoll.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "sched/wait.h"
#include "sync/irq_debug.h"
#include "sys/count.h"
#include "sys/execve.h"
#include "sys/strace.h"
#include "trace/log.h"
#include "trace/ring.h"

#include <asm/fcntl.h>
#include <asm/stat.h>

#define CONFIG_PATH "/.airlock/init"

struct runner {
	const struct program_config *program;
	bool first;
};

static struct waitq runners_done = WAITQ_INIT(runners_done);
static atomic32_t running;

/* How the first program ended, or why it could not be started. Written by its runner before it counts `running` down, read
 * by the init thread after it saw 0. */
static struct {
	struct process *process;
	u32 status;
	const char *why;
} outcome;

/* The program's terminal, if it has one. */
static struct tty *terminal;

static void publishing(struct process *p)
{
	if (terminal)
		tty_adopt(terminal, p);
}

static int open_stream(int fd, bool tty, struct file **out)
{
	if (!tty)
		return console_open(fd, out);
	return fs_open("/", pts_path(terminal->number).text, O_RDWR | O_NOCTTY, 0, out);
}

static int open_streams(struct files *files, const struct program_config *p)
{
	int err = p->tty && !terminal ? tty_start_console(p->rows, p->columns, &terminal) : 0;

	for (int fd = 0; fd < 3 && !err; fd++) {
		struct file *f;
		err = open_stream(fd, p->tty, &f);
		if (err)
			return err;
		err = MIN(files_install(files, f, fd, false), 0);
		if (err)
			file_put(f);
	}
	return err;
}

static u32 status_of(int err)
{
	if (err == -ENOENT || err == -ENOTDIR)
		return 127;
	return err == -ENOMEM ? 125 : 126;
}

static int spawn(const struct program_config *p, struct process **out, const char **why)
{
	struct credentials cred;
	struct spawn s = {
		.path = p->path,
		.argv = p->argv,
		.envp = p->envp,
		.cred = &cred,
		.publishing = p->tty ? publishing : NULL,
	};
	cred_init(&cred, p->uid, p->gid);
	*why = "the working directory is not there";
	struct dentry *root = fs_root();
	int err = fs_lookup(root, p->cwd, true, &s.cwd);
	fs_place_put(root);
	if (err)
		return err;
	*why = "out of memory";
	s.files = files_create();
	if (!s.files) {
		err = -ENOMEM;
		goto put_cwd;
	}
	err = open_streams(s.files, p);
	if (err)
		goto put_files;
	*why = "the program is not in the archive";
	err = fs_open("/", p->path, O_RDONLY, 0, &s.program);
	if (err)
		goto put_files;
	err = process_spawn_with(&s, out);
	*why = s.why;
	file_put(s.program);
put_files:
	files_put(s.files);
put_cwd:
	fs_place_put(s.cwd);
	return err;
}

/* Only the first program's runner. */
static bool boot_reported;

static struct waitq first_user = WAITQ_INIT(first_user);

/* The time is stored before, and wait_event() looks at it after it has joined the queue. */
void upcall_first_user(void)
{
	waitq_wake_all(&first_user);
}

/* The sign of life that the host waits for: as soon as ring 3 is entered, so that a program may run longer than the host's
 * patience with a start. Every thread comes by there, even one that was killed before. */
static void report_first_step(void)
{
	int err = wait_event(
		&first_user, READ_ONCE(arch_first_user_tsc), THREAD_SLEEPING, WAIT_FOREVER);

	ASSERT(!err);
	boot_reported = true;
	report_boot();
}

static bool run_once(const struct runner *r, bool last)
{
	struct process *p;
	const char *why;
	int err = spawn(r->program, &p, &why);
	if (err) {
		log_error("%s: %s (%d)", r->program->path, why, err);
		if (r->first) {
			outcome.status = status_of(err);
			outcome.why = why;
		}
		return false;
	}
	if (r->first && options.report_boot && !boot_reported)
		report_first_step();
	process_wait_dead(p);
	if (r->first && last) {
		outcome.process = p;
		return true;
	}
	report_also(p);
	process_put(p);
	return true;
}

static void runner_main(void *arg)
{
	struct runner *r = arg;
	for (u32 i = 1; i <= r->program->times; i++)
		if (!run_once(r, i == r->program->times))
			break;
	kfree(r);
	atomic32_fetch_sub(&running, 1);
	waitq_wake_all(&runners_done);
}

static void start_runner(const struct program_config *p, bool first)
{
	struct runner *r = kzalloc(sizeof(*r));
	struct thread *t = r ? thread_create_kernel("runner", runner_main, r) : NULL;
	if (!t) {
		kfree(r);
		log_error("%s: out of memory", p->path);
		return;
	}
	*r = (struct runner){.program = p, .first = first};
	atomic32_fetch_add(&running, 1);
	thread_start(t);
	thread_put(t);
}

/* The whole file, for as long as the machine runs. */
static int read_config(char **bytes, size_t *size)
{
	struct stat st;
	struct file *f;
	int err = fs_stat("/", CONFIG_PATH, true, &st);
	if (!err)
		err = fs_open("/", CONFIG_PATH, O_RDONLY, 0, &f);
	if (err)
		return err;
	*size = (size_t)st.st_size;
	*bytes = kmalloc(*size ? *size : 1);
	if (!*bytes) {
		file_put(f);
		return -ENOMEM;
	}
	struct iobuf to;
	u64 pos = 0;
	iobuf_init_kernel(&to, *bytes, *size);
	ssize_t n = f->ops->read(f, &to, &pos);
	file_put(f);
	return n == (ssize_t)*size ? 0 : -EIO;
}

static void add_volumes(const struct program_config *p)
{
	for (u32 i = 0; i < p->volume_count; i++) {
		const char *v = p->volumes[i];
		bool readonly = strncmp(v, "ro:", 3) == 0;

		if (!readonly && strncmp(v, "rw:", 3) != 0)
			refuse_start("%s: volume=%s makes no sense", CONFIG_PATH, v);
		int err = fs_add_volume(v + 3, readonly);
		if (err)
			refuse_start("volume %s: error %d", v + 3, err);
	}
}

static void run_programs(void)
{
	static struct config config;
	char *bytes;
	size_t size;
	const char *why = "out of memory";
	int err = read_config(&bytes, &size);
	if (err)
		refuse_start("the archive has no readable %s (%d)", CONFIG_PATH, err);
	err = config_decode(bytes, size, &config, &why);
	if (err)
		refuse_start("%s: %s", CONFIG_PATH, why);
	for (u32 i = 0; i < config.count; i++)
		add_volumes(&config.program[i]);
	for (u32 i = 0; i < config.count; i++)
		start_runner(&config.program[i], i == 0);
	err = wait_event(
		&runners_done, atomic32_load(&running) == 0, THREAD_SLEEPING, WAIT_FOREVER);
	ASSERT(!err);
}

static void report_outcome(void)
{
	if (outcome.process)
		report_ended(outcome.process);
	else if (outcome.why)
		report_error(outcome.status, outcome.why);
	else
		report_error(125, "out of memory");
}

static void run_tests(void)
{
#ifdef AIRLOCK_TESTS
	smp_wait_all();
	int failed = options.planted[0] ? guest_test_plant(options.planted)
					: guest_test_run(options.test, options.seed);
	if (failed == -ENOENT)
		report_error(125, "no in-kernel test has that name");
	else
		console_event("{\"event\":\"exit\",\"pid\":0,\"status\":%d}\n", failed != 0);
#else
	report_error(125, "this kernel was built without in-kernel tests");
#endif
}

/* Until the port has sent it all. A reader on the host who does not read holds the machine, as he holds a program that prints.
 * The pauses grow with the time that he takes: each puts some records into the ring that a dump may be reading. */
static void flush_log(void)
{
	u64 pause = NS_PER_MS;

	while (!log_flush() || !serial_drain()) {
		int err = sleep_until(clock_now_ns() + pause);

		ASSERT(!err);
		pause = MIN(2 * pause, (u64)NS_PER_SEC);
	}
}

static void print_line(const char *line)
{
	log_info("%s", line);
	/* The dump is longer than what the log holds back. */
	flush_log();
}

static void report_figures(void)
{
	struct inject_figures f;

	inject_figures(&f);
	if (f.failed)
		log_info("%lu allocations and requests were made to fail", f.failed);
	if (options.report_syscalls)
		report_syscalls();
	if (options.log_crossings)
		trace_timeline(print_line, RING_RECORDS);
}

static void init_main(void *arg)
{
	console_want(options.trace, options.strace);
	if (options.no_input)
		console_no_input();
	int err = options.serial_console ? console_init_serial() : console_init();
	if (err)
		refuse_start("no %s console to run a program on (%d)",
			options.serial_console ? "serial" : "virtio", err);
	report_init();
	execve_init();
	epoll_init();
	lock_init();
	ptrace_set_watch_op(syscall_watch);
	err = chardev_init();
	CHECK(err == 0);
	err = tty_init();
	CHECK(err == 0);
	err = fs_mount_archive();
	if (err)
		refuse_start(
			err == -ENOMEM
				? "not enough memory for the archive; give the machine more with --memory"
				: "the initial archive is missing or broken (%d)",
			err);
	if (options.trace || options.strace)
		syscall_watch();
	if (options.trace && (err = tracer_start()))
		log_warn("no trace (%d)", err);
	if (options.strace && (err = strace_start()))
		log_warn("no decoded calls (%d)", err);
	irq_debug_set_limit(options.irqoff_ms * NS_PER_MS);
	inject_start();
	/* Nothing of start-up runs from here on. */
	kernel_map_seal();
	if (options.test[0] || options.planted[0]) {
		run_tests();
	} else {
		run_programs();
		report_figures();
		report_outcome();
	}
	tracer_drain();
	tty_drain_console();
	console_drain();
	flush_log();
	power_off(POWER_DONE);
}

void program_start_init(void)
{
	struct thread *t = thread_create_kernel("init", init_main, NULL);
	CHECK(t);
	thread_start(t);
	thread_put(t);
}
