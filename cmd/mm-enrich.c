/*
 * mm-enrich: turns valid events into the rows that are stored; what is not a
 * valid event becomes a reject.
 */
#include <sodium.h>
#include <stdlib.h>

#include "cmd/enrich/job.h"
#include "base/msg.h"
#include "cmd/cli/project.h"
#include "cmd/cli/tables.h"

#include "base/banned.h"

static bool
open_geo(struct enrich_job *j)
{
	const char *reason;

	if (!j->options.geoip)
		j->options.geoip = getenv("MM_GEOIP_DB");
	if (!j->options.geoip || !*j->options.geoip)
		return true;
	j->geo = geo_open(j->options.geoip, &reason);
	if (!j->geo)
		msg("%s: %s: not a usable country database; give another with --geoip",
		    j->options.geoip, reason);
	return j->geo != NULL;
}

static bool
read_strip(const char *option, struct param_list *list)
{
	if (!option)
		return true;
	list->text = span_of(option);
	if (param_list_valid(list->text))
		return true;
	msg("--strip-params: expected names of parameters separated by commas, as gclid,email");
	return false;
}

static bool
needs_salt(const struct enrich_options *o)
{
	return !o->no_ip_hash || o->visitor || o->common.deterministic;
}

/* Makes everything ready; false after a message. */
static bool
start(struct enrich_job *j)
{
	struct enrich_options *o = &j->options;
	const char *otherwise =
	    o->common.deterministic || o->visitor ? "" : ", or say --no-ip-hash";

	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return false;
	}
	o->common.rules =
	    (o->rules ? CLASSIFY_DOCUMENTED : 0) | (o->fbclid ? CLASSIFY_FBCLID_SOCIAL : 0);
	o->common.policy = (enum bots_policy)o->bots;
	o->common.clock.late = (enum late)o->late;
	o->common.clock.has_future = o->max_future != NULL;
	o->common.clock.has_age = o->max_age != NULL;
	return enrich_job_duration("max-future", o->max_future, &o->common.clock.max_future) &&
	    enrich_job_duration("max-age", o->max_age, &o->common.clock.max_age) &&
	    project_id(o->project, &o->common.project_id) &&
	    read_strip(o->strip_params, &o->common.strip) &&
	    salt_read(&j->salt, o->salt_file, needs_salt(o), otherwise) &&
	    tables_hosts(o->hosts, &j->hosts) && tables_bots(o->bots_file, &j->bots) && open_geo(j);
}

int
main(int argc, char **argv)
{
	static struct enrich_job j = { .in = INTAKE_INIT, .crew.jobs = 1 };
	struct enrich_options *o = &j.options;
	const struct opt options[] = {
		SALT_OPTION(o->salt_file),
		{ 0, "geoip", OPT_STRING, "FILE",
		    "country database in MaxMind's format (default $MM_GEOIP_DB)", &o->geoip, 0,
		    0 },
		{ 0, "visitor", OPT_CHOICE, "event|daily",
		    "visitors without anonymous_id: one an event (default), or one a day by address and agent",
		    &o->visitor, 0, 0 },
		{ 0, "bots", OPT_CHOICE, "keep|drop|mark",
		    "keep, drop or mark events of robots (default keep)", &o->bots, 0, 0 },
		PROJECT_OPTION(o->project),
		INTAKE_REJECTS(j.in),
		{ 0, "deterministic", OPT_FLAG, NULL,
		    "make missing ids from the line, so a replay gives the same rows",
		    &o->common.deterministic, 0, 0 },
		{ 0, "strip-params", OPT_STRING, "LIST",
		    "remove these parameters from stored URLs, such as gclid,email",
		    &o->strip_params, 0, 0 },
		CREW_JOBS(j.crew),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		{ 0, "late", OPT_CHOICE, "keep|clamp|reject",
		    "events beyond --max-age or --max-future (default keep)", &o->late, 0, 0 },
		{ 0, "max-age", OPT_STRING, "TIME", "how old an event may be when it arrives",
		    &o->max_age, 0, 0 },
		{ 0, "max-future", OPT_STRING, "TIME",
		    "how far in the future an event may be when it arrives", &o->max_future, 0, 0 },
		{ 0, "fix-skew", OPT_FLAG, NULL, "correct timestamps by sent_at and received_at",
		    &o->common.clock.fix_skew, 0, 0 },
		{ 0, "fbclid", OPT_CHOICE, "paid|social",
		    "medium of a visit with only an fbclid (default paid)", &o->fbclid, 0, 0 },
		{ 0, "hosts", OPT_STRING, "FILE",
		    "add the hosts of FILE, which win over the built-in ones", &o->hosts, 0, 0 },
		{ 0, "bots-file", OPT_STRING, "FILE", "add the robots of FILE", &o->bots_file, 0,
		    0 },
		{ 0, "rules", OPT_CHOICE, "all|documented",
		    "attribution rules to use (default all)", &o->rules, 0, 0 },
		{ 0, "no-ip-hash", OPT_FLAG, NULL, "leave ip_hash empty; no salt is needed",
		    &o->no_ip_hash, 0, 0 },
		INTAKE_MAX_LINE(j.in),
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
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	status = STATUS_ERROR;
	if (start(&j)) {
		face_catch_signals();
		status = enrich_job_run(&j, argv, files);
	}
	sodium_memzero(&j.salt, sizeof(j.salt));
	geo_close(j.geo);
	hosts_free(j.hosts);
	bots_free(j.bots);
	return face_end(status);
}
