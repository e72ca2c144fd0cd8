/*
 * mm-classify: says where visitors came from, on NDJSON that has a url, a
 * referrer and a host, or for one visit on the command line.
 */
#include "cmd/classify/job.h"
#include "base/msg.h"
#include "cmd/cli/tables.h"

#include <errno.h>
#include <unistd.h>

#include "base/banned.h"

struct options {
	const char *url, *referrer, *host, *hosts;
	bool explain, list_rules;
	int rules, fbclid;
};

static bool
is_one_visit(const struct options *o)
{
	return o->url || o->referrer || o->host;
}

static const char *
misuse(const struct options *o, bool only_changed, size_t files)
{
	if (o->explain && !is_one_visit(o))
		return "--explain is for one visit: give it with --page and --referrer";
	if (is_one_visit(o) && only_changed)
		return "--only-changed is for lines, not for one visit";
	if (is_one_visit(o) && files > 0)
		return "give either FILEs or one visit with --page, --referrer and --host";
	if (o->list_rules && (files > 0 || is_one_visit(o) || only_changed))
		return "--list-rules goes with --rules alone";
	return NULL;
}

/* Writes a text to standard output; the status. */
static int
print(struct buf *text)
{
	struct out out;
	int status = STATUS_OK, error;

	out_init(&out, STDOUT_FILENO, NULL);
	if (text->failed)
		out.error = ENOMEM;
	else
		out_write(&out, text->p, text->n);
	error = out_flush(&out);
	if (error && error != EPIPE) {
		msg_errno(error, "standard output");
		status = STATUS_ERROR;
	}
	out_release(&out);
	buf_release(text);
	return status;
}

static struct span
argument(const char *s)
{
	return s ? span_of(s) : (struct span){ NULL, 0 };
}

static int
classify_one(const struct options *o, unsigned rules, const struct hosts *hosts)
{
	static struct attribution answer;
	struct visit v = { NULL, argument(o->referrer), argument(o->host) };
	struct buf text = BUF_INIT, scratch = BUF_INIT;
	const char *reason = NULL;
	struct url url;
	int status;

	if (o->url)
		reason = url_split(&url, o->url, strlen(o->url), &scratch);
	if (reason)
		msg("--page is not an absolute URL (%s): classified without it", reason);
	else if (o->url)
		v.url = &url;
	if (o->explain)
		classify_explain(&v, rules, hosts, &answer, &text);
	else
		classify(&v, rules, hosts, &answer);
	reclassify_add_answer(&text, &answer);
	buf_addc(&text, '\n');
	status = print(&text);
	buf_release(&scratch);
	return status;
}

static int
run(const struct options *o, struct classify_job *j, char **files, size_t file_count)
{
	unsigned rules = (o->rules == 1 ? CLASSIFY_DOCUMENTED : 0) |
	    (o->fbclid == 1 ? CLASSIFY_FBCLID_SOCIAL : 0);
	struct buf text = BUF_INIT;
	struct hosts *hosts;
	int status = STATUS_ERROR;

	if (o->list_rules) {
		classify_list(rules, &text);
		return print(&text);
	}
	if (!tables_hosts(o->hosts, &hosts))
		return STATUS_ERROR;
	if (is_one_visit(o)) {
		status = classify_one(o, rules, hosts);
	} else {
		face_catch_signals();
		j->rules = rules;
		j->hosts = hosts;
		status = classify_job_run(j, files, file_count);
	}
	hosts_free(hosts);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	static struct classify_job j = { .in = INTAKE_INIT, .crew.jobs = 1 };
	const struct opt options[] = {
		{ 0, "page", OPT_STRING, "URL", "classify one visit: the page it landed on", &o.url,
		    0, 0 },
		OPT_FORMER("url"),
		{ 0, "referrer", OPT_STRING, "URL", "classify one visit: the page that led to it",
		    &o.referrer, 0, 0 },
		{ 0, "host", OPT_STRING, "HOST", "classify one visit: the site's own host", &o.host,
		    0, 0 },
		{ 0, "explain", OPT_FLAG, NULL,
		    "for one visit, print each rule that was tried, and why", &o.explain, 0, 0 },
		{ 0, "only-changed", OPT_FLAG, NULL, "pass only lines whose answer changes",
		    &j.only_changed, 0, 0 },
		{ 0, "list-rules", OPT_FLAG, NULL, "print the rules in their order", &o.list_rules,
		    0, 0 },
		{ 0, "rules", OPT_CHOICE, "all|documented",
		    "attribution rules to use (default all)", &o.rules, 0, 0 },
		{ 0, "fbclid", OPT_CHOICE, "paid|social",
		    "medium of a visit with only an fbclid (default paid)", &o.fbclid, 0, 0 },
		{ 0, "hosts", OPT_STRING, "FILE",
		    "add the hosts of FILE, which win over the built-in ones", &o.hosts, 0, 0 },
		INTAKE_REJECTS(j.in),
		CREW_JOBS(j.crew),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-classify",
		.summary = "Find the source, medium and campaign of visits, and explain them",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-classify --explain --page 'https://example.com/?gclid=1'",
		.options = options,
		.operands = "FILE",
	};
	const char *wrong;
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	wrong = misuse(&o, j.only_changed, files);
	if (wrong) {
		msg("%s; try 'mm-classify --help'", wrong);
		return STATUS_ERROR;
	}
	return face_end(run(&o, &j, argv, files));
}
