/*
 * show: everything a program is given, one item a line, bytes outside of printable ASCII as
 * \xNN. Ends with the status in the variable SHOW_STATUS, or 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

static void show(const char *what, const char *text)
{
	printf("%s ", what);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '\\')
			printf("\\x%02x", *p);
		else
			putchar(*p);
	putchar('\n');
}

int main(int argc, char **argv)
{
	char *cwd = getcwd(NULL, 0);
	printf("argc %d\n", argc);
	for (int i = 1; i < argc; i++)
		show("arg", argv[i]);
	for (char **e = environ; *e; e++)
		show("env", *e);
	show("cwd", cwd ? cwd : "?");
	printf("ids %d %d %d %d\n", getuid(), geteuid(), getgid(), getegid());
	char *status = getenv("SHOW_STATUS");
	return status ? atoi(status) : 0;
}
