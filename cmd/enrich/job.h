/*
 * The work of mm-enrich: lines in, rows out, on one thread or on several that
 * keep the order.
 */
#ifndef MM_ENRICH_JOB_H
#define MM_ENRICH_JOB_H

#include "enrich/enrich.h"
#include "cmd/cli/crew.h"
#include "cmd/cli/salt.h"

struct enrich_options {
	/* what each thread's enricher begins with */
	struct enricher common;
	const char *project, *geoip, *salt_file, *hosts, *bots_file, *strip_params;
	const char *max_age, *max_future;
	bool no_ip_hash;
	int visitor, rules, fbclid, bots, late;
};

struct enrich_job {
	struct enrich_options options;
	struct intake in;
	struct crew crew;
	struct salt salt; /* wiped once the hashes are ready */
	struct geo *geo;
	struct hosts *hosts;
	struct bots *bots;

	/* what was counted */
	struct enrich_counts counts;
	uint64_t agent_hits, agent_misses, address_hits, address_misses;
};

/* The milliseconds of an option's text; NULL: 0.  False after a message. */
bool enrich_job_duration(const char *option, const char *text, uint64_t *ms);

/* Reads the files to their end, or standard input.  Returns the status. */
int enrich_job_run(struct enrich_job *, char **files, size_t count);

#endif
