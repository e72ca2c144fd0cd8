/*
 * mm-serve: takes events over HTTP, keeps them, stores them in ClickHouse, and
 * answers questions about them.
 */
#include "cmd/cli/face.h"
#include "cmd/serve/job.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	static struct serve_job j = {
		.spool_max = UINT64_C(10) << 30,
		.max_delay = 15 * 60 * 1000,
		.connections = 16384,
	};
	const struct opt options[] = {
		{ 0, "keys", OPT_STRING, "FILE", "the keys that may send and read, of mm-key",
		    &j.keys_file, 0, 0 },
		SALT_OPTION(j.salt_file),
		{ 0, "listen", OPT_LIST, "ADDRESS",
		    "IP:PORT or unix:/path (repeatable; default 127.0.0.1:8080)", &j.listen, 0, 0 },
		{ 0, "private", OPT_LIST, "ADDRESS",
		    "answer /healthz and /metrics here, and nowhere else (repeatable)",
		    &j.private_listen, 0, 0 },
		{ 0, "geoip", OPT_STRING, "FILE",
		    "country database in MaxMind's format ($MM_GEOIP_DB)", &j.geoip, 0, 0 },
		{ 0, "trusted-proxy", OPT_LIST, "NETWORK",
		    "believe what this proxy says of its clients (repeatable; unix:)",
		    &j.trusted_proxies, 0, 0 },
		{ 0, "prefix", OPT_STRING, "PATH", "all paths begin with PATH", &j.prefix, 0, 0 },
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep events here (default one a server, below ~/.local/state)", &j.spool_dir,
		    0, 0 },
		{ 0, "spool-max", OPT_SIZE, "SIZE",
		    "refuse events when the spool holds so much (default 10G)", &j.spool_max, 1,
		    UINT64_C(1) << 50 },
		{ 0, "visitor", OPT_CHOICE, "daily|event",
		    "of a pk's events without anonymous_id: one a day (default), or each",
		    &j.visitor, 0, 0 },
		{ 0, "bots", OPT_CHOICE, "keep|drop|mark",
		    "what becomes of robots' events (default keep)", &j.bots, 0, 0 },
		{ 0, "strip-params", OPT_STRING, "LIST",
		    "take these parameters out of stored URLs, as gclid,email", &j.strip_params, 0,
		    0 },
		STORE_OPT_URL(j.store),
		STORE_OPT_DATABASE(j.store),
		STORE_OPT_PASSWORD_FILE(j.store),
		STORE_OPT_CACERT(j.store),
		{ 'q', "quiet", OPT_FLAG, NULL, "print errors only", &j.quiet, 0, 0 },
		{ 0, "max-delay", OPT_DURATION, "TIME",
		    "/healthz fails when an event waits longer (default 15m)", &j.max_delay, 1000,
		    UINT64_C(86400000) * 3653 },
		{ 0, "no-deliver", OPT_FLAG, NULL, "leave what is kept to 'mm-insert --drain'",
		    &j.no_deliver, 0, 0 },
		{ 'o', "output", OPT_STRING, "-",
		    "write rows to standard output; keep and store nothing", &j.output, 0, 0 },
		{ 0, "mcp-no-ids", OPT_FLAG, NULL,
		    "hide the ids of events, people and sessions from assistants", &j.askers.no_ids,
		    0, 0 },
		{ 0, "fbclid", OPT_CHOICE, "paid|social",
		    "what an fbclid alone says of a visit (default paid)", &j.fbclid, 0, 0 },
		{ 0, "hosts", OPT_STRING, "FILE", "put the hosts of FILE before the built-in ones",
		    &j.hosts_file, 0, 0 },
		{ 0, "bots-file", OPT_STRING, "FILE", "know the robots of FILE as well",
		    &j.bots_file, 0, 0 },
		{ 0, "rules", OPT_CHOICE, "all|documented",
		    "attribution rules to use (default all)", &j.rules, 0, 0 },
		{ 0, "max-connections", OPT_NUMBER, "N", "at most, at a time (default 16384)",
		    &j.connections, 1, 1000000 },
		OPT_FORMER("connections"),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-serve",
		.summary = "Take events over HTTP, store them, and answer questions",
		.synopsis = "--keys FILE --salt-file FILE [OPTION]...",
		.example = "mm-serve --keys keys --salt-file salt --listen 127.0.0.1:8080",
		.options = options,
	};
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	return face_end(serve_job_run(&j));
}
