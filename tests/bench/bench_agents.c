/*
 * What an agent costs: nanoseconds a header for parsing it (robots included),
 * and for looking it up in the cache of agents.
 *
 *   bench_agents AGENTS [ROUNDS]
 *
 * AGENTS has one a line, in the order of their traffic.  The best of ROUNDS
 * rounds (default 20) counts: the others were disturbed.  In the adversary's
 * rounds no header is the same as another.
 */
#include "enrich/agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/banned.h"

enum { TEXT = 1024 };

static struct span *agents;
static size_t count;
static struct agents cache;
static unsigned serial;

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void
load(const char *file)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t room = 0, cap = 0;
	ssize_t n;

	if (!f) {
		perror(file);
		exit(2);
	}
	while ((n = getline(&line, &room, f)) > 1) {
		if (count == cap) {
			cap = cap ? 2 * cap : 1024;
			agents = realloc(agents, cap * sizeof(*agents));
			if (!agents)
				exit(2);
		}
		agents[count++] = (struct span){ line, (size_t)n - (line[n - 1] == '\n') };
		line = NULL;
		room = 0;
	}
	free(line);
	fclose(f);
}

static size_t
parsed(struct span s)
{
	struct agent a;

	agent_parse(&a, s.p, s.n);
	return a.browser.n + a.bot;
}

static size_t
cached(struct span s)
{
	struct agent a = agents_find(&cache, s.p, s.n);

	return a.browser.n + a.bot;
}

/* Eight bytes of the header's end are replaced, so that it costs about the same. */
static struct span
unique(struct span s, char text[TEXT])
{
	if (s.n > TEXT - 16)
		s.n = TEXT - 16;
	memcpy(text, s.p, s.n);
	serial++;
	memcpy(text + s.n, &serial, sizeof(serial));
	return (struct span){ text, s.n + sizeof(serial) };
}

static size_t
parsed_unique(struct span s)
{
	char text[TEXT];

	return parsed(unique(s, text));
}

static size_t
cached_unique(struct span s)
{
	char text[TEXT];

	return cached(unique(s, text));
}

static double
measure(const char *name, size_t (*job)(struct span), long rounds)
{
	uint64_t best = UINT64_MAX, hits = cache.hits, misses = cache.misses;
	size_t sum = 0, i;

	while (rounds-- > 0) {
		uint64_t start = now(), took;

		for (i = 0; i < count; i++)
			sum += job(agents[i]);
		took = now() - start;
		if (took < best)
			best = took;
	}
	hits = cache.hits - hits;
	misses = cache.misses - misses;
	printf("%-44s %7.1f ns a header", name, (double)best / (double)count);
	if (hits + misses)
		printf(", %.1f %% hits", 100 * (double)hits / (double)(hits + misses));
	printf(" (check %zu)\n", sum);
	return (double)best / (double)count;
}

int
main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 20;
	double parse, find, adversary;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_agents AGENTS [ROUNDS]\n");
		return 2;
	}
	load(argv[1]);
	if (count == 0 || !agents_init(&cache, NULL))
		return 2;
	parse = measure("parse, robots included", parsed, rounds);
	find = measure("cache", cached, rounds);
	measure("parse, no header twice (and a copy of it)", parsed_unique, rounds);
	adversary = measure("cache, no header twice (and a copy of it)", cached_unique, rounds);
	printf(
	    "the cache makes it %.1f times as fast; where nothing repeats it costs %.0f %% more\n",
	    parse / find, 100 * (adversary / parse - 1));
	agents_release(&cache);
	return 0;
}
