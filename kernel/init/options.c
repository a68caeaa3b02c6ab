#define LOG_SUBSYSTEM "init"
#include "init/options.h"

#include "lib/cmdline.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "mm/inject.h"

#define HZ_MAX 100000

RO_AFTER_INIT struct options options = {
	.pti = PTI_AUTO, .aslr = true, .level = LOG_INFO, .watchdog = UINT32_MAX};

static INIT_TEXT bool parse_pti(const char *v)
{
	if (!strcmp(v, "auto"))
		options.pti = PTI_AUTO;
	else if (!strcmp(v, "on"))
		options.pti = PTI_ON;
	else if (!strcmp(v, "off"))
		options.pti = PTI_OFF;
	else
		return false;
	return true;
}

static INIT_TEXT bool parse_aslr(const char *v)
{
	options.aslr = strcmp(v, "off") != 0;
	return !options.aslr || !strcmp(v, "on");
}

static INIT_TEXT bool parse_level(const char *v)
{
	static const char *const names[] = {"error", "warn", "info", "debug", "trace"};
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(v, names[i]) != 0)
			continue;
		options.level = (enum log_level)i;
		return true;
	}
	return false;
}

static INIT_TEXT bool parse_hz(const char *v)
{
	u64 hz;
	if (!string_to_u64(v, &hz) || hz == 0 || hz > HZ_MAX)
		return false;
	options.hz = (u32)hz;
	return true;
}

static INIT_TEXT bool parse_seed(const char *v)
{
	return string_to_u64(v, &options.seed);
}

static INIT_TEXT bool parse_test(const char *v)
{
	return string_copy(options.test, *v ? v : "*", sizeof(options.test));
}

static INIT_TEXT bool parse_irqoff(const char *v)
{
	u64 ms;
	if (!string_to_u64(v, &ms) || ms > UINT32_MAX)
		return false;
	options.irqoff_ms = (u32)ms;
	return true;
}

#ifdef AIRLOCK_DEBUG
static INIT_TEXT bool parse_schedfuzz(const char *v)
{
	return string_to_u64(v, &options.schedfuzz);
}
#endif

static INIT_TEXT bool parse_planted(const char *v)
{
	return string_copy(options.planted, v, sizeof(options.planted));
}

static INIT_TEXT bool parse_log_crossings(const char *v)
{
	options.log_crossings = true;
	return *v == '\0';
}

static INIT_TEXT bool parse_console(const char *v)
{
	options.serial_console = !strcmp(v, "serial");
	return options.serial_console || !strcmp(v, "virtio");
}

static INIT_TEXT bool parse_stdin(const char *v)
{
	options.no_input = true;
	return !strcmp(v, "none");
}

static INIT_TEXT bool parse_report(const char *v)
{
	options.report_boot |= strstr(v, "boot") != NULL;
	options.report_syscalls |= strstr(v, "syscalls") != NULL;
	options.log_crossings |= strstr(v, "crossings") != NULL;
	return true;
}

static INIT_TEXT bool parse_watchdog(const char *v)
{
	u64 seconds;
	if (!string_to_u64(v, &seconds) || seconds > 1000000)
		return false;
	options.watchdog = (u32)seconds;
	return true;
}

static INIT_TEXT bool parse_trace(const char *v)
{
	options.trace = true;
	return *v == '\0';
}

static INIT_TEXT bool parse_strace(const char *v)
{
	options.strace = true;
	return *v == '\0';
}

static INIT_TEXT bool parse_fail(const char *v)
{
	return inject_parse(v);
}

/* Read by others, from the same line. */
static INIT_TEXT bool parse_nothing(const char *v)
{
	return true;
}

static const struct {
	const char *key;
	bool (*parse)(const char *value);
} keys[] = {
	{"pti", parse_pti},
	{"fail", parse_fail},
	{"aslr", parse_aslr},
	{"loglevel", parse_level},
	{"hz", parse_hz},
	{"seed", parse_seed},
	{"test", parse_test},
	{"planted", parse_planted},
	{"irqoff", parse_irqoff},
#ifdef AIRLOCK_DEBUG
	{"schedfuzz", parse_schedfuzz},
#endif
	{"console", parse_console},
	{"stdin", parse_stdin},
	{"log_crossings", parse_log_crossings},
	{"report", parse_report},
	{"trace", parse_trace},
	{"watchdog", parse_watchdog},
	{"strace", parse_strace},
	{"virtio_mmio.device", parse_nothing},
};

static INIT_TEXT bool parse_word(char *word)
{
	char *value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(word, keys[i].key))
			return keys[i].parse(value ? value : "");
	return false;
}

INIT_TEXT void options_parse(const char *line)
{
	char word[256];
	while (cmdline_next(&line, word, sizeof(word)))
		parse_word(word);
	log_set_level(options.level);
}

INIT_TEXT void options_warn(const char *line)
{
	char word[256], shown[256];
	while (cmdline_next(&line, word, sizeof(word))) {
		string_copy(shown, word, sizeof(shown));
		if (!parse_word(word))
			log_warn("not understood on the command line: %s", shown);
	}
}
