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
		{ 0, "keys", OPT_STRING, "FILE", "file of keys, made by mm-key (required)",
		    &j.keys_file, 0, 0 },
		SALT_OPTION(j.salt_file),
		{ 0, "listen", OPT_LIST, "ADDRESS",
		    "listen on IP:PORT or unix:PATH; repeatable (default 127.0.0.1:8080)",
		    &j.listen, 0, 0 },
		{ 0, "private", OPT_LIST, "ADDRESS",
		    "answer /healthz and /metrics here only; repeatable", &j.private_listen, 0, 0 },
		{ 0, "geoip", OPT_STRING, "FILE",
		    "country database in MaxMind's format (default $MM_GEOIP_DB)", &j.geoip, 0, 0 },
		{ 0, "trusted-proxy", OPT_LIST, "NETWORK",
		    "believe what this proxy says about clients; repeatable", &j.trusted_proxies, 0,
		    0 },
		{ 0, "prefix", OPT_STRING, "PATH", "serve all routes below PATH", &j.prefix, 0, 0 },
		{ 0, "spool", OPT_STRING, "DIR", "keep events here (default below ~/.local/state)",
		    &j.spool_dir, 0, 0 },
		{ 0, "spool-max", OPT_SIZE, "SIZE",
		    "refuse events when the spool holds this much (default 10G)", &j.spool_max, 1,
		    UINT64_C(1) << 50 },
		{ 0, "visitor", OPT_CHOICE, "daily|event",
		    "visitors without anonymous_id: one a day by address and agent (default), or one an event",
		    &j.visitor, 0, 0 },
		{ 0, "bots", OPT_CHOICE, "keep|drop|mark",
		    "keep, drop or mark events of robots (default keep)", &j.bots, 0, 0 },
		{ 0, "strip-params", OPT_STRING, "LIST",
		    "remove these parameters from stored URLs, such as gclid,email",
		    &j.strip_params, 0, 0 },
		STORE_OPT_URL(j.store),
		STORE_OPT_DATABASE(j.store),
		STORE_OPT_PASSWORD_FILE(j.store),
		STORE_OPT_CACERT(j.store),
		{ 'q', "quiet", OPT_FLAG, NULL, "print errors only", &j.quiet, 0, 0 },
		{ 0, "max-delay", OPT_DURATION, "TIME",
		    "/healthz fails if an event waits longer (default 15m)", &j.max_delay, 1000,
		    UINT64_C(86400000) * 3653 },
		{ 0, "no-deliver", OPT_FLAG, NULL,
		    "send nothing to ClickHouse; 'mm-insert --drain' does", &j.no_deliver, 0, 0 },
		{ 'o', "output", OPT_STRING, "-",
		    "write rows to standard output; keep and store nothing", &j.output, 0, 0 },
		{ 0, "mcp-no-ids", OPT_FLAG, NULL,
		    "hide the ids of events, people and sessions from assistants", &j.askers.no_ids,
		    0, 0 },
		{ 0, "fbclid", OPT_CHOICE, "paid|social",
		    "medium of a visit with only an fbclid (default paid)", &j.fbclid, 0, 0 },
		{ 0, "hosts", OPT_STRING, "FILE",
		    "add the hosts of FILE, which win over the built-in ones", &j.hosts_file, 0,
		    0 },
		{ 0, "bots-file", OPT_STRING, "FILE", "add the robots of FILE", &j.bots_file, 0,
		    0 },
		{ 0, "rules", OPT_CHOICE, "all|documented",
		    "attribution rules to use (default all)", &j.rules, 0, 0 },
		{ 0, "max-connections", OPT_NUMBER, "N", "connections at a time (default 16384)",
		    &j.connections, 1, 1000000 },
		OPT_FORMER("connections"),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-serve",
		.summary = "Collect events over HTTP, and answer questions about them",
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
