/*
 * What classifying costs: nanoseconds an event for splitting the url, and for
 * splitting it and classifying the visit.
 *
 *   bench_classify EVENTS.ndjson [ROUNDS]
 *
 * The best of ROUNDS rounds (default 20) counts: the others were disturbed.
 * For instructions an event, under callgrind with one round:
 * --toggle-collect=both.
 */
#include "enrich/classify.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct event {
	struct span url, referrer, host;
};

static struct event *events;
static size_t count;

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct span
keep(struct span raw)
{
	char *text = malloc(raw.n);

	if (!text)
		exit(2);
	return (struct span){ text, json_unescape(raw, text) };
}

static void
take(struct event *e, const char *line, size_t n)
{
	struct json_scan scan;
	struct json_member m;

	*e = (struct event){ 0 };
	if (json_open(&scan, line, n) != JSON_OBJECT)
		return;
	while (json_next(&scan, &m)) {
		if (m.value.type != JSON_STRING)
			continue;
		if (span_eq(m.key.raw, SPAN("\"url\"")))
			e->url = keep(m.value.raw);
		else if (span_eq(m.key.raw, SPAN("\"referrer\"")))
			e->referrer = keep(m.value.raw);
		else if (span_eq(m.key.raw, SPAN("\"host\"")))
			e->host = keep(m.value.raw);
	}
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
	while ((n = getline(&line, &room, f)) > 0) {
		if (count == cap) {
			cap = cap ? 2 * cap : 1024;
			events = realloc(events, cap * sizeof(*events));
			if (!events)
				exit(2);
		}
		take(&events[count++], line, (size_t)n - (line[n - 1] == '\n'));
	}
	free(line);
	fclose(f);
}

__attribute__((noinline)) static size_t
split_only(void)
{
	struct buf scratch = BUF_INIT;
	struct url u;
	size_t sum = 0, i;

	for (i = 0; i < count; i++)
		if (events[i].url.p && !url_split(&u, events[i].url.p, events[i].url.n, &scratch))
			sum += u.path.n;
	buf_release(&scratch);
	return sum;
}

__attribute__((noinline)) static size_t
both(void)
{
	static struct attribution answer;
	struct buf scratch = BUF_INIT;
	struct url u;
	size_t sum = 0, i;

	for (i = 0; i < count; i++) {
		struct visit v = { NULL, events[i].referrer, events[i].host };

		if (events[i].url.p && !url_split(&u, events[i].url.p, events[i].url.n, &scratch))
			v.url = &u;
		classify(&v, CLASSIFY_ALL, NULL, &answer);
		sum += answer.source.n;
	}
	buf_release(&scratch);
	return sum;
}

static void
measure(const char *name, size_t (*job)(void), long rounds)
{
	uint64_t best = UINT64_MAX;
	size_t sum = 0;

	while (rounds-- > 0) {
		uint64_t start = now(), took;

		sum += job();
		took = now() - start;
		if (took < best)
			best = took;
	}
	printf("%-24s %7.1f ns an event (%zu events, check %zu)\n", name,
	    (double)best / (double)count, count, sum);
}

int
main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 20;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_classify EVENTS.ndjson [ROUNDS]\n");
		return 2;
	}
	load(argv[1]);
	if (count == 0)
		return 2;
	measure("url_split", split_only, rounds);
	measure("url_split + classify", both, rounds);
	return 0;
}
