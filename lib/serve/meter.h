/*
 * What the front door counts, as Prometheus' text format has it.
 */
#ifndef MM_METER_H
#define MM_METER_H

#include "base/buf.h"

enum {
	METER_ROUTES = 16,
	METER_CODES = 24,   /* different statuses of a route; more are not counted */
	METER_BUCKETS = 14, /* of the time until the answer: 64 us, doubled 13 times */
};

struct meter {
	struct {
		unsigned status;
		uint64_t count;
	} code[METER_ROUTES][METER_CODES];
	struct {
		uint64_t bucket[METER_BUCKETS + 1];
		uint64_t us; /* of all */
	} time[METER_ROUTES];
	uint64_t groups, group_requests, group_failures;
	uint64_t events;    /* that were accepted */
	uint64_t untrusted; /* requests with a forwarding header of a peer that is not trusted */
};

/* An answer of a route, below METER_ROUTES, after `us` microseconds. */
void meter_answer(struct meter *, unsigned route, unsigned status, uint64_t us);

/* Appends all of it; the names of the routes by number. */
void meter_add(const struct meter *, const struct span *route, size_t routes, struct buf *);

/* Appends "# HELP", "# TYPE" and a value. */
void meter_value(struct buf *, const char *name, const char *type, const char *help, double value);

#endif
