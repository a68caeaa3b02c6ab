// summary: getrandom gives different bytes, all that were asked for, and knows its flags
#include "abi.h"
#include <sys/random.h>

int main(void)
{
	static unsigned char a[70000], b[70000];
	unsigned int seen[256] = {0};
	SHOW(getrandom(a, sizeof(a), 0));
	SHOW(getrandom(b, sizeof(b), GRND_NONBLOCK));
	HOLDS(memcmp(a, b, sizeof(a)) != 0);
	for (size_t i = 0; i < sizeof(a); i++)
		seen[a[i]]++;
	int odd = 0;
	for (int i = 0; i < 256; i++)
		odd += seen[i] < 150 || seen[i] > 420;
	HOLDS(odd == 0);
	SHOW(getrandom(a, 1, GRND_RANDOM));
	SHOW(getrandom(a, 0, 0));
	SHOW(getrandom(a, 1, 0x80));
	SHOW(getrandom(a, 1, GRND_RANDOM | GRND_INSECURE));
	unsigned char words[1000][8];
	int same = 0;
	for (int i = 0; i < 1000; i++)
		if (getrandom(words[i], 8, 0) != 8)
			return 1;
	for (int i = 0; i < 1000; i++)
		for (int j = 0; j < i; j++)
			same += memcmp(words[i], words[j], 8) == 0;
	HOLDS(same == 0);
	return 0;
}
