#include "serve/meter.h"

#include "base/banned.h"

enum { FIRST_US = 64 };

void
meter_answer(struct meter *m, unsigned route, unsigned status, uint64_t us)
{
	uint64_t edge = FIRST_US;
	size_t i, bucket = 0;

	for (i = 0; i < METER_CODES; i++) {
		if (m->code[route][i].count == 0)
			m->code[route][i].status = status;
		if (m->code[route][i].status == status) {
			m->code[route][i].count++;
			break;
		}
	}
	while (bucket < METER_BUCKETS && us > edge) {
		edge *= 2;
		bucket++;
	}
	m->time[route].bucket[bucket]++;
	m->time[route].us += us;
}

static void
head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP mm_%s %s\n# TYPE mm_%s %s\n", name, help, name, type);
}

void
meter_value(struct buf *b, const char *name, const char *type, const char *help, double value)
{
	head(b, name, type, help);
	buf_addf(b, "mm_%s %.15g\n", name, value);
}

static void
add_times(const struct meter *m, unsigned r, struct span name, struct buf *b)
{
	uint64_t sum = 0, edge = FIRST_US;
	size_t i;

	for (i = 0; i < METER_BUCKETS; i++, edge *= 2) {
		sum += m->time[r].bucket[i];
		buf_addf(b, "mm_request_seconds_bucket{route=\"%.*s\",le=\"%.6f\"} %llu\n",
		    (int)name.n, name.p, (double)edge / 1e6, (unsigned long long)sum);
	}
	sum += m->time[r].bucket[METER_BUCKETS];
	buf_addf(b, "mm_request_seconds_bucket{route=\"%.*s\",le=\"+Inf\"} %llu\n", (int)name.n,
	    name.p, (unsigned long long)sum);
	buf_addf(b, "mm_request_seconds_sum{route=\"%.*s\"} %.6f\n", (int)name.n, name.p,
	    (double)m->time[r].us / 1e6);
	buf_addf(b, "mm_request_seconds_count{route=\"%.*s\"} %llu\n", (int)name.n, name.p,
	    (unsigned long long)sum);
}

void
meter_add(const struct meter *m, const struct span *route, size_t routes, struct buf *b)
{
	size_t i;
	unsigned r;

	head(b, "requests_total", "counter", "requests by route and status");
	for (r = 0; r < routes; r++)
		for (i = 0; i < METER_CODES && m->code[r][i].count; i++)
			buf_addf(b, "mm_requests_total{route=\"%.*s\",code=\"%u\"} %llu\n",
			    (int)route[r].n, route[r].p, m->code[r][i].status,
			    (unsigned long long)m->code[r][i].count);
	head(b, "request_seconds", "histogram", "from the head of a request to its answer");
	for (r = 0; r < routes; r++)
		if (m->code[r][0].count)
			add_times(m, r, route[r], b);
	meter_value(b, "events_accepted_total", "counter", "events that were answered with 2xx",
	    (double)m->events);
	meter_value(b, "commit_groups_total", "counter", "groups of requests that were synced",
	    (double)m->groups);
	meter_value(b, "commit_requests_total", "counter", "requests in those groups",
	    (double)m->group_requests);
	meter_value(b, "commit_failures_total", "counter", "groups that the disk refused",
	    (double)m->group_failures);
	meter_value(b, "untrusted_forwarded_total", "counter",
	    "requests whose forwarding header is of a peer that is not trusted",
	    (double)m->untrusted);
}
