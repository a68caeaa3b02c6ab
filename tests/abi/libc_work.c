// flags: -lm -Wno-infinite-recursion
// summary: ordinary work of a C library: memory, strings, sorting, numbers, floating point
// quick: most
#include "abi.h"
#include <math.h>
#include <setjmp.h>
#include <time.h>

static __thread int per_thread = 5;

static int compare(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;
	return x < y ? -1 : x > y;
}

static void memory_work(void)
{
	unsigned int state = 1, sum = 0;
	char *blocks[500] = {0};
	size_t sizes[500] = {0};
	for (int i = 0; i < 20000; i++) {
		state = state * 1103515245 + 12345;
		size_t n = (state >> 8) % 500;
		for (size_t j = 0; j < sizes[n]; j += 97)
			sum += (unsigned char)blocks[n][j] != (unsigned char)n;
		sizes[n] = state % 7 == 0 ? (state >> 4) % 300000 : (state >> 4) % 300;
		blocks[n] = realloc(blocks[n], sizes[n] + 1);
		memset(blocks[n], (int)n, sizes[n]);
	}
	printf("%u blocks were wrong\n", sum);
	for (int i = 0; i < 500; i++)
		free(blocks[i]);
}

static void sort_work(void)
{
	static unsigned int numbers[200000];
	unsigned int state = 7, sum = 0;
	for (size_t i = 0; i < 200000; i++)
		numbers[i] = state = state * 1664525 + 1013904223;
	qsort(numbers, 200000, sizeof(numbers[0]), compare);
	for (size_t i = 0; i < 200000; i++)
		sum = sum * 31 + numbers[i];
	printf("%08x\n", sum);
}

static void number_work(void)
{
	double sum = 0;
	for (int i = 1; i < 100000; i++)
		sum += sin(i) * log(i) / sqrt(i);
	printf("%.9f %a %g %Lg\n", sum, 0.1, strtod("1e-300", NULL), (long double)1 / 3);
	char text[100];
	struct tm tm;
	time_t when = 1700000000;
	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	puts(text);
	printf("%d %s\n", sscanf("12 abc 3.5", "%*d %s", text), text);
}

static jmp_buf back;

static void jump(int n)
{
	if (n == 0)
		longjmp(back, 3);
	jump(n - 1);
}

int main(void)
{
	memory_work();
	sort_work();
	number_work();
	if (setjmp(back) == 0)
		jump(100);
	else
		puts("back");
	per_thread += 2;
	printf("%d %d\n", per_thread, errno = 0);
	/* String functions of every kind, up to the end of what they may read. */
	static char area[300];
	size_t sum = 0;
	for (size_t n = 0; n < 290; n++) {
		memset(area, 'a', n);
		area[n] = 0;
		sum += strlen(area) + (size_t)(strchr(area, 0) - area) +
		       (size_t)memcmp(area, area, n);
	}
	printf("%zu\n", sum);
	return 0;
}
