/*
 * mm-clickhouse: run a command beside a private ClickHouse.
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/msg.h"
#include "cmd/cli/face.h"
#include "cmd/cli/secret.h"
#include "cmd/clickhouse/beside.h"
#include "tables/engine.h"

#include "base/banned.h"

static const char *directory, *engine_file, *password_file;
static uint64_t port, memory;
static bool wait_for_it;

enum { PASSWORD_MIN = 16 };

static const struct opt options[] = {
	{ 'd', "directory", OPT_STRING, "DIR",
	    "keep the data in DIR, which is created if missing (required)", &directory, 0, 0 },
	{ 0, "wait", OPT_FLAG, NULL, "wait while another mm-clickhouse uses the directory",
	    &wait_for_it, 0, 0 },
	{ 0, "memory", OPT_SIZE, "SIZE", "memory of ClickHouse (default 9/10 of the machine's)",
	    &memory, 64 << 20, 0 },
	{ 0, "port", OPT_NUMBER, "N", "port of 127.0.0.1 to listen on (default: a free one)", &port,
	    1, 65535 },
	{ 0, "password-file", OPT_STRING, "FILE",
	    "read the password from FILE's first line (default: a new one each time)",
	    &password_file, 0, 0 },
	{ 0, "engine", OPT_STRING, "FILE",
	    "engine library or program ($MM_ENGINE, else see the manual)", &engine_file, 0, 0 },
	{ 0 },
};

static const struct opt_command command = {
	"mm-clickhouse",
	"Run a private ClickHouse over the directory DIR, and COMMAND with it",
	"-d DIR [OPTION]... [-- COMMAND [ARG]...]",
	"mm-clickhouse -d ~/events -- sh -c 'mm-schema && mm-insert rows.ndjson'",
	options,
	"COMMAND",
};

/* Leaves the first line of --password-file, which a header and a netrc file can hold as it is. */
static bool
read_password(char *password, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~+/=";
	size_t n;

	if (!secret_read(password_file, "password", password, size - 1, &n))
		return false;
	password[n] = '\0';
	n = strcspn(password, "\r\n");
	password[n] = '\0';
	if (n >= PASSWORD_MIN && strspn(password, plain) == n)
		return true;
	msg("%s: the first line must hold the password: at least %d letters, digits and "
	    "characters of -._~+/=",
	    password_file, PASSWORD_MIN);
	return false;
}

int
main(int argc, char **argv)
{
	char file[ENGINE_PATH_MAX], password[ENGINE_PASSWORD_MAX];
	struct engine_config config;
	struct engine engine;
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (!directory) {
		msg("--directory is required: it holds the data; try 'mm-clickhouse --help'");
		return STATUS_ERROR;
	}
	prctl(PR_SET_DUMPABLE, 0); /* of the password; the command and the engine may again */
	argv[operands] = NULL;
	signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, waiting would fail */
	if (!engine_find(engine_file, file, &engine.error)) {
		msg("%s", engine.error.text);
		return STATUS_ERROR;
	}
	if (password_file && !read_password(password, sizeof(password)))
		return STATUS_ERROR;
	face_catch_signals();
	memset(&config, 0, sizeof(config));
	config.file = file;
	config.directory = directory;
	config.port = (unsigned)port;
	config.memory = memory;
	config.password = password_file ? password : NULL;
	config.wait = wait_for_it;
	config.stop = &face_stop;
	switch (engine_start(&engine, &config)) {
	case ENGINE_RUNS:
		if (engine.unconfined)
			msg("this kernel can't keep ClickHouse to its directory (Linux 5.19 can, by "
			    "Landlock): who has the password can read files of yours by SQL");
		return face_end(beside_run(&engine, argv));
	case ENGINE_BUSY:
		msg("%s", engine.error.text);
		return face_end(STATUS_TEMPFAIL);
	case ENGINE_FAILED:
		msg("%s", engine.error.text);
		break;
	case ENGINE_STOPPED:
		break;
	}
	return face_end(STATUS_ERROR);
}
