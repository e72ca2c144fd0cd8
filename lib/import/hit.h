/*
 * A request, as a web server's log tells of it.
 */
#ifndef MM_HIT_H
#define MM_HIT_H

#include "base/buf.h"
#include "text/url.h"

enum hit_field {
	HIT_AGENT,
	HIT_CLOCK, /* a time of day, and */
	HIT_DAY,   /* a date: told from times by looking */
	HIT_FORWARDED,
	HIT_HOST,
	HIT_IP,
	HIT_LINE, /* a line of a log inside of another's JSON */
	HIT_METHOD,
	HIT_PORT,
	HIT_QUERY,
	HIT_REFERRER,
	HIT_REQUEST, /* "GET /page?a=b HTTP/1.1" */
	HIT_SCHEME,
	HIT_STATUS,
	HIT_TARGET, /* path and query */
	HIT_TIME,
	HIT_FIELDS,
};

/* The field of that name, as in log-keys.tsv: "agent", "time"; or HIT_FIELDS. */
enum hit_field hit_field_named(struct span name);

/*
 * What a line says.  Starts as all zero for each line.  Texts are as they were
 * before the log's escapes, of any bytes; p is NULL where there is none.
 */
struct hit {
	struct span v[HIT_FIELDS];
	unsigned rank[HIT_FIELDS]; /* of hit_offer */
	bool no_time;              /* a time was there that is none */
	const char *timed;         /* the text of HIT_TIME that `ms` is, where that was read */
	int64_t ms;
	bool has_request; /* something about the request was there, if only "-" */
};

enum { HIT_RANK_MAX = 9999 };

/*
 * Takes the text for the field where it is one that the field can have ("-"
 * and "" never are), and where no text of a lower rank (0 to HIT_RANK_MAX) has
 * been taken.  Names alone do not tell: an absolute URL as a target gives
 * scheme and host, a target with a query goes before one without, a host that
 * is an address is no host, "08:05:32" is no time but a time of day.
 */
void hit_offer(struct hit *, enum hit_field, unsigned rank, struct span);

/*
 * The canonical name of a site's host, without its port, in room of
 * URL_NAME_MAX bytes; 0: it is none, or it is an address.
 */
size_t hit_site_name(struct span host, char *room);

/* The parts of a request line; method.n is 0 when it is none (HTTP/0.9 is one). */
struct hit_request {
	struct span method, target;
};
struct hit_request hit_request_split(struct span line);

/* Takes "https://host:port" off a target: p is NULL where it has none. */
struct hit_origin {
	struct span scheme, host;
};
struct hit_origin hit_take_origin(struct span *target);

#endif
