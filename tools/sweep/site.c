/* Looking through the sites, whose list is made by list.c. */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdb.h"

struct site *sites;
size_t site_count;

const char *const event_names[EVENTS] = {"NMI", "#MC", "#DB", "timer"};
const char *const door_names[DOORS] = {
	"", " in an NMI", " in a #MC", " in a #DB", " in a #DB of ring 3"};

struct site *site_add(uint64_t address, enum door door, enum how how, const char *text)
{
	sites = realloc(sites, (site_count + 1) * sizeof(*sites));
	if (!sites)
		die("out of memory");
	struct site *site = &sites[site_count++];
	*site = (struct site){.address = address, .door = door, .how = how};
	snprintf(site->text, sizeof(site->text), "%s", text);
	for (int e = EVENT_NMI; e <= EVENT_DB; e++)
		site->pair[e] = PAIR_WANTED;
	return site;
}

void site_exclude(struct site *site, enum event event, const char *reason)
{
	site->pair[event] = PAIR_EXCLUDED;
	site->reason[event] = reason;
}

void site_give_up(struct site *site)
{
	for (int e = 0; e < EVENTS; e++)
		if (site->pair[e] == PAIR_WANTED)
			site_exclude(
				site, (enum event)e, "C code that the workload does not reach");
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

void sites_sample(unsigned share, uint64_t seed)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++)
			if (sites[i].pair[e] == PAIR_WANTED &&
				mix(mix(seed + i) + (uint64_t)e) % share)
				sites[i].pair[e] = PAIR_SKIPPED;
}

enum event site_next(const struct site *site)
{
	int e = 0;
	while (e < EVENTS && site->pair[e] != PAIR_WANTED)
		e++;
	return (enum event)e;
}

struct site *site_find(enum how how, uint64_t address)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == how && (!address || sites[i].address == address) &&
			site_next(&sites[i]) != EVENTS)
			return &sites[i];
	return NULL;
}

struct site *site_find_vector(unsigned vector)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == HOW_VECTOR && sites[i].vector == vector &&
			site_next(&sites[i]) != EVENTS)
			return &sites[i];
	return NULL;
}

struct site *site_named(const char *word, enum door door)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].door == door && strncmp(sites[i].text, word, strlen(word)) == 0)
			return &sites[i];
	die("there is no %s in the paranoid doors", word);
}

size_t sites_count(enum how how, enum pair what)
{
	size_t n = 0;
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++)
			n += (how == HOW_ANY || sites[i].how == how) && sites[i].pair[e] == what;
	return n;
}

size_t sites_wanted(enum how how)
{
	return sites_count(how, PAIR_WANTED);
}
