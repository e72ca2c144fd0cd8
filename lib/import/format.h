/*
 * The formats that can be read, and which of them a line is of.
 */
#ifndef MM_FORMAT_H
#define MM_FORMAT_H

#include "base/buf.h"

enum import_format {
	IMPORT_ALB,
	IMPORT_APACHE_JSON,
	IMPORT_AUTO,
	IMPORT_CADDY,
	IMPORT_CLOUDFLARE,
	IMPORT_CLOUDFRONT,
	IMPORT_COMBINED,
	IMPORT_COMMON,
	IMPORT_GA4,
	IMPORT_HAPROXY,
	IMPORT_IIS,
	IMPORT_MATOMO,
	IMPORT_NGINX_JSON,
	IMPORT_PLAUSIBLE,
	IMPORT_RUDDERSTACK,
	IMPORT_SEGMENT,
	IMPORT_TRAEFIK,
	IMPORT_UMAMI,
	IMPORT_FORMATS,
};

/* "alb", "apache-json" .. */
const char *import_format_name(enum import_format);

/* The format of that name; IMPORT_FORMATS: there is none. */
enum import_format import_format_named(struct span name);

/*
 * What a line looks like: IMPORT_FORMATS for nothing that is known, a JSON log
 * in general is IMPORT_NGINX_JSON.  *other then says what else it is, and the
 * command that helps, as in "xz: unpack it with xzcat"; or is NULL.
 */
enum import_format import_guess(const char *p, size_t n, const char **other);

/* Whether a reader of the one format takes what looks like the other. */
bool import_takes(enum import_format reader, enum import_format looks);

#endif
