/*
 * mm-enrich: turns valid events into the rows that are stored; what is not a
 * valid event becomes a reject.
 */
#include "enrich.h"

#include <sodium.h>
#include <stdlib.h>

#include "intake.h"
#include "msg.h"
#include "project.h"
#include "secret.h"

#include "banned.h"

struct options {
	const char *project, *geoip, *salt_file;
	bool no_ip_hash, deterministic;
	int rules;
};

/* The salt, in memory that is wiped; n is 0 when there is none. */
struct salt {
	char p[IPHASH_SALT_MAX + 2];
	size_t n;
};

static size_t
without_line_end(const char *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	return n;
}

static bool
read_salt(const struct options *o, struct salt *salt)
{
	const char *variable = getenv("MM_IP_SALT");
	const char *from = o->salt_file ? o->salt_file : "MM_IP_SALT";

	salt->n = 0;
	if (o->salt_file) {
		if (!secret_read(o->salt_file, salt->p, sizeof(salt->p), &salt->n))
			return false;
		salt->n = without_line_end(salt->p, salt->n);
	} else if (variable && *variable) {
		salt->n = strnlen(variable, sizeof(salt->p));
		memcpy(salt->p, variable, salt->n);
	} else if (o->no_ip_hash && !o->deterministic) {
		return true;
	} else {
		msg("no salt: put one in a file with 'head -c 32 /dev/urandom | base64 > salt' and "
		    "pass --salt-file salt (or set MM_IP_SALT)%s",
		    o->deterministic ? "" : ", or say --no-ip-hash");
		return false;
	}
	if (salt->n < IPHASH_SALT_MIN || salt->n > IPHASH_SALT_MAX) {
		msg("%s: the salt has %s than %d bytes", from,
		    salt->n < IPHASH_SALT_MIN ? "fewer" : "more",
		    salt->n < IPHASH_SALT_MIN ? IPHASH_SALT_MIN : IPHASH_SALT_MAX);
		return false;
	}
	return true;
}

static bool
open_geo(const struct options *o, struct geo **geo)
{
	const char *path = o->geoip ? o->geoip : getenv("MM_GEOIP_DB");
	const char *reason;

	*geo = NULL;
	if (!path || !*path)
		return true;
	*geo = geo_open(path, &reason);
	if (!*geo)
		msg("%s: %s: not a usable country database; give another with --geoip", path,
		    reason);
	return *geo != NULL;
}

/* Makes everything ready; false after a message. */
static bool
start(const struct options *o, struct enricher *r, struct iphash *hash, struct salt *salt)
{
	*r = (struct enricher){
		.rules = o->rules ? CLASSIFY_DOCUMENTED : CLASSIFY_ALL,
		.deterministic = o->deterministic,
	};
	if (!project_id(o->project, &r->project_id) || !read_salt(o, salt) || !open_geo(o, &r->geo))
		return false;
	if (!o->no_ip_hash) {
		if (!iphash_init(hash, salt->p, salt->n)) {
			msg("no memory that can be locked for the salt");
			return false;
		}
		r->iphash = hash;
	}
	if (!enrich_start(r, (const unsigned char *)salt->p, salt->n)) {
		msg("out of memory, or libsodium does not start");
		return false;
	}
	return true;
}

static void
enrich_line(struct intake *in, struct event *event, struct enricher *enricher)
{
	struct enrichment x;
	struct complaint why;

	if (!event_parse(event, in->lines.p, in->lines.n)) {
		intake_reject(in, "invalid_payload", event->complaint, event->complaints);
	} else if (!enrich_event(enricher, event, in->lines.p, in->lines.n, &x, &why)) {
		intake_reject(in, "invalid_payload", &why, 1);
	} else {
		row_write(&in->out, event, &x);
		in->passed++;
	}
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct intake in = INTAKE_INIT;
	const struct opt options[] = {
		{ 0, "deterministic", OPT_FLAG, NULL,
		    "make missing ids of the line, so that a replay gives the same rows",
		    &o.deterministic, 0, 0 },
		{ 0, "geoip", OPT_STRING, "FILE",
		    "country database in MaxMind's format ($MM_GEOIP_DB)", &o.geoip, 0, 0 },
		INTAKE_MAX_LINE(in),
		{ 0, "no-ip-hash", OPT_FLAG, NULL, "leave ip_hash empty; no salt is needed",
		    &o.no_ip_hash, 0, 0 },
		PROJECT_OPTION(o.project),
		INTAKE_QUIET(in),
		INTAKE_REJECTS(in),
		{ 0, "rules", OPT_CHOICE, "all|documented",
		    "attribution rules to use (default all)", &o.rules, 0, 0 },
		{ 0, "salt-file", OPT_STRING, "FILE",
		    "read the salt of ip_hash from FILE ($MM_IP_SALT)", &o.salt_file, 0, 0 },
		INTAKE_SUMMARY(in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-enrich",
		.summary = "Turn events into rows: attribution, country, device, hashed address",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-validate < events.ndjson | mm-enrich --salt-file salt | mm-insert",
		.options = options,
		.operands = "FILE",
	};
	static struct enricher enricher;
	struct event event;
	struct iphash hash = { 0 };
	struct salt salt;
	size_t files;
	int status;
	bool ready;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	ready = start(&o, &enricher, &hash, &salt);
	sodium_memzero(&salt, sizeof(salt));
	if (!ready)
		return STATUS_ERROR;
	face_catch_signals();
	if (!intake_open(&in, argv, files))
		return STATUS_ERROR;
	event_init(&event);
	while (intake_next(&in))
		enrich_line(&in, &event, &enricher);
	status = intake_end(&in);
	event_release(&event);
	enrich_release(&enricher);
	iphash_release(&hash);
	geo_close(enricher.geo);
	return face_end(status);
}
