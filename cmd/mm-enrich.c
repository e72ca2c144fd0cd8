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
#include "salt.h"

#include "banned.h"

struct options {
	const char *project, *geoip, *salt_file;
	bool no_ip_hash, deterministic;
	int rules;
};

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
	bool needs_salt = !o->no_ip_hash || o->deterministic;
	const char *otherwise = o->deterministic ? "" : ", or say --no-ip-hash";

	*r = (struct enricher){
		.rules = o->rules ? CLASSIFY_DOCUMENTED : CLASSIFY_ALL,
		.deterministic = o->deterministic,
	};
	if (!project_id(o->project, &r->project_id) ||
	    !salt_read(salt, o->salt_file, needs_salt, otherwise) || !open_geo(o, &r->geo))
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
		SALT_OPTION(o.salt_file),
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
