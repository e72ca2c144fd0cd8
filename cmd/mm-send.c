/*
 * mm-send: sends events to an API over HTTP, and keeps what it can't send.
 */
#include <sodium.h>

#include "base/msg.h"
#include "cmd/cli/sending.h"
#include "cmd/send/job.h"

#include "base/banned.h"

enum {
	MAX_BYTES = 1 << 20,
	MAX_AGE_MS = 1000,
	TIMEOUT_MS = 60000,
	PARALLEL = 4,
};

static int
run(struct send_job *j, char **files, size_t count)
{
	int status = STATUS_ERROR;

	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return STATUS_ERROR;
	}
	event_init(&j->event);
	j->event.outside = true;
	repeats_init(&j->ids.repeats, SPAN(""));
	progress_begin(&j->progress);
	if (send_open(j) && intake_open(&j->in, files, count)) {
		progress_size(&j->progress, files, count);
		if (j->drain_dir)
			delivery_drain(&j->delivery);
		else
			send_input(j);
		progress_end(&j->progress);
		status = send_report(j);
	}
	progress_end(&j->progress);
	send_close(j);
	return status;
}

int
main(int argc, char **argv)
{
	static struct send_job j = {
		.in = INTAKE_INIT,
		.spool = { .fd = -1 },
		.ledger = LEDGER_INIT,
		.parallel = PARALLEL,
		.max_events = BODY_EVENTS_MAX,
		.max_bytes = MAX_BYTES,
		.max_age = MAX_AGE_MS,
		.retry_for = SEND_NOT_GIVEN,
		.timeout = TIMEOUT_MS,
		.spool_max = UINT64_C(10) << 30,
		.summary = -1,
	};
	const struct opt options[] = {
		{ 0, "api", OPT_STRING, "URL",
		    "address of the API: https://HOST[/PREFIX] or unix:PATH ($MM_URL)", &j.url, 0,
		    0 },
		OPT_FORMER("url"),
		{ 0, "key-file", OPT_STRING, "FILE",
		    "read the key from FILE's first line ($MM_KEY_FILE, $MM_KEY)", &j.key_file, 0,
		    0 },
		{ 0, "follow", OPT_FLAG, NULL,
		    "read input that never ends, without waiting for the server", &j.follow, 0, 0 },
		INTAKE_REJECTS(j.in),
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep events here that can't be sent (default below ~/.local/state)",
		    &j.spool_dir, 0, 0 },
		{ 0, "drain", OPT_STRING, "DIR", "only deliver what waits in the spool DIR",
		    &j.drain_dir, 0, 0 },
		{ 0, "retry-for", OPT_DURATION, "TIME",
		    "try again this long before keeping events (default 60s, --follow 2s)",
		    &j.retry_for, 0, 24 * 3600 * 1000 },
		{ 0, "flush-after", OPT_DURATION, "TIME",
		    "send a batch when its first event has waited this long (default 1s)",
		    &j.max_age, 1, 24 * 3600 * 1000 },
		OPT_FORMER("max-age"),
		{ 0, "summary", OPT_CHOICE, "text|json",
		    "print the counts on standard error at the end", &j.summary, 0, 0 },
		INTAKE_QUIET(j.in),
		{ 0, "progress", OPT_FLAG, NULL,
		    "show progress even if standard error is not a terminal", &j.progress.wanted, 0,
		    0 },
		{ 'n', "max-events", OPT_NUMBER, "N", "events in a batch (default 1000)",
		    &j.max_events, 1, BODY_EVENTS_MAX },
		{ 0, "max-bytes", OPT_SIZE, "SIZE", "bytes in a batch (default 1M)", &j.max_bytes,
		    64, 64 << 20 },
		{ 0, "parallel", OPT_NUMBER, "N", "requests at a time (default 4)", &j.parallel, 1,
		    DELIVERY_CONNECTIONS_MAX },
		{ 0, "spool-max", OPT_SIZE, "SIZE",
		    "stop reading when the spool holds this much (default 10G)", &j.spool_max, 1,
		    UINT64_C(1) << 50 },
		{ 0, "timeout", OPT_DURATION, "TIME", "time for one request (default 60s)",
		    &j.timeout, 100, 24 * 3600 * 1000 },
		{ 0, "cacert", OPT_STRING, "FILE",
		    "trust the certificates in FILE (default the system's)", &j.cacert, 0, 0 },
		{ 0, "allow-http", OPT_FLAG, NULL,
		    "allow http:// to another machine, though it shows the key", &j.allow_http, 0,
		    0 },
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-send",
		.summary = "Send events to a server over HTTP, and keep those that can't be sent",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-send --api https://events.example.com --key-file key events.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	j.in.no_summary = true;
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (!sending_drain_alone(j.drain_dir, files, j.spool_dir, j.follow))
		return STATUS_ERROR;
	j.progress.quiet = j.in.quiet;
	face_catch_signals();
	return face_end(run(&j, argv, files));
}
